//! Signals of collusion (围标串标线索): what a closed lot shows of bidders who may belong together.
//!
//! When a lot has closed its log, its admissions, the bank's lines, the members of its bidders, their sessions and the trail
//! are read, and what stands out is recorded with its reasons and a score. Every threshold is rule data. Those
//! who oversee read it; nobody else does, and nothing follows from it by itself.

pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
