//! Ending a paused lot whose fault cannot be cured (终止竞价, 领域 4.10 A6b): whatever was bid, nobody has it.
//!
//! It takes two people: whoever paused it does not end it.

use entity::Timestamp;
use entity::auctions::{LotState, lot, lot_event};
use entity::ids::PersonId;

use super::log::{Body, NOT_CURABLE, append};
use super::pause::{Order, moment, wrong_state};
use crate::platform::problem::{Code, Problem};

/// Ends a paused lot, whatever its format and however far it had come. What is sealed in it is never opened.
pub fn abort(
    lot: &lot::Model,
    order: &Order,
    paused_by: Option<PersonId>,
    now: Timestamp,
) -> Result<(lot_event::Model, lot::Model), Problem> {
    let note = order.reason()?;
    may_abort(lot, order.cause.person, paused_by)?;
    let body = Body::Aborted { reason: NOT_CURABLE.into(), note: Some(note) };
    Ok(append(lot, moment(lot, now), &body, order.cause.clone()))
}

/// Refuses unless the lot is paused, alone or with its session, and somebody else paused it. Who did is in no published log.
pub fn may_abort(lot: &lot::Model, person: Option<PersonId>, paused_by: Option<PersonId>) -> Result<(), Problem> {
    if lot.state != LotState::Paused {
        return Err(wrong_state(lot));
    }
    if person.is_some() && person == paused_by {
        return Err(Code::SamePerson.into());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
