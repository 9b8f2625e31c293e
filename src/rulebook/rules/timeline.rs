//! What happened, what comes next and by when: the steps of a procedure, each with the rule it follows.
//!
//! Rooms say which steps there are, with dates from the same rules that their flows use; here they are
//! put in order and the one that is awaited is marked.

use chrono::{DateTime, TimeDelta, Utc};
use entity::Timestamp;
use entity::ids::{DealId, ListingId, LotId, NegotiationId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Calendar, Deadline, Snapshot, shanghai_date};

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineProgress)]
pub enum Progress {
    /// It happened.
    Done,
    /// It is awaited now.
    Next,
    /// It follows later.
    Coming,
    /// It happens only if things go that way.
    MayCome,
    /// It was passed over and comes no more.
    Skipped,
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineActor)]
pub enum By {
    /// The seller.
    Seller,
    /// A reviewer.
    Reviewer,
    /// A publisher.
    Publisher,
    /// The buyer.
    Buyer,
    /// Seller and buyer.
    BothSides,
    /// The platform by itself.
    System,
    /// Finance.
    Finance,
    /// The auction host.
    Host,
}

/// The rule a step's date follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppliedRule {
    /// Its name in the rulebook.
    #[schema(example = "listing_period")]
    pub name: String,
    /// Its value in the rulebook when the lot was announced, or today where nothing is announced yet; where the seller
    /// chose within it, the note `chosen_by_seller` says so.
    #[schema(example = "10wd")]
    pub value: String,
    /// Document and article.
    pub source: String,
    /// It was not in force on the day it was taken for.
    pub not_in_force: bool,
}

/// Something to know about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimelineNote)]
pub struct StepNote {
    /// Stable code.
    #[schema(example = "may_be_extended")]
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl StepNote {
    /// A note in both languages.
    pub const fn of(code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { code, zh, en }
    }
}

/// A step of a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimelineStep)]
pub struct Step {
    /// Stable code.
    #[serde(rename = "step")]
    #[schema(example = "registration_closes")]
    pub code: &'static str,
    /// What it is called in Chinese.
    #[schema(example = "报名截止")]
    pub zh: &'static str,
    /// What it is called in English.
    #[schema(example = "Registration closes")]
    pub en: &'static str,
    /// Where it stands.
    pub state: Progress,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// When it is or was due: at this instant where `exact`, before it otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// It happens at `due_at` by itself.
    pub exact: bool,
    /// `due_at` has passed and it has not happened.
    pub overdue: bool,
    /// `due_at` was reckoned past the last year whose holidays are announced, and may move with them.
    pub provisional: bool,
    /// Who takes it.
    pub by: By,
    /// The rule its date follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<AppliedRule>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<StepNote>,
}

impl Step {
    /// A step to come; no date is known of it yet.
    pub fn coming(code: &'static str, zh: &'static str, en: &'static str, by: By) -> Self {
        Self {
            code,
            zh,
            en,
            state: Progress::Coming,
            at: None,
            due_at: None,
            exact: false,
            overdue: false,
            provisional: false,
            by,
            rule: None,
            notes: Vec::new(),
        }
    }

    /// It happened then.
    #[must_use]
    pub fn done(self, at: Timestamp) -> Self {
        Self { state: Progress::Done, at: Some(at), ..self }
    }

    /// It is awaited now, beside others it may be.
    #[must_use]
    pub fn awaited(self) -> Self {
        Self { state: Progress::Next, ..self }
    }

    /// It happens only if things go that way.
    #[must_use]
    pub fn may_come(self) -> Self {
        Self { state: Progress::MayCome, ..self }
    }

    /// It comes no more, so it is due no more.
    #[must_use]
    pub fn skipped(self) -> Self {
        Self { state: Progress::Skipped, due_at: None, exact: false, provisional: false, ..self }
    }

    /// Somebody is to take it before this instant.
    #[must_use]
    pub fn before(self, due_at: Timestamp) -> Self {
        Self { due_at: Some(due_at), exact: false, ..self }
    }

    /// It happens at this instant by itself.
    #[must_use]
    pub fn exactly(self, due_at: Timestamp) -> Self {
        Self { due_at: Some(due_at), exact: true, ..self }
    }

