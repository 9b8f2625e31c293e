//! Sealed bids (密封报价): nobody learns of one before all are opened at once, at the end.
//!
//! What may be sealed is judged here; in which order opened bids stand (`ranking`), what follows once they are opened
//! (`opening`), what the winner of a Vickrey lot pays (`vickrey`), and who has how many of several units (`units`). First price
//! and one-shot are one rule under two names. Where the price is one indicator among others, what bidders may be given for those
//! (`scores`) and what it makes of their bids (`weighted`).

mod attempt;
pub mod envelope;
mod opening;
mod pay_as_bid;
mod ranking;
pub mod receipt;
pub mod scores;
#[cfg(test)]
pub(crate) mod tests;
mod uniform_price;
pub mod units;
pub mod vickrey;
pub mod weighted;

pub use attempt::{judge, limit, may_seal};
pub use opening::{Opened, apply, awaits_opening, open, round, stands, tie, tie_round};
pub use ranking::OpenedBid;
