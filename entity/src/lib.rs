//! The nouns of the market: tables, typed ids, states and values with their arithmetic.
//!
//! No decisions are taken here: rules live in the rooms of the root crate. Every state is a closed
//! enumeration whose codes are also the rows of a state table, so that the database refuses
//! what the code does not know.

#[macro_use]
mod macros;

pub mod achievements;
pub mod admissions;
pub mod auctions;
pub mod banking;
pub mod data_rooms;
pub mod certificates;
pub mod deals;
pub mod documents;
pub mod encumbrances;
pub mod gates;
pub mod identity;
pub mod ids;
pub mod imports;
pub mod integrity;
pub mod kept;
pub mod ledger;
pub mod licences;
pub mod listings;
pub mod lot_sessions;
pub mod money;
pub mod negotiations;
pub mod notices;
pub mod notifications;
pub mod objections;
pub mod open_implementation;
pub mod open_licences;
pub mod platform;
pub mod questions;
pub mod recordals;
pub mod rights_grants;
pub mod rulebook;
pub mod scores;
pub mod sealed;
pub mod tips;

use chrono::{DateTime, SubsecRound, Utc};

/// An instant in UTC. Storage keeps microseconds; see [`micros`].
pub type Timestamp = DateTime<Utc>;

/// Cuts an instant to microseconds, the finest both databases keep.
pub fn micros(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}
