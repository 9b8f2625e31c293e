use std::time::Instant;

use entity::identity::{OrgRole, OrganisationKind};
use entity::ids::{OrganisationId, PersonId, SessionId};
use entity::money::Money;
use uuid::Uuid;

use super::*;
use crate::auctions::views::NewBid;
use crate::platform::access::{Actor, Caller, Credential, IdempotencyKey, Permit, Seat};

/// A bid of somebody under a key.
fn bid(person: u128, lot: u128, key: &str) -> Asked<PlacedBid> {
    let seat = Seat {
        organisation: OrganisationId(Uuid::from_u128(person)),
        kind: OrganisationKind::Enterprise,
        verified: true,
        roles: vec![OrgRole::Bidder],
    };
    let session = Credential::Session(SessionId(Uuid::from_u128(person)));
    let caller = Caller::Person(Actor { seat: Some(seat), ..Actor::plain(PersonId(Uuid::from_u128(person)), session) });
    let permit = Permit::grant(&caller).unwrap();
    let idempotency = Some(IdempotencyKey { key: key.into(), fingerprint: [0; 32] });
    let by = Context { caller, idempotency, arrived: Instant::now(), ..Context::system("place_bid", key.into()) };
    let new = NewBid { price: Money::fen(1), confirmed: false };
    Asked { by: Arc::new(by), input: PlacedBid { permit, lot: lot_of(lot), new } }
}

fn lot_of(number: u128) -> LotId {
    LotId(Uuid::from_u128(number))
}

/// Bids that wait at a floor of their own.
fn waiting(bids: &[(u128, u128, &str)]) -> Vec<Waiting> {
    let floor = Floor::new(bids.len());
    for (person, lot, key) in bids {
        floor.join(bid(*person, *lot, key)).unwrap();
    }
    floor.take()
}

fn keys(batch: &[Waiting]) -> Vec<&str> {
    batch.iter().map(|waiting| waiting.bid.by.request_id.as_str()).collect()
}

#[test]
fn all_that_wait_are_taken_in_the_order_in_which_they_came() {
    let floor = Floor::new(10);
    let join = |person, lot, key| floor.join(bid(person, lot, key)).unwrap().1;
    assert!(join(1, 1, "a"), "whoever comes first finds nobody who serves");
    assert!(!join(2, 2, "b"));
    assert!(!join(1, 1, "c"));
    assert_eq!(keys(&floor.take()), ["a", "b", "c"]);
    assert!(!join(1, 1, "d"), "while a batch is committed the queue is served");
    assert_eq!(keys(&floor.take()), ["d"]);
    assert!(floor.take().is_empty());
    assert!(join(1, 1, "e"), "nobody served it any more");
}

#[test]
fn twins_never_meet_in_one_batch_and_keep_their_order() {
    let floor = Floor::new(10);
    for (person, key) in [(1, "a"), (1, "a"), (2, "a"), (1, "b"), (1, "a"), (1, "c")] {
        floor.join(bid(person, 1, key)).unwrap();
    }
    assert_eq!(keys(&floor.take()), ["a", "a", "b", "c"], "the key of another is another key");
    floor.join(bid(1, 1, "d")).unwrap();
    assert_eq!(keys(&floor.take()), ["a", "d"]);
    assert_eq!(keys(&floor.take()), ["a"]);
    assert!(floor.take().is_empty());
}

#[test]
fn a_full_floor_takes_nobody_in_until_somebody_has_his_outcome_and_a_batch_no_more_than_its_most() {
    let floor = Floor::new(MOST_AT_ONCE + 1);
    for count in 0..=MOST_AT_ONCE {
        floor.join(bid(1, 1, &count.to_string())).unwrap();
    }
    let first = floor.take();
    assert_eq!(first.len(), MOST_AT_ONCE);
    assert_eq!(floor.join(bid(1, 1, "one more")).map(|_| ()).unwrap_err().code, Code::Busy);
    refuse(first, &Code::Internal.into());
    floor.join(bid(1, 1, "one more")).unwrap();
    assert_eq!([floor.take().len(), floor.take().len()], [2, 0]);
}

