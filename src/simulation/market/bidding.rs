//! Requests as their bidders see them: sent once, repeated under the same key, late, and answered or not.

use std::time::Instant;

use entity::identity::{OrgRole, OrganisationKind};

use super::deeds::{Deed, Given};
use super::setting::Bidder;
use crate::house::Done;
use crate::platform::access::{Actor, Caller, Context, Credential, IdempotencyKey, Seat};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Language, Problem};

/// What somebody asks for, by index into the setting.
pub(super) struct Request {
    pub bidder: usize,
    pub lot: usize,
    pub deed: Deed,
    /// Whether it must never count.
    pub is_nonsense: bool,
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
    Acknowledged(Given),
}

impl Request {
    /// One that is not sent yet.
    pub(super) fn new(bidder: usize, lot: usize, deed: Deed, is_nonsense: bool) -> Self {
        Self { bidder, lot, deed, is_nonsense, sent: 0, answer: Answer::Unknown }
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
            operation: self.deed.operation(),
            request_id: format!("{number}-{}", self.sent),
            idempotency: Some(IdempotencyKey { fingerprint: sha256(format!("{key} {:?}", self.deed).as_bytes()), key }),
            if_match: None,
            dry_run: false,
            arrived,
            language: Language::default(),
            address: None,
            place: None,
        }
    }

    /// Takes an answer, of a server that may have died over it; or says what is wrong with it.
    pub(super) fn hear(&mut self, answer: Result<Done<Given>, Problem>, died: bool) -> Result<(), String> {
        let lost = |problem: &Problem| died || problem.code == Code::Busy;
        let heard = match (&self.answer, answer) {
            (_, Ok(done)) if self.is_nonsense => return Err(format!("it is nonsense, and counts: {}", done.value.text())),
            (Answer::Acknowledged(first), Ok(done)) => return repeated(first, &done),
            (Answer::Acknowledged(_), Err(problem)) if lost(&problem) => return Ok(()),
            (Answer::Acknowledged(_), Err(problem)) => {
                return Err(format!("it was acknowledged, and refused when it was repeated: {problem}"));
            }
            (_, Ok(done)) => Answer::Acknowledged(done.value),
            (_, Err(problem)) if lost(&problem) => Answer::Unknown,
            (_, Err(problem)) if problem.code == Code::Internal => return Err(format!("a server that lives failed: {problem}")),
            (_, Err(problem)) => Answer::Refused(problem.code),
        };
        self.answer = heard;
        Ok(())
    }

    /// What its bidder was given for it, if it counts.
    pub(super) fn given(&self) -> Option<&Given> {
        match &self.answer {
            Answer::Acknowledged(given) => Some(given),
            Answer::Unknown | Answer::Refused(_) => None,
        }
    }

    /// What its bidder knows of it, as text.
    pub(super) fn told(&self) -> String {
        match &self.answer {
            Answer::Unknown => String::new(),
            Answer::Refused(code) => code.code().into(),
            Answer::Acknowledged(given) => given.text(),
        }
    }
}

/// What is wrong with the answer to what had been acknowledged: it must be the very same, signature and all, and of nothing new.
fn repeated(first: &Given, again: &Done<Given>) -> Result<(), String> {
    if (first.text(), first.receipt()) != (again.value.text(), again.value.receipt()) {
        return Err("it was given another receipt when it was repeated".into());
    }
    if again.replayed { Ok(()) } else { Err("it took effect again when it was repeated".into()) }
}

/// The number of the request that a request id is of.
pub(super) fn number_of(request_id: &str) -> Option<usize> {
    request_id.split_once('-')?.0.parse().ok()
}
