//! The deadline of a confirmation.

use uuid::Uuid;

use super::objection::{Given, give_time};
use crate::deals::events::DealEvent;
use crate::deals::{rules, store};
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// The timer `deals.confirm_by`: who has not signed by now is in default.
pub async fn on_confirm_by(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    // Nobody could sign: what objections took of the time is given back before anybody is in default, whoever finds it first.
    if give_time(tx, &held).await? != Given::Nothing {
        return Ok(());
    }
    let signatures = store::signatures(tx.conn(), held.id).await?;
    let signed: Vec<_> = signatures.iter().map(|signature| signature.side).collect();
    let rights_stand = super::sign::rights_stand(&tx.house, tx.conn(), &held, tx.now).await?;
    let Some(next) = rules::lapse(&held, &signed, rights_stand, tx.now) else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", next.id, Some(&held), Some(&next));
    tx.publish(&DealEvent::defaulted(&next))
}
