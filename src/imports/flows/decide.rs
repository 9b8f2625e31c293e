//! Ending an import early, and letting one go on that was broken off.

use entity::ids::ImportId;
use entity::imports::import_job;

use super::super::http::{CancelImport, ResumeImport};
use super::super::{rules, store};
use super::record;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Ends an import before its last row.
pub async fn cancel(house: &House, by: &Context, permit: Permit<CancelImport>, id: ImportId) -> Result<Done<import_job::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { cancel_within(&tx, &permit, id).await }).await
}

async fn cancel_within(tx: &Tx, permit: &Permit<CancelImport>, id: ImportId) -> Result<import_job::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let next = rules::cancelled(&held, tx.now)?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// Lets an import go on where it was broken off, in the caller's name.
pub async fn resume(house: &House, by: &Context, permit: Permit<ResumeImport>, id: ImportId) -> Result<Done<import_job::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { resume_within(&tx, &permit, id).await }).await
}

async fn resume_within(tx: &Tx, permit: &Permit<ResumeImport>, id: ImportId) -> Result<import_job::Model, Problem> {
    let seen = store::find(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&seen)?;
    let (person, session) = {
        let actor = tx.by.actor()?;
        (actor.person, actor.session()?)
    };
    // One that is under way must not be waited for with its organisation held.
    rules::resumed(&seen, person, session, tx.id())?;
    identity::store::hold_organisation(tx.conn(), seen.organisation_id).await?;
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let next = rules::resumed(&held, person, session, tx.id())?;
    rules::may_start(store::under_way(tx.conn(), held.organisation_id).await?)?;
    record(tx, &held, &next).await?;
    Ok(next)
}
