//! What happens to an objection: handed in, handled step by step, read.

mod finish;
mod handle;
mod read;
mod submit;
mod wait;

use entity::ids::{ListingId, NoticeId, ObjectionId, PersonId};
use entity::objections::{ObjectionState, objection};
use sea_orm::ConnectionTrait;

pub use finish::hear_notice;
pub use handle::{accept, decide, decide_review, extend, on_review_end, refuse, request_review, settle, withdraw};
pub use read::{list, read, told};
pub use submit::submit;
pub use wait::{Announced, awaited, ended_by, told_of};

use super::rules::{Handler, Words, held_up, holds_up, stops_bidding};
use super::store;
use super::views::OwnObjection;
use crate::house::{House, Tx};
use crate::identity;
use crate::notices::rules::Matter;
use crate::platform::data_keys::Cell;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{deadline, shanghai_date};

/// Timer: nobody has asked for a review in time.
pub const REVIEW_END: &str = "objections.review_end";

/// The cell of what whoever objects has written.
pub fn words_of(id: ObjectionId) -> Cell {
    Cell::of("objection.words", id)
}

/// What whoever objects has written, opened.
fn words(house: &House, row: &objection::Model) -> Result<Words, Problem> {
    let text = house.opened(words_of(row.id), &row.words)?;
    if text.is_empty() {
        return Ok(Words::default());
    }
    serde_json::from_str(&text).map_err(|_| {
        // The error would repeat what it could not read.
        tracing::error!(objection = %row.id, "the words of an objection cannot be read");
        Code::Internal.into()
    })
}

/// An objection as whoever handed it in is told of it with his data.
pub fn own(house: &House, row: &objection::Model) -> Result<OwnObjection, Problem> {
    let words = words(house, row)?;
    Ok(OwnObjection {
        objection_id: row.id,
        notice_id: row.notice_id,
        submitted_at: row.submitted_at,
        statement: words.statement,
        review_statement: words.review_statement,
        evidence: serde_json::from_value(row.evidence.clone()).map_err(|_| Code::Internal)?,
    })
}

/// Somebody who handles an objection, or would, by the places he has.
async fn handler(db: &impl ConnectionTrait, of: &objection::Model, person: PersonId) -> Result<Handler, Problem> {
    let places: Vec<_> = identity::store::ties(db, person).await?.into_iter().map(|tie| tie.organisation_id).collect();
    // Most who ask have none.
    let parties = if places.is_empty() { Vec::new() } else { store::parties(db, of).await? };
    Ok(Handler::of(person, &places, &parties))
}

/// When a step is due by a rule in force now.
fn due(tx: &Tx, rule: &str) -> Result<entity::Timestamp, Problem> {
    let edition = tx.house.rulebook.current();
    let span = edition.rulebook.span(rule, None, shanghai_date(tx.now)).map_err(|_| Code::Internal)?;
    Ok(deadline(tx.now, span, &edition.calendar).ends_at)
}

/// When the time to look into an objection is over once it is extended: as much later as the rule says, from its last day on.
fn longer(tx: &Tx, held: &objection::Model) -> Result<entity::Timestamp, Problem> {
    let edition = tx.house.rulebook.current();
    let span = edition.rulebook.span("objection_extension", None, shanghai_date(tx.now)).map_err(|_| Code::Internal)?;
    // A deadline of 24:00 belongs to the day it ends.
    let last_instant = held.due_at.unwrap_or(tx.now) - chrono::TimeDelta::microseconds(1);
    Ok(deadline(last_instant, span, &edition.calendar).ends_at)
}

/// Whether an objection that was accepted keeps the lot of a listing still.
pub async fn stands_still(db: &impl ConnectionTrait, listing: ListingId) -> Result<bool, Problem> {
    Ok(store::of(db, Matter::Listing(listing)).await?.iter().any(stops_bidding))
}

/// Refuses while an objection that was accepted keeps the lot of a listing still.
pub async fn may_bid_on(db: &impl ConnectionTrait, listing: ListingId) -> Result<(), Problem> {
    let holding = store::of(db, Matter::Listing(listing)).await?.into_iter().filter(stops_bidding);
    waits_for(holding.map(|held| held.id).collect())
}

fn waits_for(holding: Vec<ObjectionId>) -> Result<(), Problem> {
    if holding.is_empty() { Ok(()) } else { Err(Code::ObjectionOpen.with("objection_ids", holding)) }
}

/// Whether an objection about something holds it up.
pub async fn is_held_up(db: &impl ConnectionTrait, matter: Matter) -> Result<bool, Problem> {
    Ok(store::of(db, matter).await?.iter().any(holds_up))
}

/// Whether it was decided of an objection that what it is about ends for it: whoever has to end that hears of it a moment later.
pub async fn is_ended_by(db: &impl ConnectionTrait, matter: Matter) -> Result<bool, Problem> {
    Ok(store::of(db, matter).await?.iter().any(|objection| objection.ends))
}

/// Refuses while an objection about something holds it up.
pub async fn may_go_on(db: &impl ConnectionTrait, matter: Matter) -> Result<(), Problem> {
    let holding = store::of(db, matter).await?.into_iter().filter(holds_up);
    waits_for(holding.map(|held| held.id).collect())
}

/// Refuses while an objection about something is not decided: what was found right may be put right.
pub async fn may_be_put_right(db: &impl ConnectionTrait, matter: Matter) -> Result<(), Problem> {
    let open = store::of(db, matter).await?.into_iter().filter(|held| holds_up(held) && held.state != ObjectionState::Final);
    waits_for(open.map(|held| held.id).collect())
}

/// How long objections have held up what began about a listing at `since`; nothing while one still does.
pub async fn time_lost(
    db: &impl ConnectionTrait,
    listing: ListingId,
    since: entity::Timestamp,
    now: entity::Timestamp,
) -> Result<Option<chrono::TimeDelta>, Problem> {
    Ok(lost(&store::of(db, Matter::Listing(listing)).await?, since, now))
}

/// How long objections to a notice have held up what it tells of since then; nothing while one still does.
pub async fn time_lost_to(
    db: &impl ConnectionTrait,
    notice: NoticeId,
    since: entity::Timestamp,
    now: entity::Timestamp,
) -> Result<Option<chrono::TimeDelta>, Problem> {
    Ok(lost(&store::to_notice(db, notice).await?, since, now))
}

fn lost(all: &[objection::Model], since: entity::Timestamp, now: entity::Timestamp) -> Option<chrono::TimeDelta> {
    (!all.iter().any(holds_up)).then(|| held_up(all, since, now))
}
