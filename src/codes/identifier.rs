//! The registry number of an asset, read by the rule of the asset's kind.

use chrono::NaiveDate;
use entity::achievements::AssetKind;

use super::error::expectation::{NO_NUMBER, NO_ZL};
use super::{
    CodeError, CodeWarning, PatentKind, PlantAuthority, Prefix, normalise, parse_layout_registration, parse_patent_number,
    parse_pct_application, parse_plant_variety_right, parse_software_registration,
};

/// Which register gave the number; with the canonical form it is the unique key of a right.
/// Source: the registers named with each family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Application number of the Chinese patent office.
    CnApplication,
    /// Software copyright registration.
    SoftwareRegistration,
    /// Layout-design registration.
    LayoutRegistration,
    /// Plant variety right.
    PlantVarietyRight,
    /// International application under the PCT.
    Pct,
}

impl Scheme {
    /// The stable code that is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::CnApplication => "cn_application",
            Self::SoftwareRegistration => "software_registration",
            Self::LayoutRegistration => "layout_registration",
            Self::PlantVarietyRight => "plant_variety_right",
            Self::Pct => "pct",
        }
    }
}

/// The number of an asset, checked. Source: the rules named with each family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Which register gave it.
    pub scheme: Scheme,
    /// The one form to store, show and compare.
    pub canonical: String,
    /// What was typed, kept as evidence.
    pub raw: String,
    /// The year in the number, with its century.
    pub year: Option<i32>,
    /// What is odd and yet no ground to refuse.
    pub warnings: Vec<CodeWarning>,
}

/// Reads the number of an asset of this kind; `Ok(None)` for kinds that no registry numbers.
///
/// `granted` says whether the right is granted, which alone allows the prefix `ZL`. A plant variety
/// is read as agricultural; [`parse_plant_variety_right`] reads those of forestry.
/// Source: ZC 0006-2003 for patents, otherwise as named with each family.
pub fn parse_identifier(kind: AssetKind, raw: &str, granted: bool, today: NaiveDate) -> Result<Option<Identifier>, CodeError> {
    let (scheme, canonical, year, warnings) = match kind {
        AssetKind::TradeSecret | AssetKind::OtherTech | AssetKind::BioNewDrug => {
            return match normalise(raw) {
                Err(CodeError::Empty) => Ok(None),
                _ => Err(CodeError::BadForm { expected: NO_NUMBER }),
            };
        }
        AssetKind::PatentApplication if normalise(raw)?.starts_with("PCT") => {
            let number = parse_pct_application(raw, today)?;
            (Scheme::Pct, number.canonical, number.year, Vec::new())
        }
        AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design | AssetKind::PatentApplication => {
            let number = parse_patent_number(raw, today)?;
            must_agree(kind, number.kind())?;
            if number.prefix() == Some(Prefix::Zl) && !granted {
                return Err(CodeError::BadForm { expected: NO_ZL });
            }
            (Scheme::CnApplication, number.canonical(), number.year(), Vec::new())
        }
        AssetKind::Software => {
            let number = parse_software_registration(raw, today)?;
            (Scheme::SoftwareRegistration, number.canonical, number.year, number.warnings)
        }
        AssetKind::IcLayout => {
            let number = parse_layout_registration(raw, today)?;
            (Scheme::LayoutRegistration, number.canonical, number.year, number.warnings)
        }
        AssetKind::PlantVariety => {
            let number = parse_plant_variety_right(raw, PlantAuthority::Agriculture, today)?;
            (Scheme::PlantVarietyRight, number.canonical, number.year, Vec::new())
        }
    };
    Ok(Some(Identifier { scheme, canonical, raw: raw.to_owned(), year: Some(year), warnings }))
}

