//! What happens in rooms: one file for each part of it.

mod grants;
mod log;
mod look;
mod nda;
mod papers;
mod read;
mod rooms;

use entity::Timestamp;
use entity::data_rooms::data_room;
use entity::identity::StaffRole;
use entity::ids::DataRoomId;
use sea_orm::ConnectionTrait;

pub use grants::{grant, revoke, viewers};
pub use log::{log, table};
pub use look::{Content, Handed, download};
pub use nda::{accept, put_nda, read_nda};
pub use papers::{add, remove};
pub use read::{list, read, told};
pub use rooms::{close, create, hear_listing_over, hear_negotiation_over, open};

use super::events::DataRoomEvent;
use super::rules::entry::Visitor;
use super::rules::machine::{self, Hand};
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::access::{Actor, Caller, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// The officers who must check what lies in rooms.
pub const CHECKERS: &[StaffRole] =
    &[StaffRole::Reviewer, StaffRole::AuctionHost, StaffRole::Publisher, StaffRole::Auditor, StaffRole::Supervisor];

/// A room, held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: DataRoomId) -> Result<data_room::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// Who acts, with what binds him to the owner.
async fn hand(db: &impl ConnectionTrait, actor: &Actor, held: &data_room::Model) -> Result<Hand, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let sits_with_owner = ties.iter().any(|tie| tie.organisation_id == held.organisation_id);
    Ok(Hand { person: actor.person, is_officer: actor.staff.is_some(), sits_with_owner })
}

/// Who stands at the door of a room, with what he has shown.
async fn visitor(db: &impl ConnectionTrait, caller: &Caller, room: &data_room::Model, now: Timestamp) -> Result<Visitor, Problem> {
    let actor = match caller {
        Caller::System => return Ok(Visitor { is_insider: true, ..Visitor::default() }),
        Caller::Stranger => return Ok(Visitor::default()),
        Caller::Person(actor) => actor,
    };
    let organisation = actor.organisation();
    let is_checker = actor.staff.is_some_and(|role| CHECKERS.contains(&role));
    let mut visitor = Visitor {
        person: Some(actor.person),
        organisation,
        is_insider: is_checker || organisation == Some(room.organisation_id),
        ..Visitor::default()
    };
    if let Some(own) = organisation.filter(|_| !visitor.is_insider) {
        visitor.accepted = store::last_accepted(db, room.id, own).await?;
        let grant = store::standing_grant(db, room.id, actor.person, own).await?;
        visitor.let_in_until = grant.filter(|grant| machine::runs(grant, now)).map(|grant| grant.ends_at);
    }
    Ok(visitor)
}

/// Records a step of a room.
async fn record(tx: &Tx, held: &data_room::Model, next: &data_room::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("data_room", next.id, Some(held), Some(next));
    Ok(())
}

/// Records that a room is closed; its owner is told.
async fn record_closed(tx: &Tx, held: &data_room::Model, next: &data_room::Model) -> Result<(), Problem> {
    record(tx, held, next).await?;
    tx.publish(&DataRoomEvent::closed(next))
}
