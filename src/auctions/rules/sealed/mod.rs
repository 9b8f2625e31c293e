//! Sealed bids (密封报价): nobody learns of one before all are opened at once, at the end. They are so by the format, or among
//! several holders of a right of pre-emption who take the lot.
//!
//! What may be sealed is judged here; in which order opened bids stand (`ranking`), what follows once they are opened
//! (`opening`), how equals bid once more (`first_price`), what the winner of a Vickrey lot pays (`vickrey`), and who has how many of
//! several units (`units`), all at one price (`uniform_price`) or each at his own (`pay_as_bid`). Where the price is one indicator among others, what bidders may be given for those
//! (`scores`) and what it makes of their bids (`weighted`).

mod attempt;
pub mod envelope;
mod first_price;
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
pub use first_price::tie_round;
pub use opening::{Opened, apply, are_sealed, awaits_opening, open, round, stands, tie};
pub use ranking::OpenedBid;
