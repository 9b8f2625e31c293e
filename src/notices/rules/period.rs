//! How long a notice runs: reckoned from the day of its publication by the rule it was announced with, past the days on which
//! nobody could read it.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::notices::{NoticeKind, NoticeState, notice, notice_takedown};
use entity::platform::outage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Deadline, Gap, Snapshot, Span, Stops, chosen_past, deadline_past, first_day_past, shanghai_date};

/// A period by the name of its rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The rule.
    pub rule: String,
    /// How long, as the notice was announced.
    pub span: Span,
    /// The document and article it is from.
    pub source: String,
    /// Its end, where the rule alone does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
}

/// An end that does not follow from the rule alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// The end.
    pub at: Timestamp,
    /// Since when it was that: days after it on which the notice cannot be read put it off.
    pub since: Timestamp,
    /// Why it is.
    pub why: EndReason,
}

/// Why a period ends when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// By the rule.
    Rule,
    /// As was chosen within the rule.
    Chosen,
    /// Put off, since something was corrected in its last days.
    LateChange,
    /// With the opening of what it announces, whatever becomes of its page.
    Opening,
}

impl Period {
    /// As a snapshot of the rules has it.
    pub fn of(rules: &Snapshot, rule: &str) -> Result<Self, Problem> {
        let unruled = |_| Problem::from(Code::Internal);
        let span = rules.span(rule).map_err(unruled)?;
        let source = rules.find(rule).map_err(unruled)?.source.clone();
        Ok(Self { rule: rule.to_owned(), span, source, until: None })
    }

    /// The same with another end.
    #[must_use]
    pub fn until(self, at: Timestamp, since: Timestamp, why: EndReason) -> Self {
        Self { until: Some(Until { at, since, why }), ..self }
    }

    /// Why it ends when it does.
    pub fn end_reason(&self) -> EndReason {
        self.until.as_ref().map_or(EndReason::Rule, |until| until.why)
    }

    /// When it is over, having begun at an instant and stood still on some days. A length by the clock runs on, whatever was chosen.
    pub fn ends(&self, since: Timestamp, calendar: &Calendar, stops: &Stops) -> Deadline {
        let runs_on = Stops::default();
        match &self.until {
            None => deadline_past(since, self.span, calendar, stops),
            Some(until) => {
                let stands_still = self.span.is_by_the_day() && until.why != EndReason::Opening;
                chosen_past(until.since, until.at, calendar, if stands_still { stops } else { &runs_on })
            }
        }
    }

    /// The period of a notice, if it runs for one.
    pub fn kept(held: &notice::Model) -> Result<Option<Self>, Problem> {
        held.period.clone().map(serde_json::from_value).transpose().map_err(|_| Code::Internal.into())
    }
}

/// What a period is reckoned with.
#[derive(Clone, Copy, Debug)]
pub struct Reckoning<'a> {
    /// The times its page was away.
    pub away: &'a [notice_takedown::Model],
    /// The times the market stood still.
    pub outages: &'a [outage::Model],
    /// How much of a day outages may take before it does not count (`outage_stops_clock`).
    pub most: TimeDelta,
    /// The holidays announced by now.
    pub calendar: &'a Calendar,
}

impl Reckoning<'_> {
    fn stops(&self, now: Timestamp) -> Stops {
        let away: Vec<_> = self.away.iter().map(|away| Gap { from: away.taken_down_at, to: away.restored_at.unwrap_or(now) }).collect();
        let outages: Vec<_> = self.outages.iter().map(|outage| Gap { from: outage.began_at, to: outage.ended_at }).collect();
        Stops::of(&away, &outages, self.most)
    }
}

/// A period as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The period.
    pub period: Period,
    /// When it is over, as far as is known now.
    pub deadline: Deadline,
    /// The days so far that did not count.
    pub stopped: Vec<NaiveDate>,
}

