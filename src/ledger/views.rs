//! What the ledger takes and shows over HTTP.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::Timestamp;
use entity::ids::{AccountId, AdmissionId, LotId, OrganisationId, RefundId, TransferId};
use entity::ledger::{AccountKind, RefundState, TransferPhase, TransferReason, ledger_account, refund};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::flows::BookedTransfer;
use super::rules::Balance;
use crate::paged;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::Problem;

paged! {
    /// Which transfers.
    pub struct TransferQuery {
        /// Only those that touch the funds of this organisation.
        #[param(value_type = Option<uuid::Uuid>)]
        pub organisation_id: Option<OrganisationId>,
        /// Only those that touch the deposits of this lot.
        #[param(value_type = Option<uuid::Uuid>)]
        pub lot_id: Option<LotId>,
        /// Only of this phase.
        #[param(inline)]
        pub phase: Option<TransferPhase>,
        /// Only for this reason.
        #[param(inline)]
        pub reason: Option<TransferReason>,
    }
}

paged! {
    /// Which refunds.
    pub struct RefundQuery {
        /// Only in this state.
        #[param(inline)]
        pub state: Option<RefundState>,
    }
}

/// How a refund was paid.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPayment {
    /// The bank's reference of the payment (银行流水号).
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]{1,64}$", example = "ICBC-20261123-000042")]
    pub bank_reference: String,
}

/// An account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerAccountView {
    /// Id.
    pub id: AccountId,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose funds it holds.
    pub organisation_id: Option<OrganisationId>,
    /// Whose deposits it holds.
    pub lot_id: Option<LotId>,
}

impl From<ledger_account::Model> for LedgerAccountView {
    fn from(row: ledger_account::Model) -> Self {
        Self { id: row.id, kind: row.kind, organisation_id: row.organisation_id, lot_id: row.lot_id }
    }
}

/// A transfer: an amount from one account to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TransferView {
    /// Id.
    pub id: TransferId,
    /// What it does.
    pub phase: TransferPhase,
    /// Why.
    pub reason: TransferReason,
    /// The pending transfer it resolves.
    pub pending_id: Option<TransferId>,
    /// The account it debits.
    pub debit: LedgerAccountView,
    /// The account it credits.
    pub credit: LedgerAccountView,
    /// How much.
    pub amount: Money,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<BookedTransfer> for TransferView {
    fn from(booked: BookedTransfer) -> Self {
        let BookedTransfer { transfer, debit, credit } = booked;
        Self {
            id: transfer.id,
            phase: transfer.phase,
            reason: transfer.reason,
            pending_id: transfer.pending_id,
            debit: debit.into(),
            credit: credit.into(),
            amount: Money { minor: transfer.amount_minor, currency: transfer.currency },
            created_at: transfer.created_at,
        }
    }
}

/// What the accounts of one kind add up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialLineView {
    /// The kind of account.
    pub kind: AccountKind,
    /// The currency.
    pub currency: Currency,
    /// Final debits.
    pub debits: Money,
    /// Final credits.
    pub credits: Money,
    /// Debits reserved and not resolved.
    pub pending_debits: Money,
    /// Credits reserved and not resolved.
    pub pending_credits: Money,
}

/// Debits less credits over all accounts: nothing, in every currency and at every instant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialSumView {
    /// The currency.
    pub currency: Currency,
    /// By how much final debits and credits differ.
    pub difference: Money,
    /// By how much pending debits and credits differ.
    pub pending_difference: Money,
}

/// The trial balance (试算平衡表).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialBalanceView {
    /// When it was drawn up.
    pub at: DateTime<Utc>,
    /// A line for each kind of account and currency.
    pub lines: Vec<TrialLineView>,
    /// A sum for each currency.
    pub sums: Vec<TrialSumView>,
}

impl TrialBalanceView {
    /// The trial balance as of an instant.
    pub fn of(at: Timestamp, lines: &BTreeMap<(AccountKind, Currency), Balance>) -> Result<Self, Problem> {
        let mut sums = Vec::new();
        for currency in Currency::ALL.iter().copied() {
            let own = lines.iter().filter(|((_, of), _)| *of == currency);
            let (posted, pending) = own.map(|(_, line)| *line).try_fold(Balance::default(), Balance::plus)?.difference()?;
            let money = |minor: i64| Money { minor: minor.saturating_abs(), currency };
            sums.push(TrialSumView { currency, difference: money(posted), pending_difference: money(pending) });
        }
        let lines = lines.iter().map(|((kind, currency), line)| {
            let money = |minor| Money { minor, currency: *currency };
            TrialLineView {
                kind: *kind,
                currency: *currency,
                debits: money(line.debits),
                credits: money(line.credits),
                pending_debits: money(line.pending_debits),
                pending_credits: money(line.pending_credits),
            }
        });
        Ok(Self { at, lines: lines.collect(), sums })
    }
}

/// An organisation's funds in one currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FundsBalanceView {
    /// The currency.
    pub currency: Currency,
    /// Everything that ever came in.
    pub credited: Money,
    /// Everything that went out for good.
    pub debited: Money,
    /// What is reserved for deposits now.
    pub held: Money,
    /// What is neither gone nor reserved; refunds that are due are paid out of it.
    pub available: Money,
}

/// An organisation's funds with the platform.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FundsView {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// By currency.
    pub balances: Vec<FundsBalanceView>,
}

impl FundsView {
    /// The funds of an organisation.
    pub fn of(organisation_id: OrganisationId, balances: &[(Currency, Balance)]) -> Result<Self, Problem> {
        let balances = balances.iter().map(|(currency, balance)| {
            let money = |minor| Money { minor, currency: *currency };
            Ok::<_, Problem>(FundsBalanceView {
                currency: *currency,
                credited: money(balance.credits),
                debited: money(balance.debits),
                held: money(balance.pending_debits),
                available: money(balance.available()?),
            })
        });
        Ok(Self { organisation_id, balances: balances.collect::<Result<_, _>>()? })
    }
}

/// A refund (退款).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundView {
    /// Id.
    pub id: RefundId,
    /// The admission whose deposit goes back.
    pub admission_id: AdmissionId,
    /// To whom.
    pub organisation_id: OrganisationId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// The rule the date follows from.
    pub rule: String,
    /// The transfer that paid it.
    pub transfer_id: Option<TransferId>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The bank's reference of the payment.
    pub bank_reference: Option<String>,
    /// Since when it is owed.
    pub created_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where refunds are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["pay_refund"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl From<refund::Model> for RefundView {
    fn from(row: refund::Model) -> Self {
        Self {
            id: row.id,
            admission_id: row.admission_id,
            organisation_id: row.organisation_id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            state: row.state,
            due_at: row.due_at,
            rule: row.rule,
            transfer_id: row.transfer_id,
            paid_at: row.paid_at,
            bank_reference: row.bank_reference,
            created_at: row.created_at,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for RefundView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
