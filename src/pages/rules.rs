//! A notice's text as people read it: its parts in order, each under its name.

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::notices::rules::words;
use crate::platform::problem::Language;
use crate::rulebook::rules::shanghai_minute;

/// Something to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Paragraphs.
    Text(Vec<String>),
    /// Things under their names.
    Facts(Vec<Part>),
    /// Things one after another.
    List(Vec<Shown>),
}

/// Something under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub label: String,
    /// What it is.
    pub shown: Shown,
}

/// What stands elsewhere on the page, or is said by something beside it.
const LEFT_OUT: [&str; 2] = ["notice", "title"];

/// The parts of a notice's text. Nothing is left out but what the head of the page says, what says nothing, and what is said in the other
/// language.
pub fn parts(content: &Value, language: Language) -> Vec<Part> {
    let Some(members) = content.as_object() else { return Vec::new() };
    let members = members.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()) && *name != "title_en");
    facts(&members.map(|(name, value)| (name.clone(), value.clone())).collect(), language)
}

fn facts(members: &Map<String, Value>, language: Language) -> Vec<Part> {
    let mut found: Vec<(usize, Part)> = Vec::new();
    for (name, value) in members {
        let (base, is_english) = name.strip_suffix("_en").map_or((name.as_str(), false), |base| (base, true));
        // Of what is said twice one is shown.
        let twin = if is_english { base.to_owned() } else { format!("{name}_en") };
        let has_twin = members.get(&twin).is_some_and(|twin| !twin.is_null());
        if (is_english && (language == Language::Chinese || value.is_null())) || (!is_english && has_twin && language == Language::English)
        {
            continue;
        }
        let in_words = if base == "field" { value.as_str().and_then(|code| words::field(code, language)) } else { None };
        let in_words = in_words.map(|word| Shown::Text(vec![word.to_owned()]));
        let Some(shown) = in_words.or_else(|| shown(value, language)) else { continue };
        let (place, label) = words::member(base, language).map_or((usize::MAX, spaced(base)), |(place, word)| (place, word.to_owned()));
        found.push((place, Part { label, shown }));
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, part)| part).collect()
}

/// A name that has no word of its own.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A value as it is shown; nothing where it says nothing.
pub fn shown(value: &Value, language: Language) -> Option<Shown> {
    let text = |text: String| Some(Shown::Text(vec![text]));
    match value {
        Value::Null => None,
        Value::Bool(flag) => text(yes_or_no(*flag, language).to_owned()),
        Value::Number(number) => text(number.to_string()),
        Value::String(said) => {
            Some(Shown::Text(said.lines().filter(|line| !line.trim().is_empty()).map(|line| spoken(line, language)).collect()))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| shown(item, language)).collect();
            (!items.is_empty()).then_some(Shown::List(items))
        }
        Value::Object(members) => object(members, language),
    }
}

fn object(members: &Map<String, Value>, language: Language) -> Option<Shown> {
    if let Some(money) = money(members, language) {
        return Some(Shown::Text(vec![money]));
    }
    let tongue = if language == Language::Chinese { "zh" } else { "en" };
    let Some(said) = members.get(tongue).filter(|_| members.contains_key("zh") && members.contains_key("en")) else {
        let facts = facts(members, language);
        return (!facts.is_empty()).then_some(Shown::Facts(facts));
    };
    // What is said in words needs no code beside it.
    let rest = members.iter().filter(|(name, _)| !matches!(name.as_str(), "zh" | "en" | "code" | "kind"));
    let rest = facts(&rest.map(|(name, value)| (name.clone(), value.clone())).collect(), language);
    let words = shown(said, language)?;
    Some(if rest.is_empty() { words } else { Shown::List(vec![words, Shown::Facts(rest)]) })
}

fn yes_or_no(flag: bool, language: Language) -> &'static str {
    match (language, flag) {
        (Language::Chinese, true) => "是",
        (Language::Chinese, false) => "否",
        (Language::English, true) => "yes",
        (Language::English, false) => "no",
    }
}

