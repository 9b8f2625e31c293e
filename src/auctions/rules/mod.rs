//! The rules of bidding: pure, so that replay gives the same bytes.

pub mod abort;
pub mod announce;
pub mod bidder;
pub mod buy_now;
pub mod clock;
pub mod close;
pub mod course;
pub mod direction;
pub mod dutch;
pub mod effects;
pub mod english;
pub mod judge;
pub mod jump;
pub mod limits;
pub mod log;
pub mod maximum;
pub mod outage;
pub mod merkle;
pub mod next_bidder;
pub mod pause;
pub mod postpone;
pub mod precedence;
pub mod preemption;
pub mod proxy;
pub mod published;
pub mod receipt;
pub mod reserve;
pub mod rounds;
pub mod sealed;
pub mod session;
pub mod step;
pub mod suggest;
pub mod timeline;
pub mod unopened;
pub mod verify;

pub use judge::{Accepted, Attempt, Judgement, judge, judge_knowing};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod machine;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod model;
#[cfg(test)]
pub(crate) mod tests;
