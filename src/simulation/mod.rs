//! A described auction, run through the rules of the market without a server, a database or a clock.
//!
//! A file says how a lot is bid for, who may bid and what happens when; what comes of it is decided by the very rules
//! that judge a real lot, so the course shown is the one the market would take. The same file gives the same bytes.
//! The course of a lot that was held is shown in the same form.
//!
//! A whole market is simulated in `market`, from a seed, on servers and a database of its own.

pub mod chart;
pub mod course;
pub mod description;
mod drawing;
pub mod market;
pub mod published;
pub mod table;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
