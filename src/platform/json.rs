//! JSON read strictly: what two readers might read differently is refused, and what is shaped to wear a reader out.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::problem::{Code, Fault, Problem};

/// How many lists and objects may lie in each other.
const DEEPEST: usize = 64;
/// How many items a list may have.
const MOST_ITEMS: usize = 10_000;

fn too_deep() -> Fault {
    Fault::new("", "too_deep", format!("嵌套超过 {DEEPEST} 层"), format!("nested more than {DEEPEST} deep"))
}

fn too_many_items() -> Fault {
    Fault::new("", "too_many_items", format!("列表超过 {MOST_ITEMS} 项"), format!("more than {MOST_ITEMS} items in a list"))
}

/// Refuses what is no JSON text, has a member given twice or NUL in it, or is too deep or too long.
pub fn sound(text: &str) -> Result<(), Problem> {
    if has_escaped_nul(text) {
        return Err(Code::Malformed.with("reason", "NUL character"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Sound { levels: DEEPEST }.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|error| {
        let reason = error.to_string();
        let errors = [too_deep(), too_many_items()].into_iter().filter(|fault| reason.starts_with(&fault.en)).collect();
        Problem { errors, ..Code::Malformed.with("reason", reason) }
    })
}

/// The value of a text that is sound.
pub fn value(text: &str) -> Result<Value, Problem> {
    sound(text)?;
    serde_json::from_str(text).map_err(|error| Code::Malformed.with("reason", error.to_string()))
}

/// PostgreSQL text cannot hold NUL, so it is refused before it reaches any database.
fn has_escaped_nul(text: &str) -> bool {
    text.match_indices("\\u0000").any(|(at, _)| {
        let slashes = text[..at].bytes().rev().take_while(|b| *b == b'\\').count();
        slashes % 2 == 0
    })
}

/// Any JSON value in which no object has a member twice and no list too many items; nothing of it is kept.
#[derive(Clone, Copy)]
struct Sound {
    /// How many lists and objects may still lie in each other here.
    levels: usize,
}

impl Sound {
    /// What may lie inside a list or an object here.
    fn inside<E: Error>(self) -> Result<Self, E> {
        self.levels.checked_sub(1).map(|levels| Self { levels }).ok_or_else(|| E::custom(too_deep().en))
    }
}

impl<'de> DeserializeSeed<'de> for Sound {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut count = 0;
        while items.next_element_seed(inside)?.is_some() {
            count += 1;
            if count > MOST_ITEMS {
                return Err(A::Error::custom(too_many_items().en));
            }
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate field"));
            }
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Why a text is refused, and the fault that says which bound it breaks.
    fn refused(text: &str) -> (String, Option<String>) {
        let problem = value(text).unwrap_err();
        assert_eq!(problem.code, Code::Malformed, "{text}");
        let reason = problem.facts["reason"].as_str().unwrap().to_owned();
        (reason, problem.errors.first().map(|fault| fault.code.clone()))
    }

    #[test]
    fn a_value_is_read_as_it_is_written() {
        let text = r#"{"a":[1,-2,"x",null,true,{"b":1.5}],"c":"\\u0000"}"#;
        assert_eq!(value(text).unwrap(), json!({"a": [1, -2, "x", null, true, {"b": 1.5}], "c": "\\u0000"}));
    }

    #[test]
    fn what_is_no_json_or_not_read_alike_by_all_is_refused() {
        for text in ["", "{", "[1,]", "{} x", "\u{feff}{}", "\"\\ud800\"", "NaN"] {
            assert_eq!(refused(text).1, None, "{text}");
        }
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":[{"b":1,"b":1}]}"#] {
            assert!(refused(text).0.starts_with("duplicate field"), "{text}");
        }
        assert_eq!(refused(r#"["\u0000"]"#).0, "NUL character");
    }

    #[test]
    fn lists_and_objects_lie_in_each_other_64_deep_and_no_deeper() {
        for (opening, core, closing) in [("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"a\":", "[]", "}]")] {
            let deep = |times: usize| format!("{}{core}{}", opening.repeat(times), closing.repeat(times));
            // The last of them opens two at a time and has one more inside.
            let (deepest, next) = if core == "[]" { ((DEEPEST - 1) / 2, DEEPEST / 2) } else { (DEEPEST, DEEPEST + 1) };
            assert!(sound(&deep(deepest)).is_ok(), "{opening}");
            let (reason, fault) = refused(&deep(next));
            assert!(reason.starts_with("nested more than 64 deep"), "{reason}");
            assert_eq!(fault.as_deref(), Some("too_deep"));
        }
        assert_eq!(refused(&"[".repeat(100_000)).1.as_deref(), Some("too_deep"));
    }

    #[test]
    fn a_list_has_ten_thousand_items_and_no_more() {
        let list = |items: usize| format!("{{\"a\":[{}]}}", vec!["1"; items].join(","));
        assert!(sound(&list(MOST_ITEMS)).is_ok());
        let (reason, fault) = refused(&list(MOST_ITEMS + 1));
        assert!(reason.starts_with("more than 10000 items in a list"), "{reason}");
        assert_eq!(fault.as_deref(), Some("too_many_items"));
    }
}
