//! Holders who bid the price that stands, and holders who are asked one after another.

use entity::auctions::{LotEventKind, LotTerms};
use entity::ids::AdmissionId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::log::{Body, replay};
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::tests::{at, lot, sole, terms};
use crate::auctions::rules::{Attempt, clock, close, judge, tests};
use crate::platform::problem::Code;

/// Bidders 1 and 2 hold rights of the first and the second rank, bidder 3 one of the second too.
fn rank(who: u128) -> Option<i32> {
    match who {
        1 => Some(1),
        2 | 3 => Some(2),
        _ => None,
    }
}

fn bid(who: u128, fen: i64, second: i64) -> Attempt {
    Attempt { priority: rank(who), ..tests::bid(who, fen, second) }
}

fn parity() -> LotTerms {
    LotTerms { preemption: Some(Preemption::Parity {}), ..terms() }
}

/// The refusal of the last of some bids, and who leads after them.
fn last(terms: LotTerms, bids: &[Attempt]) -> (Option<Code>, Option<String>) {
    let judged = judge(&lot(terms), bids);
    (judged.outcomes.last().unwrap().as_ref().err().map(|refusal| refusal.code), judged.lot.leader_pseudonym)
}

fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

#[test]
fn a_holder_leads_with_the_price_that_stands() {
    assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(1, 10_000, 2)]), (None, Some(name(1))));
    assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(8, 10_000, 2)]), (Some(Code::TooLow), Some(name(9))));
    // Between the price that stands and the next step there is nothing for a holder either.
    assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(1, 10_500, 2)]), (Some(Code::TooLow), Some(name(9))));
    // Whoever goes higher leads again, and the holder may follow.
    let all = [bid(9, 10_000, 1), bid(1, 10_000, 2), bid(9, 11_000, 3), bid(1, 11_000, 4)];
    assert_eq!(last(parity(), &all[..3]), (None, Some(name(9))));
    assert_eq!(last(parity(), &all), (None, Some(name(1))));
}

#[test]
fn the_better_rank_goes_first_and_of_equals_the_earlier_bid_stays() {
    assert_eq!(last(parity(), &[bid(2, 10_000, 1), bid(1, 10_000, 2)]), (None, Some(name(1))));
    assert_eq!(last(parity(), &[bid(1, 10_000, 1), bid(2, 10_000, 2)]), (Some(Code::TooLow), Some(name(1))));
    assert_eq!(last(parity(), &[bid(2, 10_000, 1), bid(3, 10_000, 2)]), (Some(Code::TooLow), Some(name(2))));
}

#[test]
fn the_first_bid_is_held_to_the_start_price() {
    assert_eq!(last(parity(), &[bid(1, 9_999, 1)]), (Some(Code::TooLow), None));
}

#[test]
fn a_bid_at_par_extends_the_lot_and_wins_if_nobody_goes_higher() {
    let judged = judge(&lot(parity()), &[bid(9, 10_000, 1), bid(1, 10_000, 3_599)]);
    assert_eq!(judged.lot.closes_at, at(3_899));
    let closing = close::close(&judged.lot, None, at(3_900));
    assert_eq!(sole(&closing), Some((AdmissionId(Uuid::from_u128(1)), Money::fen(10_000))));
}

fn holder(who: u128, rank: i32) -> PreemptionHolder {
    PreemptionHolder { bidder: format!("竞买人 {who}"), rank }
}

/// A lot in which these bid 100.00, 110.00 and so on; bidding is over at second 3 600.
fn bid_for(terms: LotTerms, bidders: &[u128]) -> lot::Model {
    let bids: Vec<_> = (0..).zip(bidders).map(|(n, who)| bid(*who, 10_000 + 1_000 * n, 1 + n)).collect();
    judge(&lot(terms), &bids).lot
}

fn ask_after() -> LotTerms {
    LotTerms { preemption: Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None }), ..terms() }
}

/// The lot once the next holder is asked.
fn asks(lot: &lot::Model, admitted: &[PreemptionHolder], second: i64) -> Option<lot::Model> {
    ask(lot, None, admitted, at(second)).map(|(_, next)| next)
}

fn answers(lot: &lot::Model, who: u128, takes: bool, second: i64) -> Result<lot::Model, Code> {
    let cause = Cause { admission: Some(AdmissionId(Uuid::from_u128(who))), ..Cause::default() };
    let outcome = answer(lot, &format!("竞买人 {who}"), false, takes, at(second), cause);
    outcome.map(|(_, next)| next).map_err(|refusal| refusal.code)
}

fn asked_in(lot: &lot::Model) -> Vec<String> {
    lot.asking.iter().flat_map(|asking| &asking.holders).map(|holder| holder.bidder.clone()).collect()
}

