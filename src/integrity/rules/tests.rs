//! Planted patterns are seen, innocent ones are not.

mod out_of_reach;
mod sealing;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::admissions::{AdmissionState, admission};
use entity::ids::{AdmissionId, LotId, OrganisationId, PersonId};
use entity::integrity::{SignalFact, SignalKind, SignalReason};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::{Attempt, judge};
use crate::rulebook::rules::shipped::RULEBOOK;

const STEP: i64 = 1_000;

fn org(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(number))
}

fn limits() -> Thresholds {
    Thresholds::of(&RULEBOOK, "2026-11-23".parse().unwrap()).unwrap()
}

/// A lot that was bid for by these, each raising by so many steps; the last has it.
fn bid_for(raises: &[(u128, i64)]) -> Course {
    let seconds = (0..).step_by(10);
    let bids = raises.iter().zip(seconds).enumerate().map(|(place, ((who, steps), second))| Bid {
        organisation: org(*who),
        at: at(second),
        raise: (place > 0).then_some(steps * STEP),
        least: STEP,
        in_the_open: true,
    });
    Course {
        lot: LotId(Uuid::from_u128(1)),
        seller: org(1_000),
        opened_at: at(0),
        closed_at: at(3_600),
        admitted: raises.iter().map(|(who, _)| (org(*who), AdmissionId(Uuid::from_u128(who + 100)))).collect(),
        withdrawn: BTreeMap::new(),
        bids: bids.collect(),
        winner: raises.last().map(|(who, _)| org(*who)),
        ends_with_first: false,
        sealed: BTreeMap::new(),
        turns: BTreeMap::new(),
        start: STEP,
    }
}

/// These in turn, so many bids in all, each one step above the one before.
fn in_turn(who: &[u128], bids: usize) -> Vec<(u128, i64)> {
    who.iter().cycle().take(bids).map(|who| (*who, 1)).collect()
}

fn trace(kind: SignalKind, who: u128, key: u128) -> Trace {
    let reason = SignalReason::of(SignalFact::Member).by(org(who)).shown_by("membership", Uuid::from_u128(key));
    Trace { kind, organisation: org(who), key: key.to_string(), reason }
}

fn kinds(found: &[Finding]) -> Vec<SignalKind> {
    found.iter().map(|finding| finding.kind).collect()
}

fn number_of(finding: &Finding, fact: SignalFact) -> Option<i64> {
    finding.reasons.iter().find(|reason| reason.fact == fact).and_then(|reason| reason.number)
}

fn seen(course: &Course, traces: &[Trace]) -> Vec<Finding> {
    findings(course, traces, &History::default(), &limits())
}

// ---- What is read off a lot ----

fn admission(number: u128, state: AdmissionState, pseudonym: Option<&str>) -> admission::Model {
    admission::Model {
        id: AdmissionId(Uuid::from_u128(number + 100)),
        lot_id: LotId(Uuid::from_u128(1)),
        organisation_id: org(number),
        state,
        reason: None,
        deposit_reference: format!("D-{number:08}"),
        pseudonym: pseudonym.map(ToOwned::to_owned),
        suspended: false,
        documents: serde_json::json!([]),
        party_confidential: false,
        hold_transfer_id: None,
        applied_by: PersonId(Uuid::from_u128(number)),
        decided_by: (state != AdmissionState::Applied).then(|| PersonId(Uuid::from_u128(0xff))),
        version: 1,
        created_at: at(-500),
        preemption_rank: None,
        offered_minor: None,
        offered_until: None,
        carried_over_at: None,
    }
}

/// A bid under an admission that is not its bidder's number.
fn attempt(who: u128, fen: i64, second: i64) -> Attempt {
    Attempt { admission: AdmissionId(Uuid::from_u128(who + 100)), ..bid(who, fen, second) }
}

