//! Accounts and transfers. A transfer names a debit and a credit account and a positive amount,
//! so the books sum to zero by construction; rows are never changed.

use crate::Timestamp;
use crate::ids::{AccountId, AdmissionId, BankCreditId, LotId, OrganisationId, PersonId, RefundId, TransferId};
use crate::money::Currency;
use crate::sealed::Sealed;

codes! {
    /// What an account is for.
    AccountKind {
        /// Money at the custodian bank (an asset of the platform's custody).
        Bank,
        /// Money held for an organisation (a liability).
        ClientFunds,
        /// Deposits held for a lot (a liability).
        Deposits,
        /// Money that moved at the bank and is nobody's yet (a liability).
        Suspense,
        /// What the bank charged or paid the platform itself.
        Fees,
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
        /// A credit of a statement that is nobody's yet.
        UnmatchedCredit,
        /// A debit of a statement that is nobody's yet.
        UnmatchedDebit,
        /// What was nobody's turned out to be a deposit.
        SuspenseApplied,
        /// What was nobody's went back to whoever paid it.
        UnmatchedReturn,
        /// What was nobody's was a charge or interest of the bank.
        BankCharge,
    }
}

codes! {
    /// Which way money moved at the bank, as its statement says it.
    BankDirection {
        /// It came in.
        Credit,
        /// It went out.
        Debit,
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
        pub payer_name: Sealed,
        pub amount_minor: i64,
        pub currency: Currency,
        pub transfer_id: TransferId,
        pub recorded_by: Option<PersonId>,
        pub recorded_at: Timestamp,
    }
}

table! {
    /// What was booked under a reference of the bank: nothing is booked twice under one.
    bank_entry "bank_entry" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub direction: BankDirection,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bank_reference: String,
        pub counterparty_name: Sealed,
        pub amount_minor: i64,
        pub currency: Currency,
        pub transfer_id: TransferId,
        pub entered_at: Timestamp,
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
        /// The bank's reference of the payment.
        pub bank_reference: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}
