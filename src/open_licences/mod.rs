//! Open licences (开放许可): anybody who tells the patentee in writing, and pays as announced, has a licence.
//!
//! A patentee declares it of a granted patent, with fee, payment and term, and without praising it. It passes the gates as it is handed in:
//! its text is frozen then, and an officer publishes it or sends it back. Its notice has no end: it stands until the patentee withdraws it,
//! an officer does, or an objection ends it. Whoever has a licence by then keeps it.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
