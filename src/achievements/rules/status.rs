//! Recording what the legal status of a right was at an instant.

use chrono::{DateTime, Utc};
use entity::achievements::{AssetKind, LegalStatus, StatusSource, asset, legal_status};
use entity::ids::{DocumentId, LegalStatusId, PersonId};
use entity::{Timestamp, micros};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::problem::{Faults, Problem};

/// A reading of the legal status.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLegalStatus {
    /// The status (法律状态).
    pub status: LegalStatus,
    /// When the source said so; never in the future.
    #[schema(example = "2026-11-20T09:00:00+08:00")]
    pub as_of: DateTime<Utc>,
    /// Where it was read.
    pub source: StatusSource,
    /// The extract or certificate, uploaded before; a certificate cannot do without.
    pub evidence_document_id: Option<DocumentId>,
}

/// The reading as it will be kept.
pub fn record_status(
    held: &asset::Model,
    new: &NewLegalStatus,
    id: LegalStatusId,
    by: PersonId,
    now: Timestamp,
) -> Result<legal_status::Model, Problem> {
    let as_of = micros(new.as_of);
    Faults::new()
        .require(
            fits(held.kind, new.status),
            "/status",
            "not_of_kind",
            "该法律状态不适用于此类标的",
            "this legal status does not belong to this kind of right",
        )
        .require(as_of <= now, "/as_of", "future", "不得晚于当前时间", "must not lie in the future")
        .require(as_of >= DateTime::UNIX_EPOCH, "/as_of", "range", "不得早于 1970 年", "must not lie before 1970")
        .require(
            new.source != StatusSource::Certificate || new.evidence_document_id.is_some(),
            "/evidence_document_id",
            "required",
            "来源为证书的须附证明文件",
            "a certificate must be attached",
        )
        .done()?;
    Ok(legal_status::Model {
        id,
        asset_id: held.id,
        status: new.status,
        as_of,
        source: new.source,
        evidence_document_id: new.evidence_document_id,
        recorded_by: by,
        recorded_at: now,
    })
}

/// Whether a right of this kind can have this status.
pub fn fits(kind: AssetKind, status: LegalStatus) -> bool {
    use LegalStatus::{
        Abandoned, AnnuityGrace, Expired, Invalidated, InvalidationPending, PartiallyInvalid, Registered, Rejected, SecretPatent,
        Suspended, Unregistered, Withdrawn,
    };
    match kind {
        AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design | AssetKind::PatentApplication => {
            !matches!(status, Registered | Unregistered)
        }
        AssetKind::Software => matches!(status, Registered | Unregistered | Suspended | Invalidated | Abandoned | Expired),
        AssetKind::IcLayout => matches!(status, Registered | Suspended | InvalidationPending | Invalidated | Abandoned | Expired),
        AssetKind::PlantVariety => !matches!(status, Unregistered | AnnuityGrace | PartiallyInvalid | SecretPatent),
        AssetKind::TradeSecret | AssetKind::OtherTech => matches!(status, Unregistered | Suspended | Abandoned),
        AssetKind::BioNewDrug => matches!(status, Registered | Unregistered | Suspended | Rejected | Withdrawn | Abandoned),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-11-23T01:00:00Z".parse().unwrap()
    }

    fn patent() -> asset::Model {
        let id = Uuid::from_u128(1);
        asset::Model {
            id: id.into(),
            achievement_id: id.into(),
            organisation_id: id.into(),
            kind: AssetKind::Invention,
            title: "x".into(),
            title_en: None,
            identifier_scheme: None,
            identifier: None,
            identifier_raw: None,
            publication_number: None,
            filed_on: None,
            granted_on: None,
            details: serde_json::Value::Null,
            expires_on: None,
            version: 1,
            created_at: now(),
        }
    }

    fn record(new: &NewLegalStatus) -> Result<legal_status::Model, Problem> {
        let id = Uuid::from_u128(2);
        record_status(&patent(), new, id.into(), id.into(), now())
    }

    fn reading() -> NewLegalStatus {
        NewLegalStatus { status: LegalStatus::Granted, as_of: now(), source: StatusSource::Registry, evidence_document_id: None }
    }

    #[test]
    fn a_reading_is_kept_as_it_was_taken() {
        let row = record(&reading()).unwrap();
        assert_eq!((row.status, row.as_of, row.recorded_at), (LegalStatus::Granted, now(), now()));
    }

    #[test]
    fn nobody_reads_the_future() {
        let early = NewLegalStatus { as_of: now() + TimeDelta::seconds(1), ..reading() };
        assert_eq!(record(&early).unwrap_err().errors[0].pointer, "/as_of");
    }

    #[test]
    fn a_certificate_is_shown() {
        let bare = NewLegalStatus { source: StatusSource::Certificate, ..reading() };
        assert_eq!(record(&bare).unwrap_err().errors[0].pointer, "/evidence_document_id");
        let shown = NewLegalStatus { evidence_document_id: Some(Uuid::from_u128(3).into()), ..bare };
        assert!(record(&shown).is_ok());
    }

    #[test]
    fn a_patent_is_not_merely_registered() {
        let wrong = NewLegalStatus { status: LegalStatus::Registered, ..reading() };
        assert_eq!(record(&wrong).unwrap_err().errors[0].code, "not_of_kind");
    }
}
