//! The audit trail: one row per change and per denial, in the transaction of the change.
//!
//! Rows name people by id only, so a person can be forgotten without breaking the chain. Position
//! and chain hash are given afterwards in commit order, so no chain head serialises writes.

pub mod retention;

use entity::Timestamp;
use entity::ids::{OrganisationId, PersonId};
use entity::platform::{AuditOutcome, audit};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::access::{Caller, Context};
use crate::platform::db::{self, Writes};
use crate::platform::keys::{Keys, hex, sha256};
use crate::platform::outbox::PLACED_AT_ONCE;

/// What a row tells.
pub struct Entry {
    /// What kind of thing.
    pub object_kind: &'static str,
    /// Which.
    pub object_id: Option<Uuid>,
    /// Changed or denied.
    pub outcome: AuditOutcome,
    /// Hash of the thing before.
    pub before: Option<[u8; 32]>,
    /// Hash of the thing after.
    pub after: Option<[u8; 32]>,
    /// A word more, never personal.
    pub detail: Option<String>,
}

impl Entry {
    /// A change of something that has no id of its own, known by the hash of what stands now.
    pub fn of_change(object_kind: &'static str, before: Option<[u8; 32]>, after: Option<[u8; 32]>) -> Self {
        Self { object_kind, object_id: None, outcome: AuditOutcome::Changed, before, after, detail: None }
    }
}

/// The hash of a thing as it stands. Keyed, so that nobody who holds the trail can try out what was said of a person
/// who has been forgotten.
pub fn fingerprint(keys: &Keys, thing: &impl Serialize) -> Option<[u8; 32]> {
    serde_json::to_vec(thing).ok().map(|bytes| keys.blind("audit", &bytes))
}

/// Writes a row on the running transaction.
pub async fn write(db: &impl ConnectionTrait, by: &Context, at: Timestamp, entry: Entry) -> Result<(), DbErr> {
    let mut writes = Writes::to(db);
    write_rows(&mut writes, vec![row(by, at, entry)]);
    writes.write(db).await
}

/// A row that is told to nobody before something is revealed. It has no place in the chain until then, or a gap in the
/// numbers and the head of the chain would tell that something was done, and when.
pub fn withheld_row(by: &Context, at: Timestamp, entry: Entry, with: Uuid) -> Row {
    row_until(by, at, entry, Some(with))
}

/// Lets the rows that waited for something be placed like any other.
pub async fn reveal(db: &impl ConnectionTrait, with: Uuid) -> Result<(), DbErr> {
    let waiting = audit::Entity::update_many().col_expr(audit::Column::WithheldWith, Expr::value(None::<Uuid>));
    waiting.filter(audit::Column::WithheldWith.eq(with)).exec(db).await.map(|_| ())
}

/// A row as it is written.
pub struct Row(audit::ActiveModel);

/// Writes rows at once, in order.
pub fn write_rows(writes: &mut Writes, rows: Vec<Row>) {
    writes.insert_new(rows.into_iter().map(|row| row.0).collect());
}

/// The row an entry makes.
pub fn row(by: &Context, at: Timestamp, entry: Entry) -> Row {
    row_until(by, at, entry, None)
}

fn row_until(by: &Context, at: Timestamp, entry: Entry, with: Option<Uuid>) -> Row {
    let actor = match &by.caller {
        Caller::Person(actor) => Some(actor),
        _ => None,
    };
    Row(audit::ActiveModel {
        seq: ActiveValue::NotSet,
        at: ActiveValue::Set(at),
        person_id: ActiveValue::Set(actor.map(|a| a.person)),
        organisation_id: ActiveValue::Set(actor.and_then(super::access::Actor::organisation)),
        role: ActiveValue::Set(actor.map_or_else(|| Some(caller_word(&by.caller).to_owned()), super::access::Actor::role)),
        operation: ActiveValue::Set(by.operation.into()),
        object_kind: ActiveValue::Set(entry.object_kind.into()),
        object_id: ActiveValue::Set(entry.object_id),
        outcome: ActiveValue::Set(entry.outcome),
        before_hash: ActiveValue::Set(entry.before.map(Vec::from)),
        after_hash: ActiveValue::Set(entry.after.map(Vec::from)),
        detail: ActiveValue::Set(entry.detail),
        request_id: ActiveValue::Set(by.request_id.clone()),
        network: ActiveValue::Set(by.network()),
        position: ActiveValue::Set(None),
        hash: ActiveValue::Set(None),
        withheld_with: ActiveValue::Set(with),
    })
}

fn caller_word(caller: &Caller) -> &'static str {
    match caller {
        Caller::System => "system",
        _ => "stranger",
    }
}

/// What a row says, as it is hashed: its members stand in the order of their names.
#[derive(Serialize)]
struct Said<'a> {
    after: Option<String>,
    at: i64,
    before: Option<String>,
    detail: Option<&'a str>,
    /// Left out where there is none, so that rows from before networks were kept have the hashes they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    object: Option<Uuid>,
    object_kind: &'a str,
    operation: &'a str,
    organisation: Option<OrganisationId>,
    outcome: AuditOutcome,
    person: Option<PersonId>,
    position: i64,
    request: &'a str,
    role: Option<&'a str>,
}

