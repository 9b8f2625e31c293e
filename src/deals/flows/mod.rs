//! What happens to a deal: opened, signed, lapsed, its result published; and how it is read.

mod lapse;
mod objection;
mod open;
mod publish_result;
mod read;
mod sign;

pub use super::rules::NewDeal;
pub use lapse::on_confirm_by;
pub use objection::hear_objection;
pub use open::open_within;
pub use publish_result::publish_result;
pub use read::{list, published_results, read, read_confirmation, timeline};
pub use sign::sign;

/// The timer that looks whether a confirmation was signed in time.
const CONFIRM_BY: &str = "deals.confirm_by";
