//! Open licences (开放许可): what a patentee declares that anybody may have a licence for, and on which terms.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::ids::{AchievementId, AssetId, LicenceGrantId, NoticeId, OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId, PersonId};
use crate::money::Money;

codes! {
    /// Where the declaration of an open licence stands.
    OpenLicenceState {
        /// It is written; nobody has looked at it.
        Drafted,
        /// It is handed in, and its text waits for a second person.
        Submitted,
        /// It is announced: anybody may have a licence.
        Announced,
        /// It was sent back to its author.
        Returned,
        /// The patentee, or an officer, withdrew it.
        Withdrawn,
        /// It ended, since an objection was right.
        Ended,
        /// The patent office did not accept it.
        NotAccepted,
        /// The patent office ended it.
        TerminatedByRegistry,
        /// The last day of its licences is over.
        Expired,
    }
}

impl OpenLicenceState {
    /// Where a declaration stands that is handed in and did not come to an end: of one patent there is one.
    pub const OPEN: [Self; 2] = [Self::Submitted, Self::Announced];
}

/// What a licence costs, and how it is reckoned (许可使用费支付方式和标准).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeStandard {
    /// One amount, once (一次总付).
    OneOff {
        /// The amount.
        amount: Money,
    },
    /// One amount for each year (按年支付).
    PerYear {
        /// The amount.
        amount: Money,
    },
    /// A part of what is made with it, with or without an entry fee (提成支付, 入门费).
    Royalty {
        /// The part, in ten-thousandths.
        #[schema(minimum = 1, maximum = 10_000, example = 300)]
        rate_bp: i32,
        /// What is paid first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_fee: Option<Money>,
        /// Of what it is a part.
        #[schema(min_length = 1, max_length = 200, example = "许可产品的净销售额")]
        base: String,
    },
}

table! {
    open_licence "open_licence" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OpenLicenceId,
        /// The patentee.
        pub organisation_id: OrganisationId,
        pub achievement_id: AchievementId,
        /// The one granted patent it is about.
        pub asset_id: AssetId,
        pub state: OpenLicenceState,
        /// A [`FeeStandard`].
        pub fee: sea_orm::JsonValue,
        /// How and by when it is paid.
        pub payment: String,
        /// The first and the last day of the licences.
        pub term_from: NaiveDate,
        pub term_until: NaiveDate,
        pub other: Option<String>,
        /// The evaluation report of the patent (专利权评价报告), as it was.
        pub evaluation_document: Option<sea_orm::JsonValue>,
        /// The consent of a pledgee, as it was.
        pub pledgee_consent_document: Option<sea_orm::JsonValue>,
        /// Whether the patent is pledged.
        pub pledged: bool,
        /// What the patentee declares of the patent.
        pub declarations: sea_orm::JsonValue,
        /// Why it was sent back.
        pub return_reason: Option<String>,
        /// The rules as they stood when it was handed in.
        pub rules: Option<sea_orm::JsonValue>,
        /// The text of the notice, frozen for the second person; and its hash.
        pub drafted: Option<String>,
        pub drafted_sha256: Option<Vec<u8>>,
        pub submitted_by: Option<PersonId>,
        pub submitted_at: Option<Timestamp>,
        pub notice_id: Option<NoticeId>,
        pub published_by: Option<PersonId>,
        /// Under which number and on which day the patent office announced it.
        pub cnipa_number: Option<String>,
        pub cnipa_announced_on: Option<NaiveDate>,
        /// Under which number and on which day the patent office did not accept it, or ended it.
        pub cnipa_decision_number: Option<String>,
        pub cnipa_decided_on: Option<NaiveDate>,
        pub withdrawn_at: Option<Timestamp>,
        pub withdrawal_reason: Option<String>,
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

codes! {
    /// Where somebody's taking of an open licence stands (PL art. 51).
    AcceptanceState {
        /// He told the patentee in writing; what the standard asks for is to be paid.
        NoticeSent,
        /// It is paid, and he has the licence.
        Licensed,
        /// The patent office keeps it on record (许可备案).
        Recorded,
        /// It was not paid, or what was paid did not come, or the licence is over.
        Lapsed,
    }
}

table! {
    /// Somebody takes an open licence: his notice in writing, and what he paid.
    open_licence_acceptance "open_licence_acceptance" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OpenLicenceAcceptanceId,
        pub open_licence_id: OpenLicenceId,
        pub patentee_id: OrganisationId,
        /// Who takes it.
        pub organisation_id: OrganisationId,
        pub state: AcceptanceState,
        /// The [`FeeStandard`] it was taken by.
        pub fee: sea_orm::JsonValue,
        /// Whether he undertook to pay the royalty.
        pub undertakes_royalty: bool,
        /// What he paid, with the paper that shows it; and the bank's reference of it.
        pub payment: Option<sea_orm::JsonValue>,
        pub payment_reference: Option<String>,
        /// Until when it is to be paid.
        pub pay_by: Timestamp,
        /// The licence, from when it arose.
        pub licence_grant_id: Option<LicenceGrantId>,
        pub licensed_at: Option<Timestamp>,
        /// The patentee says that the money came.
        pub received_at: Option<Timestamp>,
        pub received_by: Option<PersonId>,
        /// Under which number and on which day the patent office put it on record.
        pub recordal_number: Option<String>,
        pub recorded_on: Option<NaiveDate>,
        pub lapsed_at: Option<Timestamp>,
        pub lapse_reason: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}
