//! Tips about notices.

use crate::Timestamp;
use crate::ids::{ListingId, NoticeId, OrganisationId, TipId};
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
        pub listing_id: ListingId,
        /// The organisation whose notice it is.
        pub organisation_id: OrganisationId,
        pub ground: ObjectionGround,
        /// What he wrote.
        pub words: Sealed,
        pub received_at: Timestamp,
    }
}
