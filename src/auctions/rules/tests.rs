//! The rules of bidding, proved.
#![allow(clippy::unwrap_used)]

use chrono::{TimeDelta, TimeZone, Utc};
use entity::Timestamp;
use entity::auctions::{ClosingMode, Direction, Format, LotState, LotTerms, Reserve, Rung, Step, StepBase, lot};
use entity::ids::{AdmissionId, ListingId, LotId, OrganisationId, PersonId};
use entity::money::{Currency, Money};
use proptest::prelude::*;
use uuid::Uuid;

use crate::auctions::rules::judge::{Attempt, judge};
use crate::auctions::rules::pause;
use crate::auctions::rules::pause::tests::order;
use crate::auctions::rules::{announce, clock, close, log, next_bidder, reserve, step};
use crate::platform::problem::Code;

/// An instant, so many seconds after the opening.
pub(crate) fn at(second: i64) -> Timestamp {
    Utc.timestamp_opt(1_700_000_000 + second, 0).unwrap()
}

/// Soft close after an hour, with a window of five minutes.
pub(crate) fn terms() -> LotTerms {
    LotTerms {
        closing_mode: ClosingMode::SoftClose,
        start_price: Money::fen(10_000),
        reserve: Reserve::None {},
        step: Step::Fixed { amount: Money::fen(1_000) },
        step_base: StepBase::StartPrice,
        multiples_only: true,
        enforce_step: true,
        allow_self_raise: false,
        opens_at: at(0),
        free_period_seconds: 3_600,
        timed_cycle_seconds: 300,
        max_duration_seconds: None,
        min_bidders: 1,
        next_bidder_rule: false,
        auction_licence: None,
        close_grace_ms: 300,
        rulebook_version: 1,
        format: Format::English {},
        direction: Direction::Ascending,
        buy_now: None,
        proxy: false,
        preemption: None,
        extend_limit_seconds: None,
        outage_least_seconds: None,
        outage_window_seconds: None,
        host_lateness_seconds: None,
        jump_factor: None,
        rules_version: None,
        rehearsal: false,
    }
}

/// A lot before its opening, with enough admitted.
pub(crate) fn lot(terms: LotTerms) -> lot::Model {
    lot::Model {
        id: LotId(Uuid::from_u128(1)),
        listing_id: ListingId(Uuid::from_u128(2)),
        seller_organisation_id: OrganisationId(Uuid::from_u128(3)),
        title: "一种电池".into(),
        rehearsal: false,
        state: LotState::Scheduled,
        reserve_sealed: None,
        currency: Currency::Cny,
        seq: 0,
        head_hash: vec![0; 32],
        price_minor: None,
        leader_admission_id: None,
        leader_pseudonym: None,
        leader_priority: None,
        bid_count: 0,
        opens_at: terms.opens_at,
        closes_at: terms.opens_at + TimeDelta::seconds(terms.free_period_seconds),
        last_arrival: None,
        enough_admitted: Some(true),
        pause: None,
        shifted_us: 0,
        session_id: None,
        hosted: false,
        opens_by: None,
        book: None,
        asking: None,
        barred_persons: serde_json::json!([]),
        rules: serde_json::json!({}).into(),
        facts: serde_json::json!({}).into(),
        created_at: at(-1000),
        opened: None,
        hidden_sealed: None,
        terms,
    }
}

/// An attempt of a bidder of a number, in every respect sound.
pub(crate) fn attempt(who: u128, fen: i64, arrival: Timestamp) -> Attempt {
    Attempt {
        admission: AdmissionId(Uuid::from_u128(who)),
        pseudonym: format!("竞买人 {who}"),
        suspended: false,
        price: Money::fen(fen),
        arrival,
        person: PersonId(Uuid::from_u128(who)),
        request_id: "r".into(),
        seed: [0; 32],
        priority: None,
    }
}

/// The same, so many seconds after the opening.
pub(crate) fn bid(who: u128, fen: i64, second: i64) -> Attempt {
    attempt(who, fen, at(second))
}

/// Who has the one thing that was sold, and for how much.
pub(crate) fn sole(closing: &close::Closing) -> Option<(AdmissionId, Money)> {
    assert!(closing.awards.iter().all(|award| award.units == 1) && closing.awards.len() < 2, "{:?}", closing.awards);
    closing.awards.first().map(|award| (award.admission, award.price))
}

pub(super) fn refusals(lot: &lot::Model, attempts: &[Attempt]) -> Vec<Option<Code>> {
    judge(lot, attempts).outcomes.into_iter().map(|o| o.err().map(|p| p.code)).collect()
}

