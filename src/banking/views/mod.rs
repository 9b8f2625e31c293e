//! What banking takes and shows over HTTP.

mod line;
mod payment;
mod reconciliation;
mod statement;

pub use line::{DecisionView, LineQuery, LineView, NewDecision, ReturnView};
pub use payment::{NewPaymentFile, PaymentFileQuery, PaymentFileSummary, PaymentFileView, PaymentItemView};
pub use reconciliation::{ReconciledStatement, ReconciliationQuery, ReconciliationView, SuspenseView, UnstatedView};
pub use statement::{LineCounts, NewStatement, StatementView, StatementWarning};

use entity::money::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount that may be below zero.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedMoney {
    /// Decimal text with two places.
    #[schema(pattern = r"^-?[0-9]{1,17}\.[0-9]{2}$", example = "-12.50")]
    pub amount: String,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl SignedMoney {
    /// So many minor units.
    pub(super) fn of(minor: i64, currency: Currency) -> Self {
        Self { amount: Money { minor, currency }.decimal(), currency }
    }
}
