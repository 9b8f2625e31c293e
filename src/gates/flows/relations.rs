//! Relations of organisations: declared by one of them or an officer, ended by an officer.

use entity::gates::organisation_relation;
use entity::ids::{OrganisationId, OrganisationRelationId};

use super::{about, tell};
use crate::gates::http::{DeclareRelation, EndRelation};
use crate::gates::rules::declared::{NewRelation, relation_said_well};
use crate::gates::rules::machine;
use crate::gates::store;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Declares that an organisation is related to another.
pub async fn declare_relation(
    house: &House,
    by: &Context,
    permit: Permit<DeclareRelation>,
    id: OrganisationId,
    new: NewRelation,
) -> Result<Done<organisation_relation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { declare_within(&tx, &permit, id, &new).await }).await
}

async fn declare_within(
    tx: &Tx,
    permit: &Permit<DeclareRelation>,
    id: OrganisationId,
    new: &NewRelation,
) -> Result<organisation_relation::Model, Problem> {
    about(tx, permit, id).await?;
    relation_said_well(id, new)?;
    let is_known = identity::store::organisation(tx.conn(), new.organisation_id).await?.is_some();
    if !is_known {
        return Err(Code::Invalid.at("/organisation_id", "unknown", "没有此机构", "there is no such organisation"));
    }
    let row = machine::related(tx.id(), id, new, tx.by.actor()?.person, tx.now);
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::AlreadyDeclared.into() } else { Problem::from(error) })?;
    tx.created("organisation_relation", row.id, &row);
    for one in [row.organisation_id, row.other_organisation_id] {
        tell(tx, one)?;
    }
    Ok(row)
}

/// An officer ends a relation that is one no more, or was entered wrongly.
pub async fn end_relation(
    house: &House,
    by: &Context,
    permit: Permit<EndRelation>,
    id: OrganisationRelationId,
    reason: String,
) -> Result<Done<organisation_relation::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = store::hold_relation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let next = machine::unrelated(&held, tx.by.actor()?.person, &reason, tx.now)?;
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("organisation_relation", next.id, Some(&held), Some(&next));
            Ok(next)
        })
        .await
}
