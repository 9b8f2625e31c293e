//! Listings: the offer of rights and its procedure (挂牌项目).
//!
//! A seller writes an offer and hands it in; a reviewer finds it fit, which freezes its rules and the
//! text of its notice; a publisher puts it out, which announces one lot and opens its registration.
//! When registration closes the lot goes to auction or fails; what became of the lot becomes of the
//! listing. Nobody acts twice: author, reviewer and publisher are three people.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
