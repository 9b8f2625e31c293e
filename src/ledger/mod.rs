//! The ledger: whose money the platform holds, and for what.
//!
//! Money that arrives at the bank is owed to the client who paid it. A deposit is a pending transfer
//! from the client's funds to a lot's deposits: it is made final, or given back, exactly once. What is
//! given back becomes a refund with a due date and leaves by the bank. What moves at the bank without
//! anybody knowing for whom waits in suspense. Nothing is booked twice under a reference of the bank.
//! Transfers are only ever added; each has a debit and a credit side, so the books sum to zero at every
//! instant.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
