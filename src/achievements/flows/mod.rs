//! What happens to achievements and the rights in them.

mod achievements;
mod assets;
mod offered;
mod register;
mod statuses;

pub use achievements::{amend_achievement, create_achievement, list_achievements, read_achievement};
pub use assets::{add_asset, amend_asset, free_within, read_asset};
pub use offered::{offered_by_within, offered_within, own_offered_within};
pub use register::{Judged, Registration, Within, judged_within, register_within};
pub use statuses::{list_statuses, record_status};

use entity::ids::OrganisationId;

use crate::platform::access::Context;
use crate::platform::problem::{Code, Problem};

/// The organisation the caller acts for, if an officer has verified it.
fn verified(by: &Context) -> Result<OrganisationId, Problem> {
    let seat = by.seat()?;
    if seat.verified { Ok(seat.organisation) } else { Err(Code::OrganisationNotVerified.into()) }
}
