//! A notice that has to stand in two places, here and in the unit's own (本单位公示): what shows that it did, and what has to be over before
//! anything rests on it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::Timestamp;
use entity::ids::DocumentId;
use entity::notices::{NoticeProposalKind, NoticeState, notice, notice_proposal, unit_notice};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::period::Period;
use crate::documents::views::DocumentRef;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Calendar, deadline, shanghai_date, start_of};

/// What shows that the unit's own notice stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnitNotice {
    /// A picture or print of it.
    pub document_id: DocumentId,
    /// The day on which it was put up, in Shanghai.
    #[schema(example = "2026-03-02")]
    pub published_on: NaiveDate,
    /// Where: an address, or a board in words. Everybody is told of it.
    #[schema(min_length = 1, max_length = 500, example = "https://kjc.example.edu.cn/gs/2026-017")]
    pub place: String,
}

/// The unit's own notice (本单位公示), as it was shown.
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
    pub fn ends_at(&self, period: &Period, calendar: &Calendar) -> Timestamp {
        deadline(start_of(self.published_on), period.span, calendar).ends_at
    }
}

/// The unit's own notice (本单位公示) as everybody is told of it: of the file that shows it the hash, as of every document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicUnitNotice {
    /// Where it was put up: an address, or a board in words.
    #[schema(example = "https://kjc.example.edu.cn/gs/2026-017")]
    pub place: String,
    /// The day on which it was put up, in Shanghai.
    pub published_on: NaiveDate,
    /// When its period is over there, by the rule the notice here runs by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// SHA-256 of the file that shows it, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When that was shown here.
    pub shown_at: DateTime<Utc>,
}

impl PublicUnitNotice {
    /// Of all that were shown, in order, the last of what stands here: since what is announced was agreed anew, one from before tells of
    /// something else.
    pub fn of(
        beside: &notice::Model,
        shown: &[unit_notice::Model],
        made: &[notice_proposal::Model],
        calendar: &Calendar,
    ) -> Result<Option<Self>, Problem> {
        let anew = made.iter().filter(|proposal| proposal.kind == NoticeProposalKind::Revision);
        let since = anew.filter_map(|proposal| proposal.made_version).max().unwrap_or(1);
        let Some(last) = shown.iter().rfind(|one| one.notice_version >= since) else { return Ok(None) };
        let unit: UnitNotice = serde_json::from_value(last.shown.clone()).map_err(|_| Code::Internal)?;
        let ends_at = Period::kept(beside)?.map(|period| unit.ends_at(&period, calendar));
        let UnitNotice { document, published_on, place } = unit;
        Ok(Some(Self { place, published_on, ends_at, sha256: document.sha256, shown_at: last.shown_at }))
    }
}

