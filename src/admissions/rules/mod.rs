//! The law of admission: calls, applications, decisions, deposits, names, and what becomes of them.

mod apply;
mod call;
mod carry_over;
mod credit;
mod decide;
mod names;
mod next;
mod settle;

use std::ops::Deref;

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::money::Money;
use serde::{Deserialize, Serialize};

use crate::platform::problem::{Code, Problem};

pub use apply::{Applicant, MOST_DOCUMENTS, Paper, application, check_documents, may_apply};
pub use call::{Holder, NewCall, RefundRule, also_barred, is_barred, is_before_bidding, is_shut, open, put_off, rank_of};
pub use carry_over::{carried_over, ended_anew, is_ended_anew};
pub use credit::{Payment, admit, check_payment, credited, same_name};
pub use decide::{LONGEST_REASON, qualify, refuse, reinstate, suspend, withdraw};
pub use names::{DEPOSIT, canonical_reference, deposit_reference, pseudonym, reference, references_in};
pub use next::{answered, offer, open_offer, ran_out, waits};
pub use settle::{DealNews, Fate, Settlement, after_deal, at_close, at_settlement, close, lacked_deposit};

/// An admission together with what its call says of the deposit; reads as the admission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The admission.
    pub admission: admission::Model,
    /// The deposit asked for.
    pub deposit: Money,
    /// When the deposit must have arrived.
    pub pay_by: Timestamp,
}

impl Standing {
    /// The admission under its call.
    pub fn of(admission: admission::Model, call: &admission_call::Model) -> Self {
        Self { admission, deposit: deposit(call), pay_by: call.closes_at }
    }
}

impl Deref for Standing {
    type Target = admission::Model;
    fn deref(&self) -> &admission::Model {
        &self.admission
    }
}

/// The deposit a call asks for.
pub fn deposit(call: &admission_call::Model) -> Money {
    Money { minor: call.deposit_minor, currency: call.currency }
}

/// Whether somebody takes part in a lot that is not over, or is on the way to.
pub fn takes_part(held: &admission::Model) -> bool {
    matches!(held.state, AdmissionState::Applied | AdmissionState::Qualified | AdmissionState::Admitted)
}

/// What can be done to an admission in its state, as operations, by whoever may.
pub fn allowed(held: &admission::Model, call: &admission_call::Model, at: Timestamp) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    match held.state {
        AdmissionState::Applied => {
            if !is_shut(call, at) {
                allowed.extend(["qualify_admission", "refuse_admission"]);
            }
            allowed.push("withdraw_admission");
        }
        AdmissionState::Qualified => {
            if !is_shut(call, at) {
                allowed.push("record_bank_credit");
            }
            allowed.push("withdraw_admission");
        }
        AdmissionState::Admitted if held.suspended => allowed.push("reinstate_bidder"),
        AdmissionState::Admitted => {
            allowed.push("suspend_bidder");
            if decide::may_leave(held, call, at) {
                allowed.push("withdraw_admission");
            }
        }
        _ => {}
    }
    allowed
}

/// The refusal of a deed in this state, with the deeds that would do.
fn wrong_state(held: &admission::Model, call: &admission_call::Model, at: Timestamp) -> Problem {
    let problem = Code::WrongState.with("state", held.state).with("allowed", allowed(held, call, at));
    if held.suspended { problem.with("suspended", true) } else { problem }
}

/// The admission one version on, in another state.
fn turned(held: &admission::Model, state: AdmissionState) -> admission::Model {
    admission::Model { state, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod machine;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod samples {
    //! A call and an admission to judge in tests.

    use chrono::{TimeZone, Utc};
    use entity::ids::{AdmissionId, LotId, OrganisationId, PersonId, TransferId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// The seller of the sample lot.
    pub const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(0x5e11));
    /// An organisation barred from it.
    pub const BARRED: OrganisationId = OrganisationId(Uuid::from_u128(0xbad));
    /// A person barred from it.
    pub const INVENTOR: PersonId = PersonId(Uuid::from_u128(0x1a5));
    /// An officer.
    pub const OFFICER: PersonId = PersonId(Uuid::from_u128(0x0ff));

    pub fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_700_000_000 + second, 0).unwrap()
    }

    /// A call from second 100 to second 200 for a deposit of 1000.00 yuan.
    pub fn call() -> admission_call::Model {
        let new = NewCall {
            lot_id: LotId(Uuid::from_u128(1)),
            listing_id: entity::ids::ListingId(Uuid::from_u128(2)),
            seller_organisation_id: SELLER,
            opens_at: at(100),
            closes_at: at(200),
            deposit: Money::fen(100_000),
            conditions: json!({}),
            barred_organisations: vec![BARRED],
            barred_persons: vec![INVENTOR],
            refund_rule: json!({"span": "3wd", "source": "exchange practice"}),
            holders: Vec::new(),
        };
        open(new).unwrap()
    }

    pub fn admission(number: u128, state: AdmissionState) -> admission::Model {
        let bids = !matches!(
            state,
            AdmissionState::Applied
                | AdmissionState::Qualified
                | AdmissionState::Refused
                | AdmissionState::NotAdmitted
                | AdmissionState::Withdrawn
        );
        admission::Model {
            id: AdmissionId(Uuid::from_u128(number)),
            lot_id: LotId(Uuid::from_u128(1)),
            organisation_id: OrganisationId(Uuid::from_u128(number)),
            state,
            reason: None,
            deposit_reference: format!("D-{number:08}"),
            pseudonym: bids.then(|| format!("竞买人 {number:04}")),
            suspended: false,
            documents: json!([]),
            party_confidential: false,
            hold_transfer_id: bids.then(|| TransferId(Uuid::from_u128(number))),
            applied_by: PersonId(Uuid::from_u128(number)),
            decided_by: None,
            version: 3,
            created_at: at(110),
            preemption_rank: None,
            offered_minor: None,
            offered_until: None,
            carried_over_at: None,
        }
    }
}
