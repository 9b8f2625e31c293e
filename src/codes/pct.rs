//! Numbers of international applications under the Patent Cooperation Treaty.

use chrono::NaiveDate;

use super::year::year_of;
use super::{CodeError, normalise};

const APPLICATION: &str = "PCT/CNYYYY/NNNNNN | PCT/CNYY/NNNNN";
const PUBLICATION: &str = "WOYYYY/NNNNNNA1 | WOYY/NNNNNA1";

/// The number of an international application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PctApplication {
    /// The one form to store and compare, such as `PCT/CN2021/075891`.
    pub canonical: String,
    /// The year of filing, with its century.
    pub year: i32,
}

/// The number under which an international application was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PctPublication {
    /// The one form to store and compare, such as `WO2016/082081` or `WO2026/088950A2`.
    pub canonical: String,
    /// The year of publication, with its century.
    pub year: i32,
}

/// Reads the number of an international application; there is no check digit.
///
/// Source: Administrative Instructions under the PCT, section 307 (four-digit years since 2004).
pub fn parse_pct_application(raw: &str, today: NaiveDate) -> Result<PctApplication, CodeError> {
    let text = normalise(raw)?;
    let malformed = CodeError::BadForm { expected: APPLICATION };
    let Some((office, year, serial)) = text.strip_prefix("PCT/").and_then(|rest| {
        let (head, serial) = rest.split_once('/')?;
        let (office, year) = head.split_at_checked(2)?;
        Some((office, year, serial))
    }) else {
        return Err(malformed);
    };
    if !office.bytes().all(|b| b.is_ascii_uppercase()) || !are_digits(year) || !are_digits(serial) {
        return Err(malformed);
    }
    let given = match (year.len(), serial.len()) {
        (4, 6) => 2004..=2099,
        (2, 5) => 1978..=2003,
        _ => return Err(malformed),
    };
    let year = year_of(year, given, today)?;
    Ok(PctApplication { canonical: text, year })
}

/// Reads the number of an international publication, with or without its kind code.
///
/// Source: Administrative Instructions under the PCT, section 404 (four-digit years since July
/// 2004); kind codes of WIPO standard ST.16.
pub fn parse_pct_publication(raw: &str, today: NaiveDate) -> Result<PctPublication, CodeError> {
    let text = normalise(raw)?;
    let malformed = CodeError::BadForm { expected: PUBLICATION };
    let Some((year, rest)) = text.strip_prefix("WO").and_then(|rest| rest.strip_prefix('/').unwrap_or(rest).split_once('/')) else {
        return Err(malformed);
    };
    let (serial, kind) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let given = match (year.len(), serial.len()) {
        (4, 6) if are_digits(year) => 2004..=2099,
        (2, 5) if are_digits(year) => 1978..=2004,
        _ => return Err(malformed),
    };
    if !matches!(kind, "" | "A1" | "A2" | "A3" | "A4" | "A8" | "A9") {
        return Err(CodeError::BadKind { expected: "A1 | A2 | A3 | A4 | A8 | A9" });
    }
    let canonical = format!("WO{year}/{serial}{kind}");
    Ok(PctPublication { canonical, year: year_of(year, given, today)? })
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn application(raw: &str) -> Result<PctApplication, CodeError> {
        parse_pct_application(raw, today())
    }

    fn publication(raw: &str) -> Result<PctPublication, CodeError> {
        parse_pct_publication(raw, today())
    }

    #[test]
    fn real_applications_pass() {
        for (number, year) in [
            ("PCT/CN2014/085659", 2014),
            ("PCT/CN2014/071006", 2014),
            ("PCT/CN2014/092045", 2014),
            ("PCT/CN2021/075891", 2021),
            ("PCT/CN2023/119853", 2023),
            ("PCT/CN2025/110756", 2025),
            ("PCT/IB2021/123456", 2021),
            ("PCT/CN98/00123", 1998),
            ("PCT/CN03/00123", 2003),
        ] {
            let canonical = number.to_owned();
            assert_eq!(application(number), Ok(PctApplication { canonical, year }));
        }
        assert_eq!(application("pct / cn 2021 / 075891").unwrap().canonical, "PCT/CN2021/075891");
    }

    #[test]
    fn wrong_applications_say_why() {
        for raw in [
            "PCT/CN2021/75891",
            "PCT/CN21/075891",
            "PCT/CN2021075891",
            "PCT/C12021/075891",
            "PCT/CN/075891",
            "PCT/CN2021/07589A",
            "PCT/CN2021/075891/1",
            "WO2016/082081",
            "201480074503.1",
        ] {
            assert_eq!(application(raw), Err(CodeError::BadForm { expected: APPLICATION }), "{raw}");
        }
        assert_eq!(application("PCT/CN2003/075891"), Err(CodeError::BadYear));
        assert_eq!(application("PCT/CN04/07589"), Err(CodeError::BadYear));
        assert_eq!(application("PCT/CN77/07589"), Err(CodeError::BadYear));
        assert_eq!(application("PCT/CN2027/075891"), Err(CodeError::Future));
    }

    #[test]
    fn publications_come_in_one_form() {
        for (raw, canonical, year) in [
            ("WO2016/082081", "WO2016/082081", 2016),
            ("WO/2026/088950", "WO2026/088950", 2026),
            ("WO 2026/088950 A2", "WO2026/088950A2", 2026),
            ("WO2022/123456A1", "WO2022/123456A1", 2022),
            ("WO 99/12345", "WO99/12345", 1999),
            ("WO 04/12345 A3", "WO04/12345A3", 2004),
        ] {
            let canonical = canonical.to_owned();
            assert_eq!(publication(raw), Ok(PctPublication { canonical, year }));
        }
        for raw in ["WO2016/82081", "WO16/082081", "2016/082081", "WO201X/082081", "WO//2016/082081"] {
            assert_eq!(publication(raw), Err(CodeError::BadForm { expected: PUBLICATION }), "{raw}");
        }
        let kinds = CodeError::BadKind { expected: "A1 | A2 | A3 | A4 | A8 | A9" };
        assert_eq!(publication("WO2016/082081B1"), Err(kinds));
        assert_eq!(publication("WO05/12345"), Err(CodeError::BadYear));
        assert_eq!(publication("WO2027/082081"), Err(CodeError::Future));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(
            filed in "PCT/[A-Z]{2}(20(0[4-9]|1[0-9]|2[0-6])/[0-9]{6}|(9[0-9]|0[0-3])/[0-9]{5})",
            published in "WO(20(0[4-9]|1[0-9]|2[0-6])/[0-9]{6}|(9[0-9]|0[0-4])/[0-9]{5})(A[123489])?",
        ) {
            prop_assert_eq!(application(&filed).unwrap().canonical, filed);
            prop_assert_eq!(publication(&published).unwrap().canonical, published);
        }

        #[test]
        fn no_text_upsets_it(raw in "(PCT/|WO)?\\PC{0,14}") {
            let _ = (application(&raw), publication(&raw));
        }
    }
}
