//! Setting a slip in a public notice right: what of its text may be, and what it says afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::platform::problem::{Code, Faults, Problem};

/// The most slips of one erratum.
const MOST: usize = 20;
/// The longest text that is set, characters.
const LONGEST: usize = 5_000;
/// The longest pointer, characters.
const LONGEST_POINTER: usize = 200;

/// What is to stand at a place in the text of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    /// Where, as a JSON pointer into `content` (RFC 6901).
    #[schema(min_length = 1, max_length = 200, example = "/title")]
    pub pointer: String,
    /// What is to stand there.
    #[schema(min_length = 1, max_length = 5000, example = "一种电池材料及其制备方法")]
    pub value: String,
}

/// What was set right, or is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What stood there.
    #[schema(value_type = Option<String>)]
    pub from: Value,
    /// What stands there instead.
    pub to: String,
}

/// What an erratum changes in a text, in the order in which it is asked for. Only text is set right, at a place that is there and of
/// which the rules say that it may be (`permitted`); all else is material.
pub fn changes(content: &Value, wanted: &[NewChange], permitted: impl Fn(&str) -> bool) -> Result<Vec<Change>, Problem> {
    sound(wanted)?;
    let material: Vec<&str> = wanted.iter().map(|one| one.pointer.as_str()).filter(|pointer| !permitted(pointer)).collect();
    if !material.is_empty() {
        return Err(Code::MaterialChange.with("pointers", material));
    }
    let mut faults = Faults::new();
    let mut found = Vec::with_capacity(wanted.len());
    for (index, one) in wanted.iter().enumerate() {
        let from = content.pointer(&one.pointer);
        let is_there = from.is_some_and(|from| from.is_string() || from.is_null());
        let place = format!("/changes/{index}");
        faults.require(is_there, &format!("{place}/pointer"), "absent", "公告中没有此项文字", "no text stands there in the notice");
        let differs = from.is_none_or(|from| from.as_str() != Some(&one.value));
        faults.require(differs, &format!("{place}/value"), "same", "与原文相同", "is what stands there already");
        found.push(Change { pointer: one.pointer.clone(), from: from.cloned().unwrap_or_default(), to: one.value.clone() });
    }
    faults.done()?;
    Ok(found)
}

fn sound(wanted: &[NewChange]) -> Result<(), Problem> {
    let places: BTreeSet<&str> = wanted.iter().map(|one| one.pointer.as_str()).collect();
    let mut faults = Faults::new();
    let some = (1..=MOST).contains(&wanted.len());
    faults.require(some, "/changes", "count", "须为 1 至 20 处", "must be 1 to 20 places");
    faults.require(places.len() == wanted.len(), "/changes", "twice", "同一处不得重复", "names a place twice");
    for (index, one) in wanted.iter().enumerate() {
        faults.text(&format!("/changes/{index}/pointer"), &one.pointer, LONGEST_POINTER);
        faults.text(&format!("/changes/{index}/value"), &one.value, LONGEST);
    }
    faults.done()
}

/// The text once it is set right; refused where it is not the one that was looked at.
pub fn set_right(content: &Value, changes: &[Change]) -> Result<Value, Problem> {
    let mut next = content.clone();
    for change in changes {
        let place = next.pointer_mut(&change.pointer).filter(|place| **place == change.from).ok_or(Code::Internal)?;
        *place = Value::from(change.to.as_str());
    }
    Ok(next)
}

