//! Once per key: the record commits in the same transaction as its effect.

use std::collections::HashMap;
use std::sync::Arc;

use entity::Timestamp;
use entity::platform::idempotency;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::House;
use super::tx::{Tx, reread};
use crate::planted::{self, Fault};
use crate::platform::access::Context;
use crate::platform::db::{self, Bytes, Ending, Question, Questions};
use crate::platform::problem::{Code, Problem};

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
    let kept = kept.ok_or(Code::InFlight)?;
    outcome(&kept.fingerprint, kept.outcome.as_deref(), &tx.by).map(Some)
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

/// What is kept under a key, but for when.
#[derive(FromQueryResult, Deserialize)]
pub(super) struct Kept {
    principal: String,
    operation: String,
    key: String,
    fingerprint: Bytes,
    outcome: Option<String>,
}

/// Asks what was done under the keys of several calls.
pub(super) fn ask(questions: &mut Questions, calls: &[Arc<Context>]) -> Question<Kept> {
    use idempotency::Column::{Fingerprint, Key, Operation, Outcome, Principal};
    let keys = calls.iter().filter_map(|by| key(by)).map(|(principal, operation, key)| idempotency::ActiveModel {
        principal: Set(principal),
        operation: Set(operation),
        key: Set(key),
        ..Default::default()
    });
    questions.ask_given(&keys.collect::<Vec<_>>(), &[Principal, Operation, Key, Fingerprint, Outcome], None)
}

/// What became of each of several calls, no two of which have the same key, under it before; nothing of one that is new, or under way
/// elsewhere.
pub(super) fn known<T: DeserializeOwned>(kept: Vec<Kept>, calls: &[Arc<Context>]) -> Vec<Option<Result<T, Problem>>> {
    let mut found: HashMap<Key, (Vec<u8>, Option<String>)> =
        kept.into_iter().map(|row| ((row.principal, row.operation, row.key), (row.fingerprint.0, row.outcome))).collect();
    let of = |by: &Arc<Context>| found.remove(&key(by)?).map(|(print, done)| outcome(&print, done.as_deref(), by));
    calls.iter().map(of).collect()
}

/// The outcomes of those of several calls whose commit was not answered that are known to have taken effect.
pub(super) async fn all_settled<T: DeserializeOwned>(house: &House, calls: &[Arc<Context>]) -> Vec<Option<T>> {
    let mut questions = Questions::to(house.db.read());
    let asked = ask(&mut questions, calls);
    let found = questions.answered(house.db.read()).await.and_then(|(mut answers, _)| answers.take(asked));
    let found = found.unwrap_or_else(|error| {
        tracing::warn!(%error, "what became of a commit cannot be told now");
        Vec::new()
    });
    known(found, calls).into_iter().map(|told| told.and_then(Result::ok)).collect()
}

/// What is told of writings that failed: where a record stood in the way of another, its call is done elsewhere, and is asked for again.
pub(super) fn or_its_twin(error: DbErr) -> Problem {
    let is_record = db::constraint(&error).is_some_and(|name| name.contains("idempotency"));
    if is_record && db::is_duplicate(&error) { Problem::transient() } else { error.into() }
}

/// The record of a deed with its outcome; nothing for a call without a key.
pub(super) fn record(by: &Context, outcome: String, at: Timestamp) -> Option<idempotency::Model> {
    let (sent, (principal, operation, key)) = (by.idempotency.as_ref()?, key(by)?);
    Some(idempotency::Model { principal, operation, key, fingerprint: sent.fingerprint.to_vec(), outcome: Some(outcome), created_at: at })
}

/// What is answered to whoever comes with a key that was used.
fn outcome<T: DeserializeOwned>(fingerprint: &[u8], outcome: Option<&str>, by: &Context) -> Result<T, Problem> {
    if by.idempotency.as_ref().is_none_or(|sent| sent.fingerprint[..] != *fingerprint) {
        return Err(Code::KeyReused.into());
    }
    reread(outcome.ok_or(Code::InFlight)?).ok_or_else(|| Code::Internal.into())
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
