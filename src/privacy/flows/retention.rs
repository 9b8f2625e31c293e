//! How long records are kept, and purging those whose time is over.

use entity::Timestamp;
use entity::platform::AuditOutcome;

use crate::house::{Done, House, Tx};
use crate::platform::access::{self, Context, OfPlatform};
use crate::platform::audit::{self, Entry, retention};
use crate::platform::problem::{Code, Problem};
use crate::privacy::http::OPERATIONS;
use crate::privacy::rules::{self, CLASSES, Purgeable, RetentionClass};
use crate::privacy::store;
use crate::privacy::views::RetentionView;
use crate::rulebook::rules::{Parameter, shanghai_date};

/// A kind of records with the rule it is kept by today.
pub struct Kept {
    /// The kind.
    pub class: &'static RetentionClass,
    /// The rule.
    pub rule: Parameter,
}

/// Every kind of records with its rule, and what the caller may do to each.
pub fn list(house: &House, by: &Context) -> Result<Vec<RetentionView>, Problem> {
    let told = kept(house)?.into_iter().map(|kept| {
        let deeds = access::allowed(OPERATIONS, &by.caller, &OfPlatform, rules::open_on_class(kept.class));
        RetentionView { allowed_deeds: Some(deeds), ..kept.into() }
    });
    Ok(told.collect())
}

fn kept(house: &House) -> Result<Vec<Kept>, Problem> {
    let edition = house.rulebook.current();
    let today = shanghai_date(house.world.now());
    let found = CLASSES.iter().map(|class| {
        let found = edition.rulebook.find(class.parameter, None, today).map_err(|error| {
            tracing::error!(%error, "a period of retention is missing");
            Code::Internal
        })?;
        Ok(Kept { class, rule: found.parameter.clone() })
    });
    found.collect()
}

/// Removes the records of a kind from before an instant, if its period is over; tells how many rows went.
pub async fn purge(house: &House, by: &Context, code: &str, before: Timestamp) -> Result<Done<u64>, Problem> {
    let class = rules::class(code).ok_or(Code::NotFound)?;
    let what = rules::purgeable(class)?;
    let now = match what {
        Purgeable::Audit | Purgeable::Requests => house.world.now(),
        Purgeable::Sessions => house.world.real_now(),
    };
    rules::may_purge(before, limit(house, class, now)?)?;
    match what {
        // The trail writes down itself that it went.
        Purgeable::Audit => Ok(Done { value: retention::retain(house, by, before).await?, replayed: false }),
        Purgeable::Sessions => {
            let done = house.write(by, before, |tx, before| async move {
                let gone = store::purge_sessions(tx.conn(), before).await?;
                written_down(&tx, "sessions", gone).await
            });
            done.await
        }
        Purgeable::Requests => {
            let done = house.write(by, before, |tx, before| async move {
                let gone = store::purge_requests(tx.conn(), before).await?;
                written_down(&tx, "data_requests", gone).await
            });
            done.await
        }
    }
}

/// The instant before which records of a kind have been kept long enough.
fn limit(house: &House, class: &RetentionClass, now: Timestamp) -> Result<Timestamp, Problem> {
    let edition = house.rulebook.current();
    let keep = edition.rulebook.span(class.parameter, None, shanghai_date(now)).map_err(|error| {
        tracing::error!(%error, "a period of retention is missing");
        Code::Internal
    })?;
    Ok(rules::kept_long_enough(keep, &edition.calendar, now))
}

/// How many rows of a kind went stays in the trail.
async fn written_down(tx: &Tx, kind: &'static str, gone: u64) -> Result<u64, Problem> {
    let entry = Entry {
        object_kind: kind,
        object_id: None,
        outcome: AuditOutcome::Changed,
        before: None,
        after: None,
        detail: Some(format!("{gone} rows")),
    };
    tx.nothing_changed();
    audit::write(tx.conn(), &tx.by, tx.now, entry).await?;
    Ok(gone)
}
