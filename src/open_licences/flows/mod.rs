//! What happens to an open licence: one file for each part of it.

mod announce;
mod draft;
mod look;
mod read;
mod submit;
pub mod take;
mod withdraw;

use entity::ids::OpenLicenceId;
use entity::open_licences::open_licence;
use sea_orm::ConnectionTrait;

pub use announce::{publish, record_cnipa, record_decision, send_back};
pub use draft::{draft, replace};
pub use read::{list, read, told};
pub use submit::submit;
pub use withdraw::{EXPIRE, hear_objection, lapse_within, on_expire, withdraw};

use super::events::OpenLicenceEvent;
use super::rules::machine::Hand;
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Actor, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A declaration, held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: OpenLicenceId) -> Result<open_licence::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// Who acts, with what binds him to the patentee.
async fn hand(db: &impl ConnectionTrait, actor: &Actor, held: &open_licence::Model) -> Result<Hand, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let sits_with_patentee = ties.iter().any(|tie| tie.organisation_id == held.organisation_id);
    Ok(Hand { person: actor.person, is_officer: actor.staff.is_some(), sits_with_patentee })
}

/// Records a step; the patentee hears of it where the declaration came to a further state.
async fn record(tx: &Tx, held: &open_licence::Model, next: &open_licence::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("open_licence", next.id, Some(held), Some(next));
    match OpenLicenceEvent::of(next).filter(|_| next.state != held.state) {
        Some(event) => tx.publish(&event),
        None => Ok(()),
    }
}
