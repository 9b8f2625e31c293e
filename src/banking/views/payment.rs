//! Payment files.

use chrono::{DateTime, Utc};
use entity::banking::{PaymentState, payment_file};
use entity::ids::{BankLineId, BankReturnId, PaymentFileId, PaymentItemId, PersonId, RefundId};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::banking::flows::{Addressed, PaymentFile};
use crate::paged;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

paged! {
    /// Which payment files.
    pub struct PaymentFileQuery {
        /// Only in this state.
        #[param(inline)]
        pub state: Option<PaymentState>,
    }
}

/// What a payment file shall hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaymentFile {
    /// Only what is due by this instant; everything that is owed unless given.
    pub due_by: Option<DateTime<Utc>>,
    /// In which currency; CNY unless given.
    pub currency: Option<Currency>,
}

/// A payment file in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFileSummary {
    /// Id.
    pub id: PaymentFileId,
    /// Where it stands.
    pub state: PaymentState,
    /// What it pays altogether.
    pub total: Money,
    /// How many payments it holds.
    pub item_count: i64,
    /// SHA-256 of its text, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl From<payment_file::Model> for PaymentFileSummary {
    fn from(row: payment_file::Model) -> Self {
        Self {
            id: row.id,
            state: row.state,
            total: Money { minor: row.total_minor, currency: row.currency },
            item_count: row.item_count,
            sha256: hex(&row.sha256),
            created_by: row.created_by,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// One payment of a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentItemView {
    /// Id.
    pub id: PaymentItemId,
    /// What the bank carries in the remark.
    #[schema(example = "R-7K2M9QXP")]
    pub payment_reference: String,
    /// The refund it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<RefundId>,
    /// The return it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_id: Option<BankReturnId>,
    /// To whom.
    pub payee_name: String,
    /// To which account, where it is known; for finance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_account: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: PaymentState,
    /// The line that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by_line_id: Option<BankLineId>,
}

/// A payment file (付款文件).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFileView {
    /// The file.
    #[serde(flatten)]
    pub summary: PaymentFileSummary,
    /// Its payments, in their order.
    pub items: Vec<PaymentItemView>,
    /// What the caller may do to it now, as operation ids; told where a single file is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["cancel_payment_file"]))]
    pub allowed_deeds: Option<Vec<String>>,
}

impl PaymentFileView {
    /// A file, with the accounts where the reader may see them.
    pub fn of(file: PaymentFile, with_account: bool) -> Self {
        let items = file.items.into_iter().map(|Addressed { item, payee, account }| PaymentItemView {
            id: item.id,
            payment_reference: item.payment_reference,
            refund_id: item.refund_id,
            return_id: item.return_id,
            payee_name: payee,
            payee_account: account.filter(|_| with_account),
            amount: Money { minor: item.amount_minor, currency: item.currency },
            state: item.state,
            confirmed_by_line_id: item.confirmed_by_line_id,
        });
        Self { items: items.collect(), summary: file.file.into(), allowed_deeds: None }
    }
}

impl Tagged for PaymentFileView {
    fn version(&self) -> Option<i64> {
        Some(self.summary.version)
    }
}
