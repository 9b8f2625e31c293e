//! A lot gets its place in a session, its turn, and is opened by the host.

use chrono::TimeDelta;
use entity::auctions::lot;

use super::{ordered, record, rounds};
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::session::{self as rules, Place};
use crate::house::Tx;
use crate::platform::problem::Problem;

/// Gives a held lot its place in a session.
pub async fn join_within(tx: &Tx, held: &lot::Model, place: &Place, cause: Cause) -> Result<lot::Model, Problem> {
    ordered(tx, held, |lot, now| rules::join(lot, place, cause, now)).await
}

/// Opens a held lot of a hosted session.
pub async fn open_within(tx: &Tx, held: &lot::Model, cause: Cause) -> Result<lot::Model, Problem> {
    ordered(tx, held, |lot, now| rules::open(lot, cause, now)).await
}

/// The turn of a held lot has come; harmless where it came before.
pub async fn turn_within(tx: &Tx, held: &lot::Model, lateness: TimeDelta) -> Result<(), Problem> {
    match rules::turn(held, lateness, rounds::moment(tx, held).await?) {
        Some((event, next)) => record(tx, held, vec![event], &next).await,
        None => Ok(()),
    }
}
