//! Publication numbers of Chinese patent documents (公开号, 授权公告号).

use super::{CodeError, PatentKind, normalise};

const FORM: &str = "CNNNNNNNNNNA";

/// A publication number. It is no application number: it has its own uniqueness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationNumber {
    /// The one form to store and compare, such as `CN116911408B`.
    pub canonical: String,
    /// The kind of right that letter and first digit agree on.
    pub kind: PatentKind,
    /// The letter of the kind of document.
    pub letter: char,
    /// Whether the document says that the right is or was granted; an `A` alone sells an
    /// application, not a patent.
    pub granted: bool,
}

/// Reads a publication number, of seven digits (1989 to 2007), nine (since), or the eight of the
/// application number that documents of 1985 to 1988 carried.
///
/// There is no check digit, but kind letter and first digit must agree.
/// Source: ZC 0007-2012 (document numbers), ZC 0008-2012 (kind codes).
pub fn parse_publication_number(raw: &str) -> Result<PublicationNumber, CodeError> {
    let text = normalise(raw)?;
    let rest = text.strip_prefix("CN").ok_or(CodeError::BadForm { expected: FORM })?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 7..=9) {
        return Err(CodeError::BadLength { expected: "7 | 8 | 9", found: digits });
    }
    let (serial, suffix) = rest.split_at(digits);
    let letter = match suffix.as_bytes() {
        [letter] | [letter, b'1'..=b'9'] => char::from(*letter),
        _ => return Err(CodeError::BadForm { expected: FORM }),
    };
    let (kind, kind_digit) = match letter {
        'A' | 'B' | 'C' => (PatentKind::Invention, b'1'),
        'U' | 'Y' => (PatentKind::UtilityModel, b'2'),
        'S' | 'D' => (PatentKind::Design, b'3'),
        _ => {
            return Err(CodeError::BadKind { expected: "A | B | C | U | Y | S | D" });
        }
    };
    let told = match serial.as_bytes() {
        [b'8', b'5'..=b'8', told, ..] if digits == 8 => *told,
        _ if digits == 8 => return Err(CodeError::BadYear),
        serial => serial[0],
    };
    if told != kind_digit {
        return Err(CodeError::BadKind { expected: letters_of(told) });
    }
    Ok(PublicationNumber { kind, letter, granted: letter != 'A', canonical: text })
}

/// The letters that the kind digit allows.
fn letters_of(kind_digit: u8) -> &'static str {
    match kind_digit {
        b'1' => "A | B | C",
        b'2' => "U | Y",
        b'3' => "S | D",
        _ => "1 | 2 | 3",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_numbers_pass() {
        use PatentKind::{Design, Invention, UtilityModel};
        for (number, kind, granted) in [
            ("CN1030001A", Invention, false),
            ("CN1003001B", Invention, true),
            ("CN2030001U", UtilityModel, true),
            ("CN3003001S", Design, true),
            ("CN102852505A", Invention, false),
            ("CN114048838A", Invention, false),
            ("CN116911408B", Invention, true),
            ("CN106596008B", Invention, true),
            ("CN209861402U", UtilityModel, true),
            ("CN88100001A", Invention, false),
        ] {
            let read = parse_publication_number(number).unwrap();
            assert_eq!(read.canonical, number);
            assert_eq!((read.kind, read.granted), (kind, granted), "{number}");
        }
        assert_eq!(parse_publication_number("cn 116911408 b").unwrap().letter, 'B');
        assert_eq!(parse_publication_number("CN100345678C1").unwrap().canonical, "CN100345678C1");
        assert_eq!(parse_publication_number("CN114048838A8").unwrap().letter, 'A');
    }

    #[test]
    fn wrong_numbers_say_why() {
        let kind = |expected| Err(CodeError::BadKind { expected });
        let length = |found| Err(CodeError::BadLength { expected: "7 | 8 | 9", found });
        let form = Err(CodeError::BadForm { expected: FORM });
        assert_eq!(parse_publication_number("CN109861402U"), kind("A | B | C"));
        assert_eq!(parse_publication_number("CN209861402A"), kind("U | Y"));
        assert_eq!(parse_publication_number("CN309861402B"), kind("S | D"));
        assert_eq!(parse_publication_number("CN409861402B"), kind("1 | 2 | 3"));
        assert_eq!(parse_publication_number("CN109861402Z"), kind("A | B | C | U | Y | S | D"));
        assert_eq!(parse_publication_number("CN88200001A"), kind("U | Y"));
        assert_eq!(parse_publication_number("CN11404883A"), Err(CodeError::BadYear));
        assert_eq!(parse_publication_number("CN12345A"), length(5));
        assert_eq!(parse_publication_number("CN201911037847.6"), length(12));
        assert_eq!(parse_publication_number("114048838A"), form);
        assert_eq!(parse_publication_number("CN114048838"), form);
        assert_eq!(parse_publication_number("CN114048838A0"), form);
        assert_eq!(parse_publication_number("CN114048838A12"), form);
        assert_eq!(parse_publication_number(""), Err(CodeError::Empty));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(
            number in "CN(1[0-9]{6}([0-9]{2})?[ABC]|2[0-9]{6}([0-9]{2})?[UY]|3[0-9]{6}([0-9]{2})?[SD])[1-9]?",
        ) {
            let read = parse_publication_number(&number).unwrap();
            prop_assert_eq!(&read.canonical, &number);
            prop_assert_eq!(parse_publication_number(&read.canonical), Ok(read));
        }

        #[test]
        fn no_text_upsets_it(raw in "(CN)?\\PC{0,14}") {
            let _ = parse_publication_number(&raw);
        }
    }
}
