//! Where the rows of a file begin and end, found while it passes.

use entity::imports::ImportFormat;

/// Longest row, bytes.
pub const LONGEST_ROW: usize = 64 * 1024;

/// Where in a row of CSV a byte is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or behind the quotes of one.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: it ends them, or stands for itself if another follows.
    Quote,
}

/// A row that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Its bytes, with the end of its line.
    pub length: usize,
    /// The line it starts on, from 1.
    pub line: i64,
    /// There is nothing on it.
    pub is_blank: bool,
}

/// Cuts a file into rows, byte by byte.
#[derive(Debug)]
pub(super) struct Cutter {
    format: ImportFormat,
    at: At,
    length: usize,
    is_blank: bool,
    begun_on: i64,
    line: i64,
}

impl Cutter {
    /// A cutter at the start of a row on this line.
    pub fn new(format: ImportFormat, line: i64) -> Self {
        Self { format, at: At::Start, length: 0, is_blank: true, begun_on: line, line }
    }

    /// Takes the next byte; the row, if it ends with it.
    pub fn pass(&mut self, byte: u8) -> Option<Cut> {
        self.length += 1;
        self.line += i64::from(byte == b'\n');
        self.is_blank &= matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.ends_with(byte).then(|| self.cut())
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        if self.format == ImportFormat::Jsonl {
            return byte == b'\n';
        }
        let (next, ends) = match (self.at, byte) {
            (At::Quoted, b'"') => (At::Quote, false),
            (At::Quoted, _) | (At::Start | At::Quote, b'"') => (At::Quoted, false),
            (_, b'\n') => (At::Start, true),
            (_, b',') => (At::Start, false),
            _ => (At::Plain, false),
        };
        self.at = next;
        ends
    }

    fn cut(&mut self) -> Cut {
        let cut = Cut { length: self.length, line: self.begun_on, is_blank: self.is_blank };
        *self = Self::new(self.format, self.line);
        cut
    }

    /// The last row, where its line has no end.
    pub fn rest(&mut self) -> Option<Cut> {
        (self.length > 0).then(|| self.cut())
    }

    /// How much of the present row has passed.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The line the present row starts on.
    pub fn begun_on(&self) -> i64 {
        self.begun_on
    }

    /// Whether quotes were opened and not closed.
    pub fn is_open(&self) -> bool {
        self.at == At::Quoted
    }
}

/// A row as it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its bytes, with the end of its line.
    pub bytes: &'a [u8],
    /// The line it starts on.
    pub line: i64,
}

/// The next rows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The rows that are not blank.
    pub rows: Vec<Row<'a>>,
    /// How many bytes they and the blank ones before them take.
    pub length: usize,
    /// The line on which the row after them starts.
    pub next_line: i64,
}

/// The first `most` whole rows of a window on a file; `is_end` tells that the file ends with it.
pub fn stretch(window: &[u8], format: ImportFormat, line: i64, most: usize, is_end: bool) -> Stretch<'_> {
    let mut cutter = Cutter::new(format, line);
    let mut found = Stretch { rows: Vec::new(), length: 0, next_line: line };
    for byte in window {
        if found.rows.len() == most {
            return found;
        }
        if let Some(cut) = cutter.pass(*byte) {
            found.take(window, cut, cutter.begun_on());
        }
    }
    if is_end
        && found.rows.len() < most
        && let Some(cut) = cutter.rest()
    {
        found.take(window, cut, cutter.begun_on());
    }
    found
}

impl<'a> Stretch<'a> {
    fn take(&mut self, window: &'a [u8], cut: Cut, next_line: i64) {
        let end = self.length + cut.length;
        if !cut.is_blank {
            self.rows.push(Row { bytes: &window[self.length..end], line: cut.line });
        }
        self.length = end;
        self.next_line = next_line;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str, format: ImportFormat) -> Vec<(&str, i64)> {
        let found = stretch(text.as_bytes(), format, 1, usize::MAX, true);
        found.rows.iter().map(|row| (std::str::from_utf8(row.bytes).unwrap_or("?"), row.line)).collect()
    }

    #[test]
    fn a_quoted_cell_may_hold_lines_commas_and_quotes() {
        let text = "a,\"x\n,y\"\r\nb,\"say \"\"no\"\"\n\"\n\nc\"d,e";
        assert_eq!(cut(text, ImportFormat::Csv), [("a,\"x\n,y\"\r\n", 1), ("b,\"say \"\"no\"\"\n\"\n", 3), ("c\"d,e", 6)]);
    }

    #[test]
    fn json_lines_end_with_their_line() {
        assert_eq!(cut("{\"a\":\"x\"}\r\n \n{\"b\":1}", ImportFormat::Jsonl), [("{\"a\":\"x\"}\r\n", 1), ("{\"b\":1}", 3)]);
    }

    #[test]
    fn a_window_gives_whole_rows_only() {
        let window = b"a\nb\nc";
        let two = stretch(window, ImportFormat::Csv, 5, 2, true);
        assert_eq!((two.rows.len(), two.length, two.next_line), (2, 4, 7));
        let open = stretch(window, ImportFormat::Csv, 5, 9, false);
        assert_eq!((open.rows.len(), open.length, open.next_line), (2, 4, 7));
        let end = stretch(window, ImportFormat::Csv, 5, 9, true);
        assert_eq!((end.rows.len(), end.length), (3, 5));
    }

    proptest! {
        /// However a file is taken, in one stretch or in many, its rows are the same.
        #[test]
        fn many_stretches_make_one(text in "[ab,\"\n\r ]{0,60}", most in 1_usize..5) {
            let whole: Vec<_> = cut(&text, ImportFormat::Csv);
            let (mut at, mut line, mut parts) = (0, 1, Vec::new());
            loop {
                let next = stretch(&text.as_bytes()[at..], ImportFormat::Csv, line, most, true);
                parts.extend(next.rows.iter().map(|row| (std::str::from_utf8(row.bytes).unwrap_or("?").to_owned(), row.line)));
                if next.length == 0 {
                    break;
                }
                (at, line) = (at + next.length, next.next_line);
            }
            let parts: Vec<_> = parts.iter().map(|(text, line)| (text.as_str(), *line)).collect();
            prop_assert_eq!(parts, whole);
        }

        /// What this finds to be rows is what the reader of CSV finds, as long as lines end as they do today.
        #[test]
        fn the_reader_of_csv_agrees(text in "[ab,\"\n]{0,40}") {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let read: Vec<Vec<String>> = reader.records().filter_map(Result::ok).map(|r| r.iter().map(ToOwned::to_owned).collect()).collect();
            let cut: Vec<Vec<String>> = cut(&text, ImportFormat::Csv)
                .into_iter()
                .flat_map(|(row, _)| {
                    let mut one = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row.as_bytes());
                    one.records().filter_map(Result::ok).map(|r| r.iter().map(ToOwned::to_owned).collect::<Vec<String>>()).collect::<Vec<_>>()
                })
                .collect();
            prop_assert_eq!(cut, read);
        }
    }
}
