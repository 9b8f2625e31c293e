//! Each sentence of what is announced of holders of one rank, and all of them at random.

use std::collections::{BTreeMap, BTreeSet};

use entity::auctions::ClosingMode;
use proptest::prelude::*;

use super::*;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};

#[test]
fn all_of_the_best_rank_are_asked_at_once_and_their_time_ends_with_the_last_answer() {
    let mut story = Story::asked(terms(), &HOLDERS);
    assert_eq!((story.asked_now(), story.lot.closes_at), (vec![name(1), name(2)], story.later(ANSWER)));
    assert_eq!(story.answers(3, true, 5), Err(Code::WrongState), "he is of the next rank");
    story.answers(2, false, 10).unwrap();
    assert_eq!(story.answers(2, true, 11), Err(Code::WrongState), "he has answered");
    assert_eq!((story.asked_now(), story.lot.closes_at), (vec![name(1)], story.later(ANSWER)), "the other still may");
    assert_eq!(story.answers(1, true, ANSWER), Err(Code::Closed));
    story.answers(1, false, 20).unwrap();
    assert_eq!((story.asked_now(), story.lot.closes_at), (Vec::new(), story.later(20)));
    story.runs_out();
    assert_eq!(story.asked_now(), [name(3)], "nobody of the first rank takes it");
}

#[test]
fn where_nobody_of_a_rank_takes_it_the_next_is_asked_without_those_who_are_suspended() {
    let mut story = Story::asked(terms(), &[(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4)]);
    for who in [4, 5, 6] {
        story.says(&Body::BidderSuspended { bidder: name(who) }, 5);
    }
    story.answers(1, false, 10).unwrap();
    story.runs_out();
    assert_eq!(story.asked_now(), [name(3)], "2 let the time pass, 4 is suspended");
    // Whoever is reinstated before his turn is asked then.
    story.says(&Body::BidderReinstated { bidder: name(6) }, 5);
    story.runs_out();
    assert_eq!(story.asked_now(), [name(6)], "the third rank is passed over as a whole");
    story.runs_out();
    assert_eq!(story.sale(), (name(9), FOUND));
}

#[test]
fn one_alone_of_his_rank_who_takes_it_has_it_at_the_price_found() {
    for other in [Some(false), None] {
        let mut story = Story::asked(terms(), &HOLDERS);
        story.answers(2, true, 10).unwrap();
        if let Some(takes) = other {
            story.answers(1, takes, 20).unwrap();
        }
        let until = if other.is_some() { 20 } else { ANSWER };
        assert_eq!(story.lot.closes_at, story.later(until), "the others are waited for");
        story.runs_out();
        assert_eq!(story.sale(), (name(2), FOUND));
    }
}

#[test]
fn several_who_take_it_seal_one_more_bid_and_the_best_has_it_at_his_own() {
    let mut story = sealing(terms());
    assert_eq!((story.lot.state, story.lot.closes_at), (LotState::PreemptionAsk, story.later(ONCE_MORE)));
    let of = round_of(&story.lot).unwrap();
    assert_eq!((of.bidders.clone(), of.at_least), (vec![name(2), name(1)], Money::fen(FOUND)), "in the order of their answers");
    assert_eq!((story.asked_now(), ask(&story.lot, None, &[], story.now)), (Vec::new(), None));
    let before = story.lot.clone();
    assert_eq!(story.seals(2, FOUND - 1, 1), Err(Code::TooLow));
    story.seals(2, FOUND + 500, 2).unwrap();
    story.seals(1, FOUND + 1, 3).unwrap();
    // The last of a bidder counts, also where it is less.
    story.seals(2, FOUND, 4).unwrap();
    for outsider in [3, 9] {
        assert_eq!(story.seals(outsider, FOUND + 900, 5), Err(Code::NotInTieRound));
    }
    let suspended = attempt(1, FOUND + 900, story.later(6), true);
    assert_eq!(story.seals_as(&suspended), Err(Code::BidderSuspended));
    assert_eq!(story.seals(1, FOUND + 900, ONCE_MORE), Err(Code::Closed));
    assert_eq!(story.lot, before, "nobody learns of what is sealed");
    story.runs_out();
    assert_eq!((story.sale(), story.receipts.len()), ((name(1), FOUND + 1), 3));
}

#[test]
fn of_equals_whoever_sealed_first_has_it_and_where_nobody_does_whoever_took_it_first() {
    let mut equals = sealing(terms());
    equals.seals(1, FOUND, 1).unwrap();
    equals.seals(2, FOUND, 2).unwrap();
    equals.runs_out();
    assert_eq!(equals.sale(), (name(1), FOUND), "2 took it first, and sealed later");
    let mut silent = sealing(terms());
    silent.runs_out();
    assert_eq!(silent.sale(), (name(2), FOUND));
    let mut one = sealing(terms());
    one.seals(1, FOUND, 1).unwrap();
    one.runs_out();
    assert_eq!(one.sale(), (name(1), FOUND), "who seals nothing stands behind who does");
}

#[test]
fn nothing_is_sealed_before_the_round_or_where_there_is_none() {
    let mut story = Story::asked(terms(), &HOLDERS);
    assert_eq!(story.seals(1, FOUND, 5), Err(Code::WrongFormat));
    story.answers(2, true, 10).unwrap();
    story.answers(1, true, 20).unwrap();
    let early = story.later(20);
    story.runs_out();
    // It came before the round began, and was judged after that.
    assert_eq!(story.seals_as(&attempt(1, FOUND, early, false)), Err(Code::Busy));
    assert_eq!(round(&story.lot, story.now), None, "there is one");
}

