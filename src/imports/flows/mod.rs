//! What happens to imports and exports.

mod create;
mod decide;
mod export;
mod read;
mod report;
mod row;
mod run;

use chrono::TimeDelta;
use entity::imports::import_job;

pub use create::create;
pub use decide::{cancel, resume};
pub use export::export;
pub use read::{list, read, rows};
pub use report::report;
pub use run::{on_forget, on_run};

use super::events::ImportEnded;
use super::rules;
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// Timer: the next step of an import.
pub const RUN: &str = "imports.run";

/// Timer: an import has ended, and its file need not be kept.
pub const FORGET: &str = "imports.forget";

/// How many rows of a table or a report are read at a time, so that no answer is held whole.
const AT_A_TIME: u64 = 500;

/// How long the file of an import that broke off is kept.
fn failed_life(tx: &Tx) -> Result<TimeDelta, Problem> {
    tx.house.span("failed_import_life", tx.now)
}

/// Records a change of an import: the row, the audit, and its next step or its end.
async fn record(tx: &Tx, held: &import_job::Model, next: &import_job::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("import", next.id, Some(held), Some(next));
    if rules::is_unfinished(next.state) {
        tx.arm(RUN, next.step, tx.now);
        return Ok(());
    }
    let kept = if rules::has_ended_for_good(next.state) { TimeDelta::zero() } else { failed_life(tx)? };
    tx.arm(FORGET, next.id, tx.now + kept);
    tx.publish(&ImportEnded::from(next))
}
