//! The deadline of a confirmation.

use entity::deals::DealState;
use uuid::Uuid;

use crate::deals::events::DealEvent;
use crate::deals::{rules, store};
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// The timer `deals.confirm_by`: who has not signed by now is in default.
pub async fn on_confirm_by(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let signatures = store::signatures(tx.conn(), held.id).await?;
    let signed: Vec<_> = signatures.iter().map(|signature| signature.side).collect();
    let Some(mut next) = rules::lapse(&held, &signed, tx.now) else { return Ok(()) };
    // A buyer whose signature could not complete the deal, because the seller's rights no longer
    // stood or were not read anew, is not in default.
    if next.state == DealState::DefaultBuyer && super::sign::check_rights(tx, &held).await.is_err() {
        next.state = DealState::Lapsed;
    }
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", next.id, Some(&held), Some(&next)).await?;
    tx.publish(&DealEvent::defaulted(&next)).await
}
