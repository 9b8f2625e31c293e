//! The market tested as a client sees it, over HTTP, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::similar_names, missing_docs)]

mod common;

mod accounts;
mod audit;
mod authz;
mod bank;
mod invariants;
mod keys;
mod limits;
mod recorded;
mod refusals;
mod story;
mod durability;
mod freshness;
mod imports;
mod live;
mod lot_sessions;
mod machinery;
mod once;
mod sandbox;
mod spec;
mod timeline;
mod tokens;
