//! The steps of handling an objection.

use entity::ids::ObjectionId;
use entity::notices::notice;
use entity::objections::objection;
use uuid::Uuid;

use super::{REVIEW_END, due, handler, longer, words, words_of};
use crate::house::{Done, House, Tx};
use crate::identity::rules::letters;
use crate::identity::{self, personal};
use crate::notices;
use crate::objections::events::ObjectionEvent;
use crate::objections::http::{
    AcceptObjection, DecideObjection, DecideObjectionReview, ExtendObjection, RefuseObjection, RequestObjectionReview, SettleObjection,
    WithdrawObjection,
};
use crate::objections::rules::{self, Handler, Words};
use crate::objections::store;
use crate::objections::views::{ObjectionDecision, Settlement};
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

type Handled = Result<Done<objection::Model>, Problem>;

/// Accepts an objection.
pub async fn accept(house: &House, by: &Context, permit: Permit<AcceptObjection>, id: ObjectionId) -> Handled {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let next = rules::accepted(&held, &notice, by, due(&tx, "objection_investigation")?, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::accepted).await
        })
        .await
}

/// Does not accept an objection.
pub async fn refuse(house: &House, by: &Context, permit: Permit<RefuseObjection>, id: ObjectionId, reason: String) -> Handled {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let next = rules::refused(&held, &notice, by, &reason, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::closed).await
        })
        .await
}

/// Takes more time to look into it.
pub async fn extend(house: &House, by: &Context, permit: Permit<ExtendObjection>, id: ObjectionId) -> Handled {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let next = rules::extended(&held, &notice, by, longer(&tx, &held)?, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::moved).await
        })
        .await
}

/// Decides it.
pub async fn decide(house: &House, by: &Context, permit: Permit<DecideObjection>, id: ObjectionId, new: ObjectionDecision) -> Handled {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let review_by = due(&tx, "objection_review")?;
            let next = rules::decided(&held, &notice, by, new.outcome, &new.reasons, review_by, tx.now)?;
            tx.arm(REVIEW_END, id, review_by);
            record(&tx, &held, next, ObjectionEvent::decided).await
        })
        .await
}

/// Asks for a review.
pub async fn request_review(
    house: &House,
    by: &Context,
    permit: Permit<RequestObjectionReview>,
    id: ObjectionId,
    statement: String,
) -> Handled {
    house
        .write(by, (permit, id, statement), |tx, (permit, id, statement)| async move {
            let (held, _, _) = look(&tx, &permit, id).await?;
            let said = Words { review_statement: Some(statement.clone()), ..words(&tx.house, &held)? };
            let text = serde_json::to_string(&said).map_err(|_| Code::Internal)?;
            let sealed = tx.sealed(words_of(id), &text).await?;
            let next = rules::to_review(&held, sealed, &statement, due(&tx, "objection_investigation")?, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::moved).await
        })
        .await
}

/// Decides the review, for good.
pub async fn decide_review(
    house: &House,
    by: &Context,
    permit: Permit<DecideObjectionReview>,
    id: ObjectionId,
    new: ObjectionDecision,
) -> Handled {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let next = rules::reviewed(&held, &notice, by, new.outcome, &new.reasons, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::closed).await
        })
        .await
}

/// Says how it was put right.
pub async fn settle(house: &House, by: &Context, permit: Permit<SettleObjection>, id: ObjectionId, new: Settlement) -> Handled {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let (held, notice, by) = look(&tx, &permit, id).await?;
            let next = rules::settled(&held, &notice, by, &new.settlement, new.ends, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::settled).await
        })
        .await
}

/// Withdraws it.
pub async fn withdraw(house: &House, by: &Context, permit: Permit<WithdrawObjection>, id: ObjectionId) -> Handled {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let (held, _, _) = look(&tx, &permit, id).await?;
            let next = rules::withdrawn(&held, tx.now)?;
            record(&tx, &held, next, ObjectionEvent::closed).await
        })
        .await
}

/// The timer `objections.review_end`: what nobody asked to be reviewed is final.
pub async fn on_review_end(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    tx.nothing_changed();
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    match rules::closed_in_time(&held, tx.now) {
        Some(next) => record(tx, &held, next, ObjectionEvent::closed).await.map(|_| ()),
        None => Ok(()),
    }
}

/// An objection, held, with its notice and who would handle it.
async fn look<P: Permission>(tx: &Tx, permit: &Permit<P>, id: ObjectionId) -> Result<(objection::Model, notice::Model, Handler), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let notice = notices::flows::with_hands(tx.conn(), held.notice_id, held.notice_version).await?;
    let by = handler(tx.conn(), &held, tx.by.actor()?.person).await?;
    Ok((held, notice, by))
}

async fn record(
    tx: &Tx,
    held: &objection::Model,
    next: objection::Model,
    event: impl FnOnce(&objection::Model) -> ObjectionEvent,
) -> Result<objection::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("objection", next.id, Some(held), Some(&next));
    tx.publish(&event(&next))?;
    tell(tx, &next).await?;
    Ok(next)
}

/// Writes to whoever objects that there is news of it, where it is not his own doing and the address is known to be his.
async fn tell(tx: &Tx, row: &objection::Model) -> Result<(), Problem> {
    if tx.by.actor().is_ok_and(|actor| actor.person == row.objector) {
        return Ok(());
    }
    let person = identity::store::person(tx.conn(), row.objector).await?;
    match person.filter(|person| person.address_proved_at.is_some() && person.closed_at.is_none()) {
        Some(person) => tx.write_to("objection", &letters::objection(&personal::email(&tx.house, &person)?, row.id)).await,
        None => Ok(()),
    }
}