#[test]
fn the_first_bid_may_equal_the_start_price_and_each_later_one_adds_whole_steps() {
    let attempts = [bid(1, 9_999, 1), bid(1, 10_500, 1), bid(1, 10_000, 1), bid(2, 10_900, 2), bid(2, 11_500, 2), bid(2, 13_000, 3)];
    assert_eq!(
        refusals(&lot(terms()), &attempts),
        [Some(Code::TooLow), Some(Code::NotAStep), None, Some(Code::TooLow), Some(Code::NotAStep), None]
    );
}

#[test]
fn a_refusal_says_what_would_do() {
    let judged = judge(&lot(terms()), &[bid(1, 10_000, 1), bid(2, 10_000, 2)]);
    let refusal = judged.outcomes[1].clone().unwrap_err();
    assert_eq!(refusal.facts["at_least"], serde_json::json!({"amount": "110.00", "currency": "CNY"}));
}

#[test]
fn the_leader_may_raise_his_own_bid_only_where_announced() {
    let attempts = [bid(1, 10_000, 1), bid(1, 11_000, 2)];
    assert_eq!(refusals(&lot(terms()), &attempts), [None, Some(Code::AlreadyLeading)]);
    let open = LotTerms { allow_self_raise: true, ..terms() };
    assert_eq!(refusals(&lot(open), &attempts), [None, None]);
}

#[test]
fn opening_is_inclusive_and_the_end_is_exclusive() {
    assert_eq!(refusals(&lot(terms()), &[bid(1, 10_000, -1)]), [Some(Code::NotOpen)]);
    assert_eq!(refusals(&lot(terms()), &[bid(1, 10_000, 0)]), [None]);
    // Also where the lot has opened before the bid came to its turn.
    let opened = judge(&lot(terms()), &[bid(1, 10_000, 0)]).lot;
    assert_eq!(refusals(&opened, &[bid(2, 11_000, -1)]), [Some(Code::NotOpen)]);
    let hard = LotTerms { closing_mode: ClosingMode::HardClose, ..terms() };
    assert_eq!(refusals(&lot(hard.clone()), &[bid(1, 10_000, 3_599)]), [None]);
    assert_eq!(refusals(&lot(hard), &[bid(1, 10_000, 3_600)]), [Some(Code::Closed)]);
}

#[test]
fn a_lot_opens_only_once_registration_has_closed_with_enough_admitted() {
    for (enough, refusal) in [(None, Some(Code::NotOpen)), (Some(false), Some(Code::NotOpen)), (Some(true), None)] {
        let waiting = lot::Model { enough_admitted: enough, ..lot(terms()) };
        assert_eq!(refusals(&waiting, &[bid(1, 10_000, 5)]), [refusal]);
    }
}

#[test]
fn as_many_bidders_as_were_announced_are_enough() {
    for (least, admitted, enough) in [(1, 0, false), (1, 1, true), (2, 1, false), (2, 2, true)] {
        let waiting = lot::Model { enough_admitted: None, ..lot(LotTerms { min_bidders: least, ..terms() }) };
        let (_, closed) = announce::registered(&waiting, admitted, at(-1));
        assert_eq!(closed.enough_admitted, Some(enough), "{admitted} of {least}");
        assert_eq!(clock::advance(&closed, at(0)).1.state == LotState::OpenFree, enough, "{admitted} of {least}");
    }
}

#[test]
fn soft_close_moves_the_end_to_one_window_after_a_late_bid_and_never_back() {
    let judged = judge(&lot(terms()), &[bid(1, 10_000, 100), bid(2, 11_000, 3_300), bid(1, 12_000, 3_599), bid(2, 13_000, 3_599)]);
    let ends: Vec<_> = judged.outcomes.iter().map(|o| o.as_ref().unwrap().closes_at).collect();
    assert_eq!(ends, [at(3_600), at(3_600), at(3_899), at(3_899)]);
}

#[test]
fn hard_close_never_extends() {
    let hard = LotTerms { closing_mode: ClosingMode::HardClose, ..terms() };
    assert_eq!(judge(&lot(hard), &[bid(1, 10_000, 3_599)]).lot.closes_at, at(3_600));
}

