//! Beginning a session.

use entity::identity::OrganisationState;
use entity::ids::OrganisationId;
use entity::lot_sessions::lot_session;

use super::rules::{self, NewLotSession};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::lot_sessions::http::CreateLotSession;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Begins a session; it has no lots yet and nobody outside knows of it.
pub async fn create(
    house: &House,
    by: &Context,
    _: &Permit<CreateLotSession>,
    new: NewLotSession,
) -> Result<Done<lot_session::Model>, Problem> {
    house.write(by, new, |tx, new| async move { create_within(&tx, new).await }).await
}

async fn create_within(tx: &Tx, new: NewLotSession) -> Result<lot_session::Model, Problem> {
    let stagger = rules::stagger(&tx.house.rulebook.current().rulebook, shanghai_date(tx.now))?;
    let organiser = new.organiser_organisation_id;
    let row = rules::drafted(tx.id(), new, stagger, tx.by.actor()?.person, tx.now)?;
    if let Some(organiser) = organiser {
        verified(tx, organiser).await?;
    }
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("lot_session", row.id, &row);
    Ok(row)
}

async fn verified(tx: &Tx, organiser: OrganisationId) -> Result<(), Problem> {
    let found = identity::store::organisation(tx.conn(), organiser).await?;
    if found.is_some_and(|organiser| organiser.state == OrganisationState::Verified) {
        return Ok(());
    }
    Err(Code::Invalid.at("/organiser_organisation_id", "unknown", "没有此已核验机构", "no verified organisation has this id"))
}
