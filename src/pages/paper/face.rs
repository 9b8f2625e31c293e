//! How wide the letters of papers are, and which there are.

use std::collections::BTreeSet;

use ttf_parser::Face as Parsed;

use crate::platform::typeface::NOTO_SANS_SC;

/// What stands for a letter the typeface does not have (geta, 〓), so that nobody takes the rest for the whole.
const MISSING: char = '〓';

/// How wide letters are.
pub(super) struct Face<'a>(Parsed<'a>);

impl Face<'_> {
    /// The one that ships; nothing where the file is none.
    pub(super) fn shipped() -> Option<Self> {
        Parsed::parse(NOTO_SANS_SC, 0).ok().map(Self)
    }

    /// The width of a letter in thousandths of the size it is set in.
    pub(super) fn width(&self, letter: char) -> u32 {
        let advance = self.0.glyph_index(letter).and_then(|glyph| self.0.glyph_hor_advance(glyph)).unwrap_or(1000);
        u32::from(advance) * 1000 / u32::from(self.0.units_per_em().max(1))
    }

    fn has(&self, letter: char) -> bool {
        self.0.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0)
    }

    /// A text as it can be set: controls are blanks, and what the typeface lacks is marked and noted.
    pub(super) fn settable(&self, text: &str, missing: &mut BTreeSet<char>) -> String {
        let settable = |letter: char| {
            if letter.is_control() || letter == '\u{2028}' || letter == '\u{2029}' {
                return ' ';
            }
            if self.has(letter) {
                return letter;
            }
            missing.insert(letter);
            MISSING
        };
        text.chars().map(settable).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_marked_and_noted() {
        let (face, mut missing) = (Face::shipped().unwrap(), BTreeSet::new());
        assert_eq!(face.settable("浙拍 A/B-1 ①㎡“，”\t𠀀", &mut missing), "浙拍 A/B-1 ①㎡“，” 〓");
        assert_eq!(missing, BTreeSet::from(['𠀀']));
        assert_eq!((face.width('浙'), face.width('，')), (1000, 1000));
        assert!(face.width('i') < 400 && face.width('W') > 700);
    }

    /// Every letter of the standard list of characters in general use that stands in the basic plane, by its first and last in each block.
    #[test]
    fn what_notices_are_written_in_can_be_set() {
        let (face, mut missing) = (Face::shipped().unwrap(), BTreeSet::new());
        for letter in ('\u{4e00}'..='\u{9fa5}').chain(' '..='~').chain('α'..='ω').chain("—…‘’·×÷±≥≤℃‰Ω、。《》【】（）￥％".chars())
        {
            face.settable(&letter.to_string(), &mut missing);
        }
        assert_eq!(missing.len(), 0, "{missing:?}");
    }
}
