//! The gates of a sale (合规门), G1 to G12: what has to be right before an offer is approved, and again before its deal is confirmed.
//!
//! All gates run and all they find is told, with how to cure it. What blocks is cured; about what warns a named person decides, and his
//! decision counts for that finding alone. The rules of an offer itself are its own room's; here stand those that look beyond it: the
//! registered holder, technology export, public money, related parties, restrictions of trust, clauses that monopolise technology. They
//! look at what organisations declare of themselves, at what officers enter, and at a dated catalogue. Whoever may not buy for such a
//! reason does not register, and does not bid.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
