//! Sessions of lots (专场): several lots in one order, told of together.
//!
//! A session is put together while its lots wait, and frozen when it is published. In a staggered one
//! the lots close one after another; in a hosted one the host opens them one after another, and a lot
//! whose host is late opens by itself. What happens to a lot is in the lot's own log and judged by its
//! own rules: a session only does the same to all of its lots at once.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
