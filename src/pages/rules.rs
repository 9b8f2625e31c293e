//! A notice's text as people read it: its parts in order, each under its name; what its versions differ in; and what people ask for.

use chrono::{DateTime, NaiveDate};
use entity::Timestamp;
use serde_json::{Map, Value};

use crate::codes::field_name;
use crate::licences::rules::scope::act_name;
use crate::notices::rules::difference::Difference;
use crate::notices::rules::words;
use crate::platform::problem::{Code, Language, Problem};
use crate::rulebook::rules::shanghai_minute;

/// Something to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Paragraphs.
    Text(Vec<String>),
    /// Paragraphs in Chinese, where all else is in English.
    Chinese(Vec<String>),
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
        let in_words = match base {
            "field" => value.as_str().and_then(|code| words::field(code, language)).map(|word| Shown::Text(vec![word.to_owned()])),
            "fields" => fields_of_use(value, language),
            "acts" => acts(value, language),
            _ => None,
        };
        let Some(shown) = in_words.or_else(|| shown(value, language)) else { continue };
        let shown = if is_english { in_own_words(shown) } else { shown };
        let (place, label) = words::member(base, language).map_or((usize::MAX, spaced(base)), |(place, word)| (place, word.to_owned()));
        found.push((place, Part { label, shown }));
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, part)| part).collect()
}

/// Fields of use, each by its name behind its code; `all`, and what was said in words before there were codes, as it is.
fn fields_of_use(value: &Value, language: Language) -> Option<Shown> {
    let of = |item: &Value| {
        let Some((code, name)) = item.as_str().and_then(|code| Some((code, field_name(code)?))) else { return shown(item, language) };
        let name = if language == Language::Chinese { name.zh } else { name.en };
        Some(Shown::Text(vec![format!("{code} {name}")]))
    };
    let items: Vec<_> = value.as_array()?.iter().filter_map(of).collect();
    (!items.is_empty()).then_some(Shown::List(items))
}

/// What may be done under a licence, each act by its name.
fn acts(value: &Value, language: Language) -> Option<Shown> {
    let name = |(zh, en): (&str, &str)| if language == Language::Chinese { zh.to_owned() } else { en.to_owned() };
    let of = |item: &Value| item.as_str().and_then(act_name).map(name);
    let items: Vec<_> = value.as_array()?.iter().filter_map(of).map(|said| Shown::Text(vec![said])).collect();
    (!items.is_empty()).then_some(Shown::List(items))
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
            let lines = said.lines().filter(|line| !line.trim().is_empty()).map(|line| spoken(line, language)).collect();
            Some(if is_foreign(said, language) { Shown::Chinese(lines) } else { Shown::Text(lines) })
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| shown(item, language)).collect();
            (!items.is_empty()).then_some(Shown::List(items))
        }
        Value::Object(members) => object(members, language),
    }
}

/// Whether a text is Chinese on a page in English, which then says so (WCAG 2.2, 3.1.2).
pub fn is_foreign(text: &str, language: Language) -> bool {
    let is_han = |letter: char| matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}');
    language == Language::English && text.chars().any(is_han)
}

/// What was said in the language of the page, whatever names stand in it.
fn in_own_words(shown: Shown) -> Shown {
    match shown {
        Shown::Chinese(lines) => Shown::Text(lines),
        Shown::List(items) => Shown::List(items.into_iter().map(in_own_words).collect()),
        Shown::Text(_) | Shown::Facts(_) => shown,
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
    let words = in_own_words(shown(said, language)?);
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

/// The places where two versions differ, but for those that are said in the language that is read too.
pub fn differing(all: &[Difference], language: Language) -> impl Iterator<Item = &Difference> {
    all.iter().filter(move |one| twin(&one.pointer, language).is_none_or(|twin| all.iter().all(|other| other.pointer != twin)))
}

/// Where the same is said in the language that is read; nothing of what is in it, or in none.
fn twin(pointer: &str, language: Language) -> Option<String> {
    let (read, other) = match language {
        Language::Chinese => ("zh", "en"),
        Language::English => ("en", "zh"),
    };
    let parts: Vec<_> = pointer.split('/').collect();
    let turned: Vec<_> = parts.iter().map(|part| if *part == other { read } else { *part }).collect();
    parts.contains(&other).then(|| turned.join("/"))
}

/// Where two versions differ, in words: the part of the text, and what within it.
pub fn place(of: &Difference, language: Language) -> String {
    let part = match language {
        Language::Chinese => &of.zh,
        Language::English => &of.en,
    };
    let within = of.pointer.split('/').skip(2).filter(|name| !matches!(*name, "zh" | "en"));
    let mut said = part.clone();
    for name in within {
        said.push_str(" · ");
        said.push_str(&step(name, language));
    }
    said
}

/// One step of a JSON pointer in words; in a list, which one it is.
fn step(name: &str, language: Language) -> String {
    if let Ok(index) = name.parse::<usize>() {
        return index.saturating_add(1).to_string();
    }
    let name = name.replace("~1", "/").replace("~0", "~");
    let (base, in_english) = match (name.strip_suffix("_en"), language) {
        (Some(base), Language::Chinese) => (base, "（英文）"),
        (Some(base), Language::English) => (base, " (English)"),
        (None, _) => (name.as_str(), ""),
    };
    words::member(base, language).map_or_else(|| spaced(base), |(_, word)| word.to_owned()) + in_english
}

/// An instant that was asked for: as programs write it, or a day in Shanghai, of which `of_day` says the instant.
pub fn instant(text: &str, pointer: &str, of_day: fn(NaiveDate) -> Timestamp) -> Result<Timestamp, Problem> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(of_day(day));
    }
    let (zh, en) = ("须为日期（YYYY-MM-DD）或时刻（RFC 3339）", "must be a day (YYYY-MM-DD) or an instant (RFC 3339)");
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| Code::Invalid.at(pointer, "pattern", zh, en))
}

