//! Registration numbers of integrated-circuit layout designs (集成电路布图设计登记号).

use chrono::NaiveDate;

use super::year::year_of;
use super::{CodeError, CodeWarning, normalise, patent_check_digit};

const FORM: &str = "BS.YY5NNNNN.C | BS.YY5NNNNNN";

/// The registration number of a layout design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutRegistration {
    /// The one form to store and compare, such as `BS.08500145.7`.
    pub canonical: String,
    /// The year of filing, with its century.
    pub year: i32,
    /// A doubtful check digit is kept as typed.
    pub warnings: Vec<CodeWarning>,
}

/// Reads a registration number: `BS.`, year, 5, serial, and in the older form a check digit.
///
/// The point before the check digit is needed: without it the two forms look alike.
/// That the check digit follows the rule of patents is inferred from known numbers, so a wrong one
/// only warns. Source: register of the patent office under the Regulations on the Protection of
/// Layout-Designs of Integrated Circuits (in force 2001-10-01); inferred check: ZC 0006-2003.
pub fn parse_layout_registration(raw: &str, today: NaiveDate) -> Result<LayoutRegistration, CodeError> {
    let text = normalise(raw)?;
    let malformed = CodeError::BadForm { expected: FORM };
    let Some(rest) = text.strip_prefix("BS") else {
        return Err(malformed);
    };
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let (body, check) = match rest.split_once('.') {
        Some((body, check)) => (body, Some(check)),
        None => (rest, None),
    };
    let is_formed = match check {
        Some(check) => body.len() == 8 && matches!(check.as_bytes(), [b'0'..=b'9' | b'X']),
        None => body.len() == 9,
    };
    if !is_formed || !body.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed);
    }
    let year = year_of(&body[..2], 2001..=2099, today)?;
    if body.as_bytes()[2] != b'5' {
        return Err(CodeError::BadKind { expected: "5" });
    }
    let found = check.and_then(|check| check.chars().next());
    let warnings = match (found, patent_check_digit(body)) {
        (Some(found), Some(expected)) if found != expected => {
            vec![CodeWarning::DoubtfulCheckDigit { expected }]
        }
        _ => Vec::new(),
    };
    Ok(LayoutRegistration { canonical: format!("BS.{rest}"), year, warnings })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> Result<LayoutRegistration, CodeError> {
        parse_layout_registration(raw, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())
    }

    #[test]
    fn known_numbers_fit_the_inferred_check() {
        for (number, year) in [
            ("BS.08500145.7", 2008),
            ("BS.12500520.2", 2012),
            ("BS.19500567.8", 2019),
            ("BS.21500001.3", 2021),
            ("BS.18500999.9", 2018),
            ("BS.215001234", 2021),
        ] {
            let canonical = number.to_owned();
            assert_eq!(parse(number), Ok(LayoutRegistration { canonical, year, warnings: vec![] }));
        }
        assert_eq!(parse("bs 08500145．7").unwrap().canonical, "BS.08500145.7");
    }

    #[test]
    fn a_doubtful_check_only_warns() {
        let read = parse("BS.08500145.8").unwrap();
        assert_eq!(read.canonical, "BS.08500145.8");
        assert_eq!(read.warnings, [CodeWarning::DoubtfulCheckDigit { expected: '7' }]);
    }

    #[test]
    fn wrong_numbers_say_why() {
        for raw in ["BS.08500145", "BS.0850014.7", "08500145.7", "BS.0850014A.7", "BS.08500145.Y"] {
            assert_eq!(parse(raw), Err(CodeError::BadForm { expected: FORM }), "{raw}");
        }
        assert_eq!(parse("BS.08100145.7"), Err(CodeError::BadKind { expected: "5" }));
        assert_eq!(parse("BS.00500145.7"), Err(CodeError::BadYear));
        assert_eq!(parse("BS.27500145.7"), Err(CodeError::Future));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(number in "BS\\.(0[1-9]|1[0-9]|2[0-6])5([0-9]{5}\\.[0-9X]|[0-9]{6})") {
            let read = parse(&number).unwrap();
            prop_assert_eq!(&read.canonical, &number);
            prop_assert_eq!(parse(&read.canonical), Ok(read));
        }

        #[test]
        fn no_text_upsets_it(raw in "(BS)?\\PC{0,14}") {
            let _ = parse(&raw);
        }
    }
}
