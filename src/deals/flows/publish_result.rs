//! Publishing the result of a deal.

use entity::deals::deal;
use entity::ids::DealId;

use super::OPENING;
use crate::deals::events::DealEvent;
use crate::deals::http::PublishResult;
use crate::deals::{rules, store};
use crate::house::{Done, House, Tx};
use crate::notices;
use crate::notices::rules::period::Period;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Publishes the result notice of a confirmed deal, by somebody who did not decide the case.
pub async fn publish_result(house: &House, by: &Context, permit: Permit<PublishResult>, id: DealId) -> Result<Done<deal::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { publish_result_within(&tx, &permit, id).await }).await
}

async fn publish_result_within(tx: &Tx, permit: &Permit<PublishResult>, id: DealId) -> Result<deal::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let publisher = tx.by.actor()?.person;
    notices::rules::second_person(&held.barred_persons, publisher)?;
    let next = rules::publish_result(&held)?;
    let notice = held.result_notice_id.ok_or(Code::Internal)?;
    let announced = rules::facts(&held)?.deal.rules;
    let shown = Period::of(&announced, "result_notice_period")?;
    notices::flows::publish_within(tx, notice, publisher, Some(shown)).await?;
    notices::flows::arm_opening(tx, notice, (OPENING, id.into()), None).await?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", id, Some(&held), Some(&next));
    tx.publish(&DealEvent::result_published(&next))?;
    Ok(next)
}