/// An instant as a clock in Shanghai shows it.
pub fn on_the_clock(at: Timestamp, language: Language) -> String {
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
    use crate::rulebook::rules::{end_of, start_of};

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
            Part { label: "基准价依据".into(), shown: text("集体决策") },
        ]);
        assert_eq!(labelled(&chinese), [("简介", &text("一")), ("价格", &price), ("瑕疵", &text("无"))]);
        let english = parts(&content, Language::English);
        assert_eq!((english[0].label.as_str(), &english[0].shown, &english[2].shown), ("Summary", &text("one"), &text("None")));
    }

    #[test]
    fn fields_of_use_are_called_by_their_names() {
        let content = json!({"terms": {"fields": ["06.01", "河道治理"]}});
        let told = |language, fields: Vec<Shown>, label: &str| {
            let terms = Shown::Facts(vec![Part { label: label.to_owned(), shown: Shown::List(fields) }]);
            assert_eq!(parts(&content, language).into_iter().map(|part| part.shown).collect::<Vec<_>>(), [terms]);
        };
        told(Language::Chinese, vec![text("06.01 电池"), text("河道治理")], "使用领域");
        told(Language::English, vec![text("06.01 Batteries"), Shown::Chinese(vec!["河道治理".into()])], "Fields of use");
    }

    #[test]
    fn acts_are_called_by_their_names() {
        let content = json!({"terms": {"acts": ["make", "offer"]}});
        let told = parts(&content, Language::English);
        let acts = Shown::List(vec![text("making"), text("offering for sale")]);
        assert_eq!(told[0].shown, Shown::Facts(vec![Part { label: "Acts".into(), shown: acts }]));
    }

    #[test]
    fn what_is_not_translated_is_shown_as_it_is() {
        let english = parts(&json!({"summary": "一", "summary_en": null, "painting_size": 3}), Language::English);
        let chinese = Shown::Chinese(vec!["一".into()]);
        assert_eq!(labelled(&english), [("Summary", &chinese), ("painting size", &text("3"))]);
    }

    #[test]
    fn what_is_said_in_english_is_english_whoever_is_named_in_it() {
        let content = json!({
            "summary": "一", "summary_en": "as 浙江大学 says",
            "defects": {"zh": ["无"], "en": ["none, says 浙江大学"]},
        });
        let english = parts(&content, Language::English);
        let defects = Shown::List(vec![text("none, says 浙江大学")]);
        assert_eq!(labelled(&english), [("Summary", &text("as 浙江大学 says")), ("Defects", &defects)]);
        assert!(is_foreign("LED 灯", Language::English) && !is_foreign("LED", Language::English));
        assert!(!is_foreign("LED 灯", Language::Chinese));
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

    fn difference(pointer: &str) -> Difference {
        Difference { pointer: pointer.into(), zh: "付款方式".into(), en: "Payment".into(), before: None, after: None }
    }

    #[test]
    fn of_what_is_said_twice_one_difference_is_shown() {
        let all = ["/payment/zh", "/payment/en", "/rule_text/en/3", "/title_en"].map(difference);
        let shown = |language| differing(&all, language).map(|one| one.pointer.as_str()).collect::<Vec<_>>();
        assert_eq!(shown(Language::Chinese), ["/payment/zh", "/rule_text/en/3", "/title_en"], "what is said in one language only is shown");
        assert_eq!(shown(Language::English), ["/payment/en", "/rule_text/en/3", "/title_en"]);
    }

    #[test]
    fn a_place_is_named_by_its_part_and_what_is_within() {
        let named = |pointer: &str, language| place(&difference(pointer), language);
        assert_eq!(named("/payment/zh", Language::Chinese), "付款方式");
        assert_eq!(named("/payment/assets/0/title_en", Language::English), "Payment · Rights offered · 1 · Title (English)");
        assert_eq!(named("/payment/a~1b_c", Language::Chinese), "付款方式 · a/b c");
    }

    #[test]
    fn a_day_is_one_in_shanghai_and_an_instant_is_one() {
        let asked = |text: &str, of_day: fn(NaiveDate) -> Timestamp| instant(text, "#query/to", of_day);
        let at = |text: &str| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).unwrap_or_default();
        assert_eq!(asked("2026-03-19", start_of), Ok(at("2026-03-18T16:00:00Z")));
        assert_eq!(asked("2026-03-19", end_of), Ok(at("2026-03-19T16:00:00Z")), "that day too");
        assert_eq!(asked("2026-03-19T01:02:03Z", end_of), Ok(at("2026-03-19T01:02:03Z")));
        let refused = asked("gestern", start_of).map_err(|problem| (problem.code, problem.errors[0].pointer.clone()));
        assert_eq!(refused, Err((Code::Invalid, "#query/to".to_owned())));
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
