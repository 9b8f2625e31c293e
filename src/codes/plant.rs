//! Numbers of plant variety rights (植物新品种权号).

use chrono::NaiveDate;

use super::year::year_of;
use super::{CodeError, normalise};

const AGRICULTURE: &str = "CNAYYYYNNNNNNN | CNAYYYYNNNN.C";
const FORESTRY: &str = "YYYYNNNN";

/// The authority that granted the right, which decides the form of its number.
/// Source: Regulations on the Protection of New Varieties of Plants, article 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantAuthority {
    /// The ministry of agriculture.
    Agriculture,
    /// The forestry and grassland administration, whose numbers have no letters.
    Forestry,
}

/// The number of a plant variety right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlantVarietyRight {
    /// The one form to store and compare, such as `CNA20191006012`.
    pub canonical: String,
    /// The year in the number.
    pub year: i32,
}

/// Reads the number of a plant variety right.
///
/// The last character of the older form checks something, but the rule is not public, so only the
/// form is judged. Source: registers under the Regulations on the Protection of New Varieties of
/// Plants (first in force 1997-10-01).
pub fn parse_plant_variety_right(raw: &str, authority: PlantAuthority, today: NaiveDate) -> Result<PlantVarietyRight, CodeError> {
    let text = normalise(raw)?;
    let (number, expected) = match authority {
        PlantAuthority::Agriculture => (agricultural(&text), AGRICULTURE),
        PlantAuthority::Forestry => (Some(text.as_str()).filter(|n| n.len() == 8), FORESTRY),
    };
    match number {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let year = year_of(&digits[..4], 1997..=2099, today)?;
            Ok(PlantVarietyRight { canonical: text, year })
        }
        _ => Err(CodeError::BadForm { expected }),
    }
}

/// The part of an agricultural number that must be digits, if the rest has the form.
fn agricultural(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("CNA")?;
    match rest.split_once('.') {
        None => (rest.len() == 11).then_some(rest),
        Some((digits, check)) => {
            let is_check = matches!(check.as_bytes(), [b'0'..=b'9' | b'X']);
            (digits.len() == 8 && is_check).then_some(digits)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::PlantAuthority::{Agriculture, Forestry};
    use super::*;

    fn parse(raw: &str, authority: PlantAuthority) -> Result<PlantVarietyRight, CodeError> {
        parse_plant_variety_right(raw, authority, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())
    }

    #[test]
    fn real_numbers_pass() {
        for (number, year) in
            [("CNA20191006012", 2019), ("CNA20191003728", 2019), ("CNA20201002638", 2020), ("CNA20090677.9", 2009), ("CNA20080376.X", 2008)]
        {
            let canonical = number.to_owned();
            assert_eq!(parse(number, Agriculture), Ok(PlantVarietyRight { canonical, year }));
        }
        assert_eq!(parse("cna 20090677·9", Agriculture).unwrap().canonical, "CNA20090677.9");
        assert_eq!(parse("20190012", Forestry).unwrap().year, 2019);
    }

    #[test]
    fn wrong_numbers_say_why() {
        for raw in ["CNA2019100601", "CNA20090677", "CNA2009067.9", "20190012", "CNA2019100601A"] {
            let refused = Err(CodeError::BadForm { expected: AGRICULTURE });
            assert_eq!(parse(raw, Agriculture), refused, "{raw}");
        }
        for raw in ["CNA20191006012", "2019001", "2019001A"] {
            assert_eq!(parse(raw, Forestry), Err(CodeError::BadForm { expected: FORESTRY }), "{raw}");
        }
        assert_eq!(parse("CNA19961006012", Agriculture), Err(CodeError::BadYear));
        assert_eq!(parse("20270012", Forestry), Err(CodeError::Future));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(
            sown in "CNA(199[7-9]|20[01][0-9])([0-9]{7}|[0-9]{4}\\.[0-9X])",
            planted in "(199[7-9]|20[01][0-9])[0-9]{4}",
        ) {
            prop_assert_eq!(parse(&sown, Agriculture).unwrap().canonical, sown);
            prop_assert_eq!(parse(&planted, Forestry).unwrap().canonical, planted);
        }

        #[test]
        fn no_text_upsets_it(raw in "(CNA)?\\PC{0,14}") {
            let _ = (parse(&raw, Agriculture), parse(&raw, Forestry));
        }
    }
}
