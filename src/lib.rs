//! Zhepai (浙拍): the open backend on which a province trades technology.
//!
//! `ARCHITECTURE.md` draws the house. Each room is a module with its rules (pure), its store, its
//! flows and its HTTP face; a room calls only rooms listed before it.

pub mod planted;
pub mod platform;

pub mod codes;
pub mod rulebook;
pub mod documents;
pub mod identity;
pub mod audit;
pub mod ledger;
pub mod notices;
pub mod objections;
pub mod tips;
pub mod achievements;
pub mod encumbrances;
pub mod licences;
pub mod gates;
pub mod deals;
pub mod admissions;
pub mod banking;
pub mod auctions;
pub mod lot_sessions;
pub mod integrity;
pub mod listings;
pub mod negotiations;
pub mod rights_grants;
pub mod open_licences;
pub mod recordals;
pub mod open_implementation;
pub mod data_rooms;
pub mod certificates;
pub mod questions;
pub mod evidence;
pub mod pages;
pub mod imports;
pub mod notifications;
pub mod privacy;
pub mod sandbox;

pub mod house;
pub mod server;

pub mod client;
pub mod play;
pub mod simulation;
pub mod bench;
pub mod cli;
