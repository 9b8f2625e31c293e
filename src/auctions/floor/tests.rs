use std::time::Instant;

use entity::identity::{OrgRole, OrganisationKind};
use entity::ids::{OrganisationId, PersonId, SessionId};
use entity::money::Money;
use uuid::Uuid;

use super::*;
use crate::auctions::views::NewBid;
use crate::platform::access::{Actor, Caller, Credential, IdempotencyKey, Permit, Seat};

/// A bid of somebody under a key, and where its outcome is told.
fn bid(person: u128, lot: u128, key: &str) -> (Waiting, oneshot::Receiver<Outcome>) {
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
    let (answer, told) = oneshot::channel();
    let input = PlacedBid { permit, lot: LotId(Uuid::from_u128(lot)), new };
    (Waiting { bid: Asked { by: Arc::new(by), input }, answer }, told)
}

fn waiting(person: u128, lot: u128, key: &str) -> Waiting {
    bid(person, lot, key).0
}

fn keys(batch: &[Waiting]) -> Vec<&str> {
    batch.iter().map(|waiting| waiting.bid.by.request_id.as_str()).collect()
}

#[test]
fn all_that_wait_are_taken_in_the_order_in_which_they_came() {
    let floor = Floor::new(10);
    assert!(floor.join(waiting(1, 1, "a")).unwrap(), "whoever comes first finds nobody who serves");
    assert!(!floor.join(waiting(2, 2, "b")).unwrap());
    assert!(!floor.join(waiting(1, 1, "c")).unwrap());
    assert_eq!(keys(&floor.take()), ["a", "b", "c"]);
    assert!(!floor.join(waiting(1, 1, "d")).unwrap(), "while a batch is committed the queue is served");
    assert_eq!(keys(&floor.take()), ["d"]);
    assert!(floor.take().is_empty());
    assert!(floor.join(waiting(1, 1, "e")).unwrap(), "nobody served it any more");
}

#[test]
fn twins_never_meet_in_one_batch_and_keep_their_order() {
    let floor = Floor::new(10);
    for (person, key) in [(1, "a"), (1, "a"), (2, "a"), (1, "b"), (1, "a"), (1, "c")] {
        floor.join(waiting(person, 1, key)).unwrap();
    }
    assert_eq!(keys(&floor.take()), ["a", "a", "b", "c"], "the key of another is another key");
    floor.join(waiting(1, 1, "d")).unwrap();
    assert_eq!(keys(&floor.take()), ["a", "d"]);
    assert_eq!(keys(&floor.take()), ["a"]);
    assert!(floor.take().is_empty());
}

#[test]
fn a_full_queue_takes_nobody_in_and_a_batch_no_more_than_its_most() {
    let floor = Floor::new(MOST_AT_ONCE + 1);
    for count in 0..=MOST_AT_ONCE {
        floor.join(waiting(1, 1, &count.to_string())).unwrap();
    }
    assert_eq!(floor.join(waiting(1, 1, "one more")).unwrap_err().code, Code::Busy);
    assert_eq!([floor.take().len(), floor.take().len(), floor.take().len()], [MOST_AT_ONCE, 1, 0]);
}

#[test]
fn a_queue_whose_committer_broke_off_lets_go_who_waits_and_is_served_by_the_next() {
    let floor = Floor::new(10);
    let (first, mut told) = bid(1, 1, "a");
    floor.join(first).unwrap();
    floor.abandon();
    assert!(told.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
    assert!(floor.join(waiting(1, 1, "b")).unwrap());
}

#[test]
fn a_batch_that_fails_is_tried_by_lots_then_by_halves_then_given_up() {
    let internal = Problem::from(Code::Internal);
    let split = |batch| parts(batch, &internal).map(|parts| parts.iter().map(|part| keys(part).join("")).collect::<Vec<_>>()).ok();
    let mixed = vec![waiting(1, 1, "a"), waiting(2, 2, "b"), waiting(3, 1, "c")];
    assert_eq!(split(mixed).unwrap(), ["b", "ac"], "the last is tried first, and has come first");
    let of_one = vec![waiting(1, 1, "a"), waiting(2, 1, "b"), waiting(3, 1, "c")];
    assert_eq!(split(of_one).unwrap(), ["bc", "a"]);
    assert!(split(vec![waiting(1, 1, "a")]).is_none());
}

#[test]
fn what_no_bid_is_the_cause_of_is_not_looked_for_among_them() {
    let (busy, full) = (Problem::from(Code::Busy), Problem::from(Code::StorageExhausted));
    let of_one = || vec![waiting(1, 1, "a"), waiting(2, 1, "b")];
    let mixed = || vec![waiting(1, 1, "a"), waiting(2, 2, "b")];
    assert!(parts(mixed(), &busy).is_ok_and(|parts| parts.len() == 2), "another lot may be held by somebody");
    assert!(parts(of_one(), &busy).is_err_and(|refused| refused.len() == 2));
    assert!(parts(mixed(), &full).is_err_and(|refused| refused.len() == 2));
}
