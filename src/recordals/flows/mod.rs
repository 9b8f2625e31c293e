//! What happens to what is filed: one file for each part of it.

mod deadline;
mod draft;
mod end;
mod file;
mod follow;
mod grant;
mod read;
mod register;
mod title;

use entity::ids::{OrganisationId, RecordalId};
use entity::recordals::{RecordalKind, RecordalState, recordal};
use sea_orm::ConnectionTrait;

pub use deadline::{hear_licence, on_deadline, on_reply_by};
pub use draft::draft;
pub use end::{refuse, rescind, withdraw};
pub use file::{record_defect, resubmit, submit};
pub use follow::{hear_deal_confirmed, hear_deal_rescinded, hear_negotiation_confirmed, hear_negotiation_ended};
pub use grant::grant;
pub use read::{list, read, titles, told};
pub use register::{confirm, enter};

use super::events::RecordalEvent;
use super::rules::machine::Hand;
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Actor, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// The timer that tells the parties of a licence by when it is to be filed.
pub const DEADLINE: &str = "recordals.deadline";

/// The timer that looks whether the registry has waited in vain.
pub const REPLY_BY: &str = "recordals.reply_by";

/// What is filed, held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: RecordalId) -> Result<recordal::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// Who acts, with what binds him to the parties.
async fn hand(db: &impl ConnectionTrait, actor: &Actor, held: &recordal::Model) -> Result<Hand, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let is_party = |id: OrganisationId| id == held.organisation_id || Some(id) == held.counterparty_id;
    let sits_with_party = ties.iter().any(|tie| is_party(tie.organisation_id));
    Ok(Hand { person: actor.person, organisation: actor.organisation(), is_officer: actor.staff.is_some(), sits_with_party })
}

/// Whose papers the caller shows: his organisation's, or as an officer those of whose recordal it is.
fn papers_of(tx: &Tx, held: &recordal::Model) -> Result<OrganisationId, Problem> {
    Ok(tx.by.actor()?.organisation().unwrap_or(held.organisation_id))
}

/// Records a step; the parties hear of it where it came to a further state, and a transfer that ended is under way no more.
async fn record(tx: &Tx, held: &recordal::Model, next: &recordal::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("recordal", next.id, Some(held), Some(next));
    if next.kind == RecordalKind::Transfer && !RecordalState::OPEN.contains(&next.state) {
        store::end_transfer(tx.conn(), next.id).await?;
    }
    match RecordalEvent::of(next).filter(|_| next.state != held.state) {
        Some(event) => tx.publish(&event),
        None => Ok(()),
    }
}
