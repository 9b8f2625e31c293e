//! What became of a licence, deed by deed.

use entity::Timestamp;
use entity::licences::{LicenceEventKind, LicenceGrantState, licence_event, licence_grant};

/// What happened, by how a licence stood before and stands now.
pub fn what_happened(before: Option<&licence_grant::Model>, now: &licence_grant::Model) -> LicenceEventKind {
    let Some(before) = before else { return LicenceEventKind::Entered };
    match now.state {
        LicenceGrantState::Terminated => LicenceEventKind::Terminated,
        // What no other took the place of ended in the right itself.
        LicenceGrantState::Superseded if now.superseded_by.is_none() => LicenceEventKind::Merged,
        LicenceGrantState::Superseded => LicenceEventKind::Superseded,
        LicenceGrantState::Effective if before.licensor_id != now.licensor_id => LicenceEventKind::Passed,
        LicenceGrantState::Effective if before.mode != now.mode => LicenceEventKind::Raised,
        LicenceGrantState::Effective if before.parent_id != now.parent_id => LicenceEventKind::Moved,
        LicenceGrantState::Effective if before.breach_at != now.breach_at => LicenceEventKind::BreachReported,
        LicenceGrantState::Effective if before.ends_on != now.ends_on => LicenceEventKind::CarriedOver,
        LicenceGrantState::Effective => LicenceEventKind::Narrowed,
    }
}

/// That, as it is kept after so many others.
pub fn next(
    (before, now): (Option<&licence_grant::Model>, &licence_grant::Model),
    last: Option<i64>,
    at: Timestamp,
) -> licence_event::Model {
    licence_event::Model {
        licence_grant_id: now.id,
        number: last.unwrap_or_default() + 1,
        at,
        kind: what_happened(before, now),
        licensor_id: now.licensor_id,
    }
}
