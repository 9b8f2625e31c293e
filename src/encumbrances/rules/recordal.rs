//! Why a licence would not be recorded (不予备案), asked before it is signed.

use chrono::NaiveDate;
use entity::achievements::LegalStatus;
use entity::encumbrances::IntendedDeed;
use entity::identity::organisation;

use super::judge::{Intended, Standing, verdicts};
use crate::achievements::rules::{Permitted, Reason, is_owner, recordable};

const NOT_THE_HOLDER: Reason =
    Reason { code: "not_the_holder", zh: "许可人不是权利人", en: "the licensor is not among the owners of the right" };
const STATUS_UNKNOWN: Reason = Reason { code: "status_missing", zh: "未登记法律状态", en: "no legal status has been recorded" };
const BEYOND_TERM: Reason = Reason {
    code: "beyond_term",
    zh: "许可期限超出权利有效期（民法典第八百六十五条）",
    en: "the licence would outlast the right (Civil Code art. 865)",
};
const RECORDED_TWICE: Reason = Reason { code: "recorded_twice", zh: "同一合同已备案", en: "the same contract is recorded already" };

/// What is known of a licence that is to be recorded.
pub struct LicenceFacts<'a> {
    /// The licensor.
    pub licensor: &'a organisation::Model,
    /// The right with its burdens.
    pub standing: &'a Standing,
    /// Its legal status, as last read.
    pub status: Option<LegalStatus>,
    /// The day its term ends, if it has one.
    pub right_ends: Option<NaiveDate>,
    /// The day the licence ends.
    pub licence_ends: NaiveDate,
    /// Whether the same contract is recorded already.
    pub is_recorded: bool,
}

/// Every reason for which the licence would not be recorded; none where it would.
pub fn refusals(facts: &LicenceFacts, today: NaiveDate) -> Vec<Reason> {
    let mut found = Vec::new();
    if !facts.standing.owners.iter().any(|owner| is_owner(owner, facts.licensor)) {
        found.push(NOT_THE_HOLDER);
    }
    match facts.status.map(|status| recordable(status, facts.standing.kind)) {
        Some(Permitted::No(reason)) => found.push(reason),
        Some(Permitted::Yes | Permitted::Warn(_)) => {}
        None => found.push(STATUS_UNKNOWN),
    }
    if facts.right_ends.is_some_and(|end| facts.licence_ends > end) {
        found.push(BEYOND_TERM);
    }
    if facts.is_recorded {
        found.push(RECORDED_TWICE);
    }
    let intended = Intended { deed: IntendedDeed::LicenceRecordal, abroad: false, by: facts.licensor };
    let in_the_way = verdicts(std::slice::from_ref(facts.standing), &intended, today).into_iter().filter(|finding| finding.blocks);
    found.extend(in_the_way.map(|finding| Reason { code: finding.said.code, zh: finding.said.zh, en: finding.said.en }));
    found
}
