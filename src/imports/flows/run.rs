//! The steps of an import: a few rows, what became of them, and how far it has come, in one transaction.

use actix_web::web::Bytes;
use entity::identity::organisation;
use entity::imports::import_job;
use uuid::Uuid;

use super::super::events::ImportEnded;
use super::super::http::CreateImport;
use super::super::{rules, store};
use super::{failed_life, record, row};
use crate::documents::flows::discard;
use crate::house::Tx;
use crate::identity;
use crate::identity::authenticate::acting;
use crate::platform::access::{Caller, Credential, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Rows taken in by one step: few, so that whoever waits for the database waits for a moment only.
const ROWS: usize = 50;
/// How much of the file a step reads; more than the longest row.
const WINDOW: u64 = 256 * 1024;
/// How often a step is tried again before the import is given up.
const TRIES: i32 = 6;

/// Timer: the next step of an import.
pub async fn on_run(tx: &Tx, step: Uuid, failures: i32) -> Result<(), Problem> {
    // A step that was cancelled or done since is no step any more.
    let held = store::hold_at(tx.conn(), step).await?.filter(|job| rules::is_unfinished(job.state));
    let Some(held) = held else { return Ok(()) };
    let next = if failures < TRIES { stepped(tx, &held).await? } else { rules::failed(&held, rules::INTERNAL, tx.now) };
    record(tx, &held, &next).await
}

/// Timer: an import has ended for good, or broke off and nobody resumed it. What its rows came to is kept, the
/// file is not: it may hold what was refused because it must not be kept here.
pub async fn on_forget(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), id.into()).await? else { return Ok(()) };
    if rules::was_given_up(&held, failed_life(tx)?, tx.now) {
        let next = rules::cancelled(&held, tx.now)?;
        db::update(tx.conn(), next.clone()).await?;
        tx.changed("import", next.id, Some(&held), Some(&next));
        tx.publish(&ImportEnded::from(&next))?;
    } else if !rules::has_ended_for_good(held.state) {
        return Ok(());
    }
    discard(&tx.house.files, &held.stored_as).await;
    Ok(())
}

async fn stepped(tx: &Tx, held: &import_job::Model) -> Result<import_job::Model, Problem> {
    let Some((by, seller)) = in_whose_name(tx, held).await? else {
        return Ok(rules::failed(held, rules::NOT_ALLOWED, tx.now));
    };
    let Ok((window, is_end)) = window(tx, held).await else {
        return Ok(rules::failed(held, rules::FILE_UNREADABLE, tx.now));
    };
    let left = usize::try_from(held.rows_total - rules::rows_done(held)).unwrap_or(0);
    let stretch = rules::stretch(&window, held.format, held.next_line, ROWS.min(left), is_end);
    // A window of blank lines is passed over; one that holds nothing at all is not what was looked over.
    if stretch.rows.is_empty() && stretch.length == 0 {
        return Ok(rules::failed(held, rules::FILE_UNREADABLE, tx.now));
    }
    let header: Vec<String> = serde_json::from_value(held.header.clone()).map_err(|_| Code::Internal)?;
    let mut done = Vec::with_capacity(stretch.rows.len());
    for (number, found) in (rules::rows_done(held) + 1..).zip(&stretch.rows) {
        let became = row::taken_in(&by, &row::Place { job: held, header: &header, seller: &seller, before: &done }, number, *found).await?;
        done.push(became);
    }
    store::add_rows(tx.conn(), &done).await?;
    let offset = held.next_offset + i64::try_from(stretch.length).map_err(|_| Code::Internal)?;
    Ok(rules::advanced(held, &done, offset, stretch.next_line, tx.id(), tx.now))
}

/// The deed in the name of whoever it is done for, and the organisation; nothing if he may not do it any
/// more, or if the session he asked for it in was taken from him. What he is now is asked anew at every step.
async fn in_whose_name(tx: &Tx, job: &import_job::Model) -> Result<Option<(Tx, organisation::Model)>, Problem> {
    let person = identity::store::person(tx.conn(), job.acting_person).await?;
    if !person.as_ref().is_some_and(identity::rules::may_enter) {
        return Ok(None);
    }
    let session = identity::store::session(tx.conn(), job.acting_session).await?;
    if !session.as_ref().is_some_and(identity::rules::sessions::goes_on) {
        return Ok(None);
    }
    let actor = acting(tx.conn(), job.acting_person, Credential::Session(job.acting_session), Some(job.organisation_id)).await?;
    let is_verified = actor.seat.as_ref().is_some_and(|seat| seat.verified);
    let caller = Caller::Person(actor);
    if !is_verified || Permit::<CreateImport>::grant(&caller).is_err() {
        return Ok(None);
    }
    let seller = identity::store::organisation(tx.conn(), job.organisation_id).await?.ok_or(Code::Internal)?;
    Ok(Some((tx.in_the_name_of(caller, CreateImport::OPERATION.id), seller)))
}

/// The next stretch of the file, and whether it ends with it.
async fn window(tx: &Tx, job: &import_job::Model) -> Result<(Bytes, bool), Problem> {
    let (from, size) = (u64::try_from(job.next_offset).map_err(|_| Code::Internal)?, u64::try_from(job.size).map_err(|_| Code::Internal)?);
    let length = WINDOW.min(size.saturating_sub(from));
    if length == 0 {
        return Err(Code::Internal.into());
    }
    Ok((tx.house.files.part(&job.stored_as, from, length).await?, from + length == size))
}
