//! A text in lines no wider than a column.

use unicode_linebreak::{BreakOpportunity, linebreaks};

/// Breaks a text where its script allows it (UAX 14), so that no line begins with a sign that ends a sentence nor tears a word; a word that
/// is wider than the column is torn all the same. Widths are in thousandths of a point.
pub(super) fn lines(text: &str, column: u32, width: impl Fn(char) -> u32) -> Vec<String> {
    let (mut found, mut line, mut taken, mut from) = (Vec::new(), String::new(), 0_u32, 0);
    for (until, opportunity) in linebreaks(text) {
        let word = &text[from..until];
        from = until;
        // Blanks at its end may hang over.
        let needed: u32 = word.trim_end().chars().map(&width).sum();
        if taken + needed > column && !line.is_empty() {
            found.push(std::mem::take(&mut line).trim_end().to_owned());
            taken = 0;
        }
        for letter in word.chars() {
            let wide = width(letter);
            if taken + wide > column && !line.is_empty() && !letter.is_whitespace() {
                found.push(std::mem::take(&mut line));
                taken = 0;
            }
            line.push(letter);
            taken += wide;
        }
        if opportunity == BreakOpportunity::Mandatory {
            found.push(std::mem::take(&mut line).trim_end().to_owned());
            taken = 0;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wide(letter: char) -> u32 {
        if letter.is_ascii() { 500 } else { 1000 }
    }

    #[test]
    fn no_line_begins_with_what_ends_a_sentence_and_no_word_is_torn() {
        assert_eq!(lines("甲乙丙丁，戊", 4_000, wide), ["甲乙丙", "丁，戊"]);
        assert_eq!(lines("a technology of water", 5_500, wide), ["a", "technology", "of water"]);
        assert_eq!(lines("incomprehensibilities", 3_000, wide), ["incomp", "rehens", "ibilit", "ies"]);
        assert_eq!(lines("一\n二", 4_000, wide), ["一", "二"]);
    }

    proptest! {
        /// Nothing is lost but blanks at the ends of lines, and nothing sticks out but them.
        #[test]
        fn nothing_is_lost_and_nothing_sticks_out(text in "[甲乙，。a-z 1-9（）\\-]{0,80}", column in 1_000_u32..12_000) {
            let found = lines(&text, column, wide);
            let bare = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&found.concat()), bare(&text));
            for line in &found {
                prop_assert!(line.trim_end().chars().map(wide).sum::<u32>() <= column, "{line}");
            }
        }
    }
}
