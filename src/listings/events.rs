//! What the world hears of listings.

use entity::Timestamp;
use entity::ids::{AssetId, ListingId, LotId, NoticeId, OrganisationId};
use entity::listings::{ListingState, listing};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A listing took a step of its procedure; the kind is `listing.` and its new state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingMoved {
    /// Which listing.
    pub listing_id: ListingId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Where it stands now.
    pub state: ListingState,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// Its lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// Its notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// When registration closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub registration_closes_at: Option<Timestamp>,
    /// When bidding opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub auction_opens_at: Option<Timestamp>,
}

impl From<&listing::Model> for ListingMoved {
    fn from(listing: &listing::Model) -> Self {
        Self {
            listing_id: listing.id,
            organisation_id: listing.organisation_id,
            state: listing.state,
            rehearsal: listing.rehearsal,
            lot_id: listing.lot_id,
            notice_id: listing.notice_id,
            registration_closes_at: listing.registration_closes_at,
            auction_opens_at: listing.auction_opens_at,
        }
    }
}

/// The state a listing had come to, by the kind of the event that told of it; none where it told of something else.
pub fn state_told(kind: &str) -> Option<ListingState> {
    let code = kind.strip_prefix("listing.")?;
    ListingState::ALL.iter().copied().find(|state| state.code() == code)
}

impl Event for ListingMoved {
    fn kind(&self) -> &'static str {
        match self.state {
            ListingState::Draft => "listing.draft",
            ListingState::Submitted => "listing.submitted",
            ListingState::UnderReview => "listing.under_review",
            ListingState::Returned => "listing.returned",
            ListingState::Rejected => "listing.rejected",
            ListingState::Approved => "listing.approved",
            ListingState::Published => "listing.published",
            ListingState::RegistrationClosed => "listing.registration_closed",
            ListingState::Bidding => "listing.bidding",
            ListingState::Sold => "listing.sold",
            ListingState::Failed => "listing.failed",
            ListingState::Terminated => "listing.terminated",
        }
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("listing", self.listing_id.into())
    }
}

/// The legal status of some assets will be stale when bidding opens; the seller should read it again.
/// The lot opens all the same, with the date of the reading shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusStaleSoon {
    /// Which listing.
    pub listing_id: ListingId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Which assets.
    pub asset_ids: Vec<AssetId>,
    /// When bidding opens.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub auction_opens_at: Timestamp,
}

impl Event for StatusStaleSoon {
    fn kind(&self) -> &'static str {
        "listing.status_stale_soon"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("listing", self.listing_id.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_names_the_state() {
        for state in ListingState::ALL {
            let id = Uuid::from_u128(1);
            let event = ListingMoved {
                listing_id: id.into(),
                organisation_id: id.into(),
                state: *state,
                rehearsal: false,
                lot_id: None,
                notice_id: None,
                registration_closes_at: None,
                auction_opens_at: None,
            };
            assert_eq!(event.kind(), format!("listing.{}", state.code()));
            assert_eq!(state_told(event.kind()), Some(*state));
            let said = serde_json::to_value(&event).unwrap();
            assert_eq!(said.as_object().unwrap().len(), 4, "nothing is said that is not known");
        }
        assert_eq!(state_told("listing.status_stale_soon"), None);
    }
}
