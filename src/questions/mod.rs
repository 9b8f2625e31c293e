//! Questions (提问) about what is on offer, and their answers: whatever one who is interested is told, everybody is told.
//!
//! Anybody who is signed in asks while registration is open. The seller answers without being told who asks; an officer who has no
//! place with either lets everybody read both, sends the answer back, or refuses the question. Each step has its deadline from the
//! rules, and an answer is due before bidding opens.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
