//! Where inboxes, webhooks, deliveries and letters are kept.

mod deliveries;
mod inbox;
mod letters;
mod parties;
mod webhooks;

pub use deliveries::*;
pub use inbox::*;
pub use letters::*;
pub use parties::*;
pub use webhooks::*;

/// How many rows one statement writes, and how many ids it asks for.
const AT_ONCE: usize = 500;
