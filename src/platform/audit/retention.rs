//! Retention: whole sealed stretches of the audit trail are removed once the law no longer asks for
//! them; their last hash stays, so what follows can still be checked.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::platform::{audit, audit_segment};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Entry, link, write as audit_write};
use crate::house::{House, clockwork};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::problem::{Code, Problem};

/// How long after a seal the next is due.
const A_DAY: TimeDelta = TimeDelta::days(1);
/// Rows read at a time.
const PAGE: u64 = 1000;

/// The first position that no stretch accounts for, where sealed stretches do not follow one another from the first row on.
fn gap(segments: &[audit_segment::Model]) -> Option<i64> {
    let start = [0_u8; 32];
    let (mut position, mut hash) = (0, start.as_slice());
    for segment in segments {
        if segment.first_position != position + 1 || segment.first_previous_hash != hash {
            return Some(position + 1);
        }
        (position, hash) = (segment.last_position, segment.last_hash.as_slice());
    }
    None
}

/// Recomputes the chain of everything that stands: how many rows, or the first position that does not follow. What may be
/// missing are removed stretches before all others.
///
/// `told` hears how many rows were looked at, page by page.
pub async fn verify(db: &impl ConnectionTrait, told: impl Fn(u64)) -> Result<Result<u64, i64>, DbErr> {
    let segments = audit_segment::Entity::find().order_by_asc(audit_segment::Column::LastPosition).all(db).await?;
    if let Some(position) = gap(&segments) {
        return Ok(Err(position));
    }
    let removed = segments.into_iter().take_while(|segment| segment.removed_at.is_some()).last();
    let (mut position, mut previous) = removed.map_or((0, vec![0; 32]), |s| (s.last_position, s.last_hash));
    let mut rows = 0;
    loop {
        let page = audit::Entity::find()
            .filter(audit::Column::Position.gt(position))
            .order_by_asc(audit::Column::Position)
            .limit(PAGE)
            .all(db)
            .await?;
        if page.is_empty() {
            return Ok(Ok(rows));
        }
        for row in page {
            let expected = link(&previous, &row, position + 1);
            if row.position != Some(position + 1) || row.hash.as_deref() != Some(expected.as_slice()) {
                return Ok(Err(position + 1));
            }
            position += 1;
            previous = expected.to_vec();
            rows += 1;
        }
        told(rows);
    }
}

/// Up to when rows have been kept long enough. Retention is the rulebook's and cannot be shortened here.
pub fn limit(house: &House) -> Result<Timestamp, Problem> {
    let now = house.world.now();
    Ok(now - house.span("audit_retention", now)?)
}

/// Seals everything up to now, then removes the sealed stretches from before an instant whose retention
/// has run out; tells how many rows went.
pub async fn retain(house: &House, by: &Context, before: Timestamp) -> Result<u64, Problem> {
    clockwork::settle(house).await?;
    let now = house.world.now();
    let (limit, by) = (before.min(limit(house)?), by.clone());
    house
        .db
        .transact(move |tx| {
            let by = by.clone();
            async move {
                seal(&*tx, now, TimeDelta::zero()).await?;
                let old = audit_segment::Entity::find()
                    .filter(audit_segment::Column::RemovedAt.is_null())
                    .order_by_asc(audit_segment::Column::LastPosition)
                    .all(&*tx)
                    .await?;
                let mut gone = 0;
                // None goes before those ahead of it.
                for segment in old.into_iter().take_while(|segment| segment.last_at < limit) {
                    // Marked first: the trigger lets only rows of a removed stretch go.
                    let (first, last) = (segment.first_position, segment.last_position);
                    audit_segment::Entity::update_many()
                        .col_expr(audit_segment::Column::RemovedAt, Some(now).into())
                        .filter(audit_segment::Column::LastPosition.eq(last))
                        .exec(&*tx)
                        .await?;
                    let done = audit::Entity::delete_many().filter(audit::Column::Position.between(first, last)).exec(&*tx).await?;
                    gone += done.rows_affected;
                }
                if gone > 0 {
                    audit_write(
                        &*tx,
                        &by,
                        now,
                        Entry { detail: Some(format!("{gone} rows")), ..Entry::of_change("audit_segment", None, None) },
                    )
                    .await?;
                }
                Ok(Ending::Commit(gone))
            }
        })
        .await
}

/// Seals what has been placed, once a day. Only whole stretches go: what nobody sealed before it is purged would stay for as
/// long again.
pub async fn seal_daily(house: &House) -> Result<(), Problem> {
    let now = house.world.now();
    house
        .db
        .transact(move |tx| async move {
            seal(&*tx, now, A_DAY).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

/// Seals what has been placed since the last seal, if that was so long ago. One sealer at a time.
async fn seal(db: &impl ConnectionTrait, now: Timestamp, interval: TimeDelta) -> Result<(), Problem> {
    if db.get_database_backend() == DatabaseBackend::Postgres {
        db.execute_unprepared("SELECT pg_advisory_xact_lock(7402006)").await?;
    }
    let before = audit_segment::Entity::find().order_by_desc(audit_segment::Column::LastPosition).limit(1).one(db).await?;
    if before.as_ref().is_some_and(|segment| now - segment.sealed_at < interval) {
        return Ok(());
    }
    let (from, previous) = before.map_or((0, vec![0; 32]), |s| (s.last_position, s.last_hash));
    let last =
        audit::Entity::find().filter(audit::Column::Position.gt(from)).order_by_desc(audit::Column::Position).limit(1).one(db).await?;
    let Some(last) = last else { return Ok(()) };
    // What was withheld for a while is older than what stands before it. Sign-ins are told in real time, which a sandbox may be behind.
    let placed = audit::Entity::find().filter(audit::Column::Position.gt(from)).filter(audit::Column::At.lte(now));
    let latest = placed.order_by_desc(audit::Column::At).limit(1).one(db).await?;
    let segment = audit_segment::Model {
        first_position: from + 1,
        last_position: last.position.ok_or(Code::Internal)?,
        first_previous_hash: previous,
        last_hash: last.hash.ok_or(Code::Internal)?,
        last_at: latest.map_or(last.at, |latest| latest.at),
        sealed_at: now,
        removed_at: None,
    };
    db::insert(db, segment).await.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(first: i64, last: i64, hashes: [u8; 2]) -> audit_segment::Model {
        audit_segment::Model {
            last_position: last,
            first_position: first,
            first_previous_hash: vec![hashes[0]; 32],
            last_hash: vec![hashes[1]; 32],
            last_at: Timestamp::UNIX_EPOCH,
            sealed_at: Timestamp::UNIX_EPOCH,
            removed_at: None,
        }
    }

    #[test]
    fn stretches_follow_one_another_from_the_first_row_on() {
        let whole = [segment(1, 3, [0, 1]), segment(4, 4, [1, 2]), segment(5, 9, [2, 3])];
        assert_eq!((gap(&[]), gap(&whole)), (None, None));
        assert_eq!(gap(&whole[1..]), Some(1), "the first is missing");
        assert_eq!(gap(&[whole[0].clone(), whole[2].clone()]), Some(4), "one between is missing");
        assert_eq!(gap(&[segment(1, 3, [7, 1])]), Some(1), "the first follows on something");
        assert_eq!(gap(&[whole[0].clone(), segment(4, 4, [7, 2])]), Some(4), "one follows on another hash");
        assert_eq!(gap(&[whole[0].clone(), segment(3, 4, [1, 2])]), Some(4), "two overlap");
    }
}