#[test]
fn holders_are_asked_by_rank_and_the_highest_bidder_is_not() {
    let admitted = [holder(3, 2), holder(2, 2), holder(1, 1)];
    let first = asks(&bid_for(ask_after(), &[9]), &admitted, 3_601).unwrap();
    assert_eq!(asked_in(&first), ["竞买人 1", "竞买人 3", "竞买人 2"], "of one rank in the order given");
    assert_eq!((first.state, first.closes_at, clock::bidding_end(&first)), (LotState::PreemptionAsk, at(3_901), at(3_600)));
    // One who leads himself yields to better ranks alone.
    let second = asks(&bid_for(ask_after(), &[9, 3]), &admitted, 3_601).unwrap();
    assert_eq!(asked_in(&second), ["竞买人 1"]);
    assert_eq!(asks(&bid_for(ask_after(), &[9, 1]), &admitted, 3_601), None);
}

#[test]
fn the_first_who_takes_it_has_it_at_the_price_found() {
    let lot = asks(&bid_for(ask_after(), &[9]), &[holder(1, 1), holder(2, 2)], 3_601).unwrap();
    assert_eq!(answers(&lot, 2, true, 3_700), Err(Code::WrongState), "it is not his turn");
    assert_eq!(answers(&lot, 1, true, 3_901), Err(Code::Closed));
    let taken = answers(&lot, 1, true, 3_700).unwrap();
    assert_eq!(answers(&taken, 1, false, 3_700), Err(Code::WrongState), "he has answered");
    assert_eq!((taken.closes_at, asks(&taken, &[], 3_701)), (at(3_700), None), "nobody is asked after him");
    let closing = close::close(&taken, None, at(3_701));
    assert_eq!(sole(&closing), Some((AdmissionId(Uuid::from_u128(1)), Money::fen(10_000))));
    assert!(closing.event.body.contains("竞买人 1"));
}

#[test]
fn who_declines_or_lets_the_time_pass_leaves_it_to_the_next_and_then_to_the_highest_bidder() {
    let lot = asks(&bid_for(ask_after(), &[9]), &[holder(1, 1), holder(2, 2), holder(3, 3)], 3_601).unwrap();
    let declined = answers(&lot, 1, false, 3_650).unwrap();
    let second = asks(&declined, &[], 3_651).unwrap();
    assert_eq!((asked_in(&second), second.closes_at), (vec![holder(2, 2).bidder, holder(3, 3).bidder], at(3_951)));
    let third = asks(&second, &[], 3_952).unwrap();
    assert_eq!(asked_in(&third), ["竞买人 3"]);
    assert_eq!(asks(&third, &[], 4_253), None);
    let closing = close::close(&third, None, at(4_253));
    assert_eq!(sole(&closing), Some((AdmissionId(Uuid::from_u128(9)), Money::fen(10_000))));
}

#[test]
fn nobody_is_asked_about_a_price_without_effect_or_where_it_was_not_announced() {
    let reserve = entity::auctions::Reserve::Open { amount: Money::fen(10_001) };
    assert_eq!(asks(&bid_for(LotTerms { reserve, ..ask_after() }, &[9]), &[holder(1, 1)], 3_601), None);
    assert_eq!(asks(&bid_for(ask_after(), &[]), &[holder(1, 1)], 3_601), None);
    assert_eq!(asks(&bid_for(parity(), &[9]), &[holder(1, 1)], 3_601), None);
    assert_eq!(asks(&bid_for(ask_after(), &[9]), &[], 3_601), None);
}

#[test]
fn a_pause_an_extension_and_an_outage_move_the_time_to_answer() {
    let order = Order { reason: "网络故障".into(), ..Order::default() };
    let asked = asks(&bid_for(ask_after(), &[9]), &[holder(1, 1)], 3_601).unwrap();
    let paused = pause::pause(&asked, &order, at(3_700)).unwrap().1;
    assert_eq!(answers(&paused, 1, true, 3_710), Err(Code::WrongState));
    assert!(!clock::is_over(&paused, at(9_999)));
    let resumed = pause::resume(&paused, &order, at(4_700)).unwrap().1;
    assert_eq!((resumed.state, resumed.closes_at, clock::bidding_end(&resumed)), (LotState::PreemptionAsk, at(4_901), at(3_600)));
    let more = pause::extend(&resumed, 60, TimeDelta::hours(1), &order, at(4_800)).unwrap().1;
    assert_eq!(more.closes_at, at(4_961));
    let silence = [Outage { began_at: at(4_850), ended_at: at(4_950) }];
    let after = outage::extended(&more, &silence, TimeDelta::minutes(5), at(4_950), at(4_800)).1;
    assert_eq!(after.closes_at, at(5_250));
    let answered = answers(&after, 1, true, 5_000).unwrap();
    let late = [Outage { began_at: at(4_999), ended_at: at(5_100) }];
    assert!(outage::extended(&answered, &late, TimeDelta::minutes(5), at(5_100), at(5_000)).0.is_empty(), "nobody is waited for");
}