/// An amount of money with its currency.
fn money(members: &Map<String, Value>, language: Language) -> Option<String> {
    let (amount, currency) = (members.get("amount")?.as_str()?, members.get("currency")?.as_str()?);
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
    let grouped = grouped(whole);
    Some(match (language, currency) {
        (Language::Chinese, "CNY") => format!("{grouped}{rest} 元"),
        _ => format!("{currency} {grouped}{rest}"),
    })
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let count = digits.chars().count();
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (count - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A code in words, an instant as a clock in Shanghai shows it; all else as it is.
fn spoken(text: &str, language: Language) -> String {
    if let Some(word) = words::code(text, language) {
        return word.to_owned();
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) if text.ends_with('Z') => on_the_clock(at.to_utc(), language),
        _ => text.to_owned(),
    }
}

/// An instant as a clock in Shanghai shows it.
pub fn on_the_clock(at: entity::Timestamp, language: Language) -> String {
    let minute = shanghai_minute(at);
    match language {
        Language::Chinese => format!("{minute}（北京时间）"),
        Language::English => format!("{minute} (Beijing time)"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(said: &str) -> Shown {
        Shown::Text(vec![said.to_owned()])
    }

    fn labelled(parts: &[Part]) -> Vec<(&str, &Shown)> {
        parts.iter().map(|part| (part.label.as_str(), &part.shown)).collect()
    }

    #[test]
    fn parts_are_named_in_order_and_each_is_said_once() {
        let content = json!({
            "title": "甲", "title_en": "A", "notice": {"zh": "挂牌公告", "en": "Listing"},
            "summary": "一", "summary_en": "one", "defects": {"zh": "无", "en": "None"}, "rehearsal": null,
            "price": {"start_price": {"amount": "2500000.00", "currency": "CNY"}, "basis": "collective_decision"},
        });
        let chinese = parts(&content, Language::Chinese);
        let price = Shown::Facts(vec![
            Part { label: "起拍价".into(), shown: text("2,500,000.00 元") },
            Part { label: "底价依据".into(), shown: text("集体决策") },
        ]);
        assert_eq!(labelled(&chinese), [("简介", &text("一")), ("价格", &price), ("瑕疵", &text("无"))]);
        let english = parts(&content, Language::English);
        assert_eq!((english[0].label.as_str(), &english[0].shown, &english[2].shown), ("Summary", &text("one"), &text("None")));
    }

    #[test]
    fn what_is_not_translated_is_shown_as_it_is() {
        let english = parts(&json!({"summary": "一", "summary_en": null, "painting_size": 3}), Language::English);
        assert_eq!(labelled(&english), [("Summary", &text("一")), ("painting size", &text("3"))]);
    }

    #[test]
    fn an_instant_is_shown_as_the_clock_of_the_market_shows_it() {
        assert_eq!(shown(&json!("2026-03-02T09:00:00Z"), Language::Chinese), Some(text("2026-03-02 17:00（北京时间）")));
        assert_eq!(shown(&json!("2026-03-02"), Language::English), Some(text("2026-03-02")));
    }

    #[test]
    fn sentences_are_shown_in_one_language() {
        let sentences = json!({"zh": ["甲", "乙"], "en": ["a", "b"]});
        assert_eq!(shown(&sentences, Language::English), Some(Shown::List(vec![text("a"), text("b")])));
    }

    #[test]
    fn what_is_said_in_words_keeps_what_stands_beside_it() {
        let pledge = json!({"kind": "pledge", "zh": "质押", "en": "pledge", "description": "质押给某银行", "cured": true});
        let beside = Shown::Facts(vec![
            Part { label: "说明".into(), shown: text("质押给某银行") },
            Part { label: "已有处理文件".into(), shown: text("是") },
        ]);
        assert_eq!(shown(&pledge, Language::Chinese), Some(Shown::List(vec![text("质押"), beside])));
    }

    proptest! {
        #[test]
        fn digits_are_grouped_and_none_is_lost(number in any::<i64>()) {
            let text = grouped(&number.to_string());
            prop_assert_eq!(text.replace(',', ""), number.to_string());
            prop_assert!(text.trim_start_matches('-').split(',').skip(1).all(|group| group.len() == 3));
        }
    }
}
