//! Keys for programs (API 密钥): each acts for one member of one organisation, for what it says and no more.
//!
//! A key is told once and kept as its hash. What its owner may do is read anew on every call, as with a
//! session, so a key is worth what its owner's place is worth at that moment. It never stands for staff, has
//! no second factor, and what needs one is not for keys.

pub mod flows;
pub mod http;
pub mod log;
pub mod rules;
pub mod store;
pub mod text;
pub mod views;
