//! Tips about notices.

use crate::Timestamp;
use crate::ids::{ListingId, NegotiationId, NoticeId, OrganisationId, TipId};
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
        /// What the notice is about: a listing, or a sale at a negotiated price.
        pub listing_id: Option<ListingId>,
        #[serde(default)]
        pub negotiation_id: Option<NegotiationId>,
        /// The organisation whose notice it is.
        pub organisation_id: OrganisationId,
        pub ground: ObjectionGround,
        /// What he wrote.
        pub words: Sealed,
        pub received_at: Timestamp,
    }
}
