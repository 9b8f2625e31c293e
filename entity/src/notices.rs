//! Public notices and their immutable versions.

use crate::Timestamp;
use crate::ids::{DealId, ListingId, NoticeId, OrganisationId, PersonId};

codes! {
    /// What a notice announces (公示种类).
    NoticeKind {
        /// 挂牌公告.
        Listing,
        /// 成交公示.
        DealResult,
    }
}

codes! {
    /// Where a notice stands.
    NoticeState { Drafted, Published, Ended }
}

table! {
    notice "notice" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoticeId,
        pub kind: NoticeKind,
        pub state: NoticeState,
        pub listing_id: ListingId,
        pub deal_id: Option<DealId>,
        pub organisation_id: OrganisationId,
        /// Persons who may not check or publish it, because they decided the case.
        pub barred_persons: sea_orm::JsonValue,
        pub current_version: i64,
        pub published_by: Option<PersonId>,
        pub published_at: Option<Timestamp>,
        pub ends_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// The frozen text of a notice: public JSON exactly as hashed.
    notice_version "notice_version" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: NoticeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub content: String,
        pub sha256: Vec<u8>,
        pub created_at: Timestamp,
    }
}
