//! What happens to a deal: opened, signed, lapsed, its result published, and told in full at its date; and how it is read.

mod lapse;
mod objection;
mod open;
mod opening;
mod publish_result;
mod read;
mod sign;

pub use super::rules::NewDeal;
pub use lapse::on_confirm_by;
pub use objection::{hear_objection, rescind_within};
pub use open::open_within;
pub use opening::on_opening;
pub use publish_result::publish_result;
pub use read::{list, published_results, read, read_confirmation, timeline};
pub use sign::sign;

/// The timer that looks whether a confirmation was signed in time.
const CONFIRM_BY: &str = "deals.confirm_by";

/// The timer that looks whether something opens that a published result withholds.
const OPENING: &str = "deals.opening";