#[test]
fn a_course_is_read_off_the_log_whichever_admission_comes_first() {
    let judged = judge(&lot(terms()), &[attempt(7, 10_000, 0), attempt(8, 11_000, 30), attempt(7, 14_000, 900)]);
    let closed = entity::auctions::lot::Model { state: entity::auctions::LotState::ClosedSold, ..judged.lot };
    let mut admissions = vec![
        admission(7, AdmissionState::Won, Some("竞买人 7")),
        admission(8, AdmissionState::Lost, Some("竞买人 8")),
        admission(9, AdmissionState::Withdrawn, None),
        admission(10, AdmissionState::Refused, None),
    ];
    let bids: Vec<_> = judged.events.into_iter().filter(|event| event.admission_id.is_some()).collect();
    let read = course(&closed, &admissions, &bids);
    assert_eq!(read.admitted.keys().copied().collect::<Vec<_>>(), [org(7), org(8)]);
    assert_eq!(read.withdrawn.keys().copied().collect::<Vec<_>>(), [org(9)]);
    assert_eq!(read.winner, Some(org(7)));
    assert_eq!(
        read.bids.iter().map(|bid| (bid.raise, bid.least)).collect::<Vec<_>>(),
        [(None, 1_000), (Some(1_000), 1_000), (Some(3_000), 1_000)]
    );
    admissions.reverse();
    assert_eq!(course(&closed, &admissions, &bids), read);

    let parts = parts(&read, TimeDelta::minutes(1));
    let [seven, eight] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((seven.bids, seven.lot_bids, seven.raises, seven.small_raises), (2, 3, 1, 0));
    assert_eq!((seven.won, seven.answers, seven.quick_answers, seven.early_bp), (true, 1, 0, 10_000));
    assert_eq!((eight.won, eight.answers, eight.quick_answers, eight.small_raises), (false, 1, 1, 1));
    assert_eq!(eight.early_bp, 3_570 * 10_000 / 3_600);
}

#[test]
fn in_a_descending_lot_a_lower_bid_is_the_better_one() {
    let falling = entity::auctions::LotTerms { direction: entity::auctions::Direction::Descending, ..terms() };
    let judged = judge(&lot(falling), &[attempt(7, 10_000, 0), attempt(8, 9_000, 30), attempt(7, 6_000, 900)]);
    let admissions = [admission(7, AdmissionState::Won, Some("竞买人 7")), admission(8, AdmissionState::Lost, Some("竞买人 8"))];
    let bids: Vec<_> = judged.events.into_iter().filter(|event| event.admission_id.is_some()).collect();
    let read = course(&judged.lot, &admissions, &bids);
    assert_eq!(read.bids.iter().map(|bid| bid.raise).collect::<Vec<_>>(), [None, Some(1_000), Some(3_000)]);
    assert_eq!(read.bids.iter().map(Bid::is_small).collect::<Vec<_>>(), [false, true, false]);
}

// ---- Bids in turn ----

#[test]
fn bids_in_turn_at_the_least_raise_are_a_signal() {
    let found = seen(&bid_for(&in_turn(&[2, 1], 9)), &[]);
    let [pair] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((pair.kind, pair.organisation, pair.other), (SignalKind::MinimalAlternating, org(1), Some(org(2))));
    assert_eq!((pair.score_bp, number_of(pair, SignalFact::AlternatingBids)), (10_000, Some(8)));
}

#[test]
fn few_bids_a_third_hand_or_larger_raises_are_none() {
    let mut interrupted = in_turn(&[1, 2], 7);
    interrupted.extend([(3, 1)]);
    interrupted.extend(in_turn(&[1, 2], 7));
    let mut bold = in_turn(&[1, 2], 10);
    bold.extend([(1, 4), (2, 4), (1, 4), (2, 4)]);
    let leaping: Vec<_> =
        in_turn(&[1, 2], 20).into_iter().enumerate().map(|(place, (who, _))| (who, if place % 4 == 0 { 5 } else { 1 })).collect();
    for bids in [in_turn(&[1, 2], 8), in_turn(&[1, 2, 3], 30), interrupted, bold, leaping] {
        assert!(seen(&bid_for(&bids), &[]).is_empty(), "{bids:?}");
    }
}

// ---- What two share ----

