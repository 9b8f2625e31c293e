//! The steps from a question to what everybody reads.

use entity::ids::QuestionId;
use entity::questions::{QuestionState, question};
use entity::sealed::Sealed;

use super::{answer_due_at, due, places_of, words};
use crate::house::{Done, House, Tx};
use crate::identity::rules::letters;
use crate::identity::{self, personal};
use crate::listings;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::questions::events::QuestionEvent;
use crate::questions::http::{AnswerQuestion, PublishQuestion, RefuseQuestion, ReturnAnswer, WithdrawQuestion};
use crate::questions::rules;
use crate::questions::store;

type Handled = Result<Done<question::Model>, Problem>;

/// The seller answers.
pub async fn answer(house: &House, by: &Context, permit: Permit<AnswerQuestion>, id: QuestionId, answer: String) -> Handled {
    house
        .write(by, (permit, id, answer), |tx, (permit, id, answer)| async move {
            let held = held(&tx, &permit, id).await?;
            let next = rules::answered(&held, tx.by.actor()?.person, &answer, due(&tx, "question_publication")?, tx.now)?;
            record(&tx, &held, next, QuestionEvent::answered).await
        })
        .await
}

/// Lets everybody read question and answer.
pub async fn publish(house: &House, by: &Context, permit: Permit<PublishQuestion>, id: QuestionId) -> Handled {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = held(&tx, &permit, id).await?;
            let next = rules::published(&held, by_caller(&tx, &held).await?, &words(&tx.house, &held)?, tx.now)?;
            record(&tx, &held, next, QuestionEvent::published).await
        })
        .await
}

/// Sends the answer back.
pub async fn return_answer(house: &House, by: &Context, permit: Permit<ReturnAnswer>, id: QuestionId, reason: String) -> Handled {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let about = listings::store::find(tx.conn(), held.listing_id).await?.ok_or(Code::Internal)?;
            let due_at = answer_due_at(&tx, about.auction_opens_at.filter(|opens_at| tx.now < *opens_at))?;
            let next = rules::returned(&held, by_caller(&tx, &held).await?, &reason, due_at)?;
            record(&tx, &held, next, QuestionEvent::returned).await
        })
        .await
}

/// Refuses the question.
pub async fn refuse(house: &House, by: &Context, permit: Permit<RefuseQuestion>, id: QuestionId, reason: String) -> Handled {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let next = rules::refused(&held, by_caller(&tx, &held).await?, &reason, tx.now)?;
            record(&tx, &held, next, QuestionEvent::refused).await
        })
        .await
}

/// Who asked withdraws it.
pub async fn withdraw(house: &House, by: &Context, permit: Permit<WithdrawQuestion>, id: QuestionId) -> Handled {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = held(&tx, &permit, id).await?;
            let next = rules::withdrawn(&held, tx.now)?;
            record(&tx, &held, next, QuestionEvent::withdrawn).await
        })
        .await
}

/// His words go with who asked, and what was open is open no more.
pub async fn forget_within(tx: &Tx, held: &question::Model, nothing: Sealed) -> Result<(), Problem> {
    let next = rules::forgotten(held, nothing, tx.now);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("question", held.id, Some(held), Some(&next));
    if next.state == held.state { Ok(()) } else { tx.publish(&QuestionEvent::withdrawn(&next)) }
}

/// The caller, who decides about a question.
async fn by_caller(tx: &Tx, held: &question::Model) -> Result<rules::Moderator, Problem> {
    let person = tx.by.actor()?.person;
    Ok(rules::Moderator::of(held, person, &places_of(tx.conn(), person).await?))
}

async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: QuestionId) -> Result<question::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

async fn record(
    tx: &Tx,
    held: &question::Model,
    next: question::Model,
    event: impl FnOnce(&question::Model) -> QuestionEvent,
) -> Result<question::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("question", next.id, Some(held), Some(&next));
    tx.publish(&event(&next))?;
    if matches!(next.state, QuestionState::Published | QuestionState::Refused) {
        tell(tx, &next).await?;
    }
    Ok(next)
}

/// Writes to who asked that it was decided about his question, where the address is known to be his.
async fn tell(tx: &Tx, row: &question::Model) -> Result<(), Problem> {
    let person = identity::store::person(tx.conn(), row.asker).await?;
    match person.filter(|person| person.address_proved_at.is_some() && person.closed_at.is_none()) {
        Some(person) => tx.write_to("question", &letters::question(&personal::email(&tx.house, &person)?, row.id)).await,
        None => Ok(()),
    }
}
