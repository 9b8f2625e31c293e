//! What has to be over before the parties may confirm: the notice in both places, and every objection.

use chrono::{DateTime, NaiveDate, Utc};
use entity::Timestamp;
use entity::ids::DocumentId;
use entity::notices::{NoticeState, notice};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::deals::rules::unruled;
use crate::documents::views::DocumentRef;
use crate::notices::rules::period::Period;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, deadline, shanghai_date, start_of};

/// What shows that the seller's own notice stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnitNotice {
    /// A picture or print of it.
    pub document_id: DocumentId,
    /// The day on which it was put up, in Shanghai.
    #[schema(example = "2026-03-02")]
    pub published_on: NaiveDate,
    /// Where: an address, or a board in words.
    #[schema(min_length = 1, max_length = 500, example = "https://kjc.example.edu.cn/gs/2026-017")]
    pub place: String,
}

/// The seller's own notice (本单位公示), as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitNotice {
    /// The document that shows it, with the hash it had.
    pub document: DocumentRef,
    /// The day on which it was put up, in Shanghai.
    pub published_on: NaiveDate,
    /// Where.
    pub place: String,
}

impl UnitNotice {
    /// As it is kept, if it was shown.
    pub fn kept(kept: Option<&Value>) -> Result<Option<Self>, Problem> {
        kept.map(|kept| serde_json::from_value(kept.clone())).transpose().map_err(|_| Code::Internal.into())
    }

    /// When its period is over, by the rule the platform's notice runs by.
    pub fn ends_at(&self, rules: &Snapshot, calendar: &Calendar) -> Result<Timestamp, Problem> {
        let period = Period::of(rules, "negotiated_notice_period")?;
        Ok(deadline(start_of(self.published_on), period.span, calendar).ends_at)
    }
}

/// Refuses what cannot have stood so: it was put up between the day of the seller's decision and today.
pub fn stood(new: &NewUnitNotice, decided_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let days = shanghai_date(decided_at)..=shanghai_date(now);
    let (zh, en) = ("须在单位决策之日至今日之间", "must be between the day of the decision and today");
    Faults::new().text("/place", &new.place, 500).require(days.contains(&new.published_on), "/published_on", "range", zh, en).done()
}

/// What the parties wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Awaited {
    /// What.
    pub what: AwaitedThing,
    /// Until when, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What has to be over or there before the parties may confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AwaitedThing {
    /// The platform's notice runs.
    Notice,
    /// The seller's own notice is not shown yet, or has not stood for long enough.
    UnitNotice,
    /// An objection is open, or was right and is not put right.
    Objections,
}

/// What is looked at.
pub struct Sight<'a> {
    /// The platform's notice.
    pub notice: &'a notice::Model,
    /// When it ends, as far as is known.
    pub ends_at: Option<Timestamp>,
    /// The seller's own, if it was shown.
    pub unit_notice: Option<&'a UnitNotice>,
    /// Whether an objection holds it up.
    pub held_up: bool,
    /// The rules it was announced under.
    pub rules: &'a Snapshot,
    /// The holidays announced by now.
    pub calendar: &'a Calendar,
}

/// What the parties wait for now; nothing where they may confirm.
pub fn waits_for(sight: &Sight, now: Timestamp) -> Result<Vec<Awaited>, Problem> {
    let mut found = Vec::new();
    if sight.notice.state != NoticeState::Ended || sight.notice.taken_down_at.is_some() {
        found.push(Awaited { what: AwaitedThing::Notice, until: sight.ends_at });
    }
    if sight.rules.flag("negotiated_unit_notice").map_err(|error| unruled(&error))? {
        let until = sight.unit_notice.map(|unit| unit.ends_at(sight.rules, sight.calendar)).transpose()?;
        if until.is_none_or(|until| now < until) {
            found.push(Awaited { what: AwaitedThing::UnitNotice, until });
        }
    }
    if sight.held_up {
        found.push(Awaited { what: AwaitedThing::Objections, until: None });
    }
    Ok(found)
}

/// Refuses a confirmation that something has to precede.
pub fn nothing_awaited(awaited: Vec<Awaited>) -> Result<(), Problem> {
    if awaited.is_empty() { Ok(()) } else { Err(Code::NoticeNotOver.with("waits_for", awaited)) }
}