#[test]
fn what_two_share_is_a_signal_with_everything_that_shows_it() {
    let course = bid_for(&[(1, 1), (2, 3), (3, 2)]);
    let kind = SignalKind::SharedContact;
    let traces = [trace(kind, 1, 70), trace(kind, 2, 70), trace(kind, 1, 71), trace(kind, 2, 71), trace(kind, 3, 72), trace(kind, 4, 72)];
    let found = seen(&course, &traces);
    let [pair] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((pair.kind, pair.organisation, pair.other, pair.score_bp), (kind, org(1), Some(org(2)), limits().contact));
    assert_eq!(pair.reasons.len(), 4);
    // What is the same of another kind is not the same.
    assert!(seen(&course, &[trace(kind, 1, 70), trace(SignalKind::SharedPayer, 2, 70)]).is_empty());
    let payers = seen(&course, &[1, 2, 3].map(|who| trace(SignalKind::SharedPayer, who, 5)));
    assert_eq!(kinds(&payers), [SignalKind::SharedPayer; 3]);
}

#[test]
fn a_network_of_many_says_nothing_of_any_two() {
    let crowd: Vec<u128> = (1..).take(limits().crowd + 1).collect();
    let from = |who: &[u128]| -> Vec<Trace> { who.iter().map(|who| trace(SignalKind::SharedAddress, *who, 5)).collect() };
    let course = bid_for(&crowd.iter().map(|who| (*who, 2)).collect::<Vec<_>>());
    assert!(seen(&course, &from(&crowd)).is_empty());
    let few = &crowd[1..];
    assert_eq!(seen(&course, &from(few)).len(), few.len() * (few.len() - 1) / 2);
}

// ---- Rivals ----

#[test]
fn silent_and_withdrawn_rivals_of_the_only_bidder_are_a_signal() {
    let mut course = bid_for(&[(1, 1)]);
    assert!(seen(&course, &[]).is_empty());
    course.admitted.insert(org(2), AdmissionId(Uuid::from_u128(102)));
    assert!(seen(&course, &[]).is_empty(), "one may think better of it");
    course.withdrawn.insert(org(3), AdmissionId(Uuid::from_u128(103)));
    let found = seen(&course, &[]);
    let [alone] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((alone.kind, alone.organisation, alone.other), (SignalKind::WithdrawnRivals, org(1), None));
    let told: Vec<_> = alone.reasons.iter().map(|reason| (reason.fact, reason.organisation_id)).collect();
    assert_eq!(told, [(SignalFact::NeverBid, Some(org(2))), (SignalFact::Withdrew, Some(org(3)))]);
    // Nor where two bid, or none, or where the first bid is the last.
    assert!(seen(&Course { ends_with_first: true, ..course.clone() }, &[]).is_empty());
    assert!(seen(&Course { bids: bid_for(&[(1, 1), (2, 2)]).bids, ..course.clone() }, &[]).is_empty());
    assert!(seen(&Course { bids: Vec::new(), ..course }, &[]).is_empty());
}

// ---- Lot after lot ----

#[test]
fn who_bids_in_many_lots_and_wins_none_is_a_signal() {
    let course = bid_for(&[(1, 1), (2, 2), (1, 2), (2, 2)]);
    let (seller, another) = (course.seller, org(2_000));
    let after = |lots: &[(u128, OrganisationId, bool)]| {
        let lots: Vec<_> = lots.iter().map(|(who, from, won)| (org(*who), *from, *won)).collect();
        let history = History { records: records(seller, &lots), ..History::default() };
        findings(&course, &[], &history, &limits())
    };
    let mut lots = vec![(1, seller, false); 4];
    lots.extend([(2, seller, true), (2, seller, false), (3, seller, false)]);
    assert!(after(&lots).is_empty());
    lots.push((1, another, false));
    let found = after(&lots);
    let [never] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((never.kind, never.organisation, never.score_bp), (SignalKind::NeverWins, org(1), 8_000));
    assert_eq!((number_of(never, SignalFact::LotsBidIn), number_of(never, SignalFact::SellersLotsBidIn)), (Some(5), Some(4)));
    lots.push((1, another, true));
    assert!(after(&lots).is_empty());
}

fn shill() -> Habits {
    Habits {
        organisation: org(9),
        lots: 4,
        won: 0,
        bids: 12,
        lot_bids: 25,
        raises: 12,
        small_raises: 12,
        answers: 12,
        quick_answers: 12,
        early_bp: 38_000,
    }
}

