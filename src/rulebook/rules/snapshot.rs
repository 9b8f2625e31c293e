//! The parameters of one listing, as they stood at its publication.

use chrono::NaiveDate;
use entity::identity::SellerClass;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::parameters::typed;
use super::{RulebookError, Span, Value};

/// Every parameter that applied to a class of seller on a day. A listing keeps it, and every later
/// question about the listing is answered from it, whatever has become of the rules since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The edition of the rulebook it was taken from.
    pub version: i64,
    /// The class of the seller.
    pub class: SellerClass,
    /// The day it was taken for.
    pub on: NaiveDate,
    /// The parameters, by name.
    pub parameters: Vec<SnapshotEntry>,
}

/// One parameter in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotEntry {
    /// What the code calls it.
    pub name: String,
    /// What applies unless the announcement says otherwise.
    pub value: Value,
    /// The least the announcement may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The most the announcement may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// The document and article it comes from.
    pub source: String,
    /// Whether it was not in force on the day of the snapshot.
    pub not_in_force: bool,
}

/// A value that an announcement may not choose.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("value is out of bounds: at least {}, at most {}", spoken(.min.as_ref()), spoken(.max.as_ref()))]
pub struct OutOfBounds {
    /// The least that would do.
    pub min: Option<Value>,
    /// The most that would do.
    pub max: Option<Value>,
}

fn spoken(bound: Option<&Value>) -> String {
    bound.map_or_else(|| "anything".to_owned(), Value::to_string)
}

impl Snapshot {
    /// The parameter `name`; fails if the snapshot has none.
    pub fn find(&self, name: &str) -> Result<&SnapshotEntry, RulebookError> {
        let mut entries = self.parameters.iter();
        entries.find(|entry| entry.name == name).ok_or_else(|| RulebookError::Unknown { name: name.to_owned() })
    }

    /// A span of time; fails if there is no such parameter or it is none.
    pub fn span(&self, name: &str) -> Result<Span, RulebookError> {
        let value = &self.find(name)?.value;
        typed(name, value, "span", value.as_span())
    }

    /// A rate in ten-thousandths; fails if there is no such parameter or it is none.
    pub fn basis_points(&self, name: &str) -> Result<u32, RulebookError> {
        let value = &self.find(name)?.value;
        typed(name, value, "rate", value.as_basis_points())
    }

    /// A number of things; fails if there is no such parameter or it is none.
    pub fn count(&self, name: &str) -> Result<u32, RulebookError> {
        let value = &self.find(name)?.value;
        typed(name, value, "count", value.as_count())
    }

    /// A yes or no; fails if there is no such parameter or it is none.
    pub fn flag(&self, name: &str) -> Result<bool, RulebookError> {
        let value = &self.find(name)?.value;
        typed(name, value, "flag", value.as_flag())
    }

    /// An amount in minor units and its currency; fails if there is no such parameter or it is
    /// none.
    pub fn money(&self, name: &str) -> Result<(i64, &str), RulebookError> {
        let value = &self.find(name)?.value;
        typed(name, value, "amount", value.as_money())
    }

