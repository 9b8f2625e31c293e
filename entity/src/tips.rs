//! Tips about notices.

use crate::Timestamp;
use crate::ids::{ListingId, NegotiationId, NoticeId, OpenLicenceId, OrganisationId, RightsGrantId, TipId};
use crate::objections::ObjectionGround;
use crate::sealed::Sealed;

table! {
    /// A tip (线索) about what a notice announces, by somebody who does not give his name. Of him nothing is kept.
    tip "tip" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TipId,
        pub notice_id: NoticeId,
        /// The version of its text that stood.
        pub notice_version: i64,
        /// What the notice is about: a listing, a sale at a negotiated price, a grant of rights, or an open licence.
        pub listing_id: Option<ListingId>,
        #[serde(default)]
        pub negotiation_id: Option<NegotiationId>,
        #[serde(default)]
        pub rights_grant_id: Option<RightsGrantId>,
        #[serde(default)]
        pub open_licence_id: Option<OpenLicenceId>,
        /// The organisation whose notice it is.
        pub organisation_id: OrganisationId,
        pub ground: ObjectionGround,
        /// What he wrote.
        pub words: Sealed,
        pub received_at: Timestamp,
    }
}
