//! The rulebook: every period, rate and threshold as a dated parameter with its source.
//!
//! Editions are loaded from `seeds/`, kept for ever, and read by rules as values. A listing stores
//! a snapshot at approval, so that what was announced is what applies. Periods are computed in
//! Asia/Shanghai with the calendar of public holidays and make-up working days.

pub mod dates;
pub mod flows;
pub mod http;
pub mod rules;
pub mod shelf;
pub mod store;
