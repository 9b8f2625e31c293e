//! Dates: when registration closes and when bidding opens, chosen by the seller or by the rules.

use chrono::{FixedOffset, NaiveDate, NaiveTime, TimeDelta};
use entity::listings::TransferMode;
use entity::{Timestamp, micros};

use super::findings::{outside_rule, unruled};
use super::offer::Offer;
use crate::auctions::rules::timeline::Dates;
use crate::notices::rules::period::{EndReason, Period};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, SnapshotEntry, Span, Value, days_before, deadline, shanghai_date};

/// Time in Shanghai, the same in every season.
const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3_600) {
    Some(offset) => offset,
    None => panic!("eight hours are a valid offset"),
};

/// When a listing's steps come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When registration closes.
    pub registration_closes_at: Timestamp,
    /// When bidding opens.
    pub auction_opens_at: Timestamp,
}

/// An instant as it is written in a notice, in Shanghai time.
pub fn in_shanghai(at: Timestamp) -> String {
    at.with_timezone(&SHANGHAI).format("%Y-%m-%d %H:%M").to_string()
}

/// The rule parameter that says how long a listing is public before registration closes. For state
/// enterprises it depends on what is sold and on the base price; exactly at a threshold the longer
/// period applies.
pub fn listing_period(offer: &Offer, rules: &Snapshot) -> Result<&'static str, Problem> {
    if offer.terms.mode() == TransferMode::Equity && rules.find("listing_period_equity").is_ok() {
        return Ok("listing_period_equity");
    }
    let (Ok(mid), Ok(large)) = (rules.find("listing_price_mid"), rules.find("listing_price_large")) else {
        return Ok("listing_period");
    };
    let base = offer.base_price;
    let reaches = |threshold: &Value| match threshold {
        Value::Money { minor, .. } => base.minor >= *minor,
        _ => true,
    };
    let name = if reaches(&large.value) {
        "listing_period"
    } else if reaches(&mid.value) {
        "listing_period_mid"
    } else {
        "listing_period_low"
    };
    rules.find(name).map(|_| name).map_err(|error| unruled(&error))
}

/// The period for which a listing is open to registration, as its notice tells it: by the rule, to the end its seller chose if he did.
pub fn period(offer: &Offer, rules: &Snapshot, timing: Timing, published_at: Timestamp) -> Result<Period, Problem> {
    let period = Period::of(rules, listing_period(offer, rules)?)?;
    Ok(match offer.schedule.registration_closes_at {
        Some(_) => period.until(timing.registration_closes_at, published_at, EndReason::Chosen),
        None => period,
    })
}

/// The period for which the notice of its auction runs: until bidding opens.
pub fn auction_period(rules: &Snapshot, timing: Timing, published_at: Timestamp) -> Result<Period, Problem> {
    Ok(Period::of(rules, "auction_notice")?.until(timing.auction_opens_at, published_at, EndReason::Opening))
}

/// The dates of a listing whose registration is to close later: bidding opens as many working days later, at the same time of day.
pub fn put_off(from: Timing, closes_at: Timestamp, calendar: &Calendar) -> Option<Timing> {
    if closes_at <= from.registration_closes_at {
        return None;
    }
    let working = |from: Timestamp, to: Timestamp| {
        let last = shanghai_date(last_instant(to));
        let days = shanghai_date(last_instant(from)).iter_days().skip(1).take_while(move |day| *day <= last);
        days.filter(|day| calendar.is_working_day(*day)).count()
    };
    let more = working(from.registration_closes_at, closes_at);
    let opens_on = shanghai_date(from.auction_opens_at);
    let later = match more.checked_sub(1) {
        Some(others) => opens_on.iter_days().skip(1).filter(|day| calendar.is_working_day(*day)).nth(others)?,
        None => opens_on,
    };
    // What runs by the clock is put off by the clock.
    let least = from.auction_opens_at + if more == 0 { closes_at - from.registration_closes_at } else { TimeDelta::zero() };
    Some(Timing { registration_closes_at: closes_at, auction_opens_at: least + (later - opens_on) })
}

/// The last instant before an end: a deadline of 24:00 belongs to the day it ends.
pub(super) fn last_instant(end: Timestamp) -> Timestamp {
    end.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(end)
}

/// How the dates of a listing's lot come about: by which rule, and which of them the seller chose.
pub fn dates(offer: &Offer, rules: &Snapshot) -> Result<Dates, Problem> {
    Ok(Dates {
        registration_rule: Some(listing_period(offer, rules)?.to_owned()),
        registration_chosen: offer.schedule.registration_closes_at.is_some(),
        opening_chosen: offer.schedule.auction_opens_at.is_some(),
    })
}

