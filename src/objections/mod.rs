//! Objections (异议): what anybody may hold against a notice while it runs.
//!
//! Whoever objects gives his name, a ground and what shows it. An officer who decided nothing in the matter accepts it or says why
//! not, looks into it, and decides with reasons; whoever objected may ask once for a review by another. Each step has its deadline
//! from the rules. As long as one is open, or was right and is not put right, the procedure it is about does not go on.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
