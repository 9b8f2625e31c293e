//! Ending a negotiation: its rights are free again, and its notice stands no more.

use entity::ids::{NegotiationId, PersonId};
use entity::negotiations::negotiation;

use super::{hand, held, record};
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::licences::rules::grant::Source;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::http::WithdrawNegotiation;
use crate::negotiations::rules::machine;
use crate::negotiations::store;
use crate::notices;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;

/// A party withdraws from it, or an officer ends it.
pub async fn withdraw(
    house: &House,
    by: &Context,
    permit: Permit<WithdrawNegotiation>,
    id: NegotiationId,
    reason: String,
) -> Result<Done<negotiation::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::withdrawn(&held, &hand, &reason, tx.now)?;
            end_within(&tx, &held, &next, tx.by.actor()?.person, &reason).await?;
            Ok(next)
        })
        .await
}

/// Records the end of a negotiation, held.
pub(super) async fn end_within(
    tx: &Tx,
    held: &negotiation::Model,
    next: &negotiation::Model,
    by: PersonId,
    reason: &str,
) -> Result<(), Problem> {
    store::set_held(tx.conn(), held.id, false).await?;
    for notice in [held.notice_id, held.result_notice_id].into_iter().flatten() {
        notices::flows::withdraw_within(tx, notice, by, reason).await?;
    }
    licences::flows::rescinded(tx, &Source::Negotiation(held.id)).await?;
    record(tx, held, next, NegotiationEvent::ended).await
}