/// When registration closes and bidding opens for a listing published at `published_at`: what the
/// seller chose, held to the rules, or what the rules give.
pub fn plan(offer: &Offer, rules: &Snapshot, calendar: &Calendar, published_at: Timestamp) -> Result<Timing, Problem> {
    let registration_closes_at = registration_close(offer, rules, calendar, published_at)?;
    let auction_opens_at = opening(offer, rules, calendar, published_at, registration_closes_at)?;
    let latest = deadline(published_at, length(rules, "listing_reach")?, calendar).ends_at;
    if auction_opens_at > latest {
        return Err(outside_rule("listing_reach", "/schedule/auction_opens_at", None::<Timestamp>, Some(latest)));
    }
    Ok(Timing { registration_closes_at, auction_opens_at })
}

fn registration_close(offer: &Offer, rules: &Snapshot, calendar: &Calendar, published_at: Timestamp) -> Result<Timestamp, Problem> {
    let name = listing_period(offer, rules)?;
    let entry = rules.find(name).map_err(|error| unruled(&error))?;
    let Some(given) = offer.schedule.registration_closes_at.map(micros) else {
        return Ok(deadline(published_at, span(&entry.value)?, calendar).ends_at);
    };
    let earliest = match &entry.min {
        Some(min) => deadline(published_at, span(min)?, calendar).ends_at,
        None => published_at,
    };
    if given < earliest || given <= published_at {
        return Err(outside_rule(name, "/schedule/registration_closes_at", Some(earliest), None::<Timestamp>));
    }
    Ok(given)
}

fn opening(
    offer: &Offer,
    rules: &Snapshot,
    calendar: &Calendar,
    published_at: Timestamp,
    closes_at: Timestamp,
) -> Result<Timestamp, Problem> {
    let lead = rules.find("auction_lead").map_err(|error| unruled(&error))?;
    let notice = rules.find("auction_notice").map_err(|error| unruled(&error))?;
    let is_auction = offer.auction.auction_licence.is_some();
    let given = offer.schedule.auction_opens_at.map(micros);
    // What the seller chooses is held to the least a rule allows, what the rules give to their own value.
    let asked = |entry: &SnapshotEntry| match (&entry.min, given) {
        (Some(min), Some(_)) => span(min),
        (None, Some(_)) => Ok(Span::Seconds(0)),
        (_, None) => span(&entry.value),
    };
    let (lead, notice) = (asked(lead)?, asked(notice)?);
    let earliest = after(closes_at, lead, calendar);
    let has_notice = |opens_at: Timestamp| !is_auction || published_at < days_before(opens_at, notice, calendar);
    let Some(opens_at) = given else {
        let hour = length(rules, "auction_opening_time")?.elapsed().ok_or(Code::Internal)?;
        return shanghai_date(earliest)
            .iter_days()
            .filter(|day| calendar.is_working_day(*day))
            .map_while(|day| opening_of(day, hour))
            .find(|opens_at| *opens_at > closes_at && *opens_at >= earliest && has_notice(*opens_at))
            .ok_or_else(|| Code::Internal.into());
    };
    if opens_at <= closes_at || opens_at < earliest {
        return Err(outside_rule("auction_lead", "/schedule/auction_opens_at", Some(earliest), None::<Timestamp>));
    }
    if !has_notice(opens_at) {
        return Err(outside_rule("auction_notice", "/schedule/auction_opens_at", Some(notice), None::<Span>));
    }
    Ok(opens_at)
}

/// The end of a period that follows a deadline, of which the day after is the first.
fn after(closes_at: Timestamp, span: Span, calendar: &Calendar) -> Timestamp {
    deadline(last_instant(closes_at), span, calendar).ends_at.max(closes_at)
}

/// A time of day in Shanghai, given as what has passed since midnight; none past the end of the calendar.
fn opening_of(day: NaiveDate, since_midnight: TimeDelta) -> Option<Timestamp> {
    let at = day.and_time(NaiveTime::MIN).checked_add_signed(since_midnight)?;
    at.and_local_timezone(SHANGHAI).single().map(|at| at.to_utc())
}

fn length(rules: &Snapshot, name: &str) -> Result<Span, Problem> {
    rules.span(name).map_err(|error| unruled(&error))
}

fn span(value: &Value) -> Result<Span, Problem> {
    match value {
        Value::Span(span) => Ok(*span),
        other => Err(Code::Internal.with("reason", format!("a rule says {other} where a span is needed"))),
    }
}

