//! How long a right stands, by its kind, and by which rule.
//!
//! The numbers are rule parameters (`term_..`), each version in force for what was filed or granted
//! from its first day on; here is only from which day they run, and where they end.

use chrono::{Datelike, Days, NaiveDate};
use entity::achievements::{AssetKind, asset};

use super::{AssetDetails, RightsHolder};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// The end of a right's term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The day the term ends (期满日). Copyright stands through that day, all other rights until it.
    pub expires_on: NaiveDate,
    /// The rule it follows from.
    pub source: String,
}

/// When a right ends by its term; nothing for rights without one, or with one that is not known yet.
/// Fails if the rulebook does not say how long such a right stands.
pub fn term(details: &AssetDetails, rulebook: &Rulebook) -> Result<Option<Term>, RulebookError> {
    let lasting = |name: &str, counted_from: NaiveDate| lasting(rulebook, name, counted_from);
    match details {
        AssetDetails::Invention { filed_on, compensation_days, .. } => {
            let term = lasting("term_invention", *filed_on)?;
            Ok(term.and_then(|term| {
                let expires_on = term.expires_on.checked_add_days(Days::new(u64::from(*compensation_days)))?;
                Some(Term { expires_on, ..term })
            }))
        }
        AssetDetails::UtilityModel { filed_on, .. } => lasting("term_utility_model", *filed_on),
        AssetDetails::Design { filed_on, .. } => lasting("term_design", *filed_on),
        AssetDetails::Software { completed_on, published_on, rights_holder: RightsHolder::LegalPerson, .. } => match published_on {
            // To the end of the last year; what is never published ends so many years after its completion.
            Some(published) => Ok(lasting("term_software", *published)?.and_then(|term| {
                let expires_on = NaiveDate::from_ymd_opt(term.expires_on.year(), 12, 31)?;
                Some(Term { expires_on, ..term })
            })),
            None => lasting("term_software", *completed_on),
        },
        AssetDetails::IcLayout { filed_on, first_exploited_on, created_on } => {
            let earlier = first_exploited_on.map_or(*filed_on, |used| used.min(*filed_on));
            let end = lasting("term_layout", earlier)?;
            let latest = created_on.map(|created| lasting("term_layout_from_creation", created)).transpose()?.flatten();
            Ok([end, latest].into_iter().flatten().min_by_key(|term| term.expires_on))
        }
        AssetDetails::PlantVariety { granted_on: Some(granted), woody_or_vine, .. } => {
            lasting(if *woody_or_vine { "term_variety_woody" } else { "term_variety" }, *granted)
        }
        _ => Ok(None),
    }
}

/// The end of a term counted from a day, by the version of the rule in force on that day; none past
/// the end of the calendar.
fn lasting(rulebook: &Rulebook, name: &str, counted_from: NaiveDate) -> Result<Option<Term>, RulebookError> {
    let length: Span = rulebook.span(name, None, counted_from)?;
    let source = &rulebook.find(name, None, counted_from)?.parameter.source;
    Ok(length.after_day(counted_from).map(|expires_on| Term { expires_on, source: source.clone() }))
}

/// Whether a term that ends on this day is over. A patent filed on 6 September 1999 for ten years
/// stands through 5 September 2009 (Guidelines for Patent Examination, part V chapter 9); software
/// stands through 31 December.
pub fn is_over(kind: AssetKind, expires_on: NaiveDate, on: NaiveDate) -> bool {
    match kind {
        AssetKind::Software => on > expires_on,
        _ => on >= expires_on,
    }
}

/// Days left of a right's term as seen on a day, negative once it is over; nothing without a term.
pub fn remaining_days(asset: &asset::Model, on: NaiveDate) -> Option<i64> {
    asset.expires_on.map(|end| (end - on).num_days())
}

