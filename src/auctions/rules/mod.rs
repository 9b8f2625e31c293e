//! The rules of bidding: pure, so that replay gives the same bytes.

pub mod announce;
pub mod bidder;
pub mod clock;
pub mod close;
pub mod english;
pub mod log;
pub mod outage;
pub mod pause;
pub mod reserve;
pub mod session;
pub mod step;
pub mod timeline;

pub use english::{Accepted, Attempt, judge};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod model;
#[cfg(test)]
pub(crate) mod tests;
