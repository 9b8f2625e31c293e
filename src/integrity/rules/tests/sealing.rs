//! What is sealed, and what is bid by rounds: read off the log, and seen where it is planted.

use entity::auctions::{Direction, LotState, lot as lots, lot_event};
use entity::money::Money;

use super::*;
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::rounds::{OpenedOffer, TurnOffer};
use crate::auctions::rules::sealed::OpenedBid;

// ---- What is read off a lot ----

fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

/// A sold lot that the admission of this bidder has.
fn sold_to(who: u128) -> lots::Model {
    let leader = Some(AdmissionId(Uuid::from_u128(who + 100)));
    lots::Model { state: LotState::ClosedSold, leader_admission_id: leader, ..lot(terms()) }
}

fn events(lot: &lots::Model, bodies: &[Body]) -> Vec<lot_event::Model> {
    bodies.iter().map(|body| append(lot, at(3_600), body, Cause::default()).0).collect()
}

/// Two bidders who were admitted.
fn two() -> [admission::Model; 2] {
    [7, 8].map(|who| admission(who, AdmissionState::Admitted, Some(&name(who))))
}

fn opened(who: u128, fen: i64, second: i64) -> OpenedBid {
    OpenedBid {
        bidder: name(who),
        price: Money::fen(fen),
        at: at(second),
        order: second,
        salt: String::new(),
        commitment: String::new(),
        further_units: Vec::new(),
    }
}

#[test]
fn sealed_bids_are_read_off_their_opening() {
    let lot = sold_to(8);
    let first = Body::BidsOpened { round: 1, bids: vec![opened(8, 20_000, 50), opened(7, 20_000, 60)], weighing: None };
    let second = Body::BidsOpened { round: 2, bids: vec![opened(8, 21_000, 3_700)], weighing: None };
    let read = course(&lot, &two(), &events(&lot, &[first, second]));
    assert_eq!(read.bids.iter().map(|bid| (bid.organisation, bid.raise)).collect::<Vec<_>>(), [8, 7, 8].map(|who| (org(who), None)));
    let sealed = [(org(7), Sealed { price: 20_000, at: at(60) }), (org(8), Sealed { price: 20_000, at: at(50) })];
    assert_eq!(read.sealed.clone().into_iter().collect::<Vec<_>>(), sealed, "before anybody knew of anybody");
    assert_eq!((read.winner, read.turns.len()), (Some(org(8)), 0));

    let parts = parts(&read, TimeDelta::minutes(1));
    let [seven, eight] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((seven.bids, seven.lot_bids, seven.raises, seven.answers, seven.early_bp), (1, 3, 0, 0, 0));
    assert_eq!((seven.sealed_minor, seven.sealed_at, seven.turns), (Some(20_000), Some(at(60)), None));
    assert_eq!((eight.bids, eight.answers, eight.quick_answers, eight.won), (2, 0, 0, true));
}

#[test]
fn offers_by_rounds_are_read_off_their_turns() {
    let lot = sold_to(7);
    let offer = |who, fen, second| OpenedOffer { bidder: name(who), price: Money::fen(fen), at: at(second), salt: String::new() };
    let turn = |round, turn, who, fen: Option<i64>| {
        let offer = fen.map(|fen| TurnOffer { price: Money::fen(fen), at: at(310) });
        Body::TurnEnded { round, turn, bidder: name(who), offer }
    };
    let opening = Body::FirstOffersOpened { offers: vec![offer(7, 10_000, -100), offer(8, 12_000, -50)], closes_at: at(3_600) };
    let turns = [turn(1, 1, 7, Some(13_000)), turn(1, 2, 8, None), turn(2, 1, 8, Some(12_000)), turn(2, 2, 7, None)];
    let told: Vec<_> = std::iter::once(opening).chain(turns).collect();
    let read = course(&lot, &two(), &events(&lot, &told));
    let bids: Vec<_> = read.bids.iter().map(|bid| (bid.organisation, bid.raise)).collect();
    assert_eq!(bids, [(org(7), None), (org(8), None), (org(7), Some(3_000))], "who bids his own offer leaves it");
    assert_eq!(read.turns, BTreeMap::from([(org(7), 2), (org(8), 2)]));

    let parts = parts(&read, TimeDelta::days(1));
    let [seven, eight] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((seven.raises, seven.small_raises, seven.quick_answers, seven.early_bp), (1, 0, 0, 0));
    assert_eq!((eight.raises, eight.turns, eight.sealed_minor), (0, Some(2), Some(12_000)));
}

