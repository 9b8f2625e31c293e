//! What happens to a question: asked, answered, looked at, read.

mod ask;
mod handle;
mod read;

use entity::ids::{OrganisationId, PersonId, QuestionId};
use entity::questions::question;
use sea_orm::ConnectionTrait;

pub use ask::ask;
pub use handle::{answer, forget_within, publish, refuse, return_answer, withdraw};
pub use read::{list, public, published_about, read, told};

use super::rules::answer_due;
use super::views::OwnQuestion;
use crate::house::{House, Tx};
use crate::identity;
use crate::platform::data_keys::Cell;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{deadline, shanghai_date};

/// The cell of what whoever asks has written.
pub fn words_of(id: QuestionId) -> Cell {
    Cell::of("question.words", id)
}

/// What was asked.
fn words(house: &House, row: &question::Model) -> Result<String, Problem> {
    match &row.published_words {
        Some(published) => Ok(published.clone()),
        None => house.opened(words_of(row.id), &row.words),
    }
}

/// A question as whoever asked it is told of it with his data.
pub fn own(house: &House, row: &question::Model) -> Result<OwnQuestion, Problem> {
    Ok(OwnQuestion { question_id: row.id, listing_id: row.listing_id, asked_at: row.asked_at, question: words(house, row)? })
}

/// When a step is due by a rule in force now.
fn due(tx: &Tx, rule: &str) -> Result<entity::Timestamp, Problem> {
    let edition = tx.house.rulebook.current();
    let span = edition.rulebook.span(rule, None, shanghai_date(tx.now)).map_err(|_| Code::Internal)?;
    Ok(deadline(tx.now, span, &edition.calendar).ends_at)
}

/// When an answer is due.
fn answer_due_at(tx: &Tx, opens_at: Option<entity::Timestamp>) -> Result<entity::Timestamp, Problem> {
    Ok(answer_due(due(tx, "question_answer")?, opens_at))
}

/// The organisations somebody has a place with, be it a suspended one.
async fn places_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<OrganisationId>, Problem> {
    Ok(identity::store::ties(db, person).await?.into_iter().map(|tie| tie.organisation_id).collect())
}
