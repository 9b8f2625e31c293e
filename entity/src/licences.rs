//! The register of licences (许可登记簿): who may use which rights, how far, until when.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::ids::{AssetId, DealId, LicenceGrantId, NegotiationId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};

codes! {
    /// The kind of a licence (SPC-TC art. 25).
    LicenceMode {
        /// 独占许可: one licensee; the licensor does not use it himself.
        Exclusive,
        /// 排他许可: one licensee, and the licensor.
        Sole,
        /// 普通许可: one of several.
        NonExclusive,
        /// 开放许可: taken from a declaration to everybody.
        Open,
        /// 先用后转: for a time without a fee, before it is bought.
        Trial,
        /// 分许可: under another licence, never more than that.
        SubLicence,
        /// 强制许可: by decision of the authority (PL art. 53 ff.).
        Compulsory,
        /// 赋权使用权: of who made it, for a long time.
        GrantedUseRight,
    }
}

impl LicenceMode {
    /// Whether there is no other licensee where it is in force.
    pub fn is_alone(self) -> bool {
        matches!(self, Self::Exclusive | Self::Sole)
    }
}

codes! {
    /// Where a licence stands.
    LicenceGrantState {
        /// It stands, as long as its days say.
        Effective,
        /// It ended before its days were over.
        Terminated,
        /// Another took its place, or its holder got the right itself.
        Superseded,
    }
}

codes! {
    /// How a licence came into the register.
    LicenceOrigin {
        /// Its licensor entered it, with a paper that shows it.
        Recorded,
        /// Under another licence.
        SubLicence,
        /// It was sold here, and both sides have confirmed the deal.
        Deal,
        /// The same of a sale at a negotiated price.
        Negotiation,
        /// It was granted to who made it.
        RightsGrant,
        /// Somebody took what was declared to everybody.
        OpenLicence,
    }
}

codes! {
    /// What became of a licence.
    LicenceEventKind {
        /// It was entered.
        Entered,
        /// One side says that it is not kept to.
        BreachReported,
        /// Its rights passed, and whoever has them grants it since (SPC-TC art. 24).
        Passed,
        /// What it was under gave way to another licence of the same holder, and it is under that since.
        Moved,
        /// Who granted it under his own licence got the right itself, so it is under none since.
        Raised,
        /// Its holder got one of its rights itself, and it stands for the others.
        Narrowed,
        /// The application it is of became the patent, and it ends with that (SPC-TC art. 29).
        CarriedOver,
        /// Its holder got the right itself, and it ended in that.
        Merged,
        /// It was ended before its days were over.
        Terminated,
        /// Another took its place.
        Superseded,
    }
}

table! {
    licence_grant "licence_grant" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LicenceGrantId,
        /// Who grants.
        pub licensor_id: OrganisationId,
        /// To whom, where he is an organisation here.
        pub grantee_id: Option<OrganisationId>,
        /// What he is called.
        pub grantee_name: String,
        pub mode: LicenceMode,
        pub origin: LicenceOrigin,
        pub state: LicenceGrantState,
        /// How far it goes, in codes.
        pub scope: sea_orm::JsonValue,
        /// Its first day, and the first on which it does not stand any more; both in its scope too.
        pub starts_on: NaiveDate,
        pub ends_on: Option<NaiveDate>,
        pub may_sublicense: bool,
        /// Whether it is the one by which a sole licensor has it used.
        pub is_proxy: bool,
        /// The licence it is under.
        pub parent_id: Option<LicenceGrantId>,
        /// Earlier licences beside which it stands, as its holder accepted.
        pub carve_outs: sea_orm::JsonValue,
        /// Grants whose holder agreed to it, and owners beside the licensor who did, each with the paper that shows it.
        pub waivers: sea_orm::JsonValue,
        /// What it came about by here: the one that its origin says.
        pub deal_id: Option<DealId>,
        pub negotiation_id: Option<NegotiationId>,
        pub rights_grant_id: Option<RightsGrantId>,
        pub open_licence_id: Option<OpenLicenceId>,
        /// The contract, as it was, where it did not come about here.
        pub document: Option<sea_orm::JsonValue>,
        /// Since when it counts here, and until when it did.
        pub effective_at: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        /// What shows that it was ended, as it was.
        pub end_document: Option<sea_orm::JsonValue>,
        /// What took its place.
        pub superseded_by: Option<LicenceGrantId>,
        /// Since when it is said that somebody does not keep to it, and what he does.
        pub breach_at: Option<Timestamp>,
        pub breach: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A right that is licensed.
    licence_grant_asset "licence_grant_asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub licence_grant_id: LicenceGrantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        /// Since when its holder has this right itself, so that the licence covers it no more.
        pub merged_at: Option<Timestamp>,
    }
}

table! {
    /// What became of a licence, and who granted it from then on; never changed.
    licence_event "licence_event" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub licence_grant_id: LicenceGrantId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub at: Timestamp,
        pub kind: LicenceEventKind,
        pub licensor_id: OrganisationId,
    }
}

table! {
    /// Two licences of which each was given for the other (交叉许可).
    licence_cross "licence_cross" {
        /// The one that was entered second.
        #[sea_orm(primary_key, auto_increment = false)]
        pub licence_grant_id: LicenceGrantId,
        pub counterpart_id: LicenceGrantId,
    }
}

table! {
    /// A part of what somebody is licensed alone: of one right no two of them meet, which the database sees to.
    licence_claim "licence_claim" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub licence_grant_id: LicenceGrantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub act_from: i32,
        pub act_to: i32,
        pub field_from: i32,
        pub field_to: i32,
        pub region_from: i32,
        pub region_to: i32,
        pub day_from: i32,
        pub day_to: i32,
    }
}