// ---- One lot ----

/// A lot with sealed bids: whose, how much, and at which second. The first has it.
fn sealed(number: u128, bids: &[(u128, i64, i64)]) -> Course {
    let made =
        bids.iter().map(|(who, _, second)| Bid { organisation: org(*who), at: at(*second), raise: None, least: STEP, in_the_open: false });
    Course {
        lot: LotId(Uuid::from_u128(number)),
        admitted: bids.iter().map(|(who, ..)| (org(*who), AdmissionId(Uuid::from_u128(who + 100)))).collect(),
        bids: made.collect(),
        winner: bids.first().map(|(who, ..)| org(*who)),
        sealed: bids.iter().map(|(who, price, second)| (org(*who), Sealed { price: *price, at: at(*second) })).collect(),
        ..bid_for(&[])
    }
}

fn only(found: &[Finding]) -> &Finding {
    let [one] = found else { panic!("{found:?}") };
    one
}

#[test]
fn one_uneven_amount_of_two_is_a_signal_with_amounts_and_times() {
    let found = seen(&sealed(1, &[(3, 130_000, 5), (2, 123_456, 10), (1, 123_456, 900)]), &[]);
    let pair = only(&found);
    assert_eq!((pair.kind, pair.organisation, pair.other, pair.score_bp), (SignalKind::EqualBids, org(1), Some(org(2)), limits().equal));
    let lot = Some(Uuid::from_u128(1));
    let told: Vec<_> = pair.reasons.iter().map(|reason| (reason.organisation_id, reason.amount, reason.at, reason.object_id)).collect();
    let amount = Some(Money::fen(123_456));
    assert_eq!(told, [(Some(org(1)), amount, Some(at(900)), lot), (Some(org(2)), amount, Some(at(10)), lot)]);
    // Anybody hits on a round amount, or bids the least there is; and almost the same is not the same.
    for (one, other) in [(200_000, 200_000), (STEP, STEP), (123_456, 123_457)] {
        assert!(seen(&sealed(1, &[(1, one, 10), (2, other, 900)]), &[]).is_empty(), "{one} {other}");
    }
}

fn at_place(kind: SignalKind, fact: SignalFact, who: u128) -> Trace {
    let reason = SignalReason::of(fact).by(org(who)).number(1).marked("place".into());
    Trace { kind, organisation: org(who), key: "place".into(), reason }
}

#[test]
fn bids_sealed_within_seconds_in_one_place_are_a_signal() {
    use SignalFact::{AppliedFromNetwork, BidFromNetwork, SignedInOnDevice};
    use SignalKind::{SealedTogether, SharedAddress, SharedDevice};
    let close = sealed(1, &[(1, 130_001, 100), (2, 120_002, 105)]);
    let network = [1, 2].map(|who| at_place(SharedAddress, BidFromNetwork, who));
    let device = [1, 2].map(|who| at_place(SharedDevice, SignedInOnDevice, who));
    let found = seen(&close, &network);
    assert_eq!(kinds(&found), [SharedAddress, SealedTogether]);
    assert_eq!((number_of(&found[1], SignalFact::MillisecondsApart), found[1].score_bp), (Some(5_000), limits().together_score));
    assert_eq!(found[1].reasons.iter().filter(|reason| reason.fact == SignalFact::SealedBid).count(), 2);
    assert_eq!(kinds(&seen(&close, &device)), [SharedDevice, SealedTogether]);
    assert_eq!(kinds(&seen(&close, &[network.clone(), device].concat())), [SharedAddress, SharedDevice, SealedTogether], "once");
    // Far apart, or where only one of them bid.
    let far = sealed(1, &[(1, 130_001, 100), (2, 120_002, 111)]);
    assert_eq!(kinds(&seen(&far, &network)), [SharedAddress]);
    let one_applied = [at_place(SharedAddress, AppliedFromNetwork, 1), at_place(SharedAddress, BidFromNetwork, 2)];
    assert_eq!(kinds(&seen(&close, &one_applied)), [SharedAddress]);
}

