//! A burden is seen by an officer, and lifted with a paper.

use entity::encumbrances::{BurdenStepKind, burden_step};
use entity::ids::BurdenId;

use super::{held, verified};
use crate::documents::flows::kept_within;
use crate::encumbrances::events::EncumbranceEvent;
use crate::encumbrances::http::{LiftEncumbrance, SeeEncumbrance};
use crate::encumbrances::rules::{Burden, NewLifting, entered};
use crate::encumbrances::store;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// An officer sees a burden, who has nothing to do with whose right it is.
pub async fn see(house: &House, by: &Context, permit: Permit<SeeEncumbrance>, id: BurdenId) -> Result<Done<Burden>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(see_within(&tx, &permit, id)).await }).await
}

async fn see_within(tx: &Tx, permit: &Permit<SeeEncumbrance>, id: BurdenId) -> Result<Burden, Problem> {
    let found = burden_held(tx, permit, id).await?;
    let person = tx.by.actor()?.person;
    let ties = identity::store::ties(tx.conn(), person).await?;
    let sits_with_owner = ties.iter().any(|tie| tie.organisation_id == found.row.organisation_id);
    entered::may_see(&found, person, sits_with_owner)?;
    let step =
        burden_step::Model { burden_id: id, kind: BurdenStepKind::Seen, lifted_on: None, document: None, made_by: person, made_at: tx.now };
    let event = EncumbranceEvent::seen(&found.row);
    took(tx, found, step, &event).await
}

/// A burden is lifted.
pub async fn lift(
    house: &House,
    by: &Context,
    permit: Permit<LiftEncumbrance>,
    id: BurdenId,
    new: NewLifting,
) -> Result<Done<Burden>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(lift_within(&tx, &permit, id, &new)).await }).await
}

async fn lift_within(tx: &Tx, permit: &Permit<LiftEncumbrance>, id: BurdenId, new: &NewLifting) -> Result<Burden, Problem> {
    let found = burden_held(tx, permit, id).await?;
    verified(tx, found.row.organisation_id).await?;
    entered::lifted_well(&found, new, tx.now)?;
    let step = burden_step::Model {
        burden_id: id,
        kind: BurdenStepKind::Lifted,
        lifted_on: Some(new.lifted_on),
        document: Some(kept_within(tx, new.document_id, found.row.organisation_id).await?),
        made_by: tx.by.actor()?.person,
        made_at: tx.now,
    };
    let event = EncumbranceEvent::lifted(&found.row);
    took(tx, found, step, &event).await
}

/// A burden, its right held, so that its steps are taken in turn.
async fn burden_held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: BurdenId) -> Result<Burden, Problem> {
    let known = store::burden(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    held(tx, permit, known.row.asset_id).await?;
    store::burden(tx.conn(), id).await?.ok_or_else(|| Code::Internal.into())
}

/// The burden once a step is taken.
async fn took(tx: &Tx, mut held: Burden, step: burden_step::Model, event: &EncumbranceEvent) -> Result<Burden, Problem> {
    db::insert(tx.conn(), step.clone()).await?;
    tx.created("burden_step", step.burden_id, &step);
    tx.publish(event)?;
    held.steps.push(step);
    Ok(held)
}
