//! Tips (线索): what somebody knows about what a notice announces, and says without his name.
//!
//! A tip is no objection: nobody has to decide it, nothing waits for it, and whoever gave it has no rights from it. It goes to who oversees
//! the market, and to nobody else. Of who gave it nothing is kept: not his account, if he has one, and not where he called from.

pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