/// How the period of a public notice stands; nothing where it runs for none. An end that was told never comes nearer, whatever days
/// turn out to be worked.
pub fn standing(held: &notice::Model, by: &Reckoning, now: Timestamp) -> Result<Option<Standing>, Problem> {
    // What was agreed anew is shown for a whole period.
    let (Some(period), Some(since)) = (Period::kept(held)?, held.revised_at.or(held.published_at)) else { return Ok(None) };
    let stops = by.stops(now);
    let reckoned = period.ends(since, by.calendar, &stops);
    let told = held.ends_at.unwrap_or(reckoned.ends_at);
    let deadline = Deadline { ends_at: reckoned.ends_at.max(told), ..reckoned };
    let stopped = if period.span.is_by_the_day() { stops.after(since, deadline.ends_at.min(now)) } else { Vec::new() };
    Ok(Some(Standing { period, deadline, stopped }))
}

/// What is due when a notice is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Its period is over.
    Over(notice::Model),
    /// Its end has moved: it is looked at again then.
    Later(notice::Model, Timestamp),
    /// Nothing: it does not run, has no end, or is away.
    Nothing,
}

/// What is due of a notice. While its page is away no period ends.
pub fn due(held: &notice::Model, by: &Reckoning, now: Timestamp) -> Result<Due, Problem> {
    if held.state != NoticeState::Published || held.taken_down_at.is_some() {
        return Ok(Due::Nothing);
    }
    if Period::kept(held)?.is_some_and(|period| period.end_reason() == EndReason::Opening) {
        // What it announces ends it, which may be paused past the time that was told.
        return Ok(Due::Nothing);
    }
    let reckoned = standing(held, by, now)?.map(|standing| standing.deadline.ends_at);
    let Some(ends_at) = reckoned.or(held.ends_at) else { return Ok(Due::Nothing) };
    let next = |state| notice::Model { state, ends_at: Some(ends_at), version: held.version + 1, ..held.clone() };
    if ends_at <= now {
        return Ok(Due::Over(next(NoticeState::Ended)));
    }
    let moved = held.ends_at != Some(ends_at);
    Ok(if moved { Due::Later(next(NoticeState::Published), ends_at) } else { Due::Later(held.clone(), ends_at) })
}

/// When bidding may open, at the same time of day on a working day, where the notice of its auction will not have been read by then for
/// as many full days as it must be before (AL art. 45): a day that did not count is made up for, and while the page is away nothing
/// opens that day. Nothing where it may open when it was told to, nor of any other notice.
pub fn announced_in_full(held: &notice::Model, by: &Reckoning, opens_at: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let (Some(period), Some(since)) = (Period::kept(held)?, held.revised_at.or(held.published_at)) else { return Ok(None) };
    let runs = held.state == NoticeState::Published && held.kind == NoticeKind::Auction;
    let first = first_day_past(since, period.span, by.calendar, &by.stops(now)).filter(|_| runs);
    let Some(first) = first else { return Ok(None) };
    let is_away = held.taken_down_at.is_some() && opens_at <= now;
    let tomorrow = shanghai_date(now).succ_opt().filter(|_| is_away);
    let (first, told) = (tomorrow.map_or(first, |tomorrow| first.max(tomorrow)), shanghai_date(opens_at));
    if told >= first {
        return Ok(None);
    }
    let days = first.iter_days().filter(|day| by.calendar.is_working_day(*day));
    Ok(days.map(|day| opens_at + (day - told)).find(|opens_at| *opens_at > now))
}

/// A notice that runs for a period, with a later end; nothing of any other, nor where that is no later.
pub fn put_off(held: &notice::Model, ends_at: Timestamp, now: Timestamp) -> Result<Option<notice::Model>, Problem> {
    let runs = held.state == NoticeState::Published && held.period.is_some();
    if !runs || held.ends_at.is_some_and(|told| told >= ends_at) {
        return Ok(None);
    }
    let next = notice::Model { version: held.version + 1, ..held.clone() };
    ending(next, ends_at, now, EndReason::Opening).map(Some)
}

/// A notice that runs, ended by what it announces; nothing of any other.
pub fn ended(held: &notice::Model, now: Timestamp) -> Result<Option<notice::Model>, Problem> {
    if held.state != NoticeState::Published {
        return Ok(None);
    }
    over(notice::Model { state: NoticeState::Ended, version: held.version + 1, ..held.clone() }, now).map(Some)
}