#[test]
fn a_timed_cycle_starts_after_the_free_period_and_anew_with_every_bid() {
    let cycle = LotTerms { closing_mode: ClosingMode::TimedCycle, ..terms() };
    let judged = judge(&lot(cycle.clone()), &[bid(1, 10_000, 3_599), bid(2, 11_000, 3_700), bid(1, 12_000, 3_999), bid(2, 13_000, 4_299)]);
    assert_eq!(judged.lot.state, LotState::OpenTimed);
    let ends: Vec<_> = judged.outcomes.iter().map(|o| o.as_ref().ok().map(|a| a.closes_at)).collect();
    assert_eq!(ends, [Some(at(3_600)), Some(at(4_000)), Some(at(4_299)), None]);
    assert!(!clock::is_over(&clock::advance(&lot(cycle), at(3_601)).1, at(3_601)));
}

#[test]
fn an_announced_longest_duration_cuts_the_first_cycle_short() {
    let cycle = LotTerms { closing_mode: ClosingMode::TimedCycle, max_duration_seconds: Some(3_700), ..terms() };
    assert_eq!(clock::advance(&lot(cycle), at(3_600)).1.closes_at, at(3_700));
}

#[test]
fn an_announced_longest_duration_stops_extensions() {
    let short = LotTerms { max_duration_seconds: Some(3_700), ..terms() };
    assert_eq!(judge(&lot(short), &[bid(1, 10_000, 3_599)]).lot.closes_at, at(3_700));
}

#[test]
fn a_percentage_step_is_rounded_up_so_that_ten_bids_reach_eleven_bests() {
    let percent = LotTerms { step: Step::Percent { rate_bp: 1_000 }, step_base: StepBase::BestBid, multiples_only: false, ..terms() };
    let best = judge(&lot(percent), &[bid(1, 10_001, 1)]).lot;
    let least = step::next_price(&best).unwrap();
    assert!(least * 10 >= 10_001 * 11 && (least - 1) * 10 < 10_001 * 11);
}

#[test]
fn a_ladder_takes_the_last_rung_at_or_below_its_base() {
    let rung = |from, step| Rung { from: Money::fen(from), step: Money::fen(step) };
    let ladder = LotTerms {
        step: Step::Ladder { rungs: vec![rung(0, 10), rung(1_000, 50), rung(5_000, 200)] },
        step_base: StepBase::BestBid,
        ..terms()
    };
    let steps: Vec<_> = [Some(0), Some(999), Some(1_000), Some(5_000), Some(90_000)].map(|best| step::step_at(&ladder, best)).into();
    assert_eq!(steps, [10, 10, 50, 200, 200]);
}

#[test]
fn a_suspended_bidder_is_refused() {
    let attempt = Attempt { suspended: true, ..bid(1, 10_000, 1) };
    assert_eq!(refusals(&lot(terms()), &[attempt]), [Some(Code::BidderSuspended)]);
}

#[test]
fn a_price_below_the_reserve_has_no_effect() {
    let opened = |fen| reserve::unpack(&reserve::pack(&[5; 16], Money::fen(fen)), Currency::Cny);
    let secret = LotTerms { reserve: Reserve::Secret { commitment: reserve::commitment(&[5; 16], Money::fen(12_000)) }, ..terms() };
    let played = judge(&lot(secret), &[bid(1, 11_000, 1)]).lot;
    assert_eq!(close::close(&played, opened(12_000), at(3_601)).lot.state, LotState::ClosedUnsold);
    assert_eq!(sole(&close::close(&played, opened(11_000), at(3_601))).map(|a| a.1), Some(Money::fen(11_000)));
    assert!(close::close(&played, None, at(3_601)).awards.is_empty(), "a reserve that cannot be opened sells nothing");
}

#[test]
fn an_opened_reserve_recomputes_its_commitment() {
    let opened = reserve::unpack(&reserve::pack(&[5; 16], Money::fen(12_000)), Currency::Cny).unwrap();
    let salt: [u8; 16] = crate::platform::keys::unhex(&opened.salt).unwrap().try_into().unwrap();
    assert_eq!(reserve::commitment(&salt, opened.amount), reserve::commitment(&[5; 16], Money::fen(12_000)));
}

#[test]
fn the_runner_up_is_the_best_of_the_others() {
    let judged = judge(&lot(terms()), &[bid(1, 10_000, 1), bid(2, 11_000, 2), bid(3, 12_000, 3), bid(2, 13_000, 4)]);
    let other = next_bidder::last_bid(&judged.events, AdmissionId(Uuid::from_u128(2)));
    assert_eq!(other, Some((AdmissionId(Uuid::from_u128(3)), Money::fen(12_000))));
}

/// Something that is tried on a lot.
#[derive(Clone, Copy, Debug)]
enum Try {
    Bid(u128, i64),
    Pause,
    Resume,
    Extend(i64),
}