/// Refuses a right whose term is over: it cannot be offered any more.
pub fn unexpired(asset: &asset::Model, on: NaiveDate) -> Result<(), Problem> {
    match asset.expires_on {
        Some(end) if is_over(asset.kind, end, on) => Err(Code::StatusForbids.with("asset_id", asset.id).with("expires_on", end)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::achievements::rules::VarietyAuthority;
    use crate::rulebook::rules::shipped::RULEBOOK;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn end(details: &AssetDetails) -> Option<String> {
        term(details, &RULEBOOK).unwrap().map(|term| term.expires_on.to_string())
    }

    fn invention(filed_on: NaiveDate, compensation_days: u32) -> AssetDetails {
        AssetDetails::Invention {
            filed_on,
            granted_on: None,
            publication_number: None,
            ipc: Vec::new(),
            ipc_edition: None,
            inventors: Vec::new(),
            compensation_days,
        }
    }

    fn design(filed_on: &str) -> AssetDetails {
        AssetDetails::Design {
            filed_on: date(filed_on),
            granted_on: None,
            publication_number: None,
            locarno: Vec::new(),
            inventors: Vec::new(),
        }
    }

    fn software(completed_on: &str, published_on: Option<&str>, rights_holder: RightsHolder) -> AssetDetails {
        AssetDetails::Software {
            version: "V1.0".into(),
            completed_on: date(completed_on),
            published_on: published_on.map(date),
            rights_holder,
        }
    }

    fn layout(filed_on: &str, first_exploited_on: Option<&str>, created_on: Option<&str>) -> AssetDetails {
        AssetDetails::IcLayout {
            filed_on: date(filed_on),
            first_exploited_on: first_exploited_on.map(date),
            created_on: created_on.map(date),
        }
    }

    fn variety(granted_on: Option<&str>, woody_or_vine: bool) -> AssetDetails {
        AssetDetails::PlantVariety {
            species: "水稻".into(),
            authority: VarietyAuthority::Agriculture,
            woody_or_vine,
            granted_on: granted_on.map(date),
        }
    }

    #[test]
    fn patents_end_so_many_years_after_filing() {
        assert_eq!(end(&invention(date("2020-06-19"), 0)).as_deref(), Some("2040-06-19"));
        assert_eq!(end(&invention(date("2020-06-19"), 30)).as_deref(), Some("2040-07-19"));
        assert_eq!(end(&invention(date("2004-02-29"), 0)).as_deref(), Some("2024-02-29"));
        assert_eq!(end(&design("2021-05-31")).as_deref(), Some("2031-05-31"));
        assert_eq!(end(&design("2021-06-01")).as_deref(), Some("2036-06-01"));
    }

    #[test]
    fn utility_models_end_ten_years_after_filing() {
        let model = AssetDetails::UtilityModel {
            filed_on: date("2018-06-01"),
            granted_on: None,
            publication_number: None,
            ipc: Vec::new(),
            ipc_edition: None,
            inventors: Vec::new(),
        };
        assert_eq!(end(&model).as_deref(), Some("2028-06-01"));
    }

    #[test]
    fn applications_and_technical_secrets_have_no_term_of_their_own() {
        let application = AssetDetails::PatentApplication {
            filed_on: date("2020-06-19"),
            priority_on: None,
            publication_number: None,
            ipc: Vec::new(),
            ipc_edition: None,
            locarno: Vec::new(),
            inventors: Vec::new(),
        };
        assert_eq!(end(&application), None);
        let secret =
            AssetDetails::TradeSecret { public_abstract: "x".into(), confidentiality_evidence: entity::ids::DocumentId(uuid::Uuid::nil()) };
        assert_eq!(end(&secret), None);
    }

    #[test]
    fn software_of_organisations_stands_fifty_years() {
        use RightsHolder::{LegalPerson, NaturalPerson};
        assert_eq!(end(&software("2020-01-01", Some("2021-03-04"), LegalPerson)).as_deref(), Some("2071-12-31"));
        assert_eq!(end(&software("2020-01-01", None, LegalPerson)).as_deref(), Some("2070-01-01"));
        assert_eq!(end(&software("2020-01-01", Some("2021-03-04"), NaturalPerson)), None);
    }

    #[test]
    fn layouts_end_ten_years_after_the_earlier_day_and_fifteen_after_creation() {
        assert_eq!(end(&layout("2019-03-01", None, None)).as_deref(), Some("2029-03-01"));
        assert_eq!(end(&layout("2019-03-01", Some("2017-05-01"), None)).as_deref(), Some("2027-05-01"));
        assert_eq!(end(&layout("2019-03-01", Some("2020-05-01"), None)).as_deref(), Some("2029-03-01"));
        assert_eq!(end(&layout("2019-03-01", None, Some("2010-01-01"))).as_deref(), Some("2025-01-01"));
        assert_eq!(end(&layout("2019-03-01", None, Some("2018-01-01"))).as_deref(), Some("2029-03-01"));
    }

    #[test]
    fn varieties_stand_by_the_rule_of_their_grant() {
        assert_eq!(end(&variety(Some("2025-05-31"), false)).as_deref(), Some("2040-05-31"));
        assert_eq!(end(&variety(Some("2025-05-31"), true)).as_deref(), Some("2045-05-31"));
        assert_eq!(end(&variety(Some("2025-06-01"), false)).as_deref(), Some("2045-06-01"));
        assert_eq!(end(&variety(Some("2025-06-01"), true)).as_deref(), Some("2050-06-01"));
        assert_eq!(end(&variety(None, true)), None);
    }

    #[test]
    fn what_no_registry_keeps_has_no_term() {
        assert_eq!(end(&AssetDetails::OtherTech { public_abstract: "x".into() }), None);
    }

    #[test]
    fn the_last_day_differs_by_kind() {
        let day = date("2009-09-06");
        assert!(!is_over(AssetKind::UtilityModel, day, date("2009-09-05")));
        assert!(is_over(AssetKind::UtilityModel, day, day));
        assert!(!is_over(AssetKind::Software, day, day));
        assert!(is_over(AssetKind::Software, day, date("2009-09-07")));
    }

    proptest! {
        #[test]
        fn a_later_filing_never_ends_earlier(day in 0_i64..40_000, later in 0_i64..400) {
            let first = date("1985-04-01") + chrono::TimeDelta::days(day);
            let second = first + chrono::TimeDelta::days(later);
            let ends = |filed_on| term(&invention(filed_on, 0), &RULEBOOK).unwrap().unwrap();
            let (one, other) = (ends(first), ends(second));
            prop_assert!(one.expires_on <= other.expires_on);
            prop_assert!(is_over(AssetKind::Invention, one.expires_on, one.expires_on));
            prop_assert!(!is_over(AssetKind::Invention, one.expires_on, first));
        }
    }
}
