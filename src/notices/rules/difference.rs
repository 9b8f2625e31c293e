//! What two versions of a text differ in, place by place.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::platform::problem::Language;

/// A place where two versions differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901).
    #[schema(example = "/title")]
    pub pointer: String,
    /// Which part of the notice that is.
    #[schema(example = "名称")]
    pub zh: String,
    /// The same in English.
    #[schema(example = "Title")]
    pub en: String,
    /// What stood there; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub before: Option<Value>,
    /// What stands there; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub after: Option<Value>,
}

/// Every place where two texts differ, in order of the members' names and of places in lists.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

/// The same as people read it: of an amount of money that is another the whole is told, with its currency.
pub fn differences_for_people(before: &Value, after: &Value) -> Vec<Difference> {
    let money = |text: &Value, place: &str| text.pointer(place).filter(|of| of.get("currency").is_some()).cloned();
    let whole = |one: Difference| {
        let Some(place) = one.pointer.strip_suffix("/amount") else { return one };
        let (Some(was), Some(is)) = (money(before, place), money(after, place)) else { return one };
        Difference { pointer: place.to_owned(), before: Some(was), after: Some(is), ..one }
    };
    differences(before, after).into_iter().map(whole).collect()
}

fn compare(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut names: Vec<_> = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))).collect();
            names.sort_unstable();
            for name in names {
                compare(&format!("{place}/{}", escaped(name)), one.get(name), other.get(name), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                compare(&format!("{place}/{index}"), one.get(index), other.get(index), found);
            }
        }
        _ if before == after => {}
        _ => found.push(told(place, before, after)),
    }
}

/// A member's name within a JSON pointer (RFC 6901, 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn told(place: &str, before: Option<&Value>, after: Option<&Value>) -> Difference {
    let part = place.split('/').nth(1).unwrap_or_default();
    Difference {
        pointer: place.into(),
        zh: words::called(part, Language::Chinese),
        en: words::called(part, Language::English),
        before: before.cloned(),
        after: after.cloned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_place_is_told_with_its_part_in_words() {
        let before = json!({"title": "甲", "title_en": "A", "assets": [{"kind": "invention"}], "same": 1, "a/b": {"~": 1}});
        let after = json!({"title": "乙", "title_en": "B", "assets": [{"kind": "invention"}, {"kind": "utility_model"}], "same": 1, "a/b": {"~": 2}});
        let found = differences(&before, &after);
        let places: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.zh.as_str(), one.en.as_str())).collect();
        assert_eq!(
            places,
            [
                ("/a~1b/~0", "a~1b", "a~1b"),
                ("/assets/1", "标的", "Rights offered"),
                ("/title", "名称", "Title"),
                ("/title_en", "名称（英文）", "Title (English)")
            ]
        );
        assert_eq!((&found[1].before, &found[1].after), (&None, &Some(json!({"kind": "utility_model"}))));
        assert_eq!((&found[2].before, &found[2].after), (&Some(json!("甲")), &Some(json!("乙"))));
    }

    #[test]
    fn people_read_an_amount_with_its_currency() {
        let text = |price: &str, rest: &str| json!({"price": {"base_price": {"amount": price, "currency": "CNY"}}, "amount": rest});
        let found = differences_for_people(&text("200000.00", "a"), &text("180000.00", "b"));
        let told: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.en.as_str(), one.before.clone(), one.after.clone())).collect();
        let cny = |amount: &str| Some(json!({"amount": amount, "currency": "CNY"}));
        assert_eq!(
            told,
            [("/amount", "Amount", Some(json!("a")), Some(json!("b"))), ("/price/base_price", "Price", cny("200000.00"), cny("180000.00")),]
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a~/]{1,2}", inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn there_is_no_difference_exactly_where_they_are_the_same(one in any_json(), other in any_json()) {
            prop_assert!(differences(&one, &one).is_empty());
            prop_assert_eq!(differences(&one, &other).is_empty(), one == other);
        }

        #[test]
        fn what_is_told_stands_there(one in any_json(), other in any_json()) {
            for found in differences(&one, &other) {
                prop_assert_eq!(one.pointer(&found.pointer), found.before.as_ref());
                prop_assert_eq!(other.pointer(&found.pointer), found.after.as_ref());
            }
        }
    }
}