/// Refuses what cannot have stood so: it was put up between the day of the unit's decision and today.
pub fn stood(new: &NewUnitNotice, decided_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let days = shanghai_date(decided_at)..=shanghai_date(now);
    let (zh, en) = ("须在单位决策之日至今日之间", "must be between the day of the decision and today");
    Faults::new().text("/place", &new.place, 500).require(days.contains(&new.published_on), "/published_on", "range", zh, en).done()
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Awaited {
    /// What.
    pub what: AwaitedThing,
    /// Until when, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What has to be over or there before what was announced goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AwaitedThing {
    /// The platform's notice runs.
    Notice,
    /// The unit's own notice is not shown yet, or has not stood for long enough.
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
    /// Whether it has to stand in the unit's own place too.
    pub in_unit: bool,
    /// The unit's own, if it was shown.
    pub unit_notice: Option<&'a UnitNotice>,
    /// Whether an objection holds it up.
    pub held_up: bool,
    /// How long each of the two runs, by the rules it was announced under.
    pub period: &'a Period,
    /// The holidays announced by now.
    pub calendar: &'a Calendar,
}

/// What is waited for now; nothing where it may go on.
pub fn waits_for(sight: &Sight, now: Timestamp) -> Vec<Awaited> {
    let mut found = Vec::new();
    if sight.notice.state != NoticeState::Ended || sight.notice.taken_down_at.is_some() {
        found.push(Awaited { what: AwaitedThing::Notice, until: sight.ends_at });
    }
    if sight.in_unit {
        let until = sight.unit_notice.map(|unit| unit.ends_at(sight.period, sight.calendar));
        if until.is_none_or(|until| now < until) {
            found.push(Awaited { what: AwaitedThing::UnitNotice, until });
        }
    }
    if sight.held_up {
        found.push(Awaited { what: AwaitedThing::Objections, until: None });
    }
    found
}

/// Refuses what something has to precede.
pub fn nothing_awaited(awaited: Vec<Awaited>) -> Result<(), Problem> {
    if awaited.is_empty() { Ok(()) } else { Err(Code::NoticeNotOver.with("waits_for", awaited)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::NoticeProposalId;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{at, draft, person};
    use super::super::proposal::{AtOnce, made};
    use super::super::{opened, publish};
    use super::*;
    use crate::rulebook::rules::shipped::CALENDAR;

    fn instant(text: &str) -> Timestamp {
        DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc()
    }

    fn shown(on: &str) -> UnitNotice {
        let document = DocumentRef { id: DocumentId(Uuid::from_u128(40)), version: 1, sha256: "ab".into(), title: "公示截图".into() };
        UnitNotice { document, published_on: on.parse().unwrap(), place: "公告栏".into() }
    }

    fn fifteen_days() -> Period {
        Period { rule: "a_period".into(), span: "15d".parse().unwrap(), source: "a test".into(), until: None }
    }

    #[test]
    fn both_notices_stand_for_their_whole_period_before_anything_goes_on() {
        let period = fifteen_days();
        let ended = notice::Model { state: NoticeState::Ended, ..draft() };
        let awaited = |notice: &notice::Model, in_unit, unit_notice: Option<&UnitNotice>, held_up, now: &str| {
            let sight = Sight { notice, ends_at: None, in_unit, unit_notice, held_up, period: &period, calendar: &CALENDAR };
            waits_for(&sight, instant(now))
        };
        let whats = |found: &[Awaited]| found.iter().map(|awaited| awaited.what).collect::<Vec<_>>();
        // Put up on Tuesday the 3rd of March 2026; the fifteenth day after it is Wednesday the 18th, to 24:00.
        let unit = shown("2026-03-03");
        assert_eq!(whats(&awaited(&ended, true, None, false, "2026-03-19 09:00")), [AwaitedThing::UnitNotice]);
        assert!(awaited(&ended, false, None, false, "2026-03-19 09:00").is_empty());
        assert_eq!(whats(&awaited(&ended, true, Some(&unit), false, "2026-03-18 23:59")), [AwaitedThing::UnitNotice]);
        assert!(awaited(&ended, true, Some(&unit), false, "2026-03-19 00:00").is_empty());
        assert_eq!(whats(&awaited(&ended, true, Some(&unit), true, "2026-03-19 00:00")), [AwaitedThing::Objections]);
        let running = notice::Model { state: NoticeState::Published, ..ended.clone() };
        assert_eq!(whats(&awaited(&running, true, Some(&unit), false, "2026-03-19 00:00")), [AwaitedThing::Notice]);
        let away = notice::Model { taken_down_at: Some(instant("2026-03-18 09:00")), ..ended };
        let problem = nothing_awaited(awaited(&away, true, Some(&unit), false, "2026-03-19 00:00")).unwrap_err();
        assert_eq!((problem.code, &problem.facts["waits_for"][0]["what"]), (Code::NoticeNotOver, &json!("notice")));
    }

    #[test]
    fn everybody_is_told_of_the_last_that_was_shown_of_what_stands() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        let held = notice::Model { period: Some(json!(fifteen_days())), ..public };
        let row = |number, notice_version, on: &str| unit_notice::Model {
            notice_id: held.id,
            number,
            notice_version,
            shown: json!(shown(on)),
            shown_by: person(2),
            shown_at: at(number),
        };
        let told =
            |rows: &[unit_notice::Model], made: &[notice_proposal::Model]| PublicUnitNotice::of(&held, rows, made, &CALENDAR).unwrap();
        let by = |kind| {
            let (id, proposed) = (NoticeProposalId(Uuid::from_u128(9)), (person(1), at(5)));
            made(&held, &opened(&held).unwrap(), &AtOnce { id, kind, reason: "理由", proposed, decided: (None, at(12)) })
        };
        assert_eq!(told(&[], &[]), None);
        let mut rows = vec![row(1, 1, "2026-03-03"), row(2, 1, "2026-03-04")];
        let last = told(&rows, &[]).unwrap();
        assert_eq!((last.published_on.to_string(), last.ends_at), ("2026-03-04".to_owned(), Some(instant("2026-03-20 00:00"))));
        assert_eq!((last.place.as_str(), last.sha256.as_str(), last.shown_at), ("公告栏", "ab", at(2)));
        assert!(!json!(last).to_string().contains("公示截图"), "what the file is called is not told");
        assert_eq!(told(&rows, &[by(NoticeProposalKind::Erratum)]), Some(last), "a slip that is set right makes it no other");
        assert_eq!(told(&rows, &[by(NoticeProposalKind::Revision)]), None);
        rows.push(row(3, 2, "2026-03-21"));
        let again = told(&rows, &[by(NoticeProposalKind::Revision)]).unwrap();
        assert_eq!(again.published_on.to_string(), "2026-03-21");
    }

    #[test]
    fn the_units_own_notice_stood_between_its_decision_and_today() {
        let new = |on: &str| NewUnitNotice {
            document_id: DocumentId(Uuid::from_u128(40)),
            published_on: on.parse().unwrap(),
            place: "公告栏".into(),
        };
        let judge = |on: &str| stood(&new(on), instant("2026-03-03 16:00"), instant("2026-03-05 00:30"));
        assert!(["2026-03-03", "2026-03-04", "2026-03-05"].into_iter().all(|on| judge(on).is_ok()));
        for on in ["2026-03-02", "2026-03-06"] {
            assert_eq!(judge(on).unwrap_err().errors[0].pointer, "/published_on");
        }
    }
}
