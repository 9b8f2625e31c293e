//! What a tip must be. That who gives no name has no procedural rights is a rule of the platform, beside those of objections.

use entity::Timestamp;
use entity::ids::TipId;
use entity::notices::notice;
use entity::objections::ObjectionGround;
use entity::sealed::Sealed;
use entity::tips::tip;

use crate::platform::problem::{Faults, Problem};

/// The longest tip, characters.
const LONGEST: usize = 5_000;

/// Checks what somebody writes.
pub fn written_well(statement: &str) -> Result<(), Problem> {
    Faults::new().text("/statement", statement, LONGEST).done()
}

/// A tip about a notice as it stands.
pub fn received(notice: &notice::Model, id: TipId, ground: ObjectionGround, words: Sealed, now: Timestamp) -> tip::Model {
    tip::Model {
        id,
        notice_id: notice.id,
        notice_version: notice.current_version,
        listing_id: notice.listing_id,
        negotiation_id: notice.negotiation_id,
        rights_grant_id: notice.rights_grant_id,
        open_licence_id: notice.open_licence_id,
        organisation_id: notice.organisation_id,
        ground,
        words,
        received_at: now,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::notices::rules::examples::{at, draft};
    use crate::platform::problem::Code;

    #[test]
    fn a_tip_is_about_the_version_that_stands() {
        let notice = notice::Model { current_version: 3, ..draft() };
        let tip = received(&notice, Uuid::from_u128(1).into(), ObjectionGround::Collusion, Sealed::default(), at(5));
        assert_eq!((tip.notice_version, tip.listing_id, tip.received_at), (3, notice.listing_id, at(5)));
    }

    #[test]
    fn a_tip_says_something() {
        assert_eq!(written_well(" ").unwrap_err().code, Code::Invalid);
        assert!(written_well("两家竞买人使用同一联系电话").is_ok());
    }
}
