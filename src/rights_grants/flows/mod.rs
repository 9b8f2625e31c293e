//! What happens to a grant of rights: one file for each part of it.

mod announce;
mod conclude;
mod propose;
mod read;
mod withdraw;

use entity::ids::RightsGrantId;
use entity::rights_grants::rights_grant;
use sea_orm::ConnectionTrait;

pub use announce::{decide, publish};
pub use conclude::{agree, register, show_notice};
pub use propose::propose;
pub use read::{list, read, told};
pub use withdraw::{hear_objection, withdraw};

use super::events::RightsGrantEvent;
use super::rules::machine::Hand;
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Actor, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A grant, held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: RightsGrantId) -> Result<rights_grant::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// Who acts, with what binds him to the unit.
async fn hand(db: &impl ConnectionTrait, actor: &Actor, held: &rights_grant::Model) -> Result<Hand, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let sits_with_unit = ties.iter().any(|tie| tie.organisation_id == held.organisation_id);
    Ok(Hand { person: actor.person, is_officer: actor.staff.is_some(), sits_with_unit })
}

/// Records a step; the unit hears of it where the grant came to a further state.
async fn record(tx: &Tx, held: &rights_grant::Model, next: &rights_grant::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("rights_grant", next.id, Some(held), Some(next));
    match RightsGrantEvent::of(next).filter(|_| next.state != held.state) {
        Some(event) => tx.publish(&event),
        None => Ok(()),
    }
}