/// The lot after its log says this of a bidder.
fn told_of(lot: &lot::Model, who: u128, is_suspended: bool, second: i64) -> lot::Model {
    let bidder = name(who);
    let body = if is_suspended { Body::BidderSuspended { bidder } } else { Body::BidderReinstated { bidder } };
    append(lot, at(second), &body, Cause::default()).1
}

#[test]
fn whoever_is_suspended_when_his_turn_comes_is_passed_over() {
    let all = [holder(1, 1), holder(2, 2), holder(3, 3), holder(4, 4)];
    let first = asks(&bid_for(ask_after(), &[9]), &all, 3_601).unwrap();
    let said = [(2, true), (3, true), (4, true), (4, false)];
    let second = said.into_iter().zip(3_610..).fold(first, |lot, ((who, is_suspended), at)| told_of(&lot, who, is_suspended, at));
    let third = asks(&second, &[], 3_902).unwrap();
    assert_eq!(asked_in(&third), ["竞买人 4"], "2 and 3 are suspended, 4 no more");
    // With nobody left but the suspended, the highest bidder has it.
    assert_eq!(asks(&told_of(&third, 4, true, 3_910), &[], 4_203), None);
    let only = asks(&told_of(&asks(&bid_for(ask_after(), &[9]), &all[..2], 3_601).unwrap(), 2, true, 3_700), &[], 3_902);
    assert_eq!(only, None);
    // Who is reinstated before his turn is asked, also where he stands behind another.
    let behind = asks(&bid_for(ask_after(), &[9]), &all[..3], 3_601).unwrap();
    let behind = asks(&told_of(&behind, 3, true, 3_700), &[], 3_902).unwrap();
    assert_eq!(asked_in(&behind), ["竞买人 2", "竞买人 3"]);
    assert_eq!(asked_in(&asks(&told_of(&behind, 3, false, 3_950), &[], 4_203).unwrap()), ["竞买人 3"]);
}

#[test]
fn whoever_is_suspended_may_decline_and_not_take() {
    let asked = asks(&bid_for(ask_after(), &[9]), &[holder(1, 1)], 3_601).unwrap();
    let says = |takes| answer(&asked, "竞买人 1", true, takes, at(3_700), Cause::default()).map(|_| ()).map_err(|refusal| refusal.code);
    assert_eq!((says(true), says(false)), (Err(Code::BidderSuspended), Ok(())));
}

#[test]
fn where_no_such_right_was_announced_a_rank_is_worth_nothing_and_is_told_to_nobody() {
    assert_eq!(last(terms(), &[bid(9, 10_000, 1), bid(1, 10_000, 2)]), (Some(Code::TooLow), Some(name(9))));
    let judged = judge(&lot(terms()), &[bid(1, 10_000, 1)]);
    assert!(judged.events.iter().all(|event| !event.body.contains("priority")));
    assert_eq!(judged.lot.leader_priority, None);
}

proptest! {
    /// Whoever bids what: the price never falls, it stays only where a holder takes the lead from a lesser one, and
    /// there is exactly one leader, who is in the log.
    #[test]
    fn a_bid_at_par_never_lowers_a_price_and_leaves_one_leader(
        tries in prop::collection::vec((1_u128..6, 9_i64..16, 0_i64..40), 1..60), raise in any::<bool>(),
    ) {
        let start = lot(LotTerms { allow_self_raise: raise, ..parity() });
        let (mut before, mut log, mut second) = (start.clone(), Vec::new(), 0);
        for (who, thousands, later) in tries {
            second += later;
            let judged = judge(&before, &[bid(who, thousands * 1_000, second)]);
            if judged.outcomes[0].is_ok() {
                let price = judged.lot.price_minor.unwrap();
                let par = before.price_minor == Some(price);
                let better = rank(who).is_some_and(|own| before.leader_priority.is_none_or(|leading| own < leading));
                prop_assert!(before.price_minor.is_none_or(|stood| stood < price || (par && better)));
                prop_assert_eq!(&judged.lot.leader_pseudonym, &Some(name(who)));
                prop_assert_eq!(judged.lot.leader_priority, rank(who));
            } else {
                prop_assert_eq!(&judged.lot, &before);
            }
            log.extend(judged.events);
            before = judged.lot;
        }
        prop_assert_eq!(replay(start, &log).unwrap(), before.clone());
        let placed = log.iter().rev().find(|event| event.kind == LotEventKind::BidPlaced);
        let last = placed.map(|event| serde_json::from_str::<Body>(&event.body).unwrap());
        let leader = last.map(|body| if let Body::BidPlaced { bidder, .. } = body { bidder } else { unreachable!("it is a bid") });
        prop_assert_eq!(leader, before.leader_pseudonym);
    }
}
