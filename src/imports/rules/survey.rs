//! Looking a file over as it is uploaded: its header, how many rows there are, and whether each ends.

use entity::imports::{ImportFormat, ImportKind};

use super::columns;
use super::cut::{Cut, Cutter, LONGEST_ROW};
use super::rows::only_record;
use crate::platform::problem::{Code, Problem};

/// The mark that some programs put before text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The content types a file of rows may have.
const TYPES: [(&str, ImportFormat); 3] =
    [("text/csv", ImportFormat::Csv), ("application/x-ndjson", ImportFormat::Jsonl), ("application/jsonl", ImportFormat::Jsonl)];

/// The form that a content type declares. Text must be UTF-8.
pub fn format_of(declared: &str) -> Result<ImportFormat, Problem> {
    let mut parts = declared.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let foreign = parts.filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let charset = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !["utf-8", "utf8"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    });
    let found = TYPES.iter().find(|(name, _)| *name == essence && !foreign);
    found.map(|(_, format)| *format).ok_or_else(|| Code::UnsupportedMedia.with("accepted", TYPES.map(|(name, _)| name)))
}

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// How it is written.
    pub format: ImportFormat,
    /// The columns, in order; none for JSON Lines.
    pub header: Vec<String>,
    /// The byte at which the first row after the header starts.
    pub starts_at: i64,
    /// The line it starts on.
    pub starts_on: i64,
    /// How many rows there are.
    pub rows: i64,
}

/// A file that is passing.
#[derive(Debug)]
pub struct Survey {
    kind: ImportKind,
    most: i64,
    cutter: Cutter,
    /// How much of the mark has passed, until it is known whether there is one.
    mark: Option<usize>,
    passed: i64,
    /// The bytes of the header, until it is whole.
    head: Option<Vec<u8>>,
    found: Surveyed,
}

impl Survey {
    /// Nothing has passed yet.
    pub fn new(kind: ImportKind, format: ImportFormat, most: i64) -> Self {
        let found = Surveyed { format, header: Vec::new(), starts_at: 0, starts_on: 1, rows: 0 };
        let head = (format == ImportFormat::Csv).then(Vec::new);
        Self { kind, most, cutter: Cutter::new(format, 1), mark: Some(0), passed: 0, head, found }
    }

