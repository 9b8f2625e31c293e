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
    floor.take(Lane::Common)
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
    assert_eq!(keys(&floor.take(Lane::Common)), ["a", "b", "c"]);
    assert!(!join(1, 1, "d"), "while a batch is committed the queue is served");
    assert_eq!(keys(&floor.take(Lane::Common)), ["d"]);
    assert!(floor.take(Lane::Common).is_empty());
    assert!(join(1, 1, "e"), "nobody served it any more");
}

#[test]
fn twins_never_meet_in_one_batch_and_keep_their_order() {
    let floor = Floor::new(10);
    for (person, key) in [(1, "a"), (1, "a"), (2, "a"), (1, "b"), (1, "a"), (1, "c")] {
        floor.join(bid(person, 1, key)).unwrap();
    }
    assert_eq!(keys(&floor.take(Lane::Common)), ["a", "a", "b", "c"], "the key of another is another key");
    floor.join(bid(1, 1, "d")).unwrap();
    assert_eq!(keys(&floor.take(Lane::Common)), ["a", "d"]);
    assert_eq!(keys(&floor.take(Lane::Common)), ["a"]);
    assert!(floor.take(Lane::Common).is_empty());
}

#[test]
fn a_full_floor_takes_nobody_in_until_somebody_has_his_outcome_and_a_batch_no_more_than_its_most() {
    let floor = Floor::new(MOST_AT_ONCE + 1);
    for count in 0..=MOST_AT_ONCE {
        floor.join(bid(1, 1, &count.to_string())).unwrap();
    }
    let first = floor.take(Lane::Common);
    assert_eq!(first.len(), MOST_AT_ONCE);
    assert_eq!(floor.join(bid(1, 1, "one more")).map(|_| ()).unwrap_err().code, Code::Busy);
    refuse(first, &Code::Internal.into());
    floor.join(bid(1, 1, "one more")).unwrap();
    assert_eq!([floor.take(Lane::Common).len(), floor.take(Lane::Common).len()], [2, 0]);
}

#[test]
fn a_queue_whose_committer_broke_off_lets_go_who_waits_and_is_served_by_the_next() {
    let floor = Floor::new(1);
    let (mut told, _) = floor.join(bid(1, 1, "a")).unwrap();
    floor.abandon(Lane::Common);
    assert!(told.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
    assert!(floor.join(bid(1, 1, "b")).unwrap().1);
}

#[test]
fn whoever_bids_for_a_lot_that_is_waited_for_waits_aside_and_nobody_else() {
    let floor = Floor::new(10);
    let aside = Lane::Aside(lot_of(1));
    for (person, lot, key) in [(1, 1, "a"), (2, 2, "b")] {
        floor.join(bid(person, lot, key)).unwrap();
    }
    let mut first = floor.take(Lane::Common);
    assert!(floor.set_aside(lot_of(1), vec![first.remove(0)]));
    for (person, lot, key) in [(3, 1, "c"), (3, 2, "d"), (3, 1, "e")] {
        floor.join(bid(person, lot, key)).unwrap();
    }
    assert_eq!(keys(&floor.take(Lane::Common)), ["d"]);
    assert_eq!(keys(&floor.take(aside)), ["a", "c", "e"]);
    assert!(floor.take(aside).is_empty());
    floor.join(bid(1, 1, "f")).unwrap();
    assert_eq!(keys(&floor.take(Lane::Common)), ["f"], "nobody is waited for any more");
}

#[tokio::test]
async fn what_is_due_waits_for_bids_that_came_before_and_for_no_others() {
    let floor = Floor::new(10);
    let before = bid(1, 1, "a");
    let due = Instant::now();
    floor.join(before).unwrap();
    let held = floor.take(Lane::Common);
    assert!(tokio::time::timeout(LATE / 10, floor.settled_before(due)).await.is_err());
    floor.join(bid(2, 1, "b")).unwrap();
    drop(held);
    assert!(tokio::time::timeout(LATE / 10, floor.settled_before(due)).await.is_ok());
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
