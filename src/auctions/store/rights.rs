//! What was changed of what people may bid with, on PostgreSQL: triggers write it down.

use entity::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Deserialize;

/// What the database says of the moment at which it answers.
#[derive(FromQueryResult, Deserialize)]
pub struct Moment {
    /// The snapshot that it sees.
    pub as_of: String,
    /// Since when it runs: snapshots of another server say nothing of its changes.
    pub runs_since: String,
    /// Whether it sees a change that was not seen at the earlier moment that it was asked about.
    pub is_changed: bool,
}

/// That the database runs no longer than since another instant, or sees a change that a snapshot does not. What was committed before the
/// snapshot's oldest running transaction it has seen, and an index passes over.
const CHANGED: &str = "CAST(pg_postmaster_start_time() AS text) <> $1 OR EXISTS (SELECT 1 FROM rights_change \
    WHERE xid >= pg_snapshot_xmin(CAST($2 AS pg_snapshot)) AND NOT pg_visible_in_snapshot(xid, CAST($3 AS pg_snapshot)))";

/// Asks for the moment, and what has been changed since an earlier one.
pub fn moment_after(earlier: Option<&Moment>) -> SelectStatement {
    let is_changed = match earlier {
        Some(earlier) => Expr::cust_with_values(CHANGED, [&earlier.runs_since, &earlier.as_of, &earlier.as_of]),
        None => Expr::val(false),
    };
    Query::select()
        .expr_as(Expr::cust("CAST(pg_current_snapshot() AS text)"), "as_of")
        .expr_as(Expr::cust("CAST(pg_postmaster_start_time() AS text)"), "runs_since")
        .expr_as(is_changed, "is_changed")
        .to_owned()
}

/// Notes since when changes are seen, and deletes those that have been seen since before an instant. When they were made says nothing of
/// that: they are seen once they are committed.
pub async fn delete_changes(db: &impl ConnectionTrait, now: Timestamp, before: Timestamp) -> Result<(), DbErr> {
    let old = Query::delete().from_table("rights_change").and_where(Expr::col("seen_at").lt(before)).to_owned();
    db.execute(&old).await?;
    let new = Query::update().table("rights_change").value("seen_at", now).and_where(Expr::col("seen_at").is_null()).to_owned();
    db.execute(&new).await.map(|_| ())
}