/// Whether something read at `as_of` is still fresh at `at`.
pub fn is_fresh(as_of: Timestamp, at: Timestamp, rules: &Snapshot, calendar: &Calendar) -> Result<bool, Problem> {
    let span = length(rules, "legal_status_freshness")?;
    let until = match span.elapsed() {
        Some(length) => as_of.checked_add_signed(length),
        None => Some(deadline(as_of, span, calendar).ends_at),
    };
    Ok(until.is_none_or(|until| at <= until))
}

/// When the seller is warned of legal statuses that will be stale at the opening.
pub fn warning_at(opens_at: Timestamp, rules: &Snapshot, calendar: &Calendar) -> Result<Timestamp, Problem> {
    Ok(days_before(opens_at, length(rules, "stale_warning_lead")?, calendar))
}

/// When the seller of a listing published at an instant is warned: not before it is published.
pub fn warned_at(published_at: Timestamp, opens_at: Timestamp, rules: &Snapshot, calendar: &Calendar) -> Result<Timestamp, Problem> {
    Ok(warning_at(opens_at, rules, calendar)?.max(published_at))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tests::{at, auction, calendar, offer, rules};
    use super::*;
    use entity::auctions::AuctionLicence;
    use entity::identity::SellerClass;
    use entity::listings::{EquityContribution, EquityTerms, TransferTerms};
    use entity::money::Money;
    use proptest::prelude::*;

    fn planned(offer: &Offer, class: SellerClass, published: &str) -> Result<Timing, Problem> {
        plan(offer, &rules(class), &calendar(), at(published))
    }

    #[test]
    fn ten_working_days_then_a_day_of_preparation_then_ten_in_the_morning() {
        // Published on a Tuesday: registration ends with the tenth working day, Tuesday the 17th.
        let timing = planned(&offer(), SellerClass::State, "2026-03-03T02:00:00Z").unwrap();
        assert_eq!(timing.registration_closes_at, at("2026-03-17T16:00:00Z"));
        // Wednesday the 18th is the working day between; bidding opens on Thursday.
        assert_eq!(timing.auction_opens_at, at("2026-03-19T02:00:00Z"));
    }

    #[test]
    fn holidays_move_both_dates() {
        let timing = planned(&offer(), SellerClass::State, "2026-09-24T02:00:00Z").unwrap();
        assert!(timing.registration_closes_at > at("2026-10-12T16:00:00Z"));
        assert!(calendar().is_working_day(shanghai_date(timing.auction_opens_at)));
    }

    #[test]
    fn a_state_enterprise_waits_by_price_and_by_what_it_sells() {
        let name = |minor: i64, terms: TransferTerms| {
            let offer = Offer { base_price: Money::fen(minor), terms, ..offer() };
            listing_period(&offer, &rules(SellerClass::Soe)).unwrap()
        };
        let sale = || TransferTerms::Assignment {};
        assert_eq!(name(99_999_999, sale()), "listing_period_low");
        assert_eq!(name(100_000_000, sale()), "listing_period_mid");
        assert_eq!(name(999_999_999, sale()), "listing_period_mid");
        assert_eq!(name(1_000_000_000, sale()), "listing_period");
        let equity = EquityTerms { contributes: EquityContribution::Title, company: "新设公司".into(), least_share_bp: 1_000 };
        assert_eq!(name(1, TransferTerms::Equity(equity)), "listing_period_equity");
        assert_eq!(listing_period(&offer(), &rules(SellerClass::State)).unwrap(), "listing_period");
    }

    #[test]
    fn dates_too_early_are_refused_with_the_earliest() {
        let mut hasty = offer();
        hasty.schedule.registration_closes_at = Some(at("2026-03-10T15:59:59Z"));
        let problem = planned(&hasty, SellerClass::State, "2026-03-03T02:00:00Z").unwrap_err();
        assert_eq!((problem.code, &problem.facts["name"]), (Code::OutsideRule, &"listing_period".into()));
        assert_eq!(problem.facts["min"], "2026-03-10T16:00:00Z");
        hasty.schedule.registration_closes_at = Some(at("2026-03-10T16:00:00Z"));
        hasty.schedule.auction_opens_at = Some(at("2026-03-11T02:00:00Z"));
        let problem = planned(&hasty, SellerClass::State, "2026-03-03T02:00:00Z").unwrap_err();
        assert_eq!(problem.facts["name"], "auction_lead");
        hasty.schedule.auction_opens_at = Some(at("2026-03-12T02:00:00Z"));
        assert!(planned(&hasty, SellerClass::State, "2026-03-03T02:00:00Z").is_ok());
    }

    #[test]
    fn an_auction_in_the_sense_of_the_law_is_announced_seven_full_days_before() {
        let auction = auction();
        // Bidding on the 12th: the 5th to the 11th are seven full days, so the 4th is the last day to publish.
        assert!(planned(&auction, SellerClass::Private, "2026-03-03T15:00:00Z").is_ok());
        let mut strict = rules(SellerClass::Rehearsal);
        for entry in strict.parameters.iter_mut().filter(|entry| entry.name == "auction_notice") {
            (entry.value, entry.min) = ("7d".parse().unwrap(), Some("7d".parse().unwrap()));
        }
        let on_time = |published: &str| plan(&auction, &strict, &calendar(), at(published));
        assert!(on_time("2026-03-04T15:59:59Z").is_ok());
        assert_eq!(on_time("2026-03-04T16:00:00Z").unwrap_err().facts["name"], "auction_notice");
    }

    #[test]
    fn a_rehearsal_need_not_wait() {
        let mut quick = offer();
        quick.schedule.registration_closes_at = Some(at("2023-10-01T00:10:00Z"));
        quick.schedule.auction_opens_at = Some(at("2023-10-01T00:10:01Z"));
        let timing = planned(&quick, SellerClass::Rehearsal, "2023-10-01T00:00:00Z").unwrap();
        assert_eq!(timing.auction_opens_at, at("2023-10-01T00:10:01Z"));
        quick.schedule.auction_opens_at = quick.schedule.registration_closes_at;
        assert!(planned(&quick, SellerClass::Rehearsal, "2023-10-01T00:00:00Z").is_err());
    }

    #[test]
    fn a_legal_status_is_fresh_for_seven_days() {
        let fresh = |as_of: &str, now: &str| is_fresh(at(as_of), at(now), &rules(SellerClass::State), &calendar()).unwrap();
        assert!(fresh("2026-03-03T02:00:00Z", "2026-03-10T02:00:00Z"));
        assert!(!fresh("2026-03-03T02:00:00Z", "2026-03-10T02:00:01Z"));
    }

    #[test]
    fn what_closes_later_opens_as_many_working_days_later() {
        let timing = |closes: &str, opens: &str| Timing { registration_closes_at: at(closes), auction_opens_at: at(opens) };
        // Closes with Tuesday the 17th of March 2026, opens on Thursday at ten.
        let from = timing("2026-03-17T16:00:00Z", "2026-03-19T02:00:00Z");
        let later = |closes: &str| put_off(from, at(closes), &calendar());
        assert_eq!(later("2026-03-18T16:00:00Z"), Some(timing("2026-03-18T16:00:00Z", "2026-03-20T02:00:00Z")));
        assert_eq!(later("2026-03-19T16:00:00Z"), Some(timing("2026-03-19T16:00:00Z", "2026-03-23T02:00:00Z")), "not on a Saturday");
        assert_eq!(later("2026-03-23T16:00:00Z"), Some(timing("2026-03-23T16:00:00Z", "2026-03-25T02:00:00Z")));
        assert_eq!(
            later("2026-03-17T18:00:00Z"),
            Some(timing("2026-03-17T18:00:00Z", "2026-03-20T02:00:00Z")),
            "it is Wednesday in Shanghai"
        );
        assert_eq!([later("2026-03-17T16:00:00Z"), later("2026-03-16T16:00:00Z")], [None, None], "never nearer");
        let rehearsal = timing("2023-10-01T00:10:00Z", "2023-10-01T00:12:00Z");
        let by_the_clock = timing("2023-10-01T00:15:00Z", "2023-10-01T00:17:00Z");
        assert_eq!(put_off(rehearsal, at("2023-10-01T00:15:00Z"), &calendar()), Some(by_the_clock));
    }

    proptest! {
        #[test]
        fn what_the_rules_give_could_have_been_chosen(hours in 0_i64..20_000, auction in any::<bool>()) {
            let published = at("2025-01-01T00:00:00Z") + TimeDelta::hours(hours);
            let mut chosen = offer();
            chosen.auction.auction_licence =
                auction.then(|| AuctionLicence { enterprise: "某拍卖公司".into(), auctioneer_licence: "A-1".into() });
            let (rules, calendar) = (rules(SellerClass::State), calendar());
            let given = plan(&chosen, &rules, &calendar, published).unwrap();
            prop_assert!(published < given.registration_closes_at && given.registration_closes_at < given.auction_opens_at);
            prop_assert!(calendar.is_working_day(shanghai_date(given.auction_opens_at)));
            chosen.schedule.registration_closes_at = Some(given.registration_closes_at);
            chosen.schedule.auction_opens_at = Some(given.auction_opens_at);
            let again = plan(&chosen, &rules, &calendar, published).unwrap();
            prop_assert_eq!((again.registration_closes_at, again.auction_opens_at), (given.registration_closes_at, given.auction_opens_at));
        }
    }
}