    /// Somebody is to take it within a period.
    #[must_use]
    pub fn within(self, period: Deadline) -> Self {
        Self { provisional: period.provisional, ..self.before(period.ends_at) }
    }

    /// Its date was reckoned by the calendar.
    #[must_use]
    pub fn reckoned(self, calendar: &Calendar) -> Self {
        Self { provisional: self.due_at.is_some_and(|due_at| is_provisional(due_at, calendar)), ..self }
    }

    /// Its date follows this rule; none is named where the snapshot has none.
    #[must_use]
    pub fn under(self, rules: &Snapshot, name: &str) -> Self {
        let rule = rules.find(name).ok().map(|entry| AppliedRule {
            name: entry.name.clone(),
            value: entry.value.to_string(),
            source: entry.source.clone(),
            not_in_force: entry.not_in_force,
        });
        Self { rule, ..self }
    }

    /// With one more thing to know.
    #[must_use]
    pub fn note(mut self, note: StepNote) -> Self {
        self.notes.push(note);
        self
    }

    fn is_open(&self) -> bool {
        matches!(self.state, Progress::Next | Progress::Coming)
    }
}

/// The timeline of a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// The instant it was reckoned for.
    pub now: DateTime<Utc>,
    /// Where the thing stands.
    pub state: String,
    /// The listing it belongs to, which has a timeline of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// The sale at a negotiated price it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The lot it belongs to or led to, which has a timeline of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The deal it led to, told to its parties and to staff; it has a timeline of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The steps: what happened, in the order it did, then what follows, in order of time.
    pub steps: Vec<Step>,
    /// Every deal it led to that is told, that one first: several where several units were sold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deal_ids: Vec<DealId>,
}

/// Steps given in the order of the procedure, put in order of time: what happened, then all else. The
/// first that is to come is marked as awaited, unless some are already; what is late is marked so.
pub fn arranged(steps: Vec<Step>, now: Timestamp) -> Vec<Step> {
    let (done, rest): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.state == Progress::Done);
    let (mut steps, mut rest) = (in_order(done, |step| step.at), in_order(rest, |step| step.due_at));
    if !rest.iter().any(|step| step.state == Progress::Next)
        && let Some(first) = rest.iter_mut().find(|step| step.state == Progress::Coming)
    {
        first.state = Progress::Next;
    }
    for step in rest.iter_mut().filter(|step| step.is_open()) {
        // What has to happen before an instant is late at that instant, what happens at it is not.
        step.overdue = step.due_at.is_some_and(|due_at| if step.exact { due_at < now } else { due_at <= now });
    }
    steps.append(&mut rest);
    steps
}

/// In order of time; a step without a date keeps its place after the one before it.
fn in_order(steps: Vec<Step>, time: impl Fn(&Step) -> Option<Timestamp>) -> Vec<Step> {
    let mut before = Timestamp::MIN_UTC;
    let placed = steps.into_iter().map(|step| {
        before = time(&step).unwrap_or(before);
        (before, step)
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, step)| step).collect()
}

