//! From what organisations are kept for a breach of trust: entered and lifted by officers.

use entity::gates::restriction;
use entity::ids::{OrganisationId, RestrictionId};

use super::{about, tell};
use crate::gates::http::{LiftRestriction, RestrictOrganisation};
use crate::gates::rules::declared::{NewRestriction, restriction_said_well};
use crate::gates::rules::machine;
use crate::gates::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Enters a restriction.
pub async fn restrict(
    house: &House,
    by: &Context,
    permit: Permit<RestrictOrganisation>,
    id: OrganisationId,
    new: NewRestriction,
) -> Result<Done<restriction::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { restrict_within(&tx, &permit, id, new).await }).await
}

async fn restrict_within(
    tx: &Tx,
    permit: &Permit<RestrictOrganisation>,
    id: OrganisationId,
    new: NewRestriction,
) -> Result<restriction::Model, Problem> {
    about(tx, permit, id).await?;
    restriction_said_well(&new)?;
    let row = machine::restricted(tx.id(), id, new, tx.by.actor()?.person, tx.now);
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::AlreadyDeclared.into() } else { Problem::from(error) })?;
    tx.created("restriction", row.id, &row);
    tell(tx, id)?;
    Ok(row)
}

/// Lifts one.
pub async fn lift_restriction(
    house: &House,
    by: &Context,
    permit: Permit<LiftRestriction>,
    id: RestrictionId,
    reason: String,
) -> Result<Done<restriction::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = store::hold_restriction(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let next = machine::lifted(&held, tx.by.actor()?.person, &reason, tx.now)?;
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("restriction", next.id, Some(&held), Some(&next));
            Ok(next)
        })
        .await
}
