//! Once per key: the record commits in the same transaction as its effect.

use std::collections::HashMap;
use std::sync::Arc;

use entity::Timestamp;
use entity::platform::idempotency;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, QueryFilter};
use serde::de::DeserializeOwned;

use super::House;
use super::tx::{Tx, reread};
use crate::planted::{self, Fault};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending, recordset};
use crate::platform::problem::{Code, Problem};

/// How many keys one statement asks for.
const AT_ONCE: usize = 300;

type Key = (String, String, String);

fn key(by: &Context) -> Option<Key> {
    let key = by.idempotency.as_ref()?;
    let principal = if planted::is(Fault::EverybodysKey) { "everybody".to_owned() } else { by.principal() };
    Some((principal, by.operation.to_owned(), key.key.clone()))
}

/// How long a call waits for its twin before it says that it is in flight.
const TWIN_WAIT: &str = "'2s'";

/// Takes the key for this deed, or returns the outcome it had before.
pub(super) async fn begin<T: DeserializeOwned>(tx: &Tx) -> Result<Option<T>, Problem> {
    let (Some(sent), Some((principal, operation, key)), false) = (&tx.by.idempotency, key(&tx.by), tx.by.dry_run) else {
        return Ok(None);
    };
    let row = idempotency::Model {
        principal: principal.clone(),
        operation: operation.clone(),
        key: key.clone(),
        fingerprint: sent.fingerprint.to_vec(),
        outcome: None,
        created_at: tx.house.world.real_now(),
    };
    tx.wait_for_locks(TWIN_WAIT).await?;
    let taken = db::insert_if_absent(tx.conn(), row).await.map_err(|error| {
        let problem = Problem::from(error);
        // The twin holds the key longer than we may wait for it.
        if problem.code == Code::Busy && !problem.transient { Code::InFlight.into() } else { problem }
    })?;
    if taken {
        tx.wait_for_locks("DEFAULT").await?;
        return Ok(None);
    }
    let kept = idempotency::Entity::find_by_id((principal, operation, key)).one(tx.conn()).await?;
    outcome(&kept.ok_or(Code::InFlight)?, &tx.by).map(Some)
}

/// Keeps the outcome beside its effect.
pub(super) async fn finish(tx: &Tx, outcome: String) -> Result<(), Problem> {
    let Some((principal, operation, key)) = key(&tx.by) else { return Ok(()) };
    idempotency::Entity::update_many()
        .col_expr(idempotency::Column::Outcome, outcome.into())
        .filter(idempotency::Column::Principal.eq(principal))
        .filter(idempotency::Column::Operation.eq(operation))
        .filter(idempotency::Column::Key.eq(key))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// What is kept of each of several calls, no two of which have the same key.
async fn records(db: &impl ConnectionTrait, calls: &[Arc<Context>]) -> Result<Vec<Option<idempotency::Model>>, DbErr> {
    let keys: Vec<Key> = calls.iter().filter_map(|by| key(by)).collect();
    let mut found: HashMap<Key, idempotency::Model> = HashMap::new();
    for some in keys.chunks(AT_ONCE) {
        let rows = found_by(db, some).await?;
        found.extend(rows.into_iter().map(|row| ((row.principal.clone(), row.operation.clone(), row.key.clone()), row)));
    }
    Ok(calls.iter().map(|by| key(by).and_then(|key| found.remove(&key))).collect())
}

async fn found_by(db: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<idempotency::Model>, DbErr> {
    if db.get_database_backend() == DatabaseBackend::Postgres {
        let keyed = keys.iter().cloned().map(|(principal, operation, key)| idempotency::ActiveModel {
            principal: Set(principal),
            operation: Set(operation),
            key: Set(key),
            ..Default::default()
        });
        let asked = recordset::search(&keyed.collect::<Vec<_>>());
        return idempotency::Entity::find().from_raw_sql(asked).all(db).await;
    }
    let these = keys.iter().fold(Condition::any(), |any, (principal, operation, key)| {
        any.add(
            Condition::all()
                .add(idempotency::Column::Principal.eq(principal))
                .add(idempotency::Column::Operation.eq(operation))
                .add(idempotency::Column::Key.eq(key)),
        )
    });
    idempotency::Entity::find().filter(these).all(db).await
}

/// What became of each of several calls under its key before; nothing of one that is new, or under way elsewhere.
pub(super) async fn known<T: DeserializeOwned>(tx: &Tx, calls: &[Arc<Context>]) -> Result<Vec<Option<Result<T, Problem>>>, Problem> {
    let found = records(tx.conn(), calls).await?;
    Ok(found.into_iter().zip(calls).map(|(row, by)| row.map(|row| outcome(&row, by))).collect())
}

/// The outcomes of those of several calls whose commit was not answered that are known to have taken effect.
pub(super) async fn all_settled<T: DeserializeOwned>(house: &House, calls: &[Arc<Context>]) -> Vec<Option<T>> {
    let found = records(house.db.read(), calls).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what became of a commit cannot be told now");
        calls.iter().map(|_| None).collect()
    });
    found.into_iter().zip(calls).map(|(row, by)| row.and_then(|row| outcome(&row, by).ok())).collect()
}

/// The record of a deed with its outcome; nothing for a call without a key.
pub(super) fn record(by: &Context, outcome: String, at: Timestamp) -> Option<idempotency::Model> {
    let (sent, (principal, operation, key)) = (by.idempotency.as_ref()?, key(by)?);
    Some(idempotency::Model { principal, operation, key, fingerprint: sent.fingerprint.to_vec(), outcome: Some(outcome), created_at: at })
}

/// What is answered to whoever comes with a key that was used.
fn outcome<T: DeserializeOwned>(kept: &idempotency::Model, by: &Context) -> Result<T, Problem> {
    if by.idempotency.as_ref().is_none_or(|sent| sent.fingerprint[..] != kept.fingerprint[..]) {
        return Err(Code::KeyReused.into());
    }
    let outcome = kept.outcome.as_deref().ok_or(Code::InFlight)?;
    reread(outcome).ok_or_else(|| Code::Internal.into())
}

/// Forgets records whose retention has run out, by real time.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let now = house.world.real_now();
    let limit = now - house.span("idempotency_retention", now)?;
    house
        .db
        .transact(move |tx| async move {
            idempotency::Entity::delete_many().filter(idempotency::Column::CreatedAt.lt(limit)).exec(&*tx).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

/// The outcome of a commit whose answer was lost, if it took effect.
pub(super) async fn settled<T: DeserializeOwned>(house: &House, by: &Context) -> Option<T> {
    let sent = by.idempotency.as_ref()?;
    let kept = idempotency::Entity::find_by_id(key(by)?).one(house.db.read()).await.ok()??;
    if kept.fingerprint != sent.fingerprint {
        return None;
    }
    reread(kept.outcome.as_deref()?)
}