#[test]
fn by_rounds_fewer_raises_in_turn_by_the_least_are_a_signal() {
    let by_rounds = |bids| Course { turns: BTreeMap::from([(org(1), 3), (org(2), 3)]), ..bid_for(&in_turn(&[1, 2], bids)) };
    let found = seen(&by_rounds(7), &[]);
    assert_eq!((only(&found).kind, number_of(only(&found), SignalFact::AlternatingBids)), (SignalKind::MinimalAlternating, Some(6)));
    assert!(seen(&by_rounds(6), &[]).is_empty());
    assert!(seen(&bid_for(&in_turn(&[1, 2], 7)), &[]).is_empty(), "elsewhere they are few");
}

// ---- Lot after lot ----

/// What is found in the last of these lots.
fn after(lots: &[Course]) -> Vec<Finding> {
    after_going(Direction::Ascending, lots)
}

/// The same where prices went this way.
fn after_going(direction: Direction, lots: &[Course]) -> Vec<Finding> {
    let of_lot = |course: &Course| -> Vec<Past> {
        let of_bidder = |(bidder, sealed): (&OrganisationId, &Sealed)| {
            let won = course.winner == Some(*bidder);
            Past { lot: course.lot, direction, organisation: *bidder, sealed: *sealed, won, turns: None, raises: 0 }
        };
        course.sealed.iter().map(of_bidder).collect()
    };
    let history = History { past: lots.iter().flat_map(of_lot).collect(), ..History::default() };
    findings(lots.last().unwrap(), &[], &history, &limits())
}

/// Who bids, and how much in fen.
type Amount = (u128, i64);

/// Lots one after another, each with what the winner and another sealed.
fn two_in_each(bids: &[(Amount, Amount)]) -> Vec<Course> {
    let lots = (1..).zip(bids);
    lots.map(|(number, ((winner, best), (loser, less)))| sealed(number, &[(*winner, *best, 10), (*loser, *less, 900)])).collect()
}

#[test]
fn bids_apart_by_the_same_amount_in_lot_after_lot_are_a_signal() {
    let apart = |gaps: &[i64]| -> Vec<Course> {
        let bids: Vec<_> = (1..).zip(gaps).map(|(number, gap)| ((1, number * 170_003 + gap), (2, number * 170_003))).collect();
        two_in_each(&bids)
    };
    let found = after(&apart(&[50_000, 50_000, 50_000]));
    let pair = only(&found);
    assert_eq!((pair.kind, pair.organisation, pair.other, pair.score_bp), (SignalKind::RegularBids, org(1), Some(org(2)), 10_000));
    assert_eq!((pair.reasons[0].number, pair.reasons[0].amount), (Some(3), Some(Money::fen(50_000))));
    assert_eq!(pair.reasons.iter().filter(|reason| reason.fact == SignalFact::SealedBid).count(), 6);
    // Twice, once otherwise, too seldom among many, or not in this lot.
    for gaps in [
        &[50_000, 50_000][..],
        &[50_000, 50_000, 50_001],
        &[1, 70_000, 80_000, 90_000, 50_000, 50_000, 50_000],
        &[50_000, 50_000, 50_000, 60_000],
    ] {
        assert!(after(&apart(gaps)).is_empty(), "{gaps:?}");
    }
    let least = [((1, STEP), (2, STEP)); 4];
    assert!(after(&two_in_each(&least)).is_empty(), "who bids the least there is needs nobody for it");
}