/// A notice that ends with an opening, once that comes or never will: it is told to have ended then, and no later than was told before.
pub fn over(held: notice::Model, now: Timestamp) -> Result<notice::Model, Problem> {
    let ends_at = held.ends_at.map_or(now, |told| told.min(now));
    ending(notice::Model { ends_at: Some(ends_at), ..held }, ends_at, ends_at, EndReason::Opening)
}

/// The notice with another end of its period, since an instant; as it is where it runs for none.
pub fn ending(held: notice::Model, at: Timestamp, since: Timestamp, why: EndReason) -> Result<notice::Model, Problem> {
    let Some(period) = Period::kept(&held)? else { return Ok(held) };
    let period = serde_json::to_value(period.until(at, since, why)).map_err(|_| Code::Internal)?;
    Ok(notice::Model { period: Some(period), ends_at: Some(at), ..held })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;
    use proptest::prelude::*;

    use super::super::examples::{draft, person};
    use super::super::publish;
    use super::*;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
    use crate::rulebook::rules::{DayKind, deadline, end_of};

    const MOST: TimeDelta = TimeDelta::hours(4);

    fn at(text: &str) -> Timestamp {
        chrono::DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc()
    }

    fn period() -> Period {
        Period::of(&RULEBOOK.snapshot(SellerClass::State, "2026-03-03".parse().unwrap()), "negotiated_notice_period").unwrap()
    }

    /// A notice that runs for fifteen days from Tuesday the 3rd of March 2026, by this calendar.
    fn running(calendar: &Calendar) -> notice::Model {
        let published_at = at("2026-03-03 09:30");
        let ends_at = deadline(published_at, period().span, calendar).ends_at;
        let public = publish(&draft(), person(1), Some(ends_at), published_at).unwrap();
        notice::Model { period: Some(serde_json::to_value(period()).unwrap()), ..public }
    }

    fn away(from: &str, to: Option<&str>) -> notice_takedown::Model {
        notice_takedown::Model {
            notice_id: draft().id,
            taken_down_at: at(from),
            taken_down_by: person(1),
            reason: "涉密复核".into(),
            restored_at: to.map(at),
            restored_by: to.map(|_| person(1)),
        }
    }

    fn outage(from: &str, to: &str) -> outage::Model {
        outage::Model { id: uuid::Uuid::nil().into(), began_at: at(from), ended_at: at(to), noted_at: at(to) }
    }

    fn by<'a>(away: &'a [notice_takedown::Model], outages: &'a [outage::Model]) -> Reckoning<'a> {
        Reckoning { away, outages, most: MOST, calendar: &CALENDAR }
    }

    fn ends(held: &notice::Model, by: &Reckoning, now: &str) -> Timestamp {
        standing(held, by, at(now)).unwrap().unwrap().deadline.ends_at
    }

    #[test]
    fn the_law_has_fifteen_days() {
        assert_eq!((period().span, period().source.as_str()), (Span::CalendarDays(15), "ZJ-TTR art.17"));
        assert_eq!(ends(&running(&CALENDAR), &by(&[], &[]), "2026-03-04 00:00"), at("2026-03-19 00:00"));
    }

    #[test]
    fn a_day_away_is_told_and_made_up_for() {
        let held = running(&CALENDAR);
        let gaps = [away("2026-03-10 09:00", Some("2026-03-10 11:00"))];
        let found = standing(&held, &by(&gaps, &[]), at("2026-03-11 09:00")).unwrap().unwrap();
        assert_eq!((found.deadline.ends_at, found.stopped), (at("2026-03-20 00:00"), vec!["2026-03-10".parse().unwrap()]));
    }

    #[test]
    fn a_day_with_more_than_four_hours_out_of_reach_does_not_count() {
        let held = running(&CALENDAR);
        let short = [outage("2026-03-10 09:00", "2026-03-10 13:00")];
        let long = [outage("2026-03-10 09:00", "2026-03-10 13:01")];
        assert_eq!(ends(&held, &by(&[], &short), "2026-03-11 09:00"), at("2026-03-19 00:00"));
        assert_eq!(ends(&held, &by(&[], &long), "2026-03-11 09:00"), at("2026-03-20 00:00"));
    }

    /// Until Monday the 23rd at noon, as the seller chose.
    fn chosen(calendar: &Calendar) -> notice::Model {
        let until = period().until(at("2026-03-23 12:00"), at("2026-03-03 09:30"), EndReason::Chosen);
        notice::Model { period: Some(serde_json::to_value(until).unwrap()), ends_at: Some(at("2026-03-23 12:00")), ..running(calendar) }
    }

    #[test]
    fn what_was_chosen_is_put_off_by_the_days_away_to_a_working_day() {
        let held = chosen(&CALENDAR);
        let away = |days: &[&str]| -> Vec<_> {
            days.iter().map(|day| away(&format!("2026-03-{day} 09:00"), Some(&format!("2026-03-{day} 10:00")))).collect()
        };
        let ends = |days: &[&str]| ends(&held, &by(&away(days), &[]), "2026-04-20 09:00");
        assert_eq!(ends(&[]), at("2026-03-23 12:00"));
        assert_eq!(ends(&["03"]), at("2026-03-23 12:00"), "the day of its publication is none of its days");
        assert_eq!(ends(&["10"]), at("2026-03-24 12:00"));
        assert_eq!(ends(&["10", "24"]), at("2026-03-25 12:00"), "nor is a day away one to make up on");
        assert_eq!(ends(&["05", "06", "10", "11", "12"]), at("2026-03-30 12:00"), "Saturday is no last day");
    }

    #[test]
    fn what_it_announces_may_come_later_and_never_nearer() {
        let held = chosen(&CALENDAR);
        let now = at("2026-03-10 09:30");
        let later = put_off(&held, at("2026-03-25 12:00"), now).unwrap().unwrap();
        assert_eq!((later.state, later.ends_at, later.version), (held.state, Some(at("2026-03-25 12:00")), held.version + 1));
        assert_eq!(ends(&later, &by(&[], &[]), "2026-03-11 09:00"), at("2026-03-25 12:00"));
        assert_eq!(Period::kept(&later).unwrap().unwrap().until.map(|until| until.since), Some(now));
        for earlier in ["2026-03-23 12:00", "2026-03-20 12:00"] {
            assert_eq!(put_off(&held, at(earlier), now).unwrap(), None);
        }
        let ended = notice::Model { state: NoticeState::Ended, ..held };
        assert_eq!(put_off(&ended, at("2026-03-25 12:00"), now).unwrap(), None, "what has ended stays so");
    }

    #[test]
    fn what_ends_with_an_opening_is_not_put_off_by_its_page() {
        let opening = period().until(at("2026-03-23 12:00"), at("2026-03-03 09:30"), EndReason::Opening);
        let gap = [Gap { from: at("2026-03-10 09:30"), to: at("2026-03-10 10:30") }];
        let ends = opening.ends(at("2026-03-03 09:30"), &CALENDAR, &Stops::of(&gap, &[], MOST));
        assert_eq!(ends.ends_at, at("2026-03-23 12:00"));
    }

    #[test]
    fn what_ends_with_an_opening_ends_by_it_alone() {
        let opening = period().until(at("2026-03-23 12:00"), at("2026-03-03 09:30"), EndReason::Opening);
        let held = notice::Model {
            period: Some(serde_json::to_value(opening).unwrap()),
            ends_at: Some(at("2026-03-23 12:00")),
            ..running(&CALENDAR)
        };
        assert_eq!(due(&held, &by(&[], &[]), at("2026-03-24 09:00")).unwrap(), Due::Nothing, "the bidding may be paused");
        let later = put_off(&held, at("2026-03-26 12:00"), at("2026-03-25 12:00")).unwrap().unwrap();
        let over = ended(&later, at("2026-03-26 12:00")).unwrap().unwrap();
        assert_eq!((over.state, over.ends_at), (NoticeState::Ended, Some(at("2026-03-26 12:00"))));
        assert_eq!(ended(&over, at("2026-03-27 12:00")).unwrap(), None);
        let early = ended(&later, at("2026-03-25 13:00")).unwrap().unwrap();
        assert_eq!(early.ends_at, Some(at("2026-03-25 13:00")), "what will not be ends at once");
        assert_eq!(ends(&early, &by(&[], &[]), "2026-03-30 09:00"), at("2026-03-25 13:00"), "and is told to have ended then");
    }

    /// The notice of an auction by a rule, out since Tuesday the 3rd of March 2026, and when it is to open: on Wednesday the 11th, after
    /// seven full days.
    fn auction(class: SellerClass) -> (notice::Model, Timestamp) {
        let (published_at, opens_at) = (at("2026-03-03 09:30"), at("2026-03-11 10:00"));
        let period = Period::of(&RULEBOOK.snapshot(class, "2026-03-03".parse().unwrap()), "auction_notice").unwrap();
        let period = serde_json::to_value(period.until(opens_at, published_at, EndReason::Opening)).unwrap();
        let held = notice::Model { kind: NoticeKind::Auction, period: Some(period), ends_at: Some(opens_at), ..running(&CALENDAR) };
        (held, opens_at)
    }

    #[test]
    fn an_auction_opens_once_seven_full_days_could_be_read() {
        let (held, told) = auction(SellerClass::State);
        let opens = |gaps: &[notice_takedown::Model], outages: &[outage::Model], opens_at, now| {
            announced_in_full(&held, &by(gaps, outages), opens_at, at(now)).unwrap()
        };
        let day = |day: &str| away(&format!("2026-03-{day} 09:00"), Some(&format!("2026-03-{day} 09:05")));
        let made_up = |gaps: &[notice_takedown::Model]| opens(gaps, &[], told, "2026-03-10 18:00");
        assert_eq!(made_up(&[]), None);
        assert_eq!(made_up(&[day("05")]), Some(at("2026-03-12 10:00")));
        assert_eq!(made_up(&[day("03")]), None, "the day of its publication is none of the seven");
        assert_eq!(made_up(&[day("05"), day("06"), day("09")]), Some(at("2026-03-16 10:00")), "Saturday is no day to open on");
        assert_eq!(opens(&[day("05")], &[], at("2026-03-19 10:00"), "2026-03-10 18:00"), None, "there are days to spare");
        let hours = |to: &str| [outage("2026-03-05 09:00", &format!("2026-03-05 {to}"))];
        assert_eq!(opens(&[], &hours("13:00"), told, "2026-03-10 18:00"), None);
        assert_eq!(opens(&[], &hours("13:01"), told, "2026-03-10 18:00"), Some(at("2026-03-12 10:00")));
    }

    #[test]
    fn nothing_opens_while_the_notice_of_its_auction_is_away() {
        let (held, told) = auction(SellerClass::State);
        let gone = notice::Model { taken_down_at: Some(at("2026-03-11 09:00")), ..held };
        let gaps = [away("2026-03-11 09:00", None)];
        let opens = |opens_at, now| announced_in_full(&gone, &by(&gaps, &[]), opens_at, at(now)).unwrap();
        assert_eq!(opens(told, "2026-03-11 09:30"), None, "it may be back by then");
        assert_eq!(opens(told, "2026-03-11 10:00"), Some(at("2026-03-12 10:00")));
        assert_eq!(opens(at("2026-03-12 10:00"), "2026-03-12 10:00"), Some(at("2026-03-13 10:00")));
        assert_eq!(opens(at("2026-03-13 10:00"), "2026-03-13 10:00"), Some(at("2026-03-16 10:00")), "and not on a Saturday");
        let over = notice::Model { state: NoticeState::Ended, ..gone.clone() };
        assert_eq!(announced_in_full(&over, &by(&gaps, &[]), told, told).unwrap(), None);
    }

    #[test]
    fn what_needs_no_notice_before_and_what_is_no_auction_waits_for_nothing() {
        let gaps = [away("2026-03-05 09:00", Some("2026-03-05 10:00"))];
        let (rehearsed, told) = auction(SellerClass::Rehearsal);
        assert_eq!(announced_in_full(&rehearsed, &by(&gaps, &[]), told, told).unwrap(), None);
        let listing = notice::Model { kind: NoticeKind::Listing, ..auction(SellerClass::State).0 };
        assert_eq!(announced_in_full(&listing, &by(&gaps, &[]), told, told).unwrap(), None);
    }

    #[test]
    fn what_is_announced_anew_is_read_for_as_many_days_again() {
        let (held, told) = auction(SellerClass::State);
        let anew = notice::Model { revised_at: Some(at("2026-03-05 11:00")), ..held };
        assert_eq!(announced_in_full(&anew, &by(&[], &[]), told, at("2026-03-05 11:00")).unwrap(), Some(at("2026-03-13 10:00")));
    }

    #[test]
    fn what_runs_by_the_clock_runs_on() {
        let short = Period { span: Span::Minutes(10), ..period() }.until(at("2026-03-03 09:40"), at("2026-03-03 09:30"), EndReason::Chosen);
        let gap = [Gap { from: at("2026-03-03 09:31"), to: at("2026-03-04 09:31") }];
        let stops = Stops::of(&gap, &[], MOST);
        assert_eq!(short.ends(at("2026-03-03 09:30"), &CALENDAR, &stops).ends_at, at("2026-03-03 09:40"));
    }

    #[test]
    fn no_period_ends_while_its_page_is_away() {
        let held = notice::Model { taken_down_at: Some(at("2026-03-17 09:00")), ..running(&CALENDAR) };
        let gaps = [away("2026-03-17 09:00", None)];
        assert_eq!(due(&held, &by(&gaps, &[]), at("2026-04-17 09:00")).unwrap(), Due::Nothing);
        // Put back on the 24th: eight days did not count, and two of fifteen are left.
        let gaps = [away("2026-03-17 09:00", Some("2026-03-24 09:00"))];
        let held = notice::Model { taken_down_at: None, ..held };
        let Due::Later(next, again) = due(&held, &by(&gaps, &[]), at("2026-03-24 09:00")).unwrap() else { panic!("it runs on") };
        assert_eq!((next.ends_at, again), (Some(at("2026-03-27 00:00")), at("2026-03-27 00:00")));
        assert!(matches!(due(&next, &by(&gaps, &[]), again).unwrap(), Due::Over(over) if over.state == NoticeState::Ended));
    }

    #[test]
    fn what_has_no_period_ends_when_it_was_told_to() {
        let held = notice::Model { period: None, ends_at: Some(at("2026-03-05 12:00")), ..running(&CALENDAR) };
        let gaps = [away("2026-03-04 09:00", Some("2026-03-04 10:00"))];
        let due = |now| due(&held, &by(&gaps, &[]), at(now)).unwrap();
        assert_eq!(due("2026-03-05 11:59"), Due::Later(held.clone(), at("2026-03-05 12:00")));
        assert!(matches!(due("2026-03-05 12:00"), Due::Over(_)));
    }

    #[test]
    fn what_has_neither_period_nor_end_stands_until_it_is_withdrawn() {
        let held = notice::Model { period: None, ends_at: None, ..running(&CALENDAR) };
        let years_on = at("2036-03-05 12:00");
        assert_eq!(due(&held, &by(&[], &[]), years_on).unwrap(), Due::Nothing);
        assert_eq!(standing(&held, &by(&[], &[]), years_on).unwrap(), None);
    }

    #[test]
    fn holidays_announced_meanwhile_put_the_end_off_and_never_nearer() {
        let rows = |day: &str, kind| CALENDAR.rows().chain([(day.parse().unwrap(), kind)]);
        let held = running(&CALENDAR);
        let grown = Calendar::from_rows(rows("2026-03-18", DayKind::Holiday));
        let by_grown = Reckoning { calendar: &grown, ..by(&[], &[]) };
        assert_eq!(ends(&held, &by_grown, "2026-03-17 09:00"), at("2026-03-20 00:00"));
        // A notice whose last day was put off past a Saturday; the Saturday turns out to be worked.
        let published_at = at("2026-03-06 10:00");
        let held = notice::Model { published_at: Some(published_at), ends_at: Some(at("2026-03-24 00:00")), ..held };
        let worked = Calendar::from_rows(rows("2026-03-21", DayKind::MakeUpWorkday));
        let by_worked = Reckoning { calendar: &worked, ..by(&[], &[]) };
        assert_eq!(deadline(published_at, period().span, &worked).ends_at, at("2026-03-22 00:00"));
        assert_eq!(ends(&held, &by_worked, "2026-03-17 09:00"), at("2026-03-24 00:00"));
    }

    #[test]
    fn what_was_agreed_anew_runs_for_a_whole_period_from_then() {
        // Fifteen days from Thursday the 12th are over with Friday the 27th; that its page was away before is no matter, that it is away
        // afterwards is.
        let held = notice::Model { revised_at: Some(at("2026-03-12 10:00")), ..running(&CALENDAR) };
        let before = [away("2026-03-05 09:00", Some("2026-03-06 09:00"))];
        let stands = |gaps: &[notice_takedown::Model]| standing(&held, &by(gaps, &[]), at("2026-03-20 10:00")).unwrap().unwrap();
        assert_eq!((stands(&before).deadline.ends_at, stands(&before).stopped.len()), (at("2026-03-28 00:00"), 0));
        let after = [away("2026-03-16 09:00", Some("2026-03-16 18:00"))];
        assert_eq!((stands(&after).deadline.ends_at, stands(&after).stopped.len()), (at("2026-03-31 00:00"), 1), "Saturday is no last day");
    }

    proptest! {
        /// However often its page was away, an auction opens no sooner than was told, and after seven whole days on which it was not.
        #[test]
        fn an_auction_that_is_put_off_had_its_days(gaps in prop::collection::btree_set(0..20_i64, 0..8)) {
            let (held, told) = auction(SellerClass::State);
            let begun = held.published_at.unwrap();
            let gaps: Vec<_> = gaps.into_iter().map(|day| {
                let taken_down_at = begun + TimeDelta::days(day);
                let restored_at = Some(taken_down_at + TimeDelta::hours(1));
                notice_takedown::Model { taken_down_at, restored_at, ..away("2026-03-10 09:00", Some("2026-03-10 10:00")) }
            }).collect();
            let opens_at = announced_in_full(&held, &by(&gaps, &[]), told, begun).unwrap().unwrap_or(told);
            prop_assert!(opens_at >= told);
            let away: Vec<_> = gaps.iter().map(|gap| shanghai_date(gap.taken_down_at)).collect();
            let days = shanghai_date(begun).iter_days().skip(1).take_while(|day| *day < shanghai_date(opens_at));
            prop_assert!(days.filter(|day| !away.contains(day)).count() >= 7);
        }

        /// However often a notice is looked at, it ends once, on a day that counts, when as many days have counted as were announced.
        #[test]
        fn a_notice_ends_when_its_days_have_passed(gaps in prop::collection::vec((0..30_i64, 0..3_000_i64), 0..5), looks in prop::collection::vec(1..400_i64, 1..30)) {
            let mut held = running(&CALENDAR);
            let begun = held.published_at.unwrap();
            let mut from = begun;
            let mut away = Vec::new();
            for (day, minutes) in gaps {
                let taken_down_at = from + TimeDelta::days(day) + TimeDelta::hours(1);
                from = taken_down_at + TimeDelta::minutes(minutes);
                away.push(notice_takedown::Model { taken_down_at, restored_at: Some(from), ..super::tests::away("2026-03-10 09:00", Some("2026-03-10 10:00")) });
            }
            let stops = by(&away, &[]).stops(begun);
            let expected = deadline_past(begun, period().span, &CALENDAR, &stops).ends_at;
            let mut now = begun;
            for hours in looks.into_iter().chain([24 * 400]) {
                now += TimeDelta::hours(hours);
                match due(&held, &by(&away, &[]), now).unwrap() {
                    Due::Over(over) => {
                        prop_assert!(now >= expected);
                        prop_assert_eq!(over.ends_at, Some(expected));
                        prop_assert_eq!(expected, end_of(crate::rulebook::rules::shanghai_date(expected - TimeDelta::seconds(1))));
                        held = over;
                        break;
                    }
                    Due::Later(next, _) => {
                        prop_assert!(now < expected);
                        held = next;
                    }
                    Due::Nothing => prop_assert!(false, "it runs"),
                }
            }
            prop_assert_eq!(held.state, NoticeState::Ended);
        }
    }
}
