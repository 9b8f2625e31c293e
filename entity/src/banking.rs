//! Statements of the bank, what becomes of their lines, and files of payments.

use crate::Timestamp;
use crate::ids::{AdmissionId, BankLineId, BankReturnId, BankStatementId, PaymentFileId, PaymentItemId, PersonId, RefundId, TransferId};
use crate::ledger::{BankDirection, RefundState};
use crate::money::Currency;
use crate::sealed::Sealed;

codes! {
    /// Where a line of a statement stands.
    LineState {
        /// It is a deposit, or part of one.
        Matched,
        /// It is booked in suspense and waits for a decision.
        Unmatched,
        /// It was booked before, and is not booked again.
        Duplicate,
        /// It paid what a payment file asked for.
        ConfirmedRefund,
        /// An officer decided it.
        Resolved,
    }
}

codes! {
    /// Why nobody knows yet whose a line is.
    UnmatchedReason {
        /// The remark names no deposit.
        NoReference,
        /// The remark names a deposit there is not, or several.
        UnknownReference,
        /// The payer is not the applicant.
        PayerMismatch,
        /// Less than the deposit.
        AmountShort,
        /// More than the deposit.
        AmountExcess,
        /// Booked after registration had closed.
        Late,
        /// The deposit is there already.
        AlreadyPaid,
        /// The applicant does not wait for its deposit.
        AdmissionNotWaiting,
        /// Money that went out and that no payment file asked for.
        UnknownDebit,
        /// Something else was booked under this reference of the bank.
        ReferenceConflict,
        /// The same was booked under this reference of the bank, but of somebody with another name.
        NameConflict,
    }
}

codes! {
    /// What an officer decides about a line.
    LineDecision {
        /// It is the deposit of an admission.
        Apply,
        /// It goes back to whoever paid it.
        Return,
        /// It is the bank's and the platform's own affair.
        Explain,
        /// It paid a refund or a return, which its remark does not say.
        Pays,
        /// It is what was booked already, with the name spelled otherwise.
        Same,
    }
}

codes! {
    /// Where a payment of a file, or the whole file, stands.
    PaymentState {
        /// With the bank, or on the way there.
        Open,
        /// A statement shows it.
        Confirmed,
        /// It will not be made.
        Cancelled,
    }
}

table! {
    /// A statement as it was imported; never changed.
    bank_statement "bank_statement" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BankStatementId,
        pub currency: Currency,
        pub file_name: String,
        pub sha256: Vec<u8>,
        pub opening_minor: i64,
        pub closing_minor: i64,
        pub credits_minor: i64,
        pub debits_minor: i64,
        pub line_count: i64,
        pub first_booked_at: Timestamp,
        pub last_booked_at: Timestamp,
        /// The latest earlier statement when it was imported.
        pub previous_id: Option<BankStatementId>,
        /// What it begins with beyond what the earlier one ended with; nothing where they join.
        pub gap_minor: i64,
        pub imported_by: PersonId,
        pub imported_at: Timestamp,
    }
}

table! {
    /// A line of a statement; never changed, but that its words are sealed anew, and may be taken away.
    bank_line "bank_line" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BankLineId,
        pub statement_id: BankStatementId,
        pub row_number: i64,
        pub booked_at: Timestamp,
        pub bank_reference: String,
        pub direction: BankDirection,
        pub amount_minor: i64,
        pub currency: Currency,
        pub counterparty_name: Sealed,
        pub counterparty_account: Option<Sealed>,
        pub remark: Sealed,
        /// The transfer on the bank's account that stands for it.
        pub transfer_id: TransferId,
        /// Whether the line made that transfer, or found it there.
        pub booked: bool,
        /// The line of an earlier statement that says the same.
        pub known_line_id: Option<BankLineId>,
        pub created_at: Timestamp,
    }
}

table! {
    /// What becomes of a line.
    bank_case "bank_case" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: BankLineId,
        pub statement_id: BankStatementId,
        pub state: LineState,
        pub reason: Option<UnmatchedReason>,
        /// The admission its remark names, or whose deposit it is.
        pub admission_id: Option<AdmissionId>,
        /// What it was found to have paid.
        pub refund_id: Option<RefundId>,
        pub return_id: Option<BankReturnId>,
        pub decision: Option<LineDecision>,
        pub decision_reason: Option<String>,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// Money owed back to whoever paid it: name and account are those of the line.
    bank_return "bank_return" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BankReturnId,
        pub line_id: BankLineId,
        pub amount_minor: i64,
        pub currency: Currency,
        pub state: RefundState,
        pub due_at: Timestamp,
        pub rule: String,
        pub transfer_id: Option<TransferId>,
        pub paid_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A file of payments for the bank to make.
    payment_file "payment_file" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PaymentFileId,
        pub currency: Currency,
        pub total_minor: i64,
        pub item_count: i64,
        pub sha256: Vec<u8>,
        pub state: PaymentState,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// One payment of a file: a refund, or money that is returned.
    payment_item "payment_item" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PaymentItemId,
        pub file_id: PaymentFileId,
        pub row_number: i64,
        /// What the bank carries in the remark, so that its statement confirms the payment.
        pub payment_reference: String,
        pub refund_id: Option<RefundId>,
        pub return_id: Option<BankReturnId>,
        /// The line the money came by, which knows the payee's account.
        pub source_line_id: Option<BankLineId>,
        pub payee_name: Sealed,
        pub amount_minor: i64,
        pub currency: Currency,
        pub state: PaymentState,
        pub confirmed_by_line_id: Option<BankLineId>,
    }
}
