//! Objections to notices.

use crate::Timestamp;
use crate::ids::{DealId, ListingId, NegotiationId, NoticeId, ObjectionId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use crate::sealed::Sealed;

codes! {
    /// Where an objection stands (异议状态).
    ObjectionState {
        /// Handed in; whether it is accepted is to be decided.
        Submitted,
        /// Not accepted, with a reason.
        NotAccepted,
        /// Accepted, and looked into.
        Investigating,
        /// Decided; who objected may ask once for a review.
        Decided,
        /// A review was asked for.
        ReviewRequested,
        /// Decided for good.
        Final,
        /// Withdrawn by who objected.
        Withdrawn,
    }
}

codes! {
    /// What is objected to (异议理由).
    ObjectionGround {
        /// 权属.
        Ownership,
        /// 价格不公.
        PriceUnfair,
        /// 关联交易.
        RelatedParty,
        /// 程序.
        Procedure,
        /// 信息不实.
        FalseInfo,
        /// 泄密.
        SecretLeak,
        /// 优先购买权.
        Preemption,
        /// 收益分配.
        Distribution,
        /// 串通.
        Collusion,
    }
}

codes! {
    /// What was decided of an objection.
    ObjectionOutcome {
        /// 成立.
        Upheld,
        /// 部分成立.
        PartlyUpheld,
        /// 不成立.
        Dismissed,
    }
}

table! {
    /// An objection (异议) to a public notice, by somebody who gives his name.
    objection "objection" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ObjectionId,
        pub notice_id: NoticeId,
        /// The version of its text that was objected to.
        pub notice_version: i64,
        /// What the notice is about: a listing, a sale at a negotiated price, a grant of rights, or an open licence.
        pub listing_id: Option<ListingId>,
        #[serde(default)]
        pub negotiation_id: Option<NegotiationId>,
        #[serde(default)]
        pub rights_grant_id: Option<RightsGrantId>,
        #[serde(default)]
        pub open_licence_id: Option<OpenLicenceId>,
        /// The deal whose result the notice tells, if it does.
        pub deal_id: Option<DealId>,
        /// The organisation whose notice it is.
        pub organisation_id: OrganisationId,
        pub objector: PersonId,
        pub objector_organisation_id: Option<OrganisationId>,
        pub ground: ObjectionGround,
        /// What who objected wrote, as text of JSON.
        pub words: Sealed,
        /// Documents with their hashes.
        pub evidence: sea_orm::JsonValue,
        pub state: ObjectionState,
        /// By when the next step is due.
        pub due_at: Option<Timestamp>,
        /// The officer who last decided about it.
        pub handler: Option<PersonId>,
        /// Whether the time to look into it was extended, which it is once.
        pub extended: bool,
        pub outcome: Option<ObjectionOutcome>,
        /// Why it was not accepted or decided so; public.
        pub reasons: Option<String>,
        pub review_outcome: Option<ObjectionOutcome>,
        pub review_reasons: Option<String>,
        pub submitted_at: Timestamp,
        pub accepted_at: Option<Timestamp>,
        pub decided_at: Option<Timestamp>,
        /// When nothing more was to be decided.
        pub closed_at: Option<Timestamp>,
        /// When what it was right about was put right, and how; public.
        pub settled_at: Option<Timestamp>,
        pub settlement: Option<String>,
        /// Whether what it was about ended for it.
        pub ends: bool,
        pub version: i64,
    }
}
