//! What is filed with the registries (转让登记、许可备案、质押登记), and whose a right was at any instant.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::ids::{AchievementId, AssetId, DealId, LicenceGrantId, NegotiationId, OrganisationId, PersonId, RecordalId};
use crate::money::Currency;

codes! {
    /// What is filed.
    RecordalKind {
        /// 转让登记: the right passes on the day of the registry (PL art. 10; ICR art. 22).
        Transfer,
        /// 许可合同备案 (PLIR art. 15); no licence depends on it.
        Licence,
        /// 质押登记: the pledge exists from that day on (CC art. 444).
        Pledge,
    }
}

codes! {
    /// Where it stands.
    RecordalState {
        /// It is made ready.
        Draft,
        /// It was handed in.
        SubmittedToRegistry,
        /// The registry wants something mended (补正), by a day.
        DefectNotice,
        /// It was mended.
        Resubmitted,
        /// That day passed without an answer (视为未提出); it may be handed in again.
        DeemedNotFiled,
        /// It is in the register, as one side entered and somebody else confirmed.
        Registered,
        /// The registry refused it.
        Refused,
        /// Whose it is took it back.
        Withdrawn,
    }
}

impl RecordalState {
    /// Those in which the registry may still be asked, or is being asked.
    pub const OPEN: [Self; 5] = [Self::Draft, Self::SubmittedToRegistry, Self::DefectNotice, Self::Resubmitted, Self::DeemedNotFiled];

    /// Those in which the registry is being asked, or has entered it.
    pub const FILED: [Self; 4] = [Self::SubmittedToRegistry, Self::DefectNotice, Self::Resubmitted, Self::Registered];
}

codes! {
    /// Why a right is somebody's from a day on.
    TitleBasis {
        /// He had it when it first passed here.
        Original,
        /// The registry entered it.
        Recordal,
        /// A deal was confirmed: what no registry has to enter passes by contract.
        Deal,
        /// The same of a sale at a negotiated price.
        Negotiation,
        /// What it had passed by came to nothing.
        Returned,
    }
}

table! {
    recordal "recordal" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RecordalId,
        pub kind: RecordalKind,
        pub state: RecordalState,
        /// Who assigns, licenses or pledges.
        pub organisation_id: OrganisationId,
        /// To whom, where he is an organisation here; and what he is called.
        pub counterparty_id: Option<OrganisationId>,
        pub counterparty_name: String,
        /// What it follows from: at most one of these; a contract made elsewhere where there is none.
        pub deal_id: Option<DealId>,
        pub negotiation_id: Option<NegotiationId>,
        pub licence_grant_id: Option<LicenceGrantId>,
        /// The contract, as it was.
        pub document: sea_orm::JsonValue,
        /// What shows that an open licence was accepted (PLIR art. 87), as it was.
        pub acceptance_document: Option<sea_orm::JsonValue>,
        /// What shows that the pledgee agrees, as it was.
        pub pledgee_consent_document: Option<sea_orm::JsonValue>,
        /// Owners beside who files it that agreed, each with the paper that shows it.
        pub consents: sea_orm::JsonValue,
        /// What is declared of the rights.
        pub declarations: sea_orm::JsonValue,
        /// What a pledge secures, and the day until which the debt is to be paid.
        pub secured_minor: Option<i64>,
        pub currency: Option<Currency>,
        pub secured_until: Option<NaiveDate>,
        /// The day on which the contract took effect, and the last on which it is to be handed in, where there is one.
        pub effective_on: NaiveDate,
        pub due_on: Option<NaiveDate>,
        /// When it was handed in, and under which number the registry has it.
        pub submitted_on: Option<NaiveDate>,
        pub registry_reference: Option<String>,
        /// What the registry wants mended, by which paper, by when; and when that was done.
        pub defect: Option<String>,
        pub defect_document: Option<sea_orm::JsonValue>,
        pub reply_by: Option<NaiveDate>,
        pub resubmitted_on: Option<NaiveDate>,
        /// What is in the register: as of which day, under which number, by which paper.
        pub registered_on: Option<NaiveDate>,
        pub registry_number: Option<String>,
        pub certificate: Option<sea_orm::JsonValue>,
        /// Who entered that, for whom, when; and who confirmed it.
        pub entered_by: Option<PersonId>,
        pub entered_for: Option<OrganisationId>,
        pub entered_at: Option<Timestamp>,
        pub confirmed_by: Option<PersonId>,
        pub confirmed_at: Option<Timestamp>,
        /// When it came to nothing, why, and what shows it.
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        pub end_document: Option<sea_orm::JsonValue>,
        /// When the buyer rescinded, for the application was lost before the registry entered the transfer (SPC-TC art. 23).
        pub rescinded_at: Option<Timestamp>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A right that is filed.
    recordal_asset "recordal_asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub recordal_id: RecordalId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        /// True as long as a transfer of it is under way; there is one at a time.
        pub transferring: bool,
    }
}

table! {
    /// Whose a right is from a day on; never changed, only followed by a newer one.
    asset_title "asset_title" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub organisation_id: OrganisationId,
        /// In which achievement it is his.
        pub achievement_id: AchievementId,
        /// Everybody who owns it, by name and share, as of then.
        pub owners: sea_orm::JsonValue,
        /// From which day on; nothing of whom it was before it first passed here.
        pub since: Option<NaiveDate>,
        pub basis: TitleBasis,
        pub recordal_id: Option<RecordalId>,
        pub deal_id: Option<DealId>,
        pub negotiation_id: Option<NegotiationId>,
        /// When that became known here.
        pub recorded_at: Timestamp,
    }
}

table! {
    /// That an application was granted, and what it was before; never changed.
    patent_grant "patent_grant" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        /// The application as it was.
        pub application: sea_orm::JsonValue,
        /// The day of the registry on which the patent was granted.
        pub granted_on: NaiveDate,
        pub patent_number: String,
        pub publication_number: String,
        /// The certificate, as it was.
        pub document: sea_orm::JsonValue,
        pub recorded_by: PersonId,
        pub recorded_at: Timestamp,
    }
}
