//! The market tested as a client sees it, over HTTP, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod common;

mod authz;
mod invariants;
mod recorded;
mod story;
mod durability;