    /// Takes the next chunk; refuses as soon as the file cannot be taken in.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        chunk.iter().try_for_each(|byte| self.take(*byte))
    }

    fn take(&mut self, byte: u8) -> Result<(), Problem> {
        if let Some(seen) = self.mark {
            if byte == MARK[seen] {
                let whole = seen + 1 == MARK.len();
                self.mark = (!whole).then_some(seen + 1);
                if whole {
                    self.passed = 3;
                    self.found.starts_at = 3;
                }
                return Ok(());
            }
            self.mark = None;
            MARK[..seen].iter().try_for_each(|held| self.pass(*held))?;
        }
        self.pass(byte)
    }

    fn pass(&mut self, byte: u8) -> Result<(), Problem> {
        self.passed += 1;
        if let Some(head) = &mut self.head {
            head.push(byte);
        }
        let cut = self.cutter.pass(byte);
        if self.cutter.length() > LONGEST_ROW {
            let line = self.cutter.begun_on();
            let problem = Code::Invalid.at(
                "",
                "row_too_long",
                format!("第 {line} 行起的一条记录超过 {LONGEST_ROW} 字节"),
                format!("the row that starts on line {line} is longer than {LONGEST_ROW} bytes"),
            );
            return Err(problem.with("line", line));
        }
        cut.map_or(Ok(()), |cut| self.row(cut))
    }

    fn row(&mut self, cut: Cut) -> Result<(), Problem> {
        if cut.is_blank {
            if let Some(head) = &mut self.head {
                head.clear();
            }
            return Ok(());
        }
        if let Some(head) = self.head.take() {
            self.found.header = columns::header(self.kind, only_record(&head)?)?;
            self.found.starts_at = self.passed;
            self.found.starts_on = self.cutter.begun_on();
            return Ok(());
        }
        self.found.rows += 1;
        if self.found.rows > self.most { Err(Code::TooLarge.with("limit_rows", self.most)) } else { Ok(()) }
    }

    /// What the file was found to be, now that it has passed.
    pub fn finish(mut self) -> Result<Surveyed, Problem> {
        if let Some(seen) = self.mark.take() {
            MARK[..seen].iter().try_for_each(|held| self.pass(*held))?;
        }
        if self.cutter.is_open() {
            let line = self.cutter.begun_on();
            let problem = Code::Invalid.at(
                "",
                "open_quotes",
                format!("第 {line} 行起的引号没有闭合"),
                format!("the quotes opened in the row that starts on line {line} are not closed"),
            );
            return Err(problem.with("line", line));
        }
        if let Some(cut) = self.cutter.rest() {
            self.row(cut)?;
        }
        if self.found.rows == 0 {
            return Err(Code::Invalid.at("", "no_rows", "文件中没有数据行", "there are no rows in the file"));
        }
        Ok(self.found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn surveyed(format: ImportFormat, text: &[u8], size: usize) -> Result<Surveyed, Problem> {
        let mut survey = Survey::new(ImportKind::Assets, format, 3);
        for chunk in text.chunks(size) {
            survey.feed(chunk)?;
        }
        survey.finish()
    }

    fn fault(text: &str) -> String {
        let problem = surveyed(ImportFormat::Csv, text.as_bytes(), 7).unwrap_err();
        problem.errors.first().map_or_else(|| problem.code.code().to_owned(), |fault| format!("{} {}", fault.pointer, fault.code))
    }

    #[test]
    fn the_first_row_starts_behind_mark_and_header() {
        for size in 1..9 {
            let csv = surveyed(ImportFormat::Csv, "\u{feff}title,kind\r\n\r\n一,invention\r\n二,design".as_bytes(), size).unwrap();
            assert_eq!((csv.header, csv.starts_at, csv.starts_on, csv.rows), (vec!["title".into(), "kind".into()], 15, 2, 2));
            let jsonl = surveyed(ImportFormat::Jsonl, "\u{feff}{}\n\n{}\n".as_bytes(), size).unwrap();
            assert_eq!((jsonl.header.len(), jsonl.starts_at, jsonl.starts_on, jsonl.rows), (0, 3, 1, 2));
            let plain = surveyed(ImportFormat::Jsonl, b"\xef\xbb{}\n", size).unwrap();
            assert_eq!((plain.starts_at, plain.rows), (0, 1));
        }
    }

    #[test]
    fn a_wrong_file_is_refused_whole() {
        assert_eq!(fault("title,kind\n"), " no_rows");
        assert_eq!(fault("\n \n"), " no_rows");
        assert_eq!(fault("title,kind\na,b\nc,\"d\n"), " open_quotes");
        assert_eq!(fault("title,kind\na,b\na,b\na,b\na,b\n"), "too_large");
        assert_eq!(fault("title,kind,colour\na,b,c\n"), "/colour unknown_column");
        assert_eq!(fault("title,kind,title\na,b,c\n"), "/title duplicate_column");
        assert_eq!(fault("title\na\n"), "/kind missing_column");
        assert_eq!(fault(&format!("title,kind\n{},b\n", "a".repeat(LONGEST_ROW))), " row_too_long");
    }

    #[test]
    fn the_content_type_tells_the_form() {
        assert_eq!(format_of("text/csv; charset=UTF-8").unwrap(), ImportFormat::Csv);
        assert_eq!(format_of("Application/X-NDJSON").unwrap(), ImportFormat::Jsonl);
        for declared in ["", "application/json", "text/plain", "text/csv; charset=gbk", "application/vnd.ms-excel"] {
            assert_eq!(format_of(declared).unwrap_err().code, Code::UnsupportedMedia, "{declared}");
        }
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in "(title,kind\n)?[a\",\n]{0,40}", size in 1_usize..9) {
            let whole = surveyed(ImportFormat::Csv, text.as_bytes(), text.len().max(1));
            prop_assert_eq!(surveyed(ImportFormat::Csv, text.as_bytes(), size), whole);
        }
    }
}
