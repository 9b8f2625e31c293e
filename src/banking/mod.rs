//! The bank's statements: what really came and went, and whose it is.
//!
//! Finance imports a statement, and every line of it is booked once. A credit that names a deposit, in
//! the applicant's own name, to the fen and in time, is that deposit; whatever else came waits in
//! suspense until an officer decides, and goes back unless it turns out to be somebody's deposit. Refunds
//! leave in payment files and are paid when a statement shows them. Reconciliation holds the ledger
//! against the latest statement and says what explains the difference.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
