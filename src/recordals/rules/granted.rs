//! What an application becomes once it is granted: the patent, with the same owners and the same licences (SPC-TC art. 29).

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::{LegalStatus, StatusSource, asset};
use entity::ids::{DocumentId, PersonId};
use entity::recordals::patent_grant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::achievements::rules::{AmendAsset, AssetDetails, Change, NewLegalStatus, kept};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::start_of;

/// As which patent an application is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatentKind {
    /// 发明.
    Invention,
    /// 实用新型.
    UtilityModel,
    /// 外观设计.
    Design,
}

/// That an application was granted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPatentGrant {
    /// As which patent.
    pub kind: PatentKind,
    /// The day of the announcement of grant, in Shanghai.
    #[schema(example = "2026-05-12")]
    pub granted_on: NaiveDate,
    /// The number of the patent.
    #[schema(min_length = 1, max_length = 100, example = "ZL 2020 1 0566088.9")]
    pub patent_number: String,
    /// The number of the announcement of grant.
    #[schema(min_length = 1, max_length = 40, example = "CN111738434B")]
    pub publication_number: String,
    /// The certificate.
    pub document_id: DocumentId,
}

/// The application as a change to the right makes a patent of it; what is not an application is not granted.
pub fn change(held: &asset::Model, new: &NewPatentGrant, today: NaiveDate) -> Result<AmendAsset, Problem> {
    let AssetDetails::PatentApplication { filed_on, ipc, ipc_edition, locarno, inventors, .. } = kept(held)?.details else {
        return Err(Code::WrongState.with("state", held.kind).with("allowed", Vec::<&str>::new()));
    };
    let (zh, en) = ("须在申请日之后且不晚于今日", "must be after the day of filing and no later than today");
    Faults::new().require(filed_on < new.granted_on && new.granted_on <= today, "/granted_on", "range", zh, en).done()?;
    let (granted_on, publication_number) = (Some(new.granted_on), Some(new.publication_number.clone()));
    let details = match new.kind {
        PatentKind::Invention => {
            AssetDetails::Invention { filed_on, granted_on, publication_number, ipc, ipc_edition, inventors, compensation_days: 0 }
        }
        PatentKind::UtilityModel => AssetDetails::UtilityModel { filed_on, granted_on, publication_number, ipc, ipc_edition, inventors },
        PatentKind::Design => AssetDetails::Design { filed_on, granted_on, publication_number, locarno, inventors },
    };
    Ok(AmendAsset {
        title: None,
        title_en: Change::Keep,
        identifier: Change::Set(new.patent_number.clone()),
        details: Some(details),
        owners: None,
    })
}

/// A refusal of the patent, pointing to where the grant says what is wrong.
pub fn pointing(refusal: Problem) -> Problem {
    let mut refusal = refusal;
    for fault in &mut refusal.errors {
        fault.pointer = match fault.pointer.as_str() {
            "/identifier" => "/patent_number".to_owned(),
            pointer => pointer.strip_prefix("/details").unwrap_or(pointer).to_owned(),
        };
    }
    refusal
}

/// What the certificate says of its legal status: granted, as of the start of that day, or since the last reading where that is later.
pub fn reading(new: &NewPatentGrant, last: Option<Timestamp>, now: Timestamp) -> NewLegalStatus {
    let as_of = last.map_or(start_of(new.granted_on), |last| last.max(start_of(new.granted_on))).min(now);
    NewLegalStatus { status: LegalStatus::Granted, as_of, source: StatusSource::Certificate, evidence_document_id: Some(new.document_id) }
}

/// That it was granted, and what it was before.
pub fn recorded(
    before: &asset::Model,
    new: &NewPatentGrant,
    document: Value,
    by: PersonId,
    now: Timestamp,
) -> Result<patent_grant::Model, Problem> {
    Ok(patent_grant::Model {
        asset_id: before.id,
        application: serde_json::to_value(before).map_err(|_| Code::Internal)?,
        granted_on: new.granted_on,
        patent_number: new.patent_number.clone(),
        publication_number: new.publication_number.clone(),
        document,
        recorded_by: by,
        recorded_at: now,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::achievements::AssetKind;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{at, day, person};
    use super::*;
    use crate::achievements::rules::{AssetRows, amend_asset, new_asset};
    use crate::listings::rules::tests::achievement;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn application() -> AssetRows {
        let asked = json!({
            "title": "一种方法",
            "identifier": "202010566088.9",
            "details": {"kind": "patent_application", "filed_on": "2020-06-19", "ipc": ["G06N 3/08"], "inventors": ["王某"]},
            "owners": [{"name": "浙江大学", "share_bp": 10_000, "is_holder": true}],
        });
        new_asset(Uuid::from_u128(2).into(), &achievement(), serde_json::from_value(asked).unwrap(), &RULEBOOK, at(0)).unwrap()
    }

    fn grant(kind: PatentKind, granted_on: &str) -> NewPatentGrant {
        NewPatentGrant {
            kind,
            granted_on: day(granted_on),
            patent_number: "ZL 2020 1 0566088.9".into(),
            publication_number: "CN111738434B".into(),
            document_id: DocumentId(Uuid::from_u128(3)),
        }
    }

    #[test]
    fn an_application_becomes_the_patent_with_its_number_and_a_term() {
        let (held, owners) = application();
        let new = grant(PatentKind::Invention, "2026-02-24");
        let change = change(&held, &new, day("2026-03-02")).unwrap();
        let (patent, same) = amend_asset(&held, &owners, change, &RULEBOOK, at(0)).unwrap();
        assert_eq!((patent.id, patent.kind, same), (held.id, AssetKind::Invention, owners));
        assert_eq!((&patent.identifier, patent.granted_on), (&held.identifier, Some(day("2026-02-24"))));
        assert_eq!((held.expires_on, patent.expires_on), (None, Some(day("2040-06-19"))));
        let kept = recorded(&held, &new, json!({}), person(1), at(0)).unwrap();
        let before: asset::Model = serde_json::from_value(kept.application).unwrap();
        assert_eq!(before, held, "what it was stays known");
        assert_eq!(super::change(&patent, &new, day("2026-03-02")).unwrap_err().code, Code::WrongState, "it is granted once");
    }

    #[test]
    fn a_number_of_another_kind_is_refused() {
        let (held, owners) = application();
        let change = change(&held, &grant(PatentKind::UtilityModel, "2026-02-24"), day("2026-03-02")).unwrap();
        let problem = pointing(amend_asset(&held, &owners, change, &RULEBOOK, at(0)).unwrap_err());
        assert!(problem.errors.iter().all(|fault| matches!(fault.pointer.as_str(), "/patent_number" | "/publication_number")));
    }

    #[test]
    fn a_grant_lies_between_the_filing_and_today() {
        let (held, _) = application();
        let judged = |on: &str| change(&held, &grant(PatentKind::Invention, on), day("2026-03-02")).is_ok();
        assert_eq!(["2020-06-19", "2020-06-20", "2026-03-02", "2026-03-03"].map(judged), [false, true, true, false]);
    }

    #[test]
    fn the_reading_is_the_last() {
        let new = grant(PatentKind::Invention, "2026-02-24");
        assert_eq!(reading(&new, None, at(0)).as_of, start_of(day("2026-02-24")));
        assert_eq!(reading(&new, Some(at(-60)), at(0)).as_of, at(-60), "what was read meanwhile is older news");
    }
}
