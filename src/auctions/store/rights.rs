//! What was changed of what people may bid with, on PostgreSQL: triggers write it down.

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Deserialize;

/// What the database says of the moment at which it answers.
#[derive(FromQueryResult, Deserialize)]
pub struct Moment {
    /// The snapshot that it sees.
    pub as_of: String,
    /// Since when it runs: snapshots of another server say nothing of its changes.
    pub runs_since: String,
    /// The second of the clock that says how long changes are kept.
    pub second: i64,
    /// Whether it sees a change that was not seen at the earlier moment that it was asked about, or cannot say.
    pub is_changed: bool,
}

/// Whether the database was started anew since a moment, that is more than a minute ago by the database's clock (changes are kept for an
/// hour), or a change is seen that its snapshot does not see. What was committed before the snapshot's oldest running transaction it
/// has seen, and an index passes over.
const CHANGED: &str = "CAST(pg_postmaster_start_time() AS text) <> $1 \
    OR abs(extract(epoch FROM clock_timestamp()) - CAST($2 AS bigint)) > 60 \
    OR EXISTS (SELECT 1 FROM rights_change \
        WHERE xid >= pg_snapshot_xmin(CAST($3 AS pg_snapshot)) AND NOT pg_visible_in_snapshot(xid, CAST($4 AS pg_snapshot)))";

/// Asks for the moment, and what has been changed since an earlier one.
pub fn moment_after(earlier: Option<&Moment>) -> SelectStatement {
    let is_changed = earlier.map_or_else(
        || Expr::val(false),
        |earlier| {
            let (runs_since, as_of) = (&earlier.runs_since, &earlier.as_of);
            Expr::cust_with_values(CHANGED, [runs_since.into(), earlier.second.into(), as_of.into(), sea_orm::Value::from(as_of)])
        },
    );
    Query::select()
        .expr_as(Expr::cust("CAST(pg_current_snapshot() AS text)"), "as_of")
        .expr_as(Expr::cust("CAST(pg_postmaster_start_time() AS text)"), "runs_since")
        .expr_as(Expr::cust("CAST(extract(epoch FROM clock_timestamp()) AS bigint)"), "second")
        .expr_as(is_changed, "is_changed")
        .to_owned()
}

/// Deletes changes an hour after they were first seen, and notes which are seen: a change is seen when it is committed, whenever it was
/// made. Both by the clock of the database, for those of servers may differ.
const OLD: &str = "DELETE FROM rights_change WHERE seen_at < clock_timestamp() - interval '1 hour'; \
    UPDATE rights_change SET seen_at = clock_timestamp() WHERE seen_at IS NULL";

/// Forgets changes that everybody has seen.
pub async fn delete_old_changes(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared(OLD).await.map(|_| ())
}
