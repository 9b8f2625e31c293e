//! Auctions: lots and the way their price is found.
//!
//! A lot's log of events, chained by hash, is the only truth about it; its row is the projection.
//! Rules judge attempts in the order in which they reach the lot's lock; arrival decides only
//! whether a bid was in time and how far the lot extends. What is acknowledged is committed.

pub mod course_schema;
pub mod events;
pub mod floor;
pub mod feed;
pub mod flows;
pub mod http;
pub mod live;
pub mod rules;
pub mod store;
pub mod stream;
pub mod views;
