//! The market tested as a client sees it, over HTTP, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::similar_names, missing_docs)]

mod common;

mod accounts;
mod audit;
mod authz;
mod bank;
mod buy_now;
mod course;
mod deeds;
mod invariants;
mod guard;
mod keys;
mod letters;
mod limits;
mod anonymity;
mod outages;
mod next_bidder;
mod preemption;
mod dutch;
mod recorded;
mod same_bytes;
mod registrations;
mod reverse;
mod privacy;
mod refusals;
mod sealed;
mod story;
mod durability;
mod endings;
mod freshness;
mod hostile;
mod imports;
mod integrity;
mod live;
mod lot_sessions;
mod machinery;
mod notifications;
mod personal_data;
mod once;
mod proxies;
mod sandbox;
mod spec;
mod timeline;
mod tokens;
mod trail;
