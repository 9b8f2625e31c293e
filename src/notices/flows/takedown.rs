//! Taking the page of a notice away, and putting it back.

use entity::ids::NoticeId;
use entity::notices::notice;

use super::reckoning::look_again;
use crate::house::{Done, House, Tx};
use crate::notices::events::NoticeEvent;
use crate::notices::http::{RestoreNotice, TakeDownNotice};
use crate::notices::rules::takedown;
use crate::notices::store;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Takes the page of a public notice away.
pub async fn take_down(
    house: &House,
    by: &Context,
    permit: Permit<TakeDownNotice>,
    id: NoticeId,
    reason: String,
) -> Result<Done<notice::Model>, Problem> {
    house.write(by, (permit, id, reason), |tx, (permit, id, reason)| async move { take_down_within(&tx, &permit, id, &reason).await }).await
}

async fn take_down_within(tx: &Tx, permit: &Permit<TakeDownNotice>, id: NoticeId, reason: &str) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let before = store::takedowns(tx.conn(), vec![id]).await?;
    let (next, away) = takedown::taken_down(&held, &before, tx.by.actor()?.person, reason, tx.now)?;
    db::insert(tx.conn(), away.clone()).await?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    tx.created("notice_takedown", id, &away);
    tx.publish(&NoticeEvent::taken_down(&next))?;
    Ok(next)
}

/// Puts the page of a notice back. The days on which it was away do not count.
pub async fn restore(house: &House, by: &Context, permit: Permit<RestoreNotice>, id: NoticeId) -> Result<Done<notice::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { restore_within(&tx, &permit, id).await }).await
}

async fn restore_within(tx: &Tx, permit: &Permit<RestoreNotice>, id: NoticeId) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let away = store::away_now(tx.conn(), id).await?;
    let away = away.ok_or_else(|| Code::WrongState.with("state", held.state).with("allowed", takedown::open_to(&held)))?;
    let (next, back) = takedown::restored(&held, &away, tx.by.actor()?.person, tx.now)?;
    db::update(tx.conn(), back.clone()).await?;
    tx.changed("notice_takedown", id, Some(&away), Some(&back));
    let next = look_again(tx, &held, next).await?;
    tx.publish(&NoticeEvent::restored(&next))?;
    Ok(next)
}
