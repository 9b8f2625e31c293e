//! Grants of rights to who made an achievement (赋权): a share of the ownership, or a right to use it for ten years or more.
//!
//! A state body proposes it for the achievement's completers. Somebody else of it decides, with its own papers; an officer publishes the
//! notice, and the unit shows that it stood in its own place too. Once both have stood for their whole period and no objection is open,
//! the agreement with the team is filed. A use right is effective at once, a share when the register shows it.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
