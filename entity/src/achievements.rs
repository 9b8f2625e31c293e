//! Achievements and the assets (rights) in them.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::ids::{AchievementId, AssetId, DocumentId, LegalStatusId, OrganisationId, PersonId};

codes! {
    /// The kind of right (知识产权类型).
    AssetKind {
        Invention, UtilityModel, Design, PatentApplication, Software, IcLayout, PlantVariety,
        TradeSecret, OtherTech, BioNewDrug,
    }
}

codes! {
    /// Legal status of a right (专利法律状态).
    LegalStatus {
        FiledUnpublished, Published, InExam, Granted, AnnuityGrace, Suspended, InvalidationPending,
        PartiallyInvalid, Invalidated, CeasedNonpayment, Abandoned, Expired, Rejected, Withdrawn,
        DeemedWithdrawn, SecretPatent,
        /// Registered, for software, layouts and varieties.
        Registered,
        /// Held as a secret, for rights no registry keeps.
        Unregistered,
    }
}

codes! {
    /// Where a legal status was read.
    StatusSource { Registry, Certificate, HolderStatement }
}

table! {
    achievement "achievement" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AchievementId,
        pub organisation_id: OrganisationId,
        pub title: String,
        pub title_en: Option<String>,
        pub summary: String,
        pub summary_en: Option<String>,
        /// Technical field, `01`..`11` of the contract statistics.
        pub field: String,
        pub trl: Option<i32>,
        pub completers: sea_orm::JsonValue,
        pub state_funded: bool,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    asset "asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AssetId,
        pub achievement_id: AchievementId,
        pub organisation_id: OrganisationId,
        pub kind: AssetKind,
        pub title: String,
        pub title_en: Option<String>,
        pub identifier_scheme: Option<String>,
        pub identifier: Option<String>,
        pub identifier_raw: Option<String>,
        pub publication_number: Option<String>,
        pub filed_on: Option<NaiveDate>,
        pub granted_on: Option<NaiveDate>,
        /// Fields of the kind, with IPC or Locarno symbols, inventors and warnings.
        pub details: sea_orm::JsonValue,
        pub expires_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    asset_owner "asset_owner" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub name: String,
        pub organisation_id: Option<OrganisationId>,
        pub share_bp: i32,
    }
}

table! {
    /// A reading of the legal status at an instant; never changed, only followed by a newer one.
    legal_status "legal_status" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LegalStatusId,
        pub asset_id: AssetId,
        pub status: LegalStatus,
        pub as_of: Timestamp,
        pub source: StatusSource,
        pub evidence_document_id: Option<DocumentId>,
        pub recorded_by: PersonId,
        pub recorded_at: Timestamp,
    }
}