#[test]
fn a_pause_an_extension_and_an_outage_move_the_end_of_the_round() {
    let order = Order { reason: "网络故障".into(), ..Order::default() };
    let mut story = sealing(terms());
    story.takes(pause::pause(&story.lot, &order, story.later(10)).unwrap());
    assert_eq!(story.seals(1, FOUND, 11), Err(Code::Paused));
    story.takes(pause::resume(&story.lot, &order, story.later(110)).unwrap());
    assert_eq!(story.lot.closes_at, story.later(ONCE_MORE + 100));
    story.takes(pause::extend(&story.lot, 30, TimeDelta::hours(1), &order, story.later(120)).unwrap());
    let silence = [Outage { began_at: story.later(200), ended_at: story.later(240) }];
    let (events, next) = outage::extended(&story.lot, &silence, TimeDelta::minutes(5), story.later(240), story.later(0));
    story.log.extend(events);
    story.lot = next;
    assert_eq!(story.lot.closes_at, story.later(540));
    story.seals(1, FOUND + 700, 530).unwrap();
    story.runs_out();
    assert_eq!(story.sale(), (name(1), FOUND + 700));
}

/// What was sealed by the format stays what it came to: the second price is found, and what holders bid is another round.
#[test]
fn a_lot_of_sealed_bids_has_the_round_beside_its_own() {
    let format = Format::Vickrey {};
    let mut story = Story::open(LotTerms { format, closing_mode: ClosingMode::HardClose, ..terms() }, &HOLDERS);
    for (who, fen) in [(8, 30_000), (9, 40_000), (3, 20_000)] {
        story.seals(who, fen, 60).unwrap();
    }
    story.runs_out();
    assert_eq!(story.asked_now(), [name(1), name(2)]);
    assert_eq!(story.seals(1, 50_000, 5), Err(Code::Closed), "the bidding has ended");
    story.answers(1, true, 10).unwrap();
    story.answers(2, true, 20).unwrap();
    story.runs_out();
    assert_eq!(story.seals(2, 29_999, 5), Err(Code::TooLow), "the price found is the second");
    story.seals(2, 30_001, 6).unwrap();
    story.runs_out();
    assert_eq!(story.sale(), (name(2), 30_001));
    let rounds: Vec<_> = story.receipts.iter().map(|receipt| receipt.statement.round).collect();
    assert_eq!(rounds, [1, 1, 1, ROUND]);
}

#[test]
fn in_a_lot_from_before_one_is_asked_after_another() {
    let preemption = Some(Preemption::AskAfter { answer_seconds: ANSWER, round_seconds: None });
    let before = lot(LotTerms { preemption, ..terms() });
    let judged = judge(&before, &[bid(9, FOUND, 60)]);
    let holders = HOLDERS.map(|(who, rank)| PreemptionHolder { bidder: name(who), rank });
    let (_, first) = ask(&judged.lot, None, &holders, at(3_601)).unwrap();
    assert_eq!(asked(&first).map(|holder| holder.bidder.as_str()).collect::<Vec<_>>(), [name(1)]);
    let (_, taken) = answer(&first, &name(1), false, true, at(3_700), Cause::default()).unwrap();
    assert_eq!((round(&taken, at(3_701)), ask(&taken, None, &[], at(3_701))), (None, None));
    assert!(taken.asking.unwrap().answers.is_empty(), "its row is what it was");
}

proptest! {
    /// Whoever answers and seals what, the lot goes to whom the announcement says, and anybody can recompute it.
    #[test]
    fn the_lot_goes_to_the_best_sealed_bid_of_those_who_take_it(
        said in prop::collection::vec((1_u128..5, any::<bool>()), 0..6), bids in prop::collection::vec((1_u128..5, 0_i64..4), 0..6),
    ) {
        let mut story = Story::asked(terms(), &[(1, 1), (2, 1), (3, 1), (4, 2)]);
        let (mut heard, mut takers) = (BTreeSet::new(), Vec::new());
        for ((who, takes), second) in said.into_iter().zip(1..) {
            let counts = who < 4 && heard.insert(who);
            prop_assert_eq!(story.answers(who, takes, second).is_ok(), counts);
            if counts && takes {
                takers.push(who);
            }
        }
        story.runs_out();
        let due = match takers.as_slice() {
            [] => {
                prop_assert_eq!(story.asked_now(), [name(4)]);
                story.runs_out();
                (9, FOUND)
            }
            [alone] => (*alone, FOUND),
            [first, ..] => {
                // The last of each, by what it offers more and how early it is.
                let mut standing = BTreeMap::new();
                for ((who, more), second) in bids.into_iter().zip(1..) {
                    let counts = takers.contains(&who);
                    prop_assert_eq!(story.seals(who, FOUND + more, second).is_ok(), counts);
                    if counts {
                        standing.insert(who, (more, -second));
                    }
                }
                story.runs_out();
                let best = standing.into_iter().max_by_key(|(_, claim)| *claim);
                best.map_or((*first, FOUND), |(who, (more, _))| (who, FOUND + more))
            }
        };
        prop_assert_eq!(story.sale(), (name(due.0), due.1));
    }
}
