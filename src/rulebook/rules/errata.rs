//! Which slips in a notice may be set right while it runs, without starting anew.

use chrono::NaiveDate;
use entity::notices::NoticeKind;
use serde::{Deserialize, Serialize};

use super::RuleStatus;
use super::dated::{Dated, Scope};

/// A field of a notice that an erratum may set right. What is in no row is material: it is announced anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErratumRule {
    /// The kind of notice.
    pub notice: NoticeKind,
    /// Where in its text, as a JSON pointer; `*` stands for any place in a list.
    pub field: String,
    /// The first day in force.
    pub effective_from: NaiveDate,
    /// The last day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// The document and article it comes from.
    pub source: String,
    /// How well it is founded.
    pub status: RuleStatus,
    /// What else there is to know, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Dated for ErratumRule {
    fn scope(&self) -> Scope {
        Scope { class: None, from: self.effective_from, to: self.effective_to }
    }
}

impl ErratumRule {
    /// Whether it is about this place in the text of a notice of a kind on a day.
    fn is_about(&self, notice: NoticeKind, pointer: &str, on: NaiveDate) -> bool {
        self.notice == notice && self.scope().holds(on) && is_place(&self.field, pointer)
    }
}

fn is_place(field: &str, pointer: &str) -> bool {
    let (mut wanted, mut given) = (field.split('/'), pointer.split('/'));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if is_number(part) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether a slip at this place in the text of a notice may be set right on a day. Where no row says so, it may not.
///
/// Source: platform rule (design), after the practice of corrections (更正公告) that change nothing anybody decides by.
pub fn may_be_set_right(rules: &[ErratumRule], notice: NoticeKind, pointer: &str, on: NaiveDate) -> bool {
    rules.iter().any(|rule| rule.is_about(notice, pointer, on))
}

/// The places in the text of a notice where a slip may be set right on a day.
pub fn erratum_fields(rules: &[ErratumRule], notice: NoticeKind, on: NaiveDate) -> Vec<&str> {
    rules.iter().filter(|rule| rule.notice == notice && rule.scope().holds(on)).map(|rule| rule.field.as_str()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rules() -> Vec<ErratumRule> {
        let rule = |field: &str, from: &str, to: Option<&str>| ErratumRule {
            notice: NoticeKind::Listing,
            field: field.into(),
            effective_from: from.parse().unwrap(),
            effective_to: to.map(|day| day.parse().unwrap()),
            source: "platform rule (design)".into(),
            status: RuleStatus::Design,
            note: None,
        };
        vec![
            rule("/title", "2026-01-01", None),
            rule("/assets/*/title_en", "2026-01-01", None),
            rule("/taxes", "2026-01-01", Some("2026-06-30")),
        ]
    }

    fn may(pointer: &str, on: &str) -> bool {
        may_be_set_right(&rules(), NoticeKind::Listing, pointer, on.parse().unwrap())
    }

    #[test]
    fn a_place_is_named_exactly_but_for_its_number_in_a_list() {
        assert!(may("/title", "2026-03-01") && may("/assets/0/title_en", "2026-03-01") && may("/assets/12/title_en", "2026-03-01"));
        for other in [
            "/title/0",
            "/titl",
            "title",
            "",
            "/assets/x/title_en",
            "/assets//title_en",
            "/assets/0",
            "/assets/0/title_en/zh",
            "/price/base_price",
        ] {
            assert!(!may(other, "2026-03-01"), "{other}");
        }
        assert!(!may_be_set_right(&rules(), NoticeKind::DealResult, "/title", "2026-03-01".parse().unwrap()), "of another kind");
    }

    #[test]
    fn titles_and_abstracts_are_set_right_in_both_languages() {
        let on = "2026-03-01".parse().unwrap();
        let shipped = &super::super::shipped::RULEBOOK.errata;
        let said: Vec<_> = shipped.iter().filter(|rule| matches!(rule.field.as_str(), "/title" | "/summary")).collect();
        assert!(!said.is_empty());
        for rule in said {
            let in_english = format!("{}_en", rule.field);
            assert!(may_be_set_right(shipped, rule.notice, &in_english, on), "{:?} {in_english}", rule.notice);
        }
    }

    #[test]
    fn a_row_holds_from_its_first_day_to_its_last() {
        assert!(!may("/title", "2025-12-31") && may("/taxes", "2026-06-30") && !may("/taxes", "2026-07-01"));
        let fields = |on: &str| erratum_fields(&rules(), NoticeKind::Listing, on.parse().unwrap()).len();
        assert_eq!((fields("2025-12-31"), fields("2026-06-30"), fields("2026-07-01")), (0, 3, 2));
    }
}
