//! Bids as their bidders see them: sent once, repeated under the same key, late, and answered or not.

use std::time::Instant;

use entity::auctions::lot;
use entity::identity::{OrgRole, OrganisationKind};
use entity::money::Money;

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
    /// It does not count, for this reason.
    Refused(Code),
    /// It counts.
    Acknowledged(Box<Receipt>),
}

impl Request {
    /// A bid at the price that stands or some steps above it, more of them where others bid `before` it at the same time; the
    /// price that stands is refused unless it is the first.
    pub(super) fn drawn(dice: &Dice, bidders: usize, index: usize, lot: &lot::Model, before: u32) -> Self {
        let above = dice.up_to(3 + before) * STEP;
        let price = Money { minor: lot.price_minor.unwrap_or(lot.terms.start_price.minor) + above, currency: lot.currency };
        Self { bidder: dice.index(bidders), lot: index, price, sent: 0, answer: Answer::Unknown }
    }

    /// The call that brings it once more, as the request of this number: always under the same key.
    pub(super) fn call(&mut self, number: usize, bidder: &Bidder, arrived: Instant) -> Context {
        self.sent += 1;
        let seat =
            Seat { organisation: bidder.organisation, kind: OrganisationKind::Enterprise, verified: true, roles: vec![OrgRole::Bidder] };
        let session = Credential::Session(bidder.session);
        let key = format!("request-{number}");
        Context {
            caller: Caller::Person(Actor { seat: Some(seat), ..Actor::plain(bidder.person, session) }),
            operation: PlaceBid::OPERATION.id,
            request_id: format!("{number}-{}", self.sent),
            idempotency: Some(IdempotencyKey { fingerprint: sha256(format!("{key} {}", self.price.minor).as_bytes()), key }),
            if_match: None,
            dry_run: false,
            arrived,
            language: Language::default(),
            address: None,
            place: None,
        }
    }

    /// Takes an answer, of a server that may have died over it; or says what is wrong with it.
    pub(super) fn hear(&mut self, answer: Result<Done<Receipt>, Problem>, died: bool) -> Result<(), String> {
        let lost = |problem: &Problem| died || problem.code == Code::Busy;
        let heard = match (&self.answer, answer) {
            (Answer::Acknowledged(first), Ok(done)) => return repeated(first, &done),
            (Answer::Acknowledged(_), Err(problem)) if lost(&problem) => return Ok(()),
            (Answer::Acknowledged(_), Err(problem)) => {
                return Err(format!("it was acknowledged, and refused when it was repeated: {problem}"));
            }
            (_, Ok(done)) => Answer::Acknowledged(Box::new(done.value)),
            (_, Err(problem)) if lost(&problem) => Answer::Unknown,
            (_, Err(problem)) if problem.code == Code::Internal => return Err(format!("a server that lives failed: {problem}")),
            (_, Err(problem)) => Answer::Refused(problem.code),
        };
        self.answer = heard;
        Ok(())
    }

    /// What its bidder knows of it, as text.
    pub(super) fn told(&self) -> String {
        match &self.answer {
            Answer::Unknown => String::new(),
            Answer::Refused(code) => code.code().into(),
            Answer::Acknowledged(receipt) => text(receipt),
        }
    }
}

/// What is wrong with the answer to a bid that had been acknowledged: it must be the very same, and of nothing new.
fn repeated(first: &Receipt, again: &Done<Receipt>) -> Result<(), String> {
    if text(first) != text(&again.value) {
        return Err("it was given another receipt when it was repeated".into());
    }
    if again.replayed { Ok(()) } else { Err("it took effect again when it was repeated".into()) }
}

/// The number of the request that a request id is of.
pub(super) fn number_of(request_id: &str) -> Option<usize> {
    request_id.split_once('-')?.0.parse().ok()
}

/// A receipt, to the byte.
fn text(receipt: &Receipt) -> String {
    serde_json::to_string(receipt).unwrap_or_default()
}
