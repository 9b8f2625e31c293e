//! What the ledger tells.

use entity::Timestamp;
use entity::ids::{AdmissionId, OrganisationId, RefundId};
use entity::ledger::refund;
use entity::money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A refund is owed, or was paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundEvent {
    #[serde(skip)]
    kind: &'static str,
    /// The refund.
    pub refund_id: RefundId,
    /// The admission whose deposit goes back.
    pub admission_id: AdmissionId,
    /// To whom.
    pub organisation_id: OrganisationId,
    /// How much.
    pub amount: Money,
    /// By when.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub due_at: Timestamp,
    /// The reference under which the bank paid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
}

impl RefundEvent {
    /// It is owed from now on.
    pub fn owed(row: &refund::Model) -> Self {
        Self {
            kind: "refund.owed",
            refund_id: row.id,
            admission_id: row.admission_id,
            organisation_id: row.organisation_id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            due_at: row.due_at,
            bank_reference: None,
        }
    }

    /// It was paid under this reference of the bank, which is kept here and nowhere else.
    pub fn paid(row: &refund::Model, bank_reference: &str) -> Self {
        Self { kind: "refund.paid", bank_reference: Some(bank_reference.to_owned()), ..Self::owed(row) }
    }
}

impl Event for RefundEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("refund", self.refund_id.into())
    }
}
