//! What a text says of how to object to it: who may and what waits for it, where, until when, on which grounds, by when each step is done,
//! and what to do without giving one's name.
//!
//! Source: Zhejiang regulation on the conversion of achievements art. 17 (there must be a procedure for objections, and it must be public);
//! its steps and deadlines are rules of the platform (`objection_..`).

use chrono::NaiveDate;
use entity::objections::ObjectionGround;
use serde_json::{Value, json};

use super::words;
use crate::platform::problem::Language;
use crate::rulebook::rules::{Rulebook, Snapshot, Span};

/// The rules by which an objection is handled, in the order of its steps.
pub const RULES: [&str; 4] = ["objection_acceptance", "objection_investigation", "objection_extension", "objection_review"];

/// Something said in Chinese and in English.
pub type Said = (&'static str, &'static str);

/// Who may object to a result, and what waits for it.
const TO_A_RESULT: Said = (
    "公示期内任何人可实名向本平台提出异议；异议办结前，本公示不为终局",
    "While this runs anybody may object on the platform, giving his name; until that is settled this is not final",
);

/// Who may object to whatever is announced.
const TO_ANYTHING: Said = ("公示期内任何人可实名向本平台提出异议", "While this runs anybody may object on the platform, giving his name");

/// When it is too late, where the period of the notice alone says it.
pub const PERIOD: Said = ("本公告公示期届满之时", "the end of the period of this notice");

/// What is done by when: by which rule, and what is said before and after its length.
const STEPS: [(&str, Said, Said); 5] = [
    ("objection_acceptance", ("提出后", "whether it is accepted is decided within "), ("内决定是否受理", " of its being handed in")),
    ("objection_investigation", ("受理后", "it is looked into and decided within "), ("内调查并作出决定", " of being accepted")),
    ("objection_extension", ("确有必要的，调查可延长一次，不超过", "where need be that is put off once, by "), ("", " at most")),
    ("objection_review", ("决定作出后", "a review may be asked for, once, within "), ("内，异议人可申请复核一次", " of the decision")),
    ("objection_investigation", ("申请复核后", "another decides the review within "), ("内由他人作出终局决定", " of being asked for")),
];

/// What stands under `objections` in a text: who may object and what waits for it, and until when.
pub fn told(said: Said, until: Said, rules: &Snapshot) -> Value {
    part(said, until, |name| Some((rules.span(name).ok()?, rules.find(name).ok()?.source.clone())))
}

/// The same of the result of a sale.
pub fn told_of_result(rules: &Snapshot) -> Value {
    told(TO_A_RESULT, PERIOD, rules)
}

/// The same of a text that does not say it, by the rules of a day.
pub fn told_on(rules: &Rulebook, day: NaiveDate) -> Value {
    part(TO_ANYTHING, PERIOD, |name| {
        let span = rules.span(name, None, day).ok()?;
        Some((span, rules.find(name, None, day).ok()?.parameter.source.clone()))
    })
}

fn part(said: Said, until: Said, rule: impl Fn(&str) -> Option<(Span, String)>) -> Value {
    json!({
        "zh": said.0,
        "en": said.1,
        "channel": {
            "zh": "登录本平台后以本人实名提出，写明理由类别和事实，可附证据；程序接口：POST /v1/notices/{id}/objections，{id} 为本公告标识",
            "en": "signed in on the platform, under one's own name, with the ground, what is wrong, and what shows it; for programs: POST /v1/notices/{id}/objections, where {id} is this notice",
        },
        "until": {"zh": until.0, "en": until.1},
        "grounds": ObjectionGround::codes().iter().map(|code| ground(code)).collect::<Vec<_>>(),
        "deadlines": STEPS.iter().filter_map(|&(name, before, after)| deadline(name, before, after, &rule)).collect::<Vec<_>>(),
        "tips": {
            "zh": "不愿具名的，可匿名提供线索，仅由监管人员阅读；线索不启动异议程序；程序接口：POST /v1/notices/{id}/tips",
            "en": "whoever will not give his name may give a tip, which only who oversees the market reads; nothing waits for it; for programs: POST /v1/notices/{id}/tips",
        },
    })
}

/// A ground with its names.
fn ground(code: &str) -> Value {
    let word = |language| words::code(code, language).unwrap_or(code);
    json!({"code": code, "zh": word(Language::Chinese), "en": word(Language::English)})
}

/// By when a step is done, with its rule; nothing where rules from before there was one have none.
fn deadline(name: &str, before: Said, after: Said, rule: impl Fn(&str) -> Option<(Span, String)>) -> Option<Value> {
    let (span, source) = rule(name)?;
    let (zh, en) = span.spoken();
    Some(json!({
        "rule": name,
        "period": span,
        "zh": format!("{}{zh}{}", before.0, after.0),
        "en": format!("{}{en}{}", before.1, after.1),
        "source": source,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;

    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn day() -> NaiveDate {
        "2026-03-03".parse().unwrap()
    }

    #[test]
    fn it_says_where_until_when_on_which_grounds_and_by_when_each_step_is_done() {
        let said = told(("可以异议", "One may object"), PERIOD, &RULEBOOK.snapshot(SellerClass::State, day()));
        assert_eq!((&said["zh"], &said["en"], &said["until"]["en"]), (&json!("可以异议"), &json!("One may object"), &json!(PERIOD.1)));
        assert!(said["channel"]["zh"].as_str().unwrap().contains("POST /v1/notices/{id}/objections"));
        assert!(said["tips"]["en"].as_str().unwrap().contains("POST /v1/notices/{id}/tips"));
        let grounds: Vec<_> = said["grounds"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(grounds, ObjectionGround::codes());
        assert_eq!(said["grounds"][0], json!({"code": "ownership", "zh": "权属", "en": "ownership"}));
        let deadlines: Vec<_> = said["deadlines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["rule", "period", "zh", "source"].map(|member| one[member].as_str().unwrap()))
            .collect();
        let source = "platform rule (design)";
        assert_eq!(
            deadlines,
            [
                ["objection_acceptance", "3wd", "提出后3个工作日内决定是否受理", source],
                ["objection_investigation", "10wd", "受理后10个工作日内调查并作出决定", source],
                ["objection_extension", "10wd", "确有必要的，调查可延长一次，不超过10个工作日", source],
                ["objection_review", "5wd", "决定作出后5个工作日内，异议人可申请复核一次", source],
                ["objection_investigation", "10wd", "申请复核后10个工作日内由他人作出终局决定", source],
            ]
        );
        assert_eq!(said["deadlines"][0]["en"], "whether it is accepted is decided within 3 working days of its being handed in");
    }

    #[test]
    fn rules_from_before_there_were_objections_leave_the_deadlines_out() {
        let mut early = RULEBOOK.snapshot(SellerClass::State, day());
        early.parameters.retain(|entry| !RULES.contains(&entry.name.as_str()));
        assert_eq!(told_of_result(&early)["deadlines"], json!([]));
        assert_eq!(told_on(&RULEBOOK, day())["deadlines"], told_of_result(&RULEBOOK.snapshot(SellerClass::State, day()))["deadlines"]);
    }
}