/// The kind digit of a number must tell the right that is offered; an application may become any.
fn must_agree(asset: AssetKind, told: PatentKind) -> Result<(), CodeError> {
    use PatentKind::{Design, Invention, PctInvention, PctUtilityModel, UtilityModel};
    let (agrees, expected) = match asset {
        AssetKind::Invention => (matches!(told, Invention | PctInvention), "1 | 8"),
        AssetKind::UtilityModel => (matches!(told, UtilityModel | PctUtilityModel), "2 | 9"),
        AssetKind::Design => (told == Design, "3"),
        _ => (true, ""),
    };
    if agrees { Ok(()) } else { Err(CodeError::BadKind { expected }) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(kind: AssetKind, raw: &str, granted: bool) -> Result<Option<Identifier>, CodeError> {
        parse_identifier(kind, raw, granted, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())
    }

    fn read(kind: AssetKind, raw: &str) -> Identifier {
        parse(kind, raw, true).unwrap().unwrap()
    }

    #[test]
    fn each_kind_has_its_register() {
        for (kind, raw, scheme, canonical, year) in [
            (AssetKind::Invention, "ZL 2020 1 0566088.9", "cn_application", "202010566088.9", 2020),
            (AssetKind::Invention, "2014800745031", "cn_application", "201480074503.1", 2014),
            (AssetKind::UtilityModel, "CN202322865413.3", "cn_application", "202322865413.3", 2023),
            (AssetKind::Design, "201330528226.5", "cn_application", "201330528226.5", 2013),
            (AssetKind::Invention, "95115608X", "cn_application", "95115608.X", 1995),
            (AssetKind::PatentApplication, "pct/cn2021/075891", "pct", "PCT/CN2021/075891", 2021),
            (AssetKind::Software, "2021 SR 0164984", "software_registration", "2021SR0164984", 2021),
            (AssetKind::IcLayout, "BS.08500145.7", "layout_registration", "BS.08500145.7", 2008),
            (AssetKind::PlantVariety, "CNA20090677.9", "plant_variety_right", "CNA20090677.9", 2009),
        ] {
            let number = read(kind, raw);
            assert_eq!(number.scheme.code(), scheme);
            assert_eq!(number.canonical, canonical);
            assert_eq!(number.raw, raw);
            assert_eq!(number.year, Some(year));
            assert_eq!(number.warnings, []);
        }
    }

    #[test]
    fn an_application_may_become_any_right() {
        for raw in ["202010566088.9", "202322865413.3", "201330528226.5", "201480074503.1"] {
            let number = parse(AssetKind::PatentApplication, raw, false).unwrap().unwrap();
            assert_eq!(number.scheme, Scheme::CnApplication);
        }
    }

    #[test]
    fn the_kind_digit_must_agree() {
        for (kind, raw, expected) in [
            (AssetKind::Invention, "202322865413.3", "1 | 8"),
            (AssetKind::Invention, "201330528226.5", "1 | 8"),
            (AssetKind::UtilityModel, "202010566088.9", "2 | 9"),
            (AssetKind::UtilityModel, "201480074503.1", "2 | 9"),
            (AssetKind::Design, "202010566088.9", "3"),
        ] {
            assert_eq!(parse(kind, raw, true), Err(CodeError::BadKind { expected }), "{raw}");
        }
    }

    #[test]
    fn zl_stands_only_before_what_is_granted() {
        let refused = Err(CodeError::BadForm { expected: NO_ZL });
        assert_eq!(parse(AssetKind::Invention, "ZL202010566088.9", false), refused);
        assert_eq!(parse(AssetKind::PatentApplication, "ZL202010566088.9", false), refused);
        assert!(parse(AssetKind::Invention, "CN202010566088.9", false).is_ok());
        assert!(parse(AssetKind::Invention, "ZL202010566088.9", true).is_ok());
    }

    #[test]
    fn a_missing_check_digit_is_never_added() {
        let missing = |computed| Err(CodeError::MissingCheckDigit { computed });
        assert_eq!(parse(AssetKind::Invention, "202010566088", true), missing('9'));
        assert_eq!(parse(AssetKind::Invention, "85100837", true), missing('2'));
    }

    #[test]
    fn an_international_application_is_no_granted_right() {
        assert_eq!(
            parse(AssetKind::Invention, "PCT/CN2021/075891", true),
            Err(CodeError::BadForm { expected: "YYYYKNNNNNNN.C | YYKNNNNN.C" })
        );
    }

    #[test]
    fn warnings_travel_with_the_number() {
        assert_eq!(read(AssetKind::Software, "2021SR459718").warnings, [CodeWarning::ShortSerial { year: 2021, serial: 459_718 }]);
        assert_eq!(read(AssetKind::IcLayout, "BS.08500145.8").warnings, [CodeWarning::DoubtfulCheckDigit { expected: '7' }]);
    }

    #[test]
    fn what_no_registry_numbers_stays_empty() {
        for kind in [AssetKind::TradeSecret, AssetKind::OtherTech, AssetKind::BioNewDrug] {
            assert_eq!(parse(kind, "", false), Ok(None));
            assert_eq!(parse(kind, " \u{3000}", false), Ok(None));
            for raw in ["202010566088.9", "国药准字"] {
                let refused = Err(CodeError::BadForm { expected: NO_NUMBER });
                assert_eq!(parse(kind, raw, false), refused);
            }
        }
        for kind in [AssetKind::Invention, AssetKind::PatentApplication, AssetKind::Software, AssetKind::IcLayout, AssetKind::PlantVariety]
        {
            assert_eq!(parse(kind, " ", true), Err(CodeError::Empty));
        }
    }
}
