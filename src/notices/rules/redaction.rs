//! What of the facts a public text tells, field by field, by the dated policy; what is said of the others, and when they open.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::identity::SellerClass;
use entity::money::Money;
use serde_json::{Map, Value, json};

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, RedactionRule, Showing, Snapshot, band, deadline, public_rule, shows};

/// A field the policy decides about.
pub struct Field {
    /// Its name, in the text and in the policy.
    pub name: &'static str,
    /// What it is.
    pub value: Value,
    /// Whether a party asked for its secrecy.
    pub asked: bool,
    /// What stands in for it when it is hidden.
    pub mask: Option<Value>,
    /// What stands in for it when only its band is shown.
    pub band: Option<Value>,
}

impl Field {
    /// One whose secrecy nobody asked for, and for which nothing stands in.
    pub fn plain(name: &'static str, value: Value) -> Self {
        Self { name, value, asked: false, mask: None, band: None }
    }
}

/// The band that stands in for an amount, by the rule `amount_band_first`.
pub fn banded(amount: Money, rules: &Snapshot) -> Result<Value, Problem> {
    let (first, _) = rules.money("amount_band_first").map_err(|error| Code::Internal.with("reason", error.to_string()))?;
    let (lower, upper) = band(amount.minor, first);
    Ok(json!({"from": Money { minor: lower, ..amount }, "below": Money { minor: upper, ..amount }}))
}

/// By what is decided what a public text tells.
pub struct Policy<'a> {
    /// What the public may see.
    pub rules: &'a [RedactionRule],
    /// The class of the seller.
    pub class: SellerClass,
    /// The day whose rules apply.
    pub on: NaiveDate,
    /// From when the time runs after which something opens by itself.
    pub since: Timestamp,
    /// The days by which it is counted.
    pub calendar: &'a Calendar,
}

/// The fields that are shown under a policy; and for each of the others, why it is withheld, and when it opens if it does.
pub fn redacted(fields: Vec<Field>, policy: &Policy) -> (Map<String, Value>, Vec<Value>) {
    let mut content = Map::new();
    let mut withheld = Vec::new();
    for field in fields {
        let instead = match shows(policy.rules, field.name, policy.class, policy.on, field.asked) {
            Showing::Shown => {
                content.insert(field.name.into(), field.value);
                continue;
            }
            Showing::Hidden => field.mask,
            Showing::Banded => field.band,
        };
        withheld.push(gap(field.name, field.asked, instead, policy));
    }
    (content, withheld)
}

/// What is said of a field that is not shown.
fn gap(name: &str, asked: bool, instead: Option<Value>, policy: &Policy) -> Value {
    let (zh, en) =
        if asked { ("当事人要求保密", "a party asked for secrecy") } else { ("依规则不公开", "not public under the rules") };
    let rule = public_rule(policy.rules, name, policy.class, policy.on);
    let opens_at = rule.and_then(|rule| rule.opens_after).map(|after| deadline(policy.since, after, policy.calendar).ends_at);
    let mut said = Map::new();
    said.insert("field".into(), name.into());
    said.insert("reason".into(), json!({"zh": zh, "en": en}));
    said.extend(rule.map(|rule| ("source".to_owned(), rule.source.as_str().into())));
    said.extend(instead.map(|instead| ("shown_instead".to_owned(), instead)));
    said.extend(opens_at.map(|at| ("opens_at".to_owned(), json!(at))));
    Value::Object(said)
}

/// What a text says of each field that it withholds.
fn gaps(content: &Value) -> impl Iterator<Item = &Value> {
    content["withheld"].as_array().into_iter().flatten()
}

fn opens_at(gap: &Value) -> Option<Timestamp> {
    serde_json::from_value(gap.get("opens_at")?.clone()).ok()
}

/// When the next of what a text withholds opens: of all its dates, or of those after an instant.
pub fn next_opening(content: &Value, after: Option<Timestamp>) -> Option<Timestamp> {
    gaps(content).filter_map(opens_at).filter(|at| after.is_none_or(|after| *at > after)).min()
}

