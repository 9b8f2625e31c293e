//! Sales at a negotiated price (协议定价): one seller, one buyer, and a notice that anybody may object to.
//!
//! The parties make each other offers until one is accepted. The seller decides with his own papers, an officer who had no hand in
//! it publishes the notice, the seller shows that it stood in his own place too. Once both have stood for their whole period and no
//! objection is open, both parties confirm, and the result is published. What is agreed anew is announced anew, for a whole period.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
