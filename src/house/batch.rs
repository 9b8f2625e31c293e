//! The deeds of many calls in one transaction: each once per idempotency key, each refused for itself.

use std::future::Future;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tx::{Afterwards, Done, Heard, Tx};
use super::{House, idempotency};
use crate::platform::access::Context;
use crate::platform::db::{Ending, Questions};
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
    /// Does what several calls ask for in one transaction. First everything is held that any of them is about, and said what the deed
    /// has to know: it is asked after that, together with what had been done under their keys, so that a twin of a call at another
    /// server, or whose commit was not answered, is over by then. The deed says of each call that is new, in order, what became of it;
    /// what it refuses it has changed nothing for. Should the transaction fail, nothing was done for anybody.
    ///
    /// No two of the calls may have the same idempotency key, and none is rehearsed.
    pub async fn write_all<I, L, T, H, Holding, F, Fut>(&self, asked: Vec<Asked<I>>, hold: H, deed: F) -> Result<Outcomes<T>, Problem>
    where
        I: Clone + Send + Sync + 'static,
        L: Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        H: Fn(Tx, Arc<[Asked<I>]>) -> Holding + Send + Sync + 'static,
        Holding: Future<Output = Result<(L, Questions), Problem>> + Send + 'static,
        F: Fn(L, Heard, Vec<(Tx, I)>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Result<T, Problem>>, Problem>> + Send + 'static,
    {
        let (house, deeds, asked) = (self.clone(), Arc::new((hold, deed)), Arc::<[Asked<I>]>::from(asked));
        let afterwards = Arc::new(Mutex::new(Afterwards::default()));
        let kept = afterwards.clone();
        let told = self
            .db
            .transact_together(move |conn| {
                let (house, deeds, asked, kept) = (house.clone(), deeds.clone(), asked.clone(), kept.clone());
                async move {
                    if let Ok(mut earlier) = kept.lock() {
                        *earlier = Afterwards::default();
                    }
                    let Some(first) = asked.first() else { return Ok(Ending::Rollback(Told { outcomes: Vec::new(), is_changed: false })) };
                    let tx = Tx::begin(house, conn, first.by.clone(), kept).await?;
                    let (hold, deed) = &*deeds;
                    // Boxed, for it is large.
                    Box::pin(done_within(&tx, &asked, hold, deed)).await
                }
            })
            .await?;
        let Told { outcomes, is_changed } = told;
        if is_changed {
            self.after_commit(&afterwards);
        }
        Ok(outcomes)
    }

    /// What became of each of several calls whose commit was not answered, as far as it is known to have taken effect.
    pub async fn settled<T: DeserializeOwned>(&self, calls: &[Arc<Context>]) -> Vec<Option<Done<T>>> {
        let settled = idempotency::all_settled(self, calls).await;
        settled.into_iter().map(|value| value.map(|value| Done { value, replayed: true })).collect()
    }
}

async fn done_within<I, L, T, H, Holding, F, Fut>(tx: &Tx, asked: &Arc<[Asked<I>]>, hold: &H, deed: &F) -> Result<Ending<Told<T>>, Problem>
where
    I: Clone,
    T: Serialize + DeserializeOwned,
    H: Fn(Tx, Arc<[Asked<I>]>) -> Holding,
    Holding: Future<Output = Result<(L, Questions), Problem>>,
    F: Fn(L, Heard, Vec<(Tx, I)>) -> Fut,
    Fut: Future<Output = Result<Vec<Result<T, Problem>>, Problem>>,
{
    let (subject, mut questions) = hold(tx.clone(), asked.clone()).await?;
    let callers: Vec<_> = asked.iter().map(|asked| asked.by.clone()).collect();
    let records = idempotency::ask(&mut questions, &callers);
    let mut heard = tx.hear(questions).await?;
    let known = idempotency::known(heard.answers.take(records)?, &callers);
    let is_new = known.iter().map(Option::is_none);
    let new: Vec<_> =
        asked.iter().zip(is_new).filter(|(_, new)| *new).map(|(asked, _)| (tx.serving(asked.by.clone()), asked.input.clone())).collect();
    let served: Vec<Tx> = new.iter().map(|(tx, _)| tx.clone()).collect();
    let told = if new.is_empty() { Vec::new() } else { deed(subject, heard, new).await? };
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
    // In one order wherever they are written, so that nobody waits in a circle.
    records
        .sort_unstable_by(|one, other| (&one.principal, &one.operation, &one.key).cmp(&(&other.principal, &other.operation, &other.key)));
    let is_changed = told.iter().any(Result::is_ok);
    if is_changed {
        let mut writes = tx.left();
        writes.insert(records);
        // A twin that is about something else is not held back: whoever is second finds its record in his way, and asks again.
        writes.write(tx.conn()).await.map_err(idempotency::or_its_twin)?;
    }
    let mut told = told.into_iter();
    let outcomes = known.into_iter().map(|known| match known {
        Some(earlier) => earlier.map(|value| Done { value, replayed: true }),
        None => told.next().unwrap_or_else(|| Err(Code::Internal.into())).map(|value| Done { value, replayed: false }),
    });
    let told = Told { outcomes: outcomes.collect(), is_changed };
    Ok(if is_changed { Ending::Commit(told) } else { Ending::Rollback(told) })
}
