//! Bids as their bidders see them: sent once, repeated under the same key, late, and answered or not.

use std::time::Instant;

use entity::auctions::lot;
use entity::identity::{OrgRole, OrganisationKind};
use entity::ids::SessionId;
use entity::money::Money;
use uuid::Uuid;

use super::Dice;
use super::setting::Bidder;
use crate::auctions::flows::Receipt;
use crate::auctions::http::PlaceBid;
use crate::house::Done;
use crate::platform::access::{Actor, Caller, Context, Credential, IdempotencyKey, Permission, Seat};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Language, Problem};

/// The step of every lot, fen.
pub(super) const STEP: i64 = 1_000;

/// A bid somebody wants to place, by index into the setting.
pub(super) struct Request {
    pub bidder: usize,
    pub lot: usize,
    pub price: Money,
    /// How often it was delivered.
    sent: u32,
    pub answer: Answer,
}

/// What the bidder knows of it.
pub(super) enum Answer {
    /// Nothing: it was not delivered yet, or the answer was lost.
    Unknown,
    /// It does not count.
    Refused,
    /// It counts.
    Acknowledged(Box<Receipt>),
}

impl Request {
    /// A bid at the price that stands or some steps above it; the former is refused unless it is the first.
    pub(super) fn drawn(dice: &Dice, bidders: usize, index: usize, lot: &lot::Model) -> Self {
        let above = dice.up_to(3) * STEP;
        let price = Money { minor: lot.price_minor.unwrap_or(lot.terms.start_price.minor) + above, currency: lot.currency };
        Self { bidder: dice.index(bidders), lot: index, price, sent: 0, answer: Answer::Unknown }
    }

    /// The call that brings it once more, as the request of this number: always under the same key.
    pub(super) fn call(&mut self, number: usize, bidder: &Bidder) -> Context {
        self.sent += 1;
        let seat =
            Seat { organisation: bidder.organisation, kind: OrganisationKind::Enterprise, verified: true, roles: vec![OrgRole::Bidder] };
        let session = Credential::Session(SessionId(Uuid::nil()));
        let key = format!("request-{number}");
        Context {
            caller: Caller::Person(Actor { seat: Some(seat), ..Actor::plain(bidder.person, session) }),
            operation: PlaceBid::OPERATION.id,
            request_id: format!("{number}-{}", self.sent),
            idempotency: Some(IdempotencyKey { fingerprint: sha256(format!("{key} {}", self.price.minor).as_bytes()), key }),
            if_match: None,
            dry_run: false,
            arrived: Instant::now(),
            language: Language::default(),
            address: None,
            place: None,
        }
    }

    /// Takes an answer, of a server that may have died over it; or says what is wrong with it.
    pub(super) fn hear(&mut self, answer: Result<Done<Receipt>, Problem>, died: bool) -> Result<(), String> {
        let first = match &self.answer {
            Answer::Acknowledged(first) => Some(first.as_ref()),
            Answer::Unknown | Answer::Refused => None,
        };
        let lost = |problem: &Problem| died || problem.code == Code::Busy;
        match (first, answer) {
            (Some(first), Ok(done)) if !same(first, &done.value) => Err("it was given another receipt when it was repeated".into()),
            (Some(_), Ok(done)) if !done.replayed => Err("it took effect again when it was repeated".into()),
            (Some(_), Ok(_)) => Ok(()),
            (Some(_), Err(problem)) if lost(&problem) => Ok(()),
            (Some(_), Err(problem)) => Err(format!("it was acknowledged, and refused when it was repeated: {problem}")),
            (None, Ok(done)) => {
                self.answer = Answer::Acknowledged(Box::new(done.value));
                Ok(())
            }
            (None, Err(problem)) if lost(&problem) => {
                self.answer = Answer::Unknown;
                Ok(())
            }
            (None, Err(problem)) if problem.code == Code::Internal => Err(format!("a server that lives failed: {problem}")),
            (None, Err(_)) => {
                self.answer = Answer::Refused;
                Ok(())
            }
        }
    }
}

/// The number of the request that a request id is of.
pub(super) fn number_of(request_id: &str) -> Option<usize> {
    request_id.split_once('-')?.0.parse().ok()
}

/// Whether two receipts say the same, to the byte.
fn same(one: &Receipt, other: &Receipt) -> bool {
    serde_json::to_string(one).ok() == serde_json::to_string(other).ok()
}
