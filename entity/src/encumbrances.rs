//! Burdens on rights (权利负担), what cures them, and what owners of one right agreed on. Nothing of it changes: what comes later is a row of its own.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::achievements::StatusSource;
use crate::ids::{AssetId, BurdenConsentId, BurdenId, OrganisationId, OwnersAgreementId, PersonId};
use crate::listings::TransferMode;

codes! {
    /// What burdens a right (权利负担). That others own it too is no burden of its own: its owners say so.
    BurdenKind {
        /// Pledge (质押); it exists from its registration on.
        Pledge,
        /// Court preservation (财产保全).
        Preservation,
        /// Dispute over who owns it (权属纠纷).
        OwnershipDispute,
        /// A licence that goes on (已有许可).
        ExistingLicence,
        /// An open licence in force (开放许可).
        OpenLicence,
        /// A right of pre-emption (优先受让权).
        Preemption,
        /// A use right granted to who made it (赋权长期使用权).
        GrantedUseRight,
        /// Made with public money (财政性资金形成).
        StateFunded,
        /// Essential to a standard (标准必要专利).
        StandardEssential,
        /// A compulsory licence (强制许可).
        CompulsoryLicence,
        /// It secures an insurance or a securitisation (保险、证券化).
        Secured,
        /// It is a state secret (国家秘密). That it is one is all that is kept.
        StateSecret,
        /// Its export is prohibited (禁止出口). That it is one is all that is kept.
        ExportProhibited,
    }
}

codes! {
    /// What somebody means to do with a right.
    IntendedDeed {
        /// Title passes (转让).
        Assignment,
        /// It is contributed to a company (作价投资).
        Equity,
        /// Exclusive licence (独占许可).
        ExclusiveLicence,
        /// Sole licence (排他许可).
        SoleLicence,
        /// Ordinary licence (普通许可).
        NonExclusiveLicence,
        /// Declaration of an open licence (开放许可声明).
        OpenDeclaration,
        /// Recordal of a licence (许可备案).
        LicenceRecordal,
        /// Recordal of a transfer (转让登记).
        TransferRecordal,
        /// Pledge (质押).
        Pledge,
    }
}

impl From<TransferMode> for IntendedDeed {
    fn from(mode: TransferMode) -> Self {
        match mode {
            TransferMode::Assignment => Self::Assignment,
            TransferMode::ExclusiveLicence => Self::ExclusiveLicence,
            TransferMode::SoleLicence => Self::SoleLicence,
            TransferMode::NonExclusiveLicence => Self::NonExclusiveLicence,
            TransferMode::Equity => Self::Equity,
        }
    }
}

codes! {
    /// What happened to a burden after it was entered.
    BurdenStepKind {
        /// An officer saw it with its paper.
        Seen,
        /// It was lifted (解除).
        Lifted,
    }
}

codes! {
    /// Whose consent it is.
    ConsentKind {
        /// Of the pledgee (质权人同意).
        Pledgee,
        /// Of a co-owner (共有人同意).
        CoOwner,
        /// Of who manages the project that paid (项目管理机构批准).
        ProjectManager,
        /// A holder of a right of pre-emption waives it (放弃优先受让权).
        PreemptionWaiver,
    }
}

codes! {
    /// Where the price goes under a pledge (CC art. 444).
    PledgedPrice {
        /// It pays the debt ahead of time (提前清偿).
        Prepays,
        /// It is deposited (提存).
        Deposited,
    }
}

table! {
    /// A burden as it was entered.
    burden "burden" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BurdenId,
        pub asset_id: AssetId,
        /// Whose right it is.
        pub organisation_id: OrganisationId,
        pub kind: BurdenKind,
        /// The first day it stands, and the last, where it ends by itself.
        pub since: NaiveDate,
        pub until: Option<NaiveDate>,
        /// Who has it: an organisation by its name, a person by what he is to the right.
        pub holder: Option<String>,
        pub registry_number: Option<String>,
        /// Whether proceedings at the registry are suspended for it (中止).
        pub suspends: bool,
        /// The paper it was entered with, as it was.
        pub document: Option<sea_orm::JsonValue>,
        pub source: StatusSource,
        /// When the source said so.
        pub as_of: Timestamp,
        pub recorded_by: PersonId,
        pub recorded_at: Timestamp,
    }
}

table! {
    /// What happened to a burden; each of it once.
    burden_step "burden_step" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub burden_id: BurdenId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: BurdenStepKind,
        /// The first day it does not stand any more, where it was lifted.
        pub lifted_on: Option<NaiveDate>,
        pub document: Option<sea_orm::JsonValue>,
        pub made_by: PersonId,
        pub made_at: Timestamp,
    }
}

table! {
    /// A consent, as it was handed in.
    burden_consent "burden_consent" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BurdenConsentId,
        pub asset_id: AssetId,
        /// Whose right it is.
        pub organisation_id: OrganisationId,
        pub kind: ConsentKind,
        /// What it cures; nothing for a co-owner's.
        pub burden_id: Option<BurdenId>,
        /// Who consents; a co-owner by his name among the owners.
        pub given_by: String,
        /// The codes of the deeds it is for, [`IntendedDeed`].
        pub deeds: sea_orm::JsonValue,
        /// The first and the last day on which it holds.
        pub valid_from: NaiveDate,
        pub valid_until: Option<NaiveDate>,
        pub price_goes: Option<PledgedPrice>,
        pub document: sea_orm::JsonValue,
        pub recorded_by: PersonId,
        pub recorded_at: Timestamp,
    }
}

table! {
    /// That a consent was taken back.
    consent_withdrawal "consent_withdrawal" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consent_id: BurdenConsentId,
        pub reason: String,
        pub withdrawn_by: PersonId,
        pub withdrawn_at: Timestamp,
    }
}

table! {
    /// What the owners of a right agreed on, version after version; the last holds.
    owners_agreement "owners_agreement" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OwnersAgreementId,
        pub asset_id: AssetId,
        pub organisation_id: OrganisationId,
        pub version: i64,
        /// Which owners may do which deeds alone.
        pub clauses: sea_orm::JsonValue,
        pub in_force_from: NaiveDate,
        pub document: sea_orm::JsonValue,
        pub put_by: PersonId,
        pub put_at: Timestamp,
    }
}