#[test]
fn a_planted_shill_is_the_first_of_its_sellers_bidders() {
    // One who wants the lots and is often outbid, one who has his reasons to come first, and passers-by.
    let keen = Habits { organisation: org(1), won: 2, small_raises: 3, quick_answers: 2, early_bp: 12_000, ..shill() };
    let early = Habits { organisation: org(2), lots: 3, won: 1, bids: 6, small_raises: 4, quick_answers: 3, ..shill() };
    let passing = (20..60).map(|who| Habits { organisation: org(who), lots: 1, bids: 2, ..shill() });
    let habits: Vec<_> = passing.chain([early, shill(), keen]).collect();
    let history = History { seller_lots: 4, habits, ..History::default() };
    let weights = limits().weights;
    assert_eq!((score(&shill(), 4, &weights), score(&keen, 4, &weights)), (9_918, 6_751));
    let found = findings(&bid_for(&[(1, 1), (9, 2), (1, 2)]), &[], &history, &limits());
    let [first] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.kind, first.organisation, first.score_bp), (SignalKind::ShillScore, org(9), 9_918));
    let facts = [SignalFact::Rank, SignalFact::Ranked, SignalFact::SellersLotsLost, SignalFact::LossesBp];
    assert_eq!(facts.map(|fact| number_of(first, fact)), [Some(1), Some(3), Some(4), Some(10_000)]);
    // Nothing is said of him in a lot he did not bid in.
    assert!(findings(&bid_for(&[(1, 1), (2, 2)]), &[], &history, &limits()).is_empty());
}

// ---- Whatever is bid ----

fn any_trace() -> impl Strategy<Value = (usize, u128, u128)> {
    (0_usize..3, 1_u128..6, 1_u128..4)
}

fn traces(planted: &[(usize, u128, u128)], name: impl Fn(u128) -> u128) -> Vec<Trace> {
    planted.iter().map(|(kind, who, key)| trace(SignalKind::ALL[*kind], name(*who), *key)).collect()
}

/// Of whom what is said, whatever he is called.
fn said(found: &[Finding], name: impl Fn(OrganisationId) -> OrganisationId) -> BTreeSet<(SignalKind, BTreeSet<OrganisationId>, i64)> {
    let about = |finding: &Finding| [Some(finding.organisation), finding.other].into_iter().flatten().map(&name).collect();
    found.iter().map(|finding| (finding.kind, about(finding), finding.score_bp)).collect()
}

proptest! {
    #[test]
    fn the_order_of_bidders_changes_nothing(
        raises in vec((1_u128..6, 1_i64..3), 0..40),
        (planted, shuffled) in vec(any_trace(), 0..20).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let found = seen(&bid_for(&raises), &traces(&planted, |who| who));
        prop_assert_eq!(&seen(&bid_for(&raises), &traces(&shuffled, |who| who)), &found);
        // Nor do names: whoever is first by them is not looked at otherwise.
        let renamed: Vec<_> = raises.iter().map(|(who, steps)| (6 - who, *steps)).collect();
        let other = seen(&bid_for(&renamed), &traces(&planted, |who| 6 - who));
        let back = |id: OrganisationId| org(6 - id.0.as_u128());
        prop_assert_eq!(said(&other, back), said(&found, |id| id));
    }

    #[test]
    fn of_one_bidder_nothing_is_said_but_of_his_rivals(
        raises in vec(1_i64..3, 0..30),
        planted in vec(any_trace(), 0..20),
        gone in 0_u128..5,
    ) {
        let bids: Vec<_> = raises.iter().map(|steps| (1_u128, *steps)).collect();
        let withdrawn = (0..gone).map(|who| (org(who + 2), AdmissionId(Uuid::from_u128(who + 200)))).collect();
        let course = Course { withdrawn, ..bid_for(&bids) };
        let history = History { seller_lots: 4, habits: vec![Habits { organisation: org(1), ..shill() }], ..History::default() };
        let found = findings(&course, &traces(&planted, |who| who), &history, &limits());
        let due = usize::from(!bids.is_empty() && gone >= 2);
        prop_assert_eq!(kinds(&found), vec![SignalKind::WithdrawnRivals; due]);
    }

    #[test]
    fn a_share_is_between_none_and_all(part in any::<i64>(), whole in any::<i64>()) {
        prop_assert!((0..=WHOLE).contains(&share(part, whole)));
    }
}
