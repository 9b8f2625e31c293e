//! Holders of one rank who are asked at once, and the round of those who take the lot: all of it is recomputed.

use chrono::TimeDelta;

use super::super::{Passed, Wrong, hold_sealed, verify};
use super::{forged as found, says};
use crate::auctions::rules::preemption::same_rank::{Story, name, sealing};
use crate::auctions::rules::tests::terms;

/// 9 bids (4); 1 and 2 are asked before 3 (5) and take the lot, 2 before 1 (6, 7); their round (8) is opened (9), and 1 has it (10).
fn sold() -> Story {
    let mut story = sealing(terms());
    story.seals(2, 10_100, 10).unwrap();
    story.seals(1, 10_500, 20).unwrap();
    story.runs_out();
    assert_eq!(story.lot.seq, 10);
    story
}

#[test]
fn the_round_of_holders_passes_with_its_receipts() {
    let story = sold();
    assert_eq!(verify(&story.course(), &[], |_| {}), Ok(()));
    let mut passed = Vec::new();
    assert_eq!(hold_sealed(&story.course(), &story.receipts, |one| passed.push(one)), Ok(()));
    assert_eq!(passed.len(), 2);
    assert!(passed.iter().all(|one| matches!(one, Passed::SealedReceipt { round: 3, replaced: None, .. })));
    assert_eq!(story.course().outcome.winner, Some(name(1)));
}

#[test]
fn a_holder_who_is_left_out_of_the_question_or_added_to_it_is_named() {
    let course = sold().course();
    let other = |who: u128, rank: i32| format!("{{\"bidder\":\"{}\",\"rank\":{rank}}}", name(who));
    // The first list alone tells who holds a right; whoever is not in it cannot answer.
    let left_out = found(&course, |events| says(&mut events[4], &format!("{},", other(1, 1)), ""));
    assert_eq!((left_out.0, left_out.1), (Wrong::AgainstTheRules, Some(7)));
    let twice = found(&course, |events| says(&mut events[4], &other(3, 2), &other(2, 2)));
    assert_eq!((twice.0, twice.1, twice.2.as_str()), (Wrong::AgainstTheRules, Some(5), "nobody is asked twice"));
    let other_rank = found(&course, |events| says(&mut events[4], &other(2, 1), &other(2, 2)));
    assert_eq!((other_rank.0, other_rank.1), (Wrong::AgainstTheRules, Some(6)), "it is not his turn");
    // Where nobody of the first rank takes it the next question is recomputed from the list.
    let mut declined = Story::asked(terms(), &[(1, 1), (2, 1), (3, 2), (4, 2)]);
    declined.runs_out();
    declined.runs_out();
    let declined = declined.course();
    assert_eq!(verify(&declined, &[], |_| {}), Ok(()));
    let dropped = found(&declined, |events| says(&mut events[5], &format!("{},", other(3, 2)), ""));
    assert_eq!((dropped.0, dropped.1), (Wrong::NotWhatFollows, Some(6)));
    let unasked = found(&declined, |events| drop(events.remove(5)));
    assert_eq!((unasked.0, unasked.1), (Wrong::NotWhatFollows, Some(6)));
}

#[test]
fn an_answer_of_one_who_is_not_asked_or_who_has_answered_is_named() {
    let course = sold().course();
    for other in [name(3), name(9)] {
        let found = found(&course, |events| says(&mut events[5], &name(2), &other));
        assert_eq!((found.0, found.1, found.2.as_str()), (Wrong::AgainstTheRules, Some(6), "wrong_state"));
    }
    let twice = found(&course, |events| says(&mut events[6], &name(1), &name(2)));
    assert_eq!((twice.0, twice.1), (Wrong::AgainstTheRules, Some(7)));
    let late = found(&course, |events| events[6].at += TimeDelta::seconds(300));
    assert_eq!((late.0, late.1, late.2.as_str()), (Wrong::AgainstTheRules, Some(7), "closed"));
}

#[test]
fn a_round_that_is_left_out_or_comes_where_none_is_due_is_named() {
    let course = sold().course();
    // Sold to who took it first, as if he alone had.
    let left_out = found(&course, |events| {
        drop(events.drain(7..9));
        says(&mut events[7], &name(1), &name(2));
        says(&mut events[7], "105.00", "100.00");
    });
    assert_eq!((left_out.0, left_out.1), (Wrong::NotWhatFollows, Some(8)));
    assert_eq!(found(&course, |events| drop(events.remove(7))).1, Some(8), "nothing is opened that nobody could seal");
    // One of them did not take it after all.
    let alone = found(&course, |events| says(&mut events[6], "\"takes\":true", "\"takes\":false"));
    assert_eq!((alone.0, alone.1), (Wrong::AgainstTheRules, Some(8)));
    let twice = found(&course, |events| events.insert(8, events[7].clone()));
    assert_eq!((twice.0, twice.1), (Wrong::AgainstTheRules, Some(9)));
    let too_soon = found(&course, |events| events[7].at -= TimeDelta::seconds(1));
    assert_eq!((too_soon.0, too_soon.1), (Wrong::AgainstTheRules, Some(8)));
    for (words, others) in [("100.00", "101.00"), ("[\"竞买人 2\",\"竞买人 1\"]", "[\"竞买人 1\",\"竞买人 2\"]")] {
        let changed = found(&course, |events| says(&mut events[7], words, others));
        assert_eq!((changed.0, changed.1), (Wrong::NotWhatFollows, Some(8)));
    }
}

#[test]
fn another_winner_and_a_bid_that_could_not_be_sealed_are_named() {
    let course = sold().course();
    let winner = found(&course, |events| says(&mut events[9], &name(1), &name(2)));
    assert_eq!((winner.0, winner.1), (Wrong::NotWhatFollows, Some(10)));
    let price = found(&course, |events| says(&mut events[9], "105.00", "100.00"));
    assert_eq!((price.0, price.1), (Wrong::NotWhatFollows, Some(10)), "the winner pays his own bid");
    let outsider = found(&course, |events| says(&mut events[8], &name(2), &name(9)));
    assert_eq!((outsider.0, outsider.2.as_str()), (Wrong::AgainstTheRules, "not_in_tie_round"));
    let less = found(&course, |events| says(&mut events[8], "101.00", "99.99"));
    assert_eq!((less.0, less.2.as_str()), (Wrong::AgainstTheRules, "too_low"));
    let other = found(&course, |events| says(&mut events[8], "101.00", "102.00"));
    assert_eq!((other.0, other.1), (Wrong::BidNotCommitted, Some(9)));
    let round = found(&course, |events| says(&mut events[8], "\"round\":3", "\"round\":2"));
    assert_eq!((round.0, round.1), (Wrong::NotWhatFollows, Some(9)));
    let unopened = found(&course, |events| drop(events.remove(8)));
    assert_eq!((unopened.0, unopened.1, unopened.2.as_str()), (Wrong::AgainstTheRules, Some(9), "bids are still sealed"));
}
