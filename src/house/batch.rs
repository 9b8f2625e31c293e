//! The deeds of many calls in one transaction: each once per idempotency key, each refused for itself.

use std::future::Future;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tx::{Afterwards, Done, Tx};
use super::{House, idempotency};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::problem::{Code, Problem};

/// What a call asks for.
#[derive(Clone)]
pub struct Asked<I> {
    /// The call.
    pub by: Arc<Context>,
    /// What it asks for.
    pub input: I,
}

/// What became of each call.
type Outcomes<T> = Vec<Result<Done<T>, Problem>>;

/// What became of them, and whether anything was changed for any.
struct Told<T> {
    outcomes: Outcomes<T>,
    is_changed: bool,
}

impl House {
    /// Does what several calls ask for in one transaction. The deed says of each call, in order, what became of it; what it
    /// refuses it has changed nothing for. Should the transaction fail, nothing was done for anybody.
    ///
    /// No two of the calls may have the same idempotency key.
    pub async fn write_all<I, T, F, Fut>(&self, asked: Vec<Asked<I>>, deed: F) -> Result<Outcomes<T>, Problem>
    where
        I: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Vec<(Tx, I)>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Result<T, Problem>>, Problem>> + Send + 'static,
    {
        let (house, deed, asked) = (self.clone(), Arc::new(deed), Arc::new(asked));
        let afterwards = Arc::new(Mutex::new(Afterwards::default()));
        let kept = afterwards.clone();
        let told = self
            .db
            .transact_aside(move |conn| {
                let (house, deed, asked, kept) = (house.clone(), deed.clone(), asked.clone(), kept.clone());
                async move {
                    if let Ok(mut earlier) = kept.lock() {
                        *earlier = Afterwards::default();
                    }
                    let Some(first) = asked.first() else { return Ok(Ending::Rollback(Told { outcomes: Vec::new(), is_changed: false })) };
                    let tx = Tx::begin(house, conn, first.by.clone(), kept).await?;
                    Box::pin(done_within(&tx, &asked, &*deed)).await
                }
            })
            .await?;
        let Told { outcomes, is_changed } = told;
        if is_changed {
            self.after_commit(&afterwards);
        }
        Ok(outcomes)
    }

    /// What became of a call whose commit was not answered, if it took effect.
    pub async fn settled<T: DeserializeOwned>(&self, by: &Context) -> Option<Done<T>> {
        idempotency::settled(self, by).await.map(|value| Done { value, replayed: true })
    }
}

async fn done_within<I, T, F, Fut>(tx: &Tx, asked: &[Asked<I>], deed: &F) -> Result<Ending<Told<T>>, Problem>
where
    I: Clone,
    T: Serialize + DeserializeOwned,
    F: Fn(Vec<(Tx, I)>) -> Fut,
    Fut: Future<Output = Result<Vec<Result<T, Problem>>, Problem>>,
{
    let callers: Vec<_> = asked.iter().map(|asked| asked.by.clone()).collect();
    let known = idempotency::known(tx, &callers).await?;
    let is_new = known.iter().map(Option::is_none);
    let new: Vec<_> =
        asked.iter().zip(is_new).filter(|(_, new)| *new).map(|(asked, _)| (tx.serving(asked.by.clone()), asked.input.clone())).collect();
    let served: Vec<Tx> = new.iter().map(|(tx, _)| tx.clone()).collect();
    let told = if new.is_empty() { Vec::new() } else { deed(new).await? };
    if told.len() != served.len() {
        tracing::error!("a deed for several calls did not answer each of them");
        return Err(Code::Internal.into());
    }
    let mut records = Vec::new();
    for (tx, value) in served.iter().zip(&told) {
        if let Ok(value) = value {
            tx.check_audited()?;
            let outcome = serde_json::to_string(value).map_err(|_| Problem::from(Code::Internal))?;
            records.extend(idempotency::record(&tx.by, outcome, tx.house.world.real_now()));
        }
    }
    let is_changed = told.iter().any(Result::is_ok);
    db::insert_all(tx.conn(), records).await?;
    let mut told = told.into_iter();
    let outcomes = known.into_iter().map(|known| match known {
        Some(earlier) => earlier.map(|value| Done { value, replayed: true }),
        None => told.next().unwrap_or_else(|| Err(Code::Internal.into())).map(|value| Done { value, replayed: false }),
    });
    let told = Told { outcomes: outcomes.collect(), is_changed };
    Ok(if is_changed { Ending::Commit(told) } else { Ending::Rollback(told) })
}
