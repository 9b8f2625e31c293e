//! What any good service has, without a word of the trade: configuration, database doors, time,
//! access, idempotency, outbox, timers, audit, keys and the manners of HTTP.

pub mod access;
pub mod audit;
pub mod config;
pub mod db;
pub mod http;
pub mod keys;
pub mod outbox;
pub mod problem;
pub mod spreadsheet;
pub mod timers;
pub mod world;
