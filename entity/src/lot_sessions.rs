//! Sessions of lots.

use crate::Timestamp;
use crate::ids::{LotId, LotSessionId, OrganisationId, PersonId};

codes! {
    /// Where a session of lots stands.
    LotSessionState {
        /// Being put together.
        Draft,
        /// Public, its order frozen.
        Published,
        /// Interrupted as a whole by the auction host.
        Paused,
        /// Every lot has ended.
        Ended,
    }
}

codes! {
    /// How the lots of a session follow each other.
    LotSessionMode {
        /// They open at their own times and close one after another, a step apart at least.
        Staggered,
        /// The auction host opens them one after another.
        Hosted,
    }
}

table! {
    /// A session of lots (专场).
    lot_session "lot_session" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LotSessionId,
        pub title: String,
        pub title_en: Option<String>,
        pub mode: LotSessionMode,
        pub state: LotSessionState,
        /// Whose session it is; the platform's own if nobody is named.
        pub organiser_organisation_id: Option<OrganisationId>,
        /// Least time between two closings, where they are staggered.
        pub stagger_seconds: Option<i64>,
        /// How late the host may open a lot before it opens by itself, where there is a host; fixed at publication.
        pub lateness_seconds: Option<i64>,
        /// When the first lot opens, as announced.
        pub starts_at: Option<Timestamp>,
        pub published_at: Option<Timestamp>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// The place of a lot in its session; a lot has one at most.
    lot_session_lot "lot_session_lot" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: LotSessionId,
        /// From 1, without gaps.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        pub lot_id: LotId,
    }
}
