//! A deal that objections have held up: it goes on with as much time to sign as there was, or ends by nobody's fault.

use entity::deals::{DealState, deal};
use entity::ids::{DealId, ListingId, PersonId};
use serde_json::Value;

use super::CONFIRM_BY;
use crate::deals::events::DealEvent;
use crate::deals::{rules, store};
use crate::house::Tx;
use crate::licences;
use crate::licences::rules::grant::Source;
use crate::notices;
use crate::objections;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Why a result stands no more.
const ENDED: &str = "异议成立，成交撤销 An objection was right, and the deal is rescinded for it";

/// An objection about a listing was closed or settled: its deals end where that was decided, and where none holds up the unsigned ones any
/// more they go on. One to the result of a deal is about that deal alone.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    // One about a sale at a negotiated price is about no deal.
    let Some(listing) = body["listing_id"].as_str().and_then(|id| id.parse::<ListingId>().ok()) else { return Ok(()) };
    let about = objections::flows::told_of(tx, body).await?.deal_id;
    let ended_by = objections::flows::ended_by(tx, body).await?;
    let concerned = store::hold_standing(tx.conn(), listing).await?.into_iter().filter(|held| about.is_none_or(|deal| deal == held.id));
    for held in concerned {
        match ended_by {
            Some(by) => end(tx, &held, by, ENDED).await?,
            None if held.state == DealState::ConfirmationGenerated => go_on(tx, &held).await?,
            None => {}
        }
    }
    Ok(())
}

/// Its buyer rescinds a deal after everybody had signed, as the law lets him; that his right to do so was looked at.
pub async fn rescind_within(tx: &Tx, id: DealId, by: PersonId, reason: &str) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    end(tx, &held, by, reason).await
}

/// Ends a deal, held; its result, where it was public, stands no more.
async fn end(tx: &Tx, held: &deal::Model, by: PersonId, reason: &str) -> Result<(), Problem> {
    let Some(next) = rules::ended(held) else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", next.id, Some(held), Some(&next));
    if let Some(notice) = held.result_notice_id {
        notices::flows::withdraw_within(tx, notice, by, reason).await?;
    }
    licences::flows::rescinded(tx, &Source::Deal(held.id)).await?;
    tx.publish(&if next.state == DealState::Rescinded { DealEvent::rescinded(&next) } else { DealEvent::defaulted(&next) })
}

/// An unsigned deal, held, goes on, once none holds it up.
async fn go_on(tx: &Tx, held: &deal::Model) -> Result<(), Problem> {
    if give_time(tx, held).await? == Given::Nothing && held.confirm_by <= tx.now {
        // Its timer may have gone by while it was held up.
        tx.arm(CONFIRM_BY, held.id, tx.now);
    }
    Ok(())
}

/// What came of the time that objections took of a deal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// It is held up still.
    Waits,
    /// There is more time now.
    More,
    /// Nothing was taken, or all of it was given back before.
    Nothing,
}

/// Gives an unsigned deal, held, the time back that objections took, once none holds it up.
pub(super) async fn give_time(tx: &Tx, held: &deal::Model) -> Result<Given, Problem> {
    let lost = objections::flows::time_lost(tx.conn(), held.listing_id, held.created_at, tx.now).await?;
    let Some(lost) = lost else { return Ok(Given::Waits) };
    let facts = rules::facts(held)?;
    let announced = rules::confirm_by(&facts.deal.rules, held.created_at, &tx.house.rulebook.current().calendar)?;
    let Some(next) = rules::put_off(held, announced.ends_at, lost) else { return Ok(Given::Nothing) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", next.id, Some(held), Some(&next));
    tx.arm(CONFIRM_BY, next.id, next.confirm_by);
    tx.publish(&DealEvent::put_off(&next))?;
    Ok(Given::More)
}
