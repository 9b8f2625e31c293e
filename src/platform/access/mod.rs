//! Who calls, what they may do, and the proof that they may.

mod actor;
mod keys;
mod operation;
mod permit;

pub use actor::{Actor, Caller, Seat};
pub use keys::{Credential, KeyGrant, KeyNeed, KeyScope};
pub use operation::{Allow, Class, Condition, Operation, Permission, Precondition, Scope, ToldTo, Who};
pub use permit::{OfPlatform, Permit, Thing, allowed, may};

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use entity::ids::OrganisationId;
use tokio::sync::OwnedSemaphorePermit;

use crate::platform::http::address::network;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Language, Problem};

/// A client's own name for a call that must take effect once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key as sent.
    pub key: String,
    /// Hash of everything the call asks for.
    pub fingerprint: [u8; 32],
}

/// What every flow needs to know about the call it serves; plain values.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who calls.
    pub caller: Caller,
    /// The operation's id.
    pub operation: &'static str,
    /// Id of the request, in answer, log and audit.
    pub request_id: String,
    /// The client's name for the call.
    pub idempotency: Option<IdempotencyKey>,
    /// The version the caller last saw.
    pub if_match: Option<i64>,
    /// Say what would happen and change nothing.
    pub dry_run: bool,
    /// When the whole request had been read, by the monotonic clock.
    pub arrived: Instant,
    /// Language of the answer.
    pub language: Language,
    /// Where the call comes from, if it came over the network.
    pub address: Option<IpAddr>,
    /// Its place among the calls under way, held until nobody works for it any more.
    pub place: Option<Arc<OwnedSemaphorePermit>>,
}

/// Whose things that are not published somebody may list. Whoever may list none finds none: the same answer as if there were none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpublished {
    /// Everybody's.
    OfAll,
    /// Those of his own organisation.
    Of(OrganisationId),
    /// Nobody's.
    OfNobody,
}

impl Context {
    /// A call the platform makes itself: a timer, an event, a command line.
    pub fn system(operation: &'static str, request_id: String) -> Self {
        Self {
            caller: Caller::System,
            operation,
            request_id,
            idempotency: None,
            if_match: None,
            dry_run: false,
            arrived: Instant::now(),
            language: Language::default(),
            address: None,
            place: None,
        }
    }

    /// The network the call comes from, as far as it is kept: a whole address would tell more of a person than is needed.
    pub fn network(&self) -> Option<String> {
        self.address.map(|address| network(address).to_string())
    }

    /// The signed-in person, or the refusal.
    pub fn actor(&self) -> Result<&Actor, Problem> {
        match &self.caller {
            Caller::Person(actor) => Ok(actor),
            _ => Err(Code::NotSignedIn.into()),
        }
    }

    /// The seat the caller acts from, or the refusal.
    pub fn seat(&self) -> Result<&Seat, Problem> {
        self.actor()?.seat.as_ref().ok_or_else(|| Code::Forbidden.into())
    }

    /// Whose unpublished things the caller may list, where he asks for those of one organisation or of all.
    pub fn lists_unpublished(&self, asked: Option<OrganisationId>) -> Unpublished {
        let own = match &self.caller {
            Caller::System => return Unpublished::OfAll,
            Caller::Person(actor) if actor.staff.is_some() => return Unpublished::OfAll,
            Caller::Person(actor) => actor.organisation(),
            Caller::Stranger => None,
        };
        own.filter(|own| asked.is_none_or(|asked| asked == *own)).map_or(Unpublished::OfNobody, Unpublished::Of)
    }

    /// Refuses if the caller saw another version than the one that stands.
    pub fn expects(&self, version: i64) -> Result<(), Problem> {
        match self.if_match {
            Some(seen) if seen != version => Err(Code::Stale.with("version", version)),
            _ => Ok(()),
        }
    }

    /// Who an idempotency record belongs to: another principal's key never matches. The person, not
    /// the seat: founding an organisation gives a seat, and its repetition must still be known.
    pub fn principal(&self) -> String {
        match &self.caller {
            Caller::Person(actor) => actor.person.to_string(),
            // Strangers share no name, so a stranger's key is known only together with what it asked for.
            Caller::Stranger => {
                let asked = self.idempotency.as_ref().map(|key| hex(&key.fingerprint)).unwrap_or_default();
                format!("stranger:{asked}")
            }
            Caller::System => "system".into(),
        }
    }
}
