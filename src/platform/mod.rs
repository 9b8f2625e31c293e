//! What any good service has, without a word of the trade: configuration, database doors, time,
//! access, idempotency, outbox, timers, audit, keys, strict JSON and the manners of HTTP.

pub mod access;
pub mod audit;
pub mod bounded;
pub mod config;
pub mod data_keys;
pub mod db;
pub mod files;
pub mod heartbeat;
pub mod http;
pub mod json;
pub mod keys;
pub mod mail;
pub mod outbox;
pub mod problem;
pub mod spreadsheet;
pub mod timers;
pub mod tls;
pub mod typeface;
pub mod world;