    /// Whether an announcement may choose `value` for the parameter `name`: it may tighten a rule,
    /// never loosen it. A span in another unit than the bound's passes only if it is certain to
    /// keep it. Values of another kind, and names the snapshot does not have, are refused.
    pub fn within_bounds(&self, name: &str, value: &Value) -> Result<(), OutOfBounds> {
        let Ok(entry) = self.find(name) else {
            return Err(OutOfBounds { min: None, max: None });
        };
        let (min, max) = (entry.min.as_ref(), entry.max.as_ref());
        if value.kind() == entry.value.kind() && value.lies_within(min, max) {
            return Ok(());
        }
        Err(OutOfBounds { min: min.cloned(), max: max.cloned() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Rulebook;
    use super::*;

    const PARAMETERS: &str = include_str!("../../../seeds/rules/parameters.toml");
    const REDACTION: &str = include_str!("../../../seeds/rules/redaction.toml");

    fn snapshot(class: SellerClass) -> Snapshot {
        let on = "2026-11-23".parse().unwrap();
        Rulebook::parse(7, PARAMETERS, REDACTION).unwrap().snapshot(class, on)
    }

    #[test]
    fn it_holds_each_parameter_once_and_in_order() {
        for class in SellerClass::ALL {
            let taken = snapshot(*class);
            assert_eq!((taken.version, taken.class), (7, *class));
            let names: Vec<_> = taken.parameters.iter().map(|entry| &entry.name).collect();
            assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(taken.parameters.iter().all(|entry| !entry.not_in_force));
        }
    }

    #[test]
    fn it_survives_storage() {
        let taken = snapshot(SellerClass::Soe);
        let stored = serde_json::to_string(&taken).unwrap();
        assert!(stored.contains(r#""class":"soe","on":"2026-11-23""#));
        assert!(stored.contains(r#""name":"listing_period","value":"20wd","min":"20wd""#));
        assert_eq!(serde_json::from_str::<Snapshot>(&stored).unwrap(), taken);
    }

    #[test]
    fn typed_questions_get_typed_answers() {
        let taken = snapshot(SellerClass::Soe);
        assert_eq!(taken.span("listing_period"), Ok(Span::WorkingDays(20)));
        assert_eq!(taken.basis_points("deposit_rate"), Ok(1000));
        assert_eq!(taken.count("min_bidders"), Ok(2));
        assert_eq!(taken.flag("buyer_name_public"), Ok(true));
        assert_eq!(taken.money("listing_price_mid"), Ok((100_000_000, "CNY")));
        assert!(matches!(taken.span("min_bidders"), Err(RulebookError::OfAnotherKind { .. })));
        let unknown = RulebookError::Unknown { name: "listing_price_mid".into() };
        assert_eq!(snapshot(SellerClass::State).money("listing_price_mid"), Err(unknown));
    }

    #[test]
    fn an_announcement_may_tighten_but_not_loosen() {
        let (state, rehearsal) = (snapshot(SellerClass::State), snapshot(SellerClass::Rehearsal));
        let allowed = |taken: &Snapshot, name: &str, text: &str| taken.within_bounds(name, &text.parse().unwrap()).is_ok();
        for (name, text, expected) in [
            ("listing_period", "5wd", true),
            ("listing_period", "20wd", true),
            ("listing_period", "4wd", false),
            ("listing_period", "30d", false), // could hold fewer than five working days
            ("negotiated_notice_period", "15wd", true),
            ("negotiated_notice_period", "14d", false),
            ("free_period", "59min", false),
            ("free_period", "2d", true),
            ("free_period", "241h", false),
            ("timed_cycle", "1min", true),
            ("timed_cycle", "11min", false),
            ("legal_status_freshness", "24h", true),
            ("legal_status_freshness", "8d", false),
            ("refund_losers", "24h", true),
            ("refund_losers", "6wd", false),
            ("deposit_rate", "499bp", false),
            ("deposit_rate", "2000bp", true),
            ("deposit_rate", "1000", false),
            ("min_bidders", "1", true),
            ("min_bidders", "3", false),
            ("change_restarts_clock", "false", false),
            ("close_grace", "1s", true),
            ("close_grace", "1", false),
            ("no_such_rule", "1", false),
        ] {
            assert_eq!(allowed(&state, name, text), expected, "{name} {text}");
        }
        for (name, text) in [("listing_period", "30s"), ("auction_lead", "0wd"), ("free_period", "60s")] {
            assert!(allowed(&rehearsal, name, text), "{name} {text}");
        }
        let refused = state.within_bounds("timed_cycle", &"1s".parse().unwrap()).unwrap_err();
        assert_eq!(refused.to_string(), "value is out of bounds: at least 60s, at most 600s");
    }
}
