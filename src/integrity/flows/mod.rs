//! Hearing that a lot has closed, and reading what was found.

mod follow;
mod look;
mod read;

pub use follow::{hear_deal_opened, hear_lot_closed};
pub use read::{list, read};