/// The hash that links a row to the one before it.
pub fn link(previous: &[u8], row: &audit::Model, position: i64) -> [u8; 32] {
    let said = Said {
        after: row.after_hash.as_deref().map(hex),
        at: row.at.timestamp_micros(),
        before: row.before_hash.as_deref().map(hex),
        detail: row.detail.as_deref(),
        network: row.network.as_deref(),
        object: row.object_id,
        object_kind: &row.object_kind,
        operation: &row.operation,
        organisation: row.organisation_id,
        outcome: row.outcome,
        person: row.person_id,
        position,
        request: &row.request_id,
        role: row.role.as_deref(),
    };
    sha256(&[previous, &serde_json::to_vec(&said).unwrap_or_default()].concat())
}

/// When the last row was written. Every deed writes one, also where nothing of it is told to anybody.
pub async fn last_instant(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    audit::Entity::find().select_only().column(audit::Column::At).order_by_desc(audit::Column::Seq).limit(1).into_tuple().one(db).await
}

/// The last position and hash of the chain, also where everything before was removed by retention.
pub async fn head(db: &impl ConnectionTrait) -> Result<(i64, Vec<u8>), DbErr> {
    let last =
        audit::Entity::find().filter(audit::Column::Position.is_not_null()).order_by_desc(audit::Column::Position).limit(1).one(db).await?;
    if let Some(row) = last {
        return Ok((row.position.unwrap_or(0), row.hash.unwrap_or_default()));
    }
    let sealed = entity::platform::audit_segment::Entity::find()
        .order_by_desc(entity::platform::audit_segment::Column::LastPosition)
        .limit(1)
        .one(db)
        .await?;
    Ok(sealed.map_or((0, vec![0; 32]), |s| (s.last_position, s.last_hash)))
}

/// The hash of the row at a position, also where it ends a stretch that was removed by retention.
pub async fn hash_at(db: &impl ConnectionTrait, position: i64) -> Result<Option<Vec<u8>>, DbErr> {
    if position == 0 {
        return Ok(Some(vec![0; 32]));
    }
    if let Some(row) = audit::Entity::find().filter(audit::Column::Position.eq(position)).one(db).await? {
        return Ok(row.hash);
    }
    let sealed = entity::platform::audit_segment::Entity::find_by_id(position).one(db).await?;
    Ok(sealed.map(|segment| segment.last_hash))
}

/// Gives positions and hashes to committed rows; tells how many. Runs under the placer's lock.
pub async fn place(db: &impl ConnectionTrait) -> Result<usize, DbErr> {
    let waiting = audit::Entity::find()
        .filter(audit::Column::Position.is_null())
        .filter(audit::Column::WithheldWith.is_null())
        .order_by_asc(audit::Column::Seq)
        .limit(PLACED_AT_ONCE)
        .all(db)
        .await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let (mut position, mut previous) = head(db).await?;
    let placed = waiting.iter().map(|row| {
        position += 1;
        previous = link(&previous, row, position).to_vec();
        audit::ActiveModel {
            seq: ActiveValue::Unchanged(row.seq),
            position: ActiveValue::Set(Some(position)),
            hash: ActiveValue::Set(Some(previous.clone())),
            ..Default::default()
        }
    });
    db::update_all(db, placed.collect()).await?;
    Ok(waiting.len())
}

/// Whether a person did this to a thing since an instant.
pub async fn has_done(db: &impl ConnectionTrait, person: PersonId, operation: &str, object: Uuid, since: Timestamp) -> Result<bool, DbErr> {
    let found = audit::Entity::find()
        .filter(audit::Column::ObjectId.eq(object))
        .filter(audit::Column::PersonId.eq(person))
        .filter(audit::Column::Operation.eq(operation))
        .filter(audit::Column::Outcome.eq(AuditOutcome::Changed))
        .filter(audit::Column::At.gt(since))
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn row(network: Option<&str>) -> audit::Model {
        audit::Model {
            seq: 7,
            at: DateTime::from_timestamp_micros(1_772_413_200_000_001).unwrap(),
            person_id: Some(Uuid::from_u128(1).into()),
            organisation_id: None,
            role: Some("owner".into()),
            operation: "approve_listing".into(),
            object_kind: "listing".into(),
            object_id: Some(Uuid::from_u128(2)),
            outcome: AuditOutcome::Changed,
            before_hash: None,
            after_hash: Some(vec![3; 32]),
            detail: None,
            request_id: "a-request".into(),
            network: network.map(ToOwned::to_owned),
            position: None,
            hash: None,
            withheld_with: None,
        }
    }

    #[test]
    fn a_row_from_before_networks_were_kept_has_the_hash_it_had() {
        assert_eq!(hex(&link(&[0; 32], &row(None), 1)), "9490cae244dcfd0cd9598dc258bc22ac7c8cb0406f3b46706cc45d649eead718");
    }

    #[test]
    fn the_network_is_in_the_hash() {
        let hashes = [None, Some("203.0.113.0/24"), Some("198.51.100.0/24")].map(|network| link(&[0; 32], &row(network), 1));
        assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
    }
}
