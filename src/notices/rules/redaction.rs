//! What of the facts a public text tells, field by field, by the dated policy; and what is said of the others.

use chrono::NaiveDate;
use entity::identity::SellerClass;
use serde_json::{Map, Value, json};

use crate::rulebook::rules::{RedactionRule, Showing, shows};

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

/// The fields that are shown under the policy of a day to the public of a seller's class; and for each of the others, why it is
/// withheld.
pub fn redacted(fields: Vec<Field>, policy: &[RedactionRule], class: SellerClass, on: NaiveDate) -> (Map<String, Value>, Vec<Value>) {
    let mut content = Map::new();
    let mut withheld = Vec::new();
    for field in fields {
        let instead = match shows(policy, field.name, class, on, field.asked) {
            Showing::Shown => {
                content.insert(field.name.into(), field.value);
                continue;
            }
            Showing::Hidden => field.mask,
            Showing::Banded => field.band,
        };
        let source = source(field.name, policy, class, on);
        withheld.push(gap(field.name, field.asked, source, instead));
    }
    (content, withheld)
}

/// What is said of a field that is not shown.
fn gap(name: &str, asked: bool, source: Option<&str>, instead: Option<Value>) -> Value {
    let (zh, en) =
        if asked { ("当事人要求保密", "a party asked for secrecy") } else { ("依规则不公开", "not public under the rules") };
    let mut said = Map::new();
    said.insert("field".into(), name.into());
    said.insert("reason".into(), json!({"zh": zh, "en": en}));
    said.extend(source.map(|source| ("source".to_owned(), source.into())));
    said.extend(instead.map(|instead| ("shown_instead".to_owned(), instead)));
    Value::Object(said)
}

/// Where the policy for a field comes from; a class's own rule before that for every class.
fn source<'a>(field: &str, policy: &'a [RedactionRule], class: SellerClass, on: NaiveDate) -> Option<&'a str> {
    let holds = |rule: &&RedactionRule| {
        rule.field == field
            && rule.class.is_none_or(|of| of == class)
            && rule.effective_from <= on
            && rule.effective_to.is_none_or(|to| on <= to)
    };
    policy.iter().filter(holds).max_by_key(|rule| rule.class.is_some()).map(|rule| rule.source.as_str())
}