/// A new text that says again what was set right: it stays right.
pub fn kept_right(content: &Value, changes: &[Change]) -> Value {
    let mut next = content.clone();
    for change in changes {
        if let Some(place) = next.pointer_mut(&change.pointer).filter(|place| **place == change.from) {
            *place = Value::from(change.to.as_str());
        }
    }
    next
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::notices::NoticeKind;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rulebook::rules::may_be_set_right;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn content() -> Value {
        json!({"title": "一种电池材枓", "title_en": null, "price": {"start_price": {"amount": "100.00"}}, "assets": [{"title_en": "A"}]})
    }

    fn new(pointer: &str, value: &str) -> NewChange {
        NewChange { pointer: pointer.into(), value: value.into() }
    }

    fn tried(wanted: &[NewChange]) -> Result<Vec<Change>, Problem> {
        changes(&content(), wanted, |pointer| !pointer.starts_with("/price"))
    }

    fn fault(wanted: &[NewChange]) -> (String, String) {
        let problem = tried(wanted).unwrap_err();
        assert_eq!(problem.code, Code::Invalid);
        (problem.errors[0].pointer.clone(), problem.errors[0].code.clone())
    }

    #[test]
    fn a_slip_is_set_right_and_nothing_else() {
        let found = tried(&[new("/title", "一种电池材料"), new("/title_en", "Battery"), new("/assets/0/title_en", "B")]).unwrap();
        assert_eq!((&found[0].from, found[0].to.as_str()), (&json!("一种电池材枓"), "一种电池材料"));
        let next = set_right(&content(), &found).unwrap();
        let expected = json!({"title": "一种电池材料", "title_en": "Battery", "price": {"start_price": {"amount": "100.00"}}, "assets": [{"title_en": "B"}]});
        assert_eq!(next, expected);
        assert_eq!(set_right(&next, &found).unwrap_err().code, Code::Internal, "what was looked at does not stand any more");
    }

    #[test]
    fn what_was_set_right_stays_right_in_a_new_text() {
        let found = tried(&[new("/title", "一种电池材料")]).unwrap();
        let mut anew = content();
        anew["price"]["start_price"]["amount"] = "90.00".into();
        let kept = kept_right(&anew, &found);
        assert_eq!((&kept["title"], &kept["price"]), (&json!("一种电池材料"), &anew["price"]));
        anew["title"] = "一种正极材料".into();
        assert_eq!(kept_right(&anew, &found), anew, "what is said otherwise on purpose stands");
    }

    #[test]
    fn what_somebody_decides_by_is_no_slip() {
        let problem = tried(&[new("/title", "x"), new("/price/start_price/amount", "1.00"), new("/price", "1")]).unwrap_err();
        assert_eq!((problem.code, &problem.facts["pointers"]), (Code::MaterialChange, &json!(["/price/start_price/amount", "/price"])));
    }

    /// Each field that others decide by, in every kind of notice that has it.
    #[test]
    fn what_others_decide_by_is_no_slip_in_any_kind_of_notice() {
        use NoticeKind::{Auction, DealResult, Listing, NegotiatedPrice, OpenLicence, RightsGrant};
        let offered = |pointer: &'static str| [Listing, Auction, NegotiatedPrice, DealResult].map(|kind| (kind, pointer)).to_vec();
        let and = |pointer, more: &[(NoticeKind, &'static str)]| [offered(pointer), more.to_vec()].concat();
        let table = [
            ("asset set", and("/assets/0/identifier", &[(RightsGrant, "/assets/0/identifier"), (OpenLicence, "/patent/identifier")])),
            ("scope", and("/terms/territory/0", &[(RightsGrant, "/granted/months"), (OpenLicence, "/term/to")])),
            ("mode", and("/mode/zh", &[(RightsGrant, "/granted/kind")])),
            (
                "price",
                vec![
                    (Listing, "/price/base_price/amount"),
                    (Auction, "/price/start_price/amount"),
                    (NegotiatedPrice, "/intended_price/amount"),
                    (DealResult, "/final_price/amount"),
                    (OpenLicence, "/fee/amount/amount"),
                ],
            ),
            ("payment", vec![(Listing, "/payment"), (Listing, "/payment/zh"), (NegotiatedPrice, "/payment"), (OpenLicence, "/payment")]),
            ("qualification", vec![(Listing, "/conditions/0"), (NegotiatedPrice, "/conditions/0")]),
            ("deposit", vec![(Listing, "/deposit/amount/amount"), (Auction, "/deposit/amount/amount"), (DealResult, "/deposit/amount")]),
            ("format", vec![(Listing, "/bidding/closing_mode"), (Auction, "/format/code"), (DealResult, "/format/code")]),
            ("pre-emption", vec![(Listing, "/preemption_holders/0"), (Listing, "/preemption/way")]),
        ];
        let day = "2026-03-03".parse().unwrap();
        for (what, kind, pointer) in table.iter().flat_map(|(what, of)| of.iter().map(move |(kind, pointer)| (what, *kind, *pointer))) {
            let permitted = |pointer: &str| may_be_set_right(&RULEBOOK.errata, kind, pointer, day);
            let problem = changes(&content(), &[new(pointer, "x")], permitted).unwrap_err();
            assert_eq!((problem.code, &problem.facts["pointers"]), (Code::MaterialChange, &json!([pointer])), "{what} of {kind:?}");
        }
    }

    #[test]
    fn each_place_is_there_is_named_once_and_changes() {
        assert_eq!(fault(&[]), ("/changes".into(), "count".into()));
        assert_eq!(fault(&vec![new("/title", "x"); 21]), ("/changes".into(), "count".into()));
        assert_eq!(fault(&[new("/title", "x"), new("/title", "y")]), ("/changes".into(), "twice".into()));
        assert_eq!(fault(&[new("/nothing", "x")]), ("/changes/0/pointer".into(), "absent".into()));
        assert_eq!(fault(&[new("/assets", "x")]), ("/changes/0/pointer".into(), "absent".into()));
        assert_eq!(fault(&[new("/title", "一种电池材枓")]), ("/changes/0/value".into(), "same".into()));
        assert_eq!(fault(&[new("/title", "")]), ("/changes/0/value".into(), "text".into()));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_only_what_is_permitted_changes(places in prop::collection::vec("/(title|title_en|price|price/start_price/amount|assets/0/title_en|assets/1)", 0..6), value in "[a-z]{0,3}") {
            let wanted: Vec<_> = places.iter().map(|place| new(place, &value)).collect();
            if let Ok(found) = tried(&wanted) {
                let next = set_right(&content(), &found).unwrap();
                prop_assert_eq!(&next["price"], &content()["price"]);
                for change in &found {
                    prop_assert_eq!(next.pointer(&change.pointer), Some(&json!(value)));
                }
            }
        }
    }
}