#[test]
fn a_queue_whose_committer_broke_off_lets_go_who_waits_and_is_served_by_the_next() {
    let floor = Floor::new(1);
    let (mut told, _) = floor.join(bid(1, 1, "a")).unwrap();
    floor.abandon();
    assert!(told.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
    assert!(floor.join(bid(1, 1, "b")).unwrap().1);
}

/// Bids that were passed over so often.
fn passed_over(bids: &[(u128, u128, &str)], often: u32) -> Vec<Waiting> {
    waiting(bids).into_iter().map(|waiting| Waiting { passed_over: often, ..waiting }).collect()
}

#[test]
fn who_was_passed_over_stands_first_in_the_next_batch() {
    let floor = Floor::new(10);
    for (person, key) in [(1, "a"), (2, "b")] {
        floor.join(bid(person, 1, key)).unwrap();
    }
    let batch = floor.take();
    floor.join(bid(3, 2, "c")).unwrap();
    floor.put_back(batch);
    assert_eq!(keys(&floor.take()), ["a", "b", "c"]);
}

#[test]
fn a_lot_is_waited_for_where_nobody_else_waits_or_it_was_passed_over_too_often() {
    assert_eq!(waits(&waiting(&[(1, 1, "a")])), Waits::Not);
    assert_eq!(waits(&passed_over(&[(1, 1, "a")], 1)), Waits::AMoment);
    let beside = |often| passed_over(&[(1, 1, "a")], often).into_iter().chain(waiting(&[(2, 2, "b")])).collect::<Vec<_>>();
    assert_eq!([waits(&beside(PASSED_OVER - 1)), waits(&beside(PASSED_OVER))], [Waits::Not, Waits::AMoment]);
}

#[test]
fn nobody_gets_ahead_of_who_was_passed_over_for_the_same_lot() {
    let mut earlier = passed_over(&[(1, 1, "a")], 1);
    let batch = behind(&mut earlier, waiting(&[(2, 1, "b"), (3, 2, "c")]));
    assert_eq!((keys(&batch), keys(&earlier)), (vec!["c"], vec!["a", "b"]));
}

#[test]
fn nobody_waits_for_ever_nor_too_many_for_long_for_one_lot() {
    let since = |long: Duration, bids: &[(u128, u128, &str)]| {
        let waiting = waiting(bids).into_iter().map(|waiting| {
            let by = Context { arrived: Instant::now().checked_sub(long).unwrap(), ..Context::clone(&waiting.bid.by) };
            Waiting { bid: Asked { by: Arc::new(by), ..waiting.bid }, ..waiting }
        });
        patient(waiting.collect()).len()
    };
    let many = vec![(1, 1, "a"); MOST_FOR_ONE + 1];
    let names: Vec<String> = (0..many.len()).map(|number| number.to_string()).collect();
    let many: Vec<_> = many.iter().zip(&names).map(|((person, lot, _), name)| (*person, *lot, name.as_str())).collect();
    assert_eq!([since(LONG / 2, &many), since(LONG * 2, &many), since(PATIENCE, &many)], [MOST_FOR_ONE + 1, MOST_FOR_ONE, 0]);
}

#[test]
fn what_is_due_waits_for_bids_for_its_lot_that_came_before_and_for_no_others() {
    let floor = Floor::new(10);
    let before = bid(1, 1, "a");
    let due = Instant::now();
    floor.join(before).unwrap();
    let held = floor.take();
    floor.join(bid(2, 2, "b")).unwrap();
    assert_eq!([1, 2].map(|lot| floor.is_waited_for(lot_of(lot), due)), [true, false]);
    assert!(!floor.is_waited_for(lot_of(1), due.checked_sub(LATE).unwrap()), "nor for ever");
    drop(held);
    assert!(!floor.is_waited_for(lot_of(1), due));
}

#[test]
fn a_batch_that_fails_is_tried_by_lots_then_by_halves_then_given_up() {
    let internal = Problem::from(Code::Internal);
    let split = |bids: &[(u128, u128, &str)]| {
        parts(waiting(bids), &internal).map(|parts| parts.iter().map(|part| keys(part).join("")).collect::<Vec<_>>()).ok()
    };
    let mixed = split(&[(1, 1, "a"), (2, 2, "b"), (3, 1, "c")]);
    assert_eq!(mixed.unwrap(), ["b", "ac"], "the last is tried first, and has come first");
    assert_eq!(split(&[(1, 1, "a"), (2, 1, "b"), (3, 1, "c")]).unwrap(), ["bc", "a"]);
    assert!(split(&[(1, 1, "a")]).is_none());
}

#[test]
fn what_no_bid_is_the_cause_of_is_not_looked_for_among_them() {
    let (busy, full) = (Problem::from(Code::Busy), Problem::from(Code::StorageExhausted));
    let of_one = || waiting(&[(1, 1, "a"), (2, 1, "b")]);
    let mixed = || waiting(&[(1, 1, "a"), (2, 2, "b")]);
    assert!(parts(mixed(), &busy).is_ok_and(|parts| parts.len() == 2), "another lot may be held by somebody");
    assert!(parts(of_one(), &busy).is_err_and(|refused| refused.len() == 2));
    assert!(parts(mixed(), &full).is_err_and(|refused| refused.len() == 2));
}
