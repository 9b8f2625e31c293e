//! Reading the trail.

use entity::Timestamp;
use entity::ids::{LotId, OrganisationId, PersonId};
use entity::platform::{AuditOutcome, audit};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which rows.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this person.
    pub person: Option<PersonId>,
    /// For this organisation.
    pub organisation: Option<OrganisationId>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Over this kind of thing.
    pub object_kind: Option<String>,
    /// Over this thing.
    pub object: Option<Uuid>,
    /// With this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Of this request.
    pub request_id: Option<String>,
    /// From this network.
    pub network: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A page of rows that have their position, last first, and one more.
pub async fn rows(db: &impl ConnectionTrait, wanted: Wanted, page: &PageQuery) -> Result<Vec<audit::Model>, Problem> {
    let asked = Condition::all()
        .add(audit::Column::Position.is_not_null())
        .add_option(wanted.person.map(|id| audit::Column::PersonId.eq(id)))
        .add_option(wanted.organisation.map(|id| audit::Column::OrganisationId.eq(id)))
        .add_option(wanted.operation.map(|name| audit::Column::Operation.eq(name)))
        .add_option(wanted.object_kind.map(|kind| audit::Column::ObjectKind.eq(kind)))
        .add_option(wanted.object.map(|id| audit::Column::ObjectId.eq(id)))
        .add_option(wanted.outcome.map(|outcome| audit::Column::Outcome.eq(outcome)))
        .add_option(wanted.request_id.map(|id| audit::Column::RequestId.eq(id)))
        .add_option(wanted.network.map(|network| audit::Column::Network.eq(network)))
        .add_option(wanted.from.map(|from| audit::Column::At.gte(from)))
        .add_option(wanted.until.map(|until| audit::Column::At.lt(until)));
    let rows = audit::Entity::find().filter(asked);
    Ok(page.restrict_by_position(rows, audit::Column::Position)?.all(db).await?)
}

/// Deeds done for an organisation from a network.
pub struct Origin {
    /// For whom.
    pub organisation: OrganisationId,
    /// What was done.
    pub operation: String,
    /// From where.
    pub network: String,
    /// How often.
    pub times: i64,
}

/// From which networks these operations were done over these things, and for whom.
pub async fn networks(db: &impl ConnectionTrait, objects: Vec<Uuid>, operations: &[&str]) -> Result<Vec<Origin>, DbErr> {
    let rows: Vec<(OrganisationId, String, String, i64)> = audit::Entity::find()
        .select_only()
        .column(audit::Column::OrganisationId)
        .column(audit::Column::Operation)
        .column(audit::Column::Network)
        .column_as(audit::Column::Seq.count(), "times")
        .filter(audit::Column::ObjectId.is_in(objects))
        .filter(audit::Column::Operation.is_in(operations.iter().copied()))
        .filter(audit::Column::Outcome.eq(AuditOutcome::Changed))
        .filter(audit::Column::OrganisationId.is_not_null())
        .filter(audit::Column::Network.is_not_null())
        .group_by(audit::Column::OrganisationId)
        .group_by(audit::Column::Operation)
        .group_by(audit::Column::Network)
        .into_tuple()
        .all(db)
        .await?;
    let told = rows.into_iter().map(|(organisation, operation, network, times)| Origin { organisation, operation, network, times });
    Ok(told.collect())
}

/// How many ids are asked about at once.
const AT_ONCE: usize = 500;

/// The rows of the trail that say what was changed of some things, and what officers or the platform itself changed of some lots; those that
/// have their position, in order.
pub async fn changes_of(db: &impl ConnectionTrait, things: &[Uuid], lots: &[LotId]) -> Result<Vec<audit::Model>, DbErr> {
    let changed = || {
        let changed = audit::Entity::find().filter(audit::Column::Outcome.eq(AuditOutcome::Changed));
        changed.filter(audit::Column::Position.is_not_null())
    };
    let mut found = Vec::new();
    for some in things.chunks(AT_ONCE) {
        found.extend(changed().filter(audit::Column::ObjectId.is_in(some.iter().copied())).all(db).await?);
    }
    for lot in lots {
        // Bids are told by its own log.
        let by_officers = changed().filter(audit::Column::ObjectId.eq(*lot)).filter(audit::Column::OrganisationId.is_null());
        found.extend(by_officers.filter(audit::Column::ObjectKind.eq("lot")).all(db).await?);
    }
    found.sort_by_key(|row| row.position);
    Ok(found)
}
