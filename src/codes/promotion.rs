//! Words by which something praises itself (商业宣传用语), as dated data.
//!
//! Source: Implementing Rules of the Patent Law art. 85 (a declaration has no words of commercial promotion). Which words these are is a rule
//! of the platform (design).

use std::sync::LazyLock;

use chrono::NaiveDate;

struct Row {
    word: &'static str,
    from: NaiveDate,
    until: Option<NaiveDate>,
}

static WORDS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("../../seeds/codes/promotional_words.csv").lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(row).collect()
});

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split(',');
    let (word, from, until) = (cells.next()?, cells.next()?.parse().ok()?, cells.next()?);
    Some(Row { word, from, until: until.parse().ok() })
}

/// The words of praise in a text, as the list stands on a day.
pub fn promotional(text: &str, on: NaiveDate) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let counts = |row: &&Row| row.from <= on && row.until.is_none_or(|until| on < until);
    WORDS.iter().filter(counts).map(|row| row.word).filter(|word| text.contains(*word)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn praise_is_found_wherever_it_stands_and_a_plain_word_is_none() {
        let found = |text: &str| promotional(text, day("2026-03-02"));
        for (text, words) in [
            ("本专利技术国际领先，欢迎洽谈", vec!["领先"]),
            ("首创技术，独家", vec!["独家", "首创"]),
            ("A World-Class method.", vec!["world-class"]),
            ("填补空白", vec!["填补空白"]),
        ] {
            assert_eq!(found(text), words, "{text}");
        }
        for plain in ["第一年许可费于合同生效后三十日内支付", "被许可人应当标注专利号", "Once, within 30 days"]
        {
            assert_eq!(found(plain), Vec::<&str>::new(), "{plain}");
        }
    }

    #[test]
    fn a_word_counts_from_its_day_on() {
        assert!(promotional("首创", day("2025-12-31")).is_empty());
        assert_eq!(promotional("首创", day("2026-01-01")), ["首创"]);
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let text = include_str!("../../seeds/codes/promotional_words.csv");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(WORDS.len(), lines - 1);
        for row in WORDS.iter() {
            assert!(!row.word.is_empty() && row.word == row.word.to_lowercase(), "{}", row.word);
            assert!(row.until.is_none_or(|until| row.from < until), "{}", row.word);
        }
    }
}
