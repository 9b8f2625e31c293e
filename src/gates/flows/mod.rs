//! What happens at the gates: what is declared for them, who is screened, how they are run.

mod entered;
mod examine;
mod facts;
mod papers;
mod relations;
mod restrictions;
mod screen;

pub use entered::entered_within;
pub use examine::{Confirmed, Listed, confirm_within, examine_within, record_within};
pub use facts::{declare_facts, standing};
pub use papers::{decide_paper, hand_in_paper, list_papers, told};
pub use relations::{declare_relation, end_relation};
pub use restrictions::{lift_restriction, restrict};
pub use screen::{is_abroad, may_settle_within, may_take_part_within, related_to};

use entity::identity::organisation;
use entity::ids::OrganisationId;

use super::events::ScreenEvent;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Permission, Permit};
use crate::platform::problem::{Code, Problem};

/// An organisation, if the caller may do this about it.
async fn about<P: Permission>(tx: &Tx, permit: &Permit<P>, id: OrganisationId) -> Result<organisation::Model, Problem> {
    let found = identity::store::organisation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    Ok(found)
}

/// What is known of an organisation is other than it was: those who call for buyers look again.
fn tell(tx: &Tx, organisation: OrganisationId) -> Result<(), Problem> {
    tx.publish(&ScreenEvent::of(organisation))
}
