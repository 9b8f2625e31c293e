//! How long a notice runs: reckoned from the day of its publication by the rule it was announced with, past the days on which
//! nobody could read it.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::notices::{NoticeState, notice, notice_takedown};
use entity::platform::outage;
use serde::{Deserialize, Serialize};

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Deadline, Gap, Snapshot, Span, Stops, deadline_past};

/// A period by the name of its rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The rule.
    pub rule: String,
    /// How long, as the notice was announced.
    pub span: Span,
    /// The document and article it is from.
    pub source: String,
}

impl Period {
    /// As a snapshot of the rules has it.
    pub fn of(rules: &Snapshot, rule: &str) -> Result<Self, Problem> {
        let unruled = |_| Problem::from(Code::Internal);
        let span = rules.span(rule).map_err(unruled)?;
        let source = rules.find(rule).map_err(unruled)?.source.clone();
        Ok(Self { rule: rule.to_owned(), span, source })
    }

    /// The period of a notice, if it runs for one.
    pub fn kept(held: &notice::Model) -> Result<Option<Self>, Problem> {
        held.period.clone().map(serde_json::from_value).transpose().map_err(|_| Code::Internal.into())
    }
}

/// How long a notice is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// Until an instant that something else decides.
    Until(Timestamp),
    /// For a period from the day of its publication.
    For(Period),
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
    let reckoned = deadline_past(since, period.span, by.calendar, &stops);
    let told = held.ends_at.unwrap_or(reckoned.ends_at);
    let deadline = Deadline { ends_at: reckoned.ends_at.max(told), ..reckoned };
    let stopped = stops.after(since, deadline.ends_at.min(now));
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
    let reckoned = standing(held, by, now)?.map(|standing| standing.deadline.ends_at);
    let Some(ends_at) = reckoned.or(held.ends_at) else { return Ok(Due::Nothing) };
    let next = |state| notice::Model { state, ends_at: Some(ends_at), version: held.version + 1, ..held.clone() };
    if ends_at <= now {
        return Ok(Due::Over(next(NoticeState::Ended)));
    }
    let moved = held.ends_at != Some(ends_at);
    Ok(if moved { Due::Later(next(NoticeState::Published), ends_at) } else { Due::Later(held.clone(), ends_at) })
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

    proptest! {
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