/// Whether a date lies past the announced years. 24:00 belongs to the day it ends.
fn is_provisional(at: Timestamp, calendar: &Calendar) -> bool {
    let last_instant = at.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(at);
    !calendar.knows(shanghai_date(last_instant))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub mod proof {
    //! What holds of every timeline.

    use proptest::prelude::*;

    use super::*;

    /// Steps are in order of time, what is done was done by now, and what is to come is not past unless
    /// it is said to be late; and as long as anything is to come, something is awaited.
    pub fn is_a_timeline(steps: &[Step], now: Timestamp) -> Result<(), TestCaseError> {
        let done = steps.iter().take_while(|step| step.state == Progress::Done);
        prop_assert_eq!(done.clone().count(), steps.iter().filter(|step| step.state == Progress::Done).count(), "what is done comes first");
        let happened: Vec<_> = done.map(|step| step.at).collect();
        prop_assert!(happened.iter().all(|at| at.is_some_and(|at| at <= now)), "{:?}", steps);
        prop_assert!(happened.is_sorted(), "{:?}", steps);
        let dates: Vec<_> = steps.iter().filter(|step| step.state != Progress::Done).filter_map(|step| step.due_at).collect();
        prop_assert!(dates.is_sorted(), "{:?}", steps);
        for step in steps.iter().filter(|step| step.is_open()) {
            prop_assert!(step.at.is_none());
            prop_assert!(step.due_at.is_none_or(|due_at| due_at >= now || step.overdue), "{:?}", step);
        }
        prop_assert!(steps.iter().filter(|step| !step.is_open()).all(|step| !step.overdue));
        let waits = steps.iter().any(|step| step.state == Progress::Coming);
        prop_assert!(!waits || steps.iter().any(|step| step.state == Progress::Next), "{:?}", steps);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;
    use proptest::prelude::*;

    use super::super::shipped::{CALENDAR, RULEBOOK};
    use super::super::{Span, deadline};
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn step(code: &'static str) -> Step {
        Step::coming(code, "步骤", "Step", By::System)
    }

    #[test]
    fn what_happened_comes_first_and_the_first_to_come_is_awaited() {
        let now = at("2026-03-03T00:00:00Z");
        let steps = arranged(
            vec![
                step("later").exactly(at("2026-03-09T00:00:00Z")),
                step("undated"),
                step("second").done(at("2026-03-02T00:00:00Z")),
                step("sooner").before(at("2026-03-05T00:00:00Z")),
                step("first").done(at("2026-03-01T00:00:00Z")),
                step("perhaps").may_come().before(at("2026-03-04T00:00:00Z")),
            ],
            now,
        );
        let order: Vec<_> = steps.iter().map(|step| (step.code, step.state)).collect();
        assert_eq!(
            order,
            [
                ("first", Progress::Done),
                ("second", Progress::Done),
                ("perhaps", Progress::MayCome),
                ("sooner", Progress::Next),
                ("later", Progress::Coming),
                ("undated", Progress::Coming),
            ]
        );
    }

    #[test]
    fn late_is_what_should_have_been_done_and_what_did_not_happen_by_itself() {
        let now = at("2026-03-03T00:00:00Z");
        let is_late = |step: Step| arranged(vec![step], now)[0].overdue;
        assert!(is_late(step("deed").before(now)));
        assert!(!is_late(step("timer").exactly(now)));
        assert!(is_late(step("timer").exactly(now - TimeDelta::microseconds(1))));
        assert!(!is_late(step("gone").exactly(now - TimeDelta::days(1)).skipped()));
    }

    #[test]
    fn the_rule_is_named_as_the_snapshot_has_it() {
        let rules = RULEBOOK.snapshot(SellerClass::State, "2026-03-03".parse().unwrap());
        let rule = step("x").under(&rules, "listing_period").rule.unwrap();
        assert_eq!((rule.name.as_str(), rule.value.as_str(), rule.not_in_force), ("listing_period", "10wd", false));
        assert_eq!(step("x").under(&rules, "no_such_rule").rule, None);
    }

    proptest! {
        #[test]
        fn a_date_is_provisional_where_its_deadline_is(hours in 0_i64..40_000, count in 1_u32..60) {
            let from = at("2024-01-01T00:00:00Z") + TimeDelta::hours(hours);
            let period = deadline(from, Span::WorkingDays(count), &CALENDAR);
            prop_assert_eq!(step("x").before(period.ends_at).reckoned(&CALENDAR).provisional, period.provisional);
            prop_assert_eq!(step("x").within(period).provisional, period.provisional);
        }

        #[test]
        fn any_steps_make_a_timeline(
            kinds in prop::collection::vec((0..5_u8, -100_i64..100, any::<bool>()), 0..20),
        ) {
            let now = at("2026-03-03T00:00:00Z");
            let steps = kinds.into_iter().map(|(kind, hours, exact)| {
                let when = now + TimeDelta::hours(hours);
                let dated = if exact { step("x").exactly(when) } else { step("x").before(when) };
                match kind {
                    0 => dated.done(when.min(now)),
                    1 => dated.may_come(),
                    2 => dated.skipped(),
                    3 => step("undated"),
                    _ => dated,
                }
            });
            proof::is_a_timeline(&arranged(steps.collect(), now), now)?;
        }
    }
}