/// The text in which every field whose date has come is told under its name; nothing where there is none.
pub fn opened(content: &Value, fields: Vec<Field>, now: Timestamp) -> Option<Value> {
    let is_due = |gap: &Value| opens_at(gap).is_some_and(|at| at <= now);
    let is_told = |field: &Field| gaps(content).any(|gap| gap["field"] == field.name && is_due(gap));
    let told: Vec<_> = fields.into_iter().filter(is_told).collect();
    if told.is_empty() {
        return None;
    }
    let mut next = content.clone();
    let withheld = next.get_mut("withheld")?.as_array_mut()?;
    withheld.retain(|gap| told.iter().all(|field| gap["field"] != field.name));
    next.as_object_mut()?.extend(told.into_iter().map(|field| (field.name.to_owned(), field.value)));
    Some(next)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::examples::at;
    use super::*;
    use crate::rulebook::rules::Span;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};

    const NAMES: [&str; 4] = ["seller_name", "buyer_name", "final_price", "deposit"];

    fn fields() -> Vec<Field> {
        NAMES.map(|name| Field { asked: true, mask: Some("某".into()), ..Field::plain(name, name.into()) }).into()
    }

    /// A text that withholds the fields that have a date, each until so many seconds, and shows none of the others either.
    fn withholding(dates: &[Option<i64>]) -> Value {
        let said = NAMES.iter().zip(dates).map(|(name, date)| match date {
            Some(second) => json!({"field": name, "opens_at": at(*second)}),
            None => json!({"field": name, "source": "a test"}),
        });
        json!({"title": "甲", "withheld": said.collect::<Vec<_>>()})
    }

    #[test]
    fn what_is_withheld_says_when_it_opens_only_where_its_rule_does() {
        let on = at(0).date_naive();
        let policy = Policy { rules: &RULEBOOK.redaction, class: SellerClass::Private, on, since: at(0), calendar: &CALENDAR };
        let (content, withheld) = redacted(fields(), &policy);
        assert_eq!(Value::Object(content), json!({"seller_name": "seller_name", "deposit": "deposit"}));
        let told: Vec<_> = withheld.iter().map(|gap| (gap["field"].as_str().unwrap(), opens_at(gap))).collect();
        let two_years_on = deadline(at(0), Span::Years(2), &CALENDAR).ends_at;
        assert_eq!(told, [("buyer_name", None), ("final_price", Some(two_years_on))]);
        let (_, withheld) = redacted(fields(), &Policy { class: SellerClass::State, ..policy });
        assert!(withheld.is_empty(), "nothing opens that was never withheld");
    }

    #[test]
    fn a_text_that_withholds_nothing_never_opens() {
        for content in [json!({}), json!({"withheld": []}), json!({"withheld": [{"field": "deposit", "opens_at": "soon"}]}), Value::Null] {
            assert_eq!((opened(&content, fields(), at(100)), next_opening(&content, None)), (None, None), "{content}");
        }
    }

    proptest! {
        #[test]
        fn nothing_changes_but_fields_whose_date_has_come(
            dates in prop::collection::vec(prop::option::of(0..100_i64), NAMES.len()),
            now in 0..100_i64,
        ) {
            let before = withholding(&dates);
            let is_due = |date: Option<i64>| date.is_some_and(|date| date <= now);
            let next = opened(&before, fields(), at(now));
            prop_assert_eq!(next.is_some(), dates.iter().copied().any(is_due));
            let after = next.unwrap_or_else(|| before.clone());
            for (name, date) in NAMES.into_iter().zip(&dates) {
                let said_of = |text: &Value| gaps(text).find(|gap| gap["field"] == name).cloned();
                let expected = if is_due(*date) { (Some(json!(name)), None) } else { (None, said_of(&before)) };
                prop_assert_eq!((after.get(name).cloned(), said_of(&after)), expected);
            }
            prop_assert_eq!(&after["title"], &before["title"]);
            prop_assert_eq!(opened(&after, fields(), at(now)), None);
            prop_assert_eq!(next_opening(&after, None), next_opening(&before, Some(at(now))));
        }
    }
}
