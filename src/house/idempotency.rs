//! Once per key: the record commits in the same transaction as its effect.

use entity::platform::idempotency;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter};
use serde::de::DeserializeOwned;

use super::House;
use super::tx::{Tx, reread};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::problem::{Code, Problem};

type Key = (String, String, String);

fn key(by: &Context) -> Option<Key> {
    let key = by.idempotency.as_ref()?;
    Some((by.principal(), by.operation.to_owned(), key.key.clone()))
}

/// How long a call waits for its twin before it says that it is in flight.
const TWIN_WAIT: &str = "'2s'";

/// Sets how long locks are waited for on PostgreSQL; SQLite's one writer takes deeds in turn.
async fn wait_for_twin(tx: &Tx, how_long: &str) -> Result<(), Problem> {
    if tx.conn().get_database_backend() == DatabaseBackend::Postgres {
        tx.conn().execute_unprepared(&format!("SET LOCAL lock_timeout = {how_long}")).await?;
    }
    Ok(())
}

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
    wait_for_twin(tx, TWIN_WAIT).await?;
    let taken = db::insert_if_absent(tx.conn(), row).await.map_err(|error| {
        let problem = Problem::from(error);
        // The twin holds the key longer than we may wait for it.
        if problem.code == Code::Busy && !problem.transient { Code::InFlight.into() } else { problem }
    })?;
    if taken {
        wait_for_twin(tx, "DEFAULT").await?;
        return Ok(None);
    }
    let kept = idempotency::Entity::find_by_id((principal, operation, key)).one(tx.conn()).await?;
    let kept = kept.ok_or(Code::InFlight)?;
    if kept.fingerprint != sent.fingerprint {
        return Err(Code::KeyReused.into());
    }
    let outcome = kept.outcome.as_deref().ok_or(Code::InFlight)?;
    reread(outcome).map(Some).ok_or_else(|| Code::Internal.into())
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
