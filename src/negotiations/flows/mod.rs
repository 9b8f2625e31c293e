//! What happens to a sale at a negotiated price: one file for each part of it.

mod bargain;
mod conclude;
mod follow;
mod look;
mod opening;
mod publish;
mod read;
mod start;
mod timeline;
mod withdraw;

use entity::negotiations::negotiation;

pub use bargain::{accept, make_offer};
pub use conclude::{confirm, publish_result, show_unit_notice};
pub use follow::{hear_objection, rescind_within};
pub use opening::on_opening;
pub use publish::{decide, publish};
pub use read::{list, read, told};
pub use start::start;
pub use timeline::timeline;
pub use withdraw::withdraw;

use super::events::NegotiationEvent;
use super::rules::machine::Hand;
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Actor, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use entity::ids::NegotiationId;
use sea_orm::ConnectionTrait;

/// The timer that looks whether something opens that a notice of a sale withholds.
const OPENING: &str = "negotiations.opening";

/// A negotiation, held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: NegotiationId) -> Result<negotiation::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// Who acts, with what binds him to the parties.
async fn hand(db: &impl ConnectionTrait, actor: &Actor, held: &negotiation::Model) -> Result<Hand, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let parties = [held.organisation_id, held.buyer_organisation_id];
    let sits_with_party = ties.iter().any(|tie| parties.contains(&tie.organisation_id));
    Ok(Hand { person: actor.person, organisation: actor.organisation(), is_officer: actor.staff.is_some(), sits_with_party })
}

/// Records a step.
async fn record(
    tx: &Tx,
    held: &negotiation::Model,
    next: &negotiation::Model,
    event: impl FnOnce(&negotiation::Model) -> NegotiationEvent,
) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("negotiation", next.id, Some(held), Some(next));
    tx.publish(&event(next))
}
