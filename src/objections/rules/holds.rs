//! What an objection holds up, and for how long.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::objections::{ObjectionOutcome, ObjectionState, objection};

/// What was decided in the end, as far as it was.
fn outcome(held: &objection::Model) -> Option<ObjectionOutcome> {
    held.review_outcome.or(held.outcome)
}

/// Whether the procedure it is about does not go on: it is open, or was right and is not put right yet. One that was handed in holds up
/// too, or a procedure could be hurried to its end while it waits to be accepted.
pub fn holds_up(held: &objection::Model) -> bool {
    let is_right = || matches!(outcome(held), Some(ObjectionOutcome::Upheld | ObjectionOutcome::PartlyUpheld));
    match held.state {
        ObjectionState::Submitted | ObjectionState::Investigating | ObjectionState::Decided | ObjectionState::ReviewRequested => true,
        ObjectionState::Final => held.settled_at.is_none() && is_right(),
        ObjectionState::NotAccepted | ObjectionState::Withdrawn => false,
    }
}

/// Whether a lot stands still for it: once it was accepted.
pub fn stops_bidding(held: &objection::Model) -> bool {
    held.accepted_at.is_some() && holds_up(held)
}

/// How long objections held up what began at `since`: together, so that a time in which several did counts once.
pub fn held_up(all: &[objection::Model], since: Timestamp, now: Timestamp) -> TimeDelta {
    let until = |held: &objection::Model| if holds_up(held) { now } else { held.settled_at.or(held.closed_at).unwrap_or(now) };
    let mut times: Vec<_> = all.iter().map(|held| (held.submitted_at.max(since), until(held))).filter(|(from, to)| from < to).collect();
    times.sort_unstable();
    let mut reached = since;
    let mut whole = TimeDelta::zero();
    for (from, to) in times {
        let from = from.max(reached);
        whole += (to - from).max(TimeDelta::zero());
        reached = reached.max(to);
    }
    whole
}
