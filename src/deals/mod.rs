//! Deals: what follows when a price is found (成交).
//!
//! A deal is opened with parties, terms and price by value and needs no listing afterwards. Its
//! confirmation (成交确认书) is drawn up at once and hashed; a signatory of each party signs it, in
//! either order, and the auction host too where the lot is an auction in the sense of the auction
//! law. Whoever lets the deadline pass is in default. When all have signed, the result notice drafts
//! itself, and a publisher who did not decide the case puts it out.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
