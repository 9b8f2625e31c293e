//! Lines are cut at every point of a bid, also between a commit and its answer: what came of it is looked up, never guessed, and the
//! bidder is told that, or to ask again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, ClientError, Reply};

use crate::common::Base;
use crate::common::database::{self, has_postgres};
use crate::common::play::{is_whole, log, of_kind};
use crate::common::program::cuts;
use crate::common::proxy::{Cut, Proxy};
use crate::durability::heavy::{START, STEP, a_running_market, it_closes_once, the_log_holds};
use crate::linear::servers::Standing;

/// How long it may take until it is known what came of a bid.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a line is cut while a bid is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    BeforeBegin,
    MidStatement,
    BeforeCommit,
    BeforeCommitIsAnswered,
    AfterCommitIsAnswered,
    BeforeClientIsAnswered,
}

const PLACES: [Place; 6] = [
    Place::BeforeBegin,
    Place::MidStatement,
    Place::BeforeCommit,
    Place::BeforeCommitIsAnswered,
    Place::AfterCommitIsAnswered,
    Place::BeforeClientIsAnswered,
];

impl Place {
    /// The line that is cut, at which word, and how. The statement is one of the bid's own transaction that names its key.
    fn cut<'a>(self, server: &'a Standing, key: &'a str) -> (&'a Proxy, &'a [u8], Cut) {
        let database = &server.to_database;
        match self {
            Self::BeforeBegin => (database, b"BEGIN\0", Cut::Unsent),
            Self::MidStatement => (database, key.as_bytes(), Cut::Halfway),
            Self::BeforeCommit => (database, b"COMMIT\0", Cut::Unsent),
            Self::BeforeCommitIsAnswered => (database, b"COMMIT\0", Cut::Unanswered),
            Self::AfterCommitIsAnswered => (database, b"COMMIT\0", Cut::Answered),
            Self::BeforeClientIsAnswered => (&server.door, b"POST /", Cut::Unanswered),
        }
    }
}

/// Bids under a key; the answer, whatever it is, if one comes.
async fn bid(bidder: &Client, lot: &str, price: Money, key: &str) -> Result<Reply, ClientError> {
    bidder.post(&format!("/v1/lots/{lot}/bids"), json!({"price": price})).key(key).send().await
}

/// Whether an answer says to ask again, or none came.
fn says_again(answer: &Result<Reply, ClientError>) -> bool {
    let Ok(reply) = answer else { return true };
    let again = matches!((reply.status, reply.code()), (503, "busy") | (409, "in_flight"));
    assert!(!again || reply.header("Retry-After").is_some(), "it is not said when to ask again: {}", reply.body);
    again
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bid_whose_line_is_cut_anywhere_is_settled_by_its_key() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let server = Standing::start(&database, folder.path(), Vec::new()).await;
    let stranger = server.client();
    let (lot, bidders) = a_running_market(&stranger, 2).await;
    let mut receipts: Vec<Value> = Vec::new();
    let mut told: BTreeMap<(Place, String), usize> = BTreeMap::new();
    for place in PLACES.into_iter().cycle().take(cuts(60).try_into().unwrap()) {
        // In turn, or the second bid would be refused as the leader's own.
        let bidder = &bidders[receipts.len() % 2].client;
        let price = Money::fen(START.minor + STEP * i64::try_from(receipts.len()).unwrap());
        let key = Uuid::new_v4().to_string();
        let (line, word, how) = place.cut(&server, &key);
        let before = line.were_cut(how);
        line.look_out_for(word);
        line.set(how);
        let mut answer = bid(bidder, &lot, price, &key).await;
        line.set(Cut::Never);
        assert!(line.were_cut(how) > before, "{place:?}: no line was cut");
        assert_eq!(answer.is_err(), place == Place::BeforeClientIsAnswered, "{place:?}: {answer:?}");
        let first = answer.as_ref().map_or(String::from("nothing"), |reply| format!("{} {}", reply.status, reply.code()).trim().to_owned());
        *told.entry((place, first)).or_default() += 1;

        let begun = Instant::now();
        while says_again(&answer) {
            assert!(begun.elapsed() < PATIENCE, "{place:?}: it stays unknown what came of it: {answer:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            answer = bid(bidder, &lot, price, &key).await;
        }
        let reply = answer.unwrap();
        assert_eq!(reply.status, 201, "{place:?}: {}", reply.body);
        let again = bid(bidder, &lot, price, &key).await.unwrap();
        assert_eq!((again.status, again.header("Idempotency-Replayed")), (201, Some("true")), "{place:?}: {}", again.body);
        assert_eq!(again.body, reply.body, "{place:?}: it is told otherwise");
        receipts.push(reply.body);
        let counted = of_kind(&log(&stranger, &lot).await, "bid_placed").len();
        assert_eq!(counted, receipts.len(), "{place:?}: a bid counts once");
    }
    eprintln!("lines were cut {} times; bidders were first answered: {told:?}", receipts.len());
    let is_looked_up = told.contains_key(&(Place::BeforeCommitIsAnswered, String::from("201")));
    assert!(is_looked_up, "no commit whose answer was lost was looked up: {told:?}");
    let events = log(&stranger, &lot).await;
    is_whole(&lot, &events);
    the_log_holds(&events, &receipts.iter().collect::<Vec<_>>());
    it_closes_once(&stranger, &lot).await;
}
