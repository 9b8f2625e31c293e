//! What is filed with the registries: transfers (转让登记), licences (许可备案) and pledges (质押登记), from the draft to the register.
//!
//! What a registry keeps passes on the day of the registry, not with the contract or the price: once one side has entered that day with its
//! number and somebody else has confirmed it, the right is the buyer's, with the licences and burdens on it. What no registry has to enter
//! passes as its deal is confirmed, in the same way. Whose a right was at any instant stays known, and so does what an application was
//! before it became the patent.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
