//! Public notices and their immutable versions.

use crate::Timestamp;
use crate::ids::{DealId, ListingId, NegotiationId, NoticeId, NoticeProposalId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};

codes! {
    /// What a notice announces (公示种类).
    NoticeKind {
        /// 挂牌公告.
        Listing,
        /// 成交公示.
        DealResult,
        /// 协议定价公示.
        NegotiatedPrice,
        /// 拍卖公告: beside that of its listing, where that is an auction in the sense of the auction law.
        Auction,
        /// 赋权公示.
        RightsGrant,
        /// 开放许可公告: it has no end.
        OpenLicence,
    }
}

codes! {
    /// Where a notice stands.
    NoticeState {
        Drafted,
        Published,
        Ended,
        /// It stands no more (撤回); its text and why stay readable.
        Withdrawn,
    }
}

codes! {
    /// What is proposed about a public notice.
    NoticeProposalKind {
        /// 勘误: a slip in its text is set right.
        Erratum,
        /// 撤回: it stands no more.
        Withdrawal,
        /// 实质性更正: what it is about was agreed anew, and its period begins again.
        Revision,
        /// 到期公开: what its text withheld until a date is told. Nobody decides it.
        Opening,
    }
}

codes! {
    /// Where a proposal about a notice stands.
    NoticeProposalState {
        /// It waits for a second person.
        Open,
        /// It was published.
        Published,
        /// It was refused, or taken back by whoever made it.
        Refused,
    }
}

table! {
    notice "notice" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoticeId,
        pub kind: NoticeKind,
        pub state: NoticeState,
        /// What it is about: a listing, a sale at a negotiated price, a grant of rights, or an open licence.
        pub listing_id: Option<ListingId>,
        #[serde(default)]
        pub negotiation_id: Option<NegotiationId>,
        #[serde(default)]
        pub rights_grant_id: Option<RightsGrantId>,
        #[serde(default)]
        pub open_licence_id: Option<OpenLicenceId>,
        pub deal_id: Option<DealId>,
        pub organisation_id: OrganisationId,
        /// Persons who may not check or publish it, because they decided the case.
        pub barred_persons: sea_orm::JsonValue,
        pub current_version: i64,
        pub published_by: Option<PersonId>,
        pub published_at: Option<Timestamp>,
        pub ends_at: Option<Timestamp>,
        /// How long it runs and by which rule, where it runs for a period; by it its end is reckoned again.
        #[serde(default)]
        pub period: Option<sea_orm::JsonValue>,
        /// Since when its page is away, while it is.
        #[serde(default)]
        pub taken_down_at: Option<Timestamp>,
        /// The city of the organisation whose notice it is, by its division code.
        #[serde(default)]
        pub city: Option<String>,
        /// The technical field of what it is about.
        #[serde(default)]
        pub field: Option<String>,
        /// When its text was last set right.
        #[serde(default)]
        pub corrected_at: Option<Timestamp>,
        /// Since when nothing about it is open: its period is over, and so is whatever was objected to.
        #[serde(default)]
        pub final_at: Option<Timestamp>,
        /// When what it is about was agreed anew and its period began again.
        #[serde(default)]
        pub revised_at: Option<Timestamp>,
        /// When it was withdrawn, and why, for everybody to read.
        #[serde(default)]
        pub withdrawn_at: Option<Timestamp>,
        #[serde(default)]
        pub withdrawal_reason: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// What is proposed about a public notice by one person, and done or refused by another.
    notice_proposal "notice_proposal" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoticeProposalId,
        pub notice_id: NoticeId,
        /// The organisation whose notice it is.
        pub organisation_id: OrganisationId,
        pub kind: NoticeProposalKind,
        pub state: NoticeProposalState,
        /// The version of the text that it is about.
        pub base_version: i64,
        /// What is set right: where, what stood there and what is to stand there.
        pub changes: sea_orm::JsonValue,
        /// The version that came of it.
        pub made_version: Option<i64>,
        /// Why, for everybody to read.
        pub reason: String,
        /// Of an opening: who published the notice, and when; its text said that it would come.
        pub proposed_by: PersonId,
        pub proposed_at: Timestamp,
        /// Nobody, of an opening that came.
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        /// Why it was refused.
        pub decision_reason: Option<String>,
        pub version: i64,
    }
}

table! {
    /// A time in which the page of a notice was away; its end is written once.
    notice_takedown "notice_takedown" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: NoticeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub taken_down_at: Timestamp,
        pub taken_down_by: PersonId,
        /// Why, for everybody to read.
        pub reason: String,
        pub restored_at: Option<Timestamp>,
        pub restored_by: Option<PersonId>,
    }
}

table! {
    /// The notice of a unit in its own place beside one here, each time it was shown; never changed.
    unit_notice "unit_notice" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: NoticeId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// Which version of the text stood here then.
        pub notice_version: i64,
        /// As it was shown: where, since which day, and by which file.
        pub shown: sea_orm::JsonValue,
        pub shown_by: PersonId,
        pub shown_at: Timestamp,
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
