//! What becomes of an open licence that somebody takes: told in writing, paid, put on record; or lapsed.
//!
//! The licence arises by notice and payment (Patent Law art. 51), and the patentee is not asked: who takes it shows the payment by the paper
//! of the bank, or the patentee confirms that the money came. What a paper shows that is not so, an officer finds; until then the licence stands.

use entity::Timestamp;
use entity::ids::{LicenceGrantId, OpenLicenceAcceptanceId, OrganisationId, PersonId};
use entity::open_licences::{AcceptanceState, open_licence, open_licence_acceptance};
use serde_json::Value;

use super::acceptance::NewRecordal;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What is done to an acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Pay what the notice left to be paid, by taking it once more.
    Pay,
    /// Say that the money came.
    Confirm,
    /// Enter that the patent office put the licence on record.
    Record,
    /// Find that what was shown was not paid.
    Refute,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Pay, Self::Confirm, Self::Record, Self::Refute];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Pay => "take_open_licence",
            Self::Confirm => "confirm_open_licence_payment",
            Self::Record => "record_open_licence_recordal",
            Self::Refute => "refute_open_licence_payment",
        }
    }

    /// Whether it can be done to an acceptance as it stands.
    fn is_allowed(self, held: &open_licence_acceptance::Model) -> bool {
        use AcceptanceState::{Licensed, NoticeSent, Recorded};
        let is_licensed = matches!(held.state, Licensed | Recorded);
        let is_open = held.received_at.is_none();
        match self {
            Self::Pay => held.state == NoticeSent,
            // What nobody had to pay, nobody has to confirm.
            Self::Confirm => held.state == NoticeSent || (is_licensed && is_open && held.payment.is_some()),
            Self::Record => is_licensed,
            Self::Refute => is_licensed && is_open && held.payment.is_some(),
        }
    }
}

/// Everything that can be done to an acceptance, as operations.
pub fn allowed(held: &open_licence_acceptance::Model) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed(held)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &open_licence_acceptance::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed(held) { Ok(()) } else { Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held))) }
}

/// A notice as it is sent.
pub struct Sent<'a> {
    /// Its id.
    pub id: OpenLicenceAcceptanceId,
    /// What is taken.
    pub declared: &'a open_licence::Model,
    /// Who takes it, and by whom.
    pub by: (OrganisationId, PersonId),
    /// Whether he undertakes to pay the royalty.
    pub undertakes_royalty: bool,
    /// Until when it is to be paid.
    pub pay_by: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// A notice that was sent; nothing is paid yet.
pub fn sent(of: &Sent) -> open_licence_acceptance::Model {
    open_licence_acceptance::Model {
        id: of.id,
        open_licence_id: of.declared.id,
        patentee_id: of.declared.organisation_id,
        organisation_id: of.by.0,
        state: AcceptanceState::NoticeSent,
        fee: of.declared.fee.clone(),
        undertakes_royalty: of.undertakes_royalty,
        payment: None,
        payment_reference: None,
        pay_by: of.pay_by,
        licence_grant_id: None,
        licensed_at: None,
        received_at: None,
        received_by: None,
        recordal_number: None,
        recorded_on: None,
        lapsed_at: None,
        lapse_reason: None,
        created_by: of.by.1,
        version: 1,
        created_at: of.at,
    }
}

/// What was paid, as it is kept, with the bank's reference.
pub type Paid = (Value, String);

/// An acceptance once the licence arose, with what was paid where that was shown.
pub fn licensed(
    held: &open_licence_acceptance::Model,
    licence: LicenceGrantId,
    paid: Option<Paid>,
    at: Timestamp,
) -> open_licence_acceptance::Model {
    let (payment, payment_reference) = paid.unzip();
    open_licence_acceptance::Model {
        licence_grant_id: Some(licence),
        licensed_at: Some(at),
        payment,
        payment_reference,
        ..moved(held, AcceptanceState::Licensed)
    }
}

/// An acceptance once the patentee says that the money came.
pub fn received(held: &open_licence_acceptance::Model, by: PersonId, at: Timestamp) -> open_licence_acceptance::Model {
    open_licence_acceptance::Model { received_at: Some(at), received_by: Some(by), ..moved(held, held.state) }
}

/// An acceptance once the patent office put the licence on record; that may be entered again, where it was entered wrongly.
pub fn recorded(held: &open_licence_acceptance::Model, new: NewRecordal) -> Result<open_licence_acceptance::Model, Problem> {
    require(held, Deed::Record)?;
    Ok(open_licence_acceptance::Model {
        recordal_number: Some(new.number),
        recorded_on: Some(new.recorded_on),
        ..moved(held, AcceptanceState::Recorded)
    })
}

/// Refuses an officer who has a place with one of the parties.
pub fn may_refute(held: &open_licence_acceptance::Model, sits_with: &[OrganisationId]) -> Result<(), Problem> {
    require(held, Deed::Refute)?;
    let is_party = sits_with.iter().any(|place| [held.patentee_id, held.organisation_id].contains(place));
    if is_party { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// An acceptance once an officer found that what was shown was not paid, with a reason both read.
pub fn refuted(
    held: &open_licence_acceptance::Model,
    sits_with: &[OrganisationId],
    reason: &str,
    at: Timestamp,
) -> Result<open_licence_acceptance::Model, Problem> {
    may_refute(held, sits_with)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    Ok(lapsed(held, reason, at))
}

/// An acceptance that came to nothing, or to its end.
pub fn lapsed(held: &open_licence_acceptance::Model, reason: &str, at: Timestamp) -> open_licence_acceptance::Model {
    open_licence_acceptance::Model { lapsed_at: Some(at), lapse_reason: Some(reason.to_owned()), ..moved(held, AcceptanceState::Lapsed) }
}

/// Whether a notice was not paid in time.
pub fn is_late(held: &open_licence_acceptance::Model, now: Timestamp) -> bool {
    held.state == AcceptanceState::NoticeSent && held.pay_by <= now
}

fn moved(held: &open_licence_acceptance::Model, state: AcceptanceState) -> open_licence_acceptance::Model {
    open_licence_acceptance::Model { state, version: held.version + 1, ..held.clone() }
}