#[test]
fn bids_just_below_the_winners_in_lot_after_lot_are_a_signal_whoever_wins() {
    let covered = [((1, 200_000), (2, 198_500)), ((2, 300_000), (1, 297_000)), ((1, 100_000), (2, 98_001))];
    let found = after(&two_in_each(&covered));
    let pair = only(&found);
    assert_eq!((pair.kind, pair.organisation, pair.other, pair.score_bp), (SignalKind::CoverBids, org(1), Some(org(2)), 10_000));
    assert_eq!(number_of(pair, SignalFact::LotsJustBelow), Some(3));
    let further = [covered[0], covered[1], ((1, 100_000), (2, 97_999))];
    assert!(after(&two_in_each(&further)).is_empty(), "more than the gap below");
    assert!(after(&two_in_each(&covered[..2])).is_empty(), "twice is chance");
    // Who is just below somebody else's winning bid covers nobody.
    let mut third = two_in_each(&covered);
    for lot in &mut third {
        lot.winner = Some(org(3));
    }
    assert!(after(&third).is_empty());
}

#[test]
fn where_the_lowest_bid_wins_bids_just_above_it_are_the_signal() {
    let covered = [((1, 200_000), (2, 203_500)), ((2, 300_000), (1, 305_000)), ((1, 100_000), (2, 102_000))];
    let found = after_going(Direction::Descending, &two_in_each(&covered));
    let pair = only(&found);
    assert_eq!((pair.kind, pair.organisation, pair.other, pair.score_bp), (SignalKind::CoverBids, org(1), Some(org(2)), 10_000));
    assert!(after(&two_in_each(&covered)).is_empty(), "whoever wins with the worse bid was not covered");
    let further = [covered[0], covered[1], ((1, 100_000), (2, 102_001))];
    assert!(after_going(Direction::Descending, &two_in_each(&further)).is_empty(), "more than the gap above");
    let below = [((1, 200_000), (2, 198_500)), ((2, 300_000), (1, 297_000)), ((1, 100_000), (2, 98_001))];
    assert!(after_going(Direction::Descending, &two_in_each(&below)).is_empty(), "below the lowest bid there is nothing to cover");
}

#[test]
fn offers_that_are_always_left_are_a_signal() {
    let here = Course { turns: BTreeMap::from([(org(1), 3), (org(2), 3)]), ..sealed(3, &[(1, 150_000, 0), (2, 120_000, 500)]) };
    let past = |lot: u128, who, raises, won| Past {
        lot: LotId(Uuid::from_u128(lot)),
        direction: Direction::Ascending,
        organisation: org(who),
        sealed: Sealed { price: 120_000, at: at(0) },
        won,
        turns: Some(3),
        raises,
    };
    let after = |second: &[(i64, bool)]| {
        let lots = (1..=3).rev().zip(second.iter().rev());
        let past = lots.flat_map(|(lot, (raises, won))| [past(lot, 1, 2, true), past(lot, 2, *raises, *won)]).collect();
        findings(&here, &[], &History { past, ..History::default() }, &limits())
    };
    let found = after(&[(0, false); 3]);
    let leaves = only(&found);
    assert_eq!((leaves.kind, leaves.organisation, leaves.score_bp), (SignalKind::LeavesOffers, org(2), 7_500));
    assert_eq!(leaves.reasons.iter().filter(|reason| reason.fact == SignalFact::TurnsLeft && reason.number == Some(3)).count(), 3);
    for second in [&[(0, false); 2][..], &[(0, false), (1, false), (0, false)], &[(0, false), (0, true), (0, false)]] {
        assert!(after(second).is_empty(), "{second:?}");
    }
}

#[test]
fn who_seals_in_many_lots_and_wins_none_is_a_signal_too() {
    let here = sealed(1, &[(1, 150_000, 0), (2, 120_000, 500)]);
    let lots = |number| vec![(org(2), here.seller, false); number];
    let after = |number| findings(&here, &[], &History { records: records(here.seller, &lots(number)), ..History::default() }, &limits());
    assert!(after(4).is_empty());
    assert_eq!(only(&after(5)).kind, SignalKind::NeverWins);
}
