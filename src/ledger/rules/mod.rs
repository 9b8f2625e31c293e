//! The law of the books: what a transfer may be, what transfers add up to, what may be taken out.

mod balance;
mod refunds;
#[cfg(test)]
mod tests;
mod transfers;

pub use balance::{Balance, KindSum, Side, balance_of, tally, trial_balance};
pub use refunds::{
    LONGEST_REFERENCE, NewRefund, check_bank_reference, falls_due, in_no_file, is_bank_reference, open_on_refund, owe, paid,
};
pub use transfers::{Purpose, Resolution, Slip, apply, credit, explain, hold, pay_back, resolve, send_back, suspend};

use serde::Serialize;

use crate::platform::problem::{Code, Problem};

/// A state from which nothing leads on.
fn nothing_allowed(state: impl Serialize) -> Problem {
    Code::WrongState.with("state", state).with("allowed", Vec::<String>::new())
}

fn out_of_range() -> Problem {
    Code::OutsideRule.with("name", "amount")
}
