//! The law of the bank's statements: what can be read, whose a line is, what may be decided about it,
//! what a payment file says, and what is left unexplained.

mod decide;
mod matching;
mod payment;
mod reconcile;
mod sheet;
mod statement;

pub use decide::{
    Owed, Verdict, check_decision, decided, may_decide, no_deposit, no_such_debt, open_on_line, open_to, owe, returned, settles,
};
pub use matching::{
    Claim, Earlier, Entered, Fate, Look, Movement, Named, Part, Payable, fate, judge, known, matched, same_party, standing,
};
pub use payment::{
    MOST_PAYMENTS, PAYMENT, Payee, Payment, cancelled, check_due_by, confirmed, content, file, is_source, may_cancel, open_on_file,
    paid_by, payment_reference, turned,
};
pub use reconcile::{Moved, Reconciliation, cut_off, reconcile};
pub use sheet::{Booked, Figures, Row, Sheet, booked_by, check_file_name, figures, read};
pub use statement::{OPENING_ROW, Paper, begins_first, opening, statement};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod samples {
    //! A line of a statement and what becomes of it, to judge in tests.

    use chrono::{TimeZone, Utc};
    use entity::Timestamp;
    use entity::banking::{UnmatchedReason, bank_case, bank_line};
    use entity::ids::{BankLineId, BankStatementId, TransferId};
    use entity::ledger::BankDirection;
    use entity::money::Currency;
    use uuid::Uuid;

    use super::{Fate, standing};

    pub fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_700_000_000 + second, 0).unwrap()
    }

    pub fn line(number: u128, direction: BankDirection, fen: i64) -> bank_line::Model {
        bank_line::Model {
            id: BankLineId(Uuid::from_u128(number)),
            statement_id: BankStatementId(Uuid::from_u128(1)),
            row_number: 2,
            booked_at: at(150),
            bank_reference: format!("BANK-{number}"),
            direction,
            amount_minor: fen,
            currency: Currency::Cny,
            counterparty_name: "某公司".to_owned().into(),
            counterparty_account: Some("6222000011112222".to_owned().into()),
            remark: String::new().into(),
            transfer_id: TransferId(Uuid::from_u128(number)),
            booked: true,
            known_line_id: None,
            created_at: at(160),
        }
    }

    pub fn waiting(line: &bank_line::Model, reason: UnmatchedReason) -> bank_case::Model {
        standing(line, &Fate::Suspense(reason), None)
    }
}
