//! Registration numbers of software copyright (软件著作权登记号).

use chrono::NaiveDate;

use super::year::year_of;
use super::{CodeError, CodeWarning, normalise};

const FORM: &str = "YYYYSRNNNNNNN";

/// The registration number of a software copyright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwareRegistration {
    /// The one form to store and compare, such as `2021SR0164984`.
    pub canonical: String,
    /// The year of registration.
    pub year: i32,
    /// A serial shorter than its year used is kept as typed, with the probable repair.
    pub warnings: Vec<CodeWarning>,
}

/// Reads a registration number: year, `SR` (`SRBJ` on old certificates of Beijing), serial.
///
/// The number of the certificate (软著登字第…号) is another thing and does not pass.
/// Source: certificates of the Copyright Protection Centre of China, which registers under the
/// Regulations on Computer Software Protection (first in force 1991-10-01); there is no check
/// digit, and serials have seven digits since 2019.
pub fn parse_software_registration(raw: &str, today: NaiveDate) -> Result<SoftwareRegistration, CodeError> {
    let text = normalise(raw)?;
    let Some((year, serial)) = text.split_once("SR") else {
        return Err(CodeError::BadForm { expected: FORM });
    };
    let (serial, historic) = match serial.strip_prefix("BJ") {
        Some(serial) => (serial, true),
        None => (serial, false),
    };
    let digits = year.bytes().chain(serial.bytes()).all(|b| b.is_ascii_digit());
    if !digits || year.len() != 4 || !matches!(serial.len(), 4..=7) {
        return Err(CodeError::BadForm { expected: FORM });
    }
    let year = year_of(year, 1991..=2099, today)?;
    let mut warnings = Vec::new();
    if year >= 2019 && serial.len() < 7 && !historic {
        let serial = serial.parse().map_err(|_| CodeError::BadForm { expected: FORM })?;
        warnings.push(CodeWarning::ShortSerial { year, serial });
    }
    Ok(SoftwareRegistration { canonical: text, year, warnings })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> Result<SoftwareRegistration, CodeError> {
        parse_software_registration(raw, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())
    }

    #[test]
    fn real_numbers_pass() {
        for number in [
            "2021SR0164984",
            "2021SR0805085",
            "2021SR0986633",
            "2021SR0155861",
            "2021SR1447927",
            "2025SR0096459",
            "2012SR012345",
            "2003SRBJ0123",
            "1999SR0123",
        ] {
            let read = parse(number).unwrap();
            assert_eq!(read.canonical, number);
            assert_eq!(read.year.to_string(), number[..4]);
            assert_eq!(read.warnings, []);
        }
        assert_eq!(parse("2021 sr 0164984").unwrap().canonical, "2021SR0164984");
    }

    #[test]
    fn a_dropped_zero_is_kept_with_a_warning() {
        let read = parse("2021SR459718").unwrap();
        assert_eq!(read.canonical, "2021SR459718");
        assert_eq!(read.warnings, [CodeWarning::ShortSerial { year: 2021, serial: 459_718 }]);
    }

    #[test]
    fn wrong_numbers_say_why() {
        for raw in ["2021SR123", "2021SR12345678", "21SR0164984", "0164984", "2021SR01649A4", "SR"] {
            assert_eq!(parse(raw), Err(CodeError::BadForm { expected: FORM }), "{raw}");
        }
        assert_eq!(parse("软著登字第0164984号"), Err(CodeError::BadChar { position: 1 }));
        assert_eq!(parse("1899SR0164984"), Err(CodeError::BadYear));
        assert_eq!(parse("2027SR0164984"), Err(CodeError::Future));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(number in "(199[1-9]|20[01][0-9]|202[0-6])SR(BJ)?[0-9]{4,7}") {
            let read = parse(&number).unwrap();
            prop_assert_eq!(&read.canonical, &number);
            prop_assert_eq!(parse(&read.canonical), Ok(read));
        }

        #[test]
        fn no_text_upsets_it(raw in "\\PC{0,16}") {
            let _ = parse(&raw);
        }
    }
}
