//! Accounts and transfers. A transfer names a debit and a credit account and a positive amount,
//! so the books sum to zero by construction; rows are never changed.

use crate::Timestamp;
use crate::ids::{AccountId, AdmissionId, BankCreditId, LotId, OrganisationId, PersonId, RefundId, TransferId};
use crate::money::Currency;

codes! {
    /// What an account is for.
    AccountKind {
        /// Money at the custodian bank (an asset of the platform's custody).
        Bank,
        /// Money held for an organisation (a liability).
        ClientFunds,
        /// Deposits held for a lot (a liability).
        Deposits,
    }
}

codes! {
    /// What a transfer row does.
    TransferPhase {
        /// Moves at once.
        Single,
        /// Reserves.
        Pending,
        /// Makes a pending one final.
        Post,
        /// Gives a pending one back.
        Void,
        /// Gives a pending one back because its time ran out.
        Expire,
    }
}

codes! {
    /// Why money moved.
    TransferReason {
        /// A bank credit arrived.
        BankCredit,
        /// A deposit was held for a lot.
        DepositHold,
        /// The bidder did not win, withdrew, or the lot failed.
        DepositRelease,
        /// Money was paid back.
        Refund,
    }
}

codes! {
    /// Where a refund stands.
    RefundState { Due, Paid }
}

table! {
    ledger_account "ledger_account" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AccountId,
        pub kind: AccountKind,
        pub organisation_id: Option<OrganisationId>,
        pub lot_id: Option<LotId>,
        pub currency: Currency,
        pub created_at: Timestamp,
    }
}

table! {
    ledger_transfer "ledger_transfer" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TransferId,
        pub phase: TransferPhase,
        pub reason: TransferReason,
        pub pending_id: Option<TransferId>,
        pub debit_account_id: AccountId,
        pub credit_account_id: AccountId,
        pub amount_minor: i64,
        pub currency: Currency,
        pub created_at: Timestamp,
    }
}

table! {
    bank_credit "bank_credit" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BankCreditId,
        pub bank_reference: String,
        pub admission_id: AdmissionId,
        pub organisation_id: OrganisationId,
        pub payer_name: String,
        pub amount_minor: i64,
        pub currency: Currency,
        pub transfer_id: TransferId,
        pub recorded_by: Option<PersonId>,
        pub recorded_at: Timestamp,
    }
}

table! {
    refund "refund" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RefundId,
        pub admission_id: AdmissionId,
        pub organisation_id: OrganisationId,
        pub amount_minor: i64,
        pub currency: Currency,
        pub state: RefundState,
        pub due_at: Timestamp,
        pub rule: String,
        pub transfer_id: Option<TransferId>,
        pub paid_at: Option<Timestamp>,
        /// The bank's reference of the payment; one payment settles one refund.
        pub bank_reference: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}