fn any_try() -> impl Strategy<Value = Try> {
    prop_oneof![
        4 => (1_u128..4, 10_000_i64..90_000).prop_map(|(who, fen)| Try::Bid(who, fen)),
        1 => Just(Try::Pause),
        2 => Just(Try::Resume),
        1 => (1_i64..90_000).prop_map(Try::Extend),
    ]
}

fn any_terms() -> impl Strategy<Value = LotTerms> {
    let modes = prop::sample::select(ClosingMode::ALL.to_vec());
    let steps = prop_oneof![
        (1_i64..5_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..3_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
    ];
    let bases = prop::sample::select(StepBase::ALL.to_vec());
    (modes, steps, bases, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(closing_mode, step, step_base, multiples_only, enforce_step, allow_self_raise)| LotTerms {
            closing_mode,
            step,
            step_base,
            multiples_only,
            enforce_step,
            allow_self_raise,
            ..terms()
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_tried_prices_rise_deadlines_never_move_back_and_the_log_replays(
        terms in any_terms(),
        tries in prop::collection::vec((1_u128..5, 9_000_i64..60_000, -10_i64..5_000), 1..60),
    ) {
        let mut tries = tries;
        tries.sort_by_key(|t| t.2);
        let start = lot(terms);
        let attempts: Vec<_> = tries.iter().map(|(who, fen, second)| bid(*who, *fen, *second)).collect();
        let judged = judge(&start, &attempts);
        let mut price = 0;
        let mut end = start.closes_at;
        let mut seq = 0;
        for accepted in judged.outcomes.iter().flatten() {
            prop_assert!(accepted.price.minor > price && accepted.closes_at >= end && accepted.seq > seq);
            prop_assert!(accepted.arrival < accepted.closes_at);
            (price, end, seq) = (accepted.price.minor, accepted.closes_at, accepted.seq);
        }
        prop_assert_eq!(log::replay(start.clone(), &judged.events), Ok(judged.lot.clone()));
        // One by one or all at once, the outcome is the same.
        let mut one_by_one = start;
        for attempt in &attempts {
            one_by_one = judge(&one_by_one, std::slice::from_ref(attempt)).lot;
        }
        prop_assert_eq!(one_by_one, judged.lot);
    }

    #[test]
    fn a_changed_log_is_found_out(which in 0_usize..4, fen in 1_i64..1_000) {
        let judged = judge(&lot(terms()), &[bid(1, 10_000, 1), bid(2, 11_000, 2), bid(3, 12_000, 3)]);
        let mut events = judged.events;
        events[which].body = events[which].body.replace("00.00", &format!("{fen}.00"));
        let changed = events[which].hash != log::hash(&events[which]);
        prop_assert_eq!(log::replay(lot(terms()), &events).is_err(), changed);
    }

    #[test]
    fn whatever_the_host_does_nobody_loses_time_and_the_log_tells_it_all(
        terms in any_terms(),
        tries in prop::collection::vec((any_try(), 0_i64..900), 1..40),
    ) {
        let start = lot(LotTerms { max_duration_seconds: Some(20_000), multiples_only: false, ..terms });
        let (mut now, mut lot, mut events) = (-1_000, start.clone(), Vec::new());
        for (what, wait) in tries {
            now += wait;
            let (due, ready) = clock::advance(&lot, at(now));
            let tried = match what {
                Try::Bid(who, fen) => {
                    let judged = judge(&ready, &[bid(who, fen, now)]);
                    (!judged.events.is_empty()).then_some((judged.events, judged.lot))
                }
                Try::Pause => pause::pause(&ready, &order(), at(now)).ok().map(|(event, lot)| (vec![event], lot)),
                Try::Resume => pause::resume(&ready, &order(), at(now)).ok().map(|(event, lot)| (vec![event], lot)),
                Try::Extend(seconds) => {
                    pause::extend(&ready, seconds, TimeDelta::hours(24), &order(), at(now)).ok().map(|(event, lot)| (vec![event], lot))
                }
            };
            let Some((new, next)) = tried else { continue };
            prop_assert!(next.closes_at >= ready.closes_at, "a deadline moves back");
            match what {
                Try::Bid(..) => prop_assert!(ready.pause.is_none(), "a bid counts in a pause"),
                Try::Resume => {
                    let before = ready.pause.as_ref().unwrap();
                    prop_assert_eq!(next.closes_at - new[0].at, ready.closes_at - before.at, "the time left is another");
                    prop_assert_eq!(next.state, before.before);
                }
                _ => {}
            }
            events.extend(due);
            events.extend(new);
            lot = next;
        }
        prop_assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at), "the log goes back in time");
        prop_assert_eq!(log::replay(start, &events), Ok(lot));
    }
}
