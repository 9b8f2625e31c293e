//! What a right must say of itself: its number, its owners, the fields of its kind.

mod number;
mod owners;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::{achievement, asset, asset_owner};
use entity::ids::{AchievementId, AssetId, OrganisationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use owners::NewOwner;

use super::details::Distances;
use super::{AssetDetails, Change, Warning, day_in_shanghai, details, is_over, term};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Rulebook, RulebookError};

/// Longest number as typed.
const LONGEST_NUMBER: usize = 100;

/// A right to register in an achievement.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAsset {
    /// Title, as in the register.
    #[schema(min_length = 1, max_length = 300, example = "隐式编程规则过滤方法及装置")]
    pub title: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 500)]
    pub title_en: Option<String>,
    /// The number its registry gave it, in any usual spelling; none for what no registry keeps.
    #[schema(max_length = 100, example = "ZL 2018 1 0953480.1")]
    pub identifier: Option<String>,
    /// The fields of its kind.
    pub details: AssetDetails,
    /// Its owners (权利人); their shares make a whole.
    #[schema(min_items = 1, max_items = 20)]
    pub owners: Vec<NewOwner>,
}

/// A change to a right: what is left out stays as it is. Its kind stays too, but that an application
/// becomes the patent it is granted as.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendAsset {
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300, example = "隐式编程规则过滤方法及装置")]
    pub title: Option<String>,
    /// Title in English; `null` takes it away.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub title_en: Change<String>,
    /// The number its registry gave it; `null` takes it away.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub identifier: Change<String>,
    /// The fields of its kind; replaces them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<AssetDetails>,
    /// Its owners; replaces them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 20)]
    pub owners: Option<Vec<NewOwner>>,
}

/// A right and its owners as they are stored.
pub type AssetRows = (asset::Model, Vec<asset_owner::Model>);

/// What the column `details` of an asset holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The fields of its kind, numbers and symbols in their canonical forms.
    pub details: AssetDetails,
    /// What a reviewer should look at.
    pub warnings: Vec<Warning>,
    /// The rule its term follows from, if it has one.
    pub term_source: Option<String>,
}

/// Reads what is kept of an asset.
pub fn kept(asset: &asset::Model) -> Result<Kept, Problem> {
    serde_json::from_value(asset.details.clone()).map_err(|_| Code::Internal.into())
}

/// Where a right stands in the market, whatever it says of itself.
struct Place {
    id: AssetId,
    achievement: AchievementId,
    organisation: OrganisationId,
    version: i64,
    created_at: Timestamp,
}

/// The right as it will stand.
pub fn new_asset(id: AssetId, of: &achievement::Model, asked: NewAsset, rulebook: &Rulebook, now: Timestamp) -> Result<AssetRows, Problem> {
    let place = Place { id, achievement: of.id, organisation: of.organisation_id, version: 1, created_at: now };
    judge(&place, asked, rulebook, day_in_shanghai(now))
}

/// The right as it will stand after a change.
pub fn amend_asset(
    held: &asset::Model,
    owners: &[asset_owner::Model],
    asked: AmendAsset,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<AssetRows, Problem> {
    let details = match asked.details {
        None => kept(held)?.details,
        Some(details) if details.may_follow(held.kind) => details,
        Some(_) => {
            return Err(Code::Invalid.at("/details/kind", "fixed", "标的种类不可更改", "the kind of a right does not change"));
        }
    };
    let standing = || {
        let owner = |owner: &asset_owner::Model| NewOwner {
            name: owner.name.clone(),
            share_bp: owner.share_bp,
            is_holder: owner.organisation_id.is_some(),
        };
        owners.iter().map(owner).collect()
    };
    let merged = NewAsset {
        title: asked.title.unwrap_or_else(|| held.title.clone()),
        title_en: asked.title_en.over(held.title_en.clone()),
        identifier: asked.identifier.over(held.identifier_raw.clone()),
        details,
        owners: asked.owners.unwrap_or_else(standing),
    };
    let place = Place {
        id: held.id,
        achievement: held.achievement_id,
        organisation: held.organisation_id,
        version: held.version + 1,
        created_at: held.created_at,
    };
    judge(&place, merged, rulebook, day_in_shanghai(now))
}

fn judge(place: &Place, asked: NewAsset, rulebook: &Rulebook, today: NaiveDate) -> Result<AssetRows, Problem> {
    let NewAsset { title, title_en, identifier, mut details, owners } = asked;
    let mut faults = Faults::new();
    faults.text("/title", &title, 300).optional_text("/title_en", title_en.as_ref(), 500).require(
        identifier.as_ref().is_none_or(|raw| raw.chars().count() <= LONGEST_NUMBER),
        "/identifier",
        "text",
        "不得超过 100 个字符",
        "must not exceed 100 characters",
    );
    let unruled = |error: RulebookError| Code::Internal.with("reason", error.to_string());
    let distances = Distances::on(today, rulebook).map_err(unruled)?;
    let mut warnings = details.settle(&mut faults, today, &distances);
    let owners = owners::owned(place.id, place.organisation, &owners, &mut faults);
    faults.done()?;

    let number = number::identified(&details, identifier.as_deref().unwrap_or_default(), today)?;
    let end = term(&details, rulebook).map_err(unruled)?;
    if let Some(number) = &number {
        warnings.extend(number.warnings.iter().cloned());
        warnings.extend(number::other_year(&details, number));
        warnings.extend(details::national_phase(&details, number.scheme, today, &distances));
    }
    if end.as_ref().is_some_and(|end| is_over(details.kind(), end.expires_on, today)) {
        warnings.push(Warning::new("term_over", "保护期已届满，不能挂牌", "its term is over: it cannot be listed"));
    }
    let mut row = asset::Model {
        id: place.id,
        achievement_id: place.achievement,
        organisation_id: place.organisation,
        kind: details.kind(),
        title,
        title_en,
        identifier_scheme: None,
        identifier: None,
        identifier_raw: None,
        publication_number: details.publication_number().map(ToOwned::to_owned),
        filed_on: details.filed_on(),
        granted_on: details.granted_on(),
        details: serde_json::Value::Null,
        expires_on: end.as_ref().map(|end| end.expires_on),
        version: place.version,
        created_at: place.created_at,
    };
    if let Some(number) = number {
        row.identifier_scheme = Some(number.scheme.into());
        row.identifier = Some(number.canonical);
        row.identifier_raw = Some(number.raw);
    }
    let kept = Kept { details, warnings, term_source: end.map(|end| end.source) };
    row.details = serde_json::to_value(kept).map_err(|_| Code::Internal)?;
    Ok((row, owners))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::achievements::rules::{DrugClass, NmpaStage, RightsHolder};
    use crate::rulebook::rules::shipped::RULEBOOK;
    use entity::achievements::AssetKind;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-11-23T01:00:00Z".parse().unwrap()
    }

    fn of() -> achievement::Model {
        let id = Uuid::from_u128(1);
        achievement::Model {
            id: id.into(),
            organisation_id: id.into(),
            title: "x".into(),
            title_en: None,
            summary: "x".into(),
            summary_en: None,
            field: "01".into(),
            trl: None,
            completers: Value::Null,
            state_funded: false,
            created_by: id.into(),
            version: 1,
            created_at: now(),
        }
    }

    #[allow(clippy::needless_pass_by_value)] // Reads better at the call.
    fn register(identifier: Option<&str>, details: Value) -> Result<AssetRows, Problem> {
        let asked = json!({
            "title": "一种方法",
            "identifier": identifier,
            "details": details,
            "owners": [{"name": "浙江大学", "share_bp": 10_000, "is_holder": true}],
        });
        let asked: NewAsset = serde_json::from_value(asked).unwrap();
        new_asset(Uuid::from_u128(2).into(), &of(), asked, &RULEBOOK, now())
    }

    fn invention() -> Value {
        json!({
            "kind": "invention", "filed_on": "2020-06-19", "granted_on": "2022-01-04", "publication_number": "cn 111738434 b",
            "ipc": ["g06n3/08", "G06N 3/04"], "inventors": ["王某"],
        })
    }

    fn with(mut details: Value, field: &str, value: Value) -> Value {
        details[field] = value;
        details
    }

    fn pointers(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    fn warnings(row: &asset::Model) -> Vec<String> {
        kept(row).unwrap().warnings.into_iter().map(|warning| warning.code).collect()
    }

    #[test]
    fn a_patent_is_kept_in_canonical_form() {
        let (row, owners) = register(Some("ZL 2020 1 0566088.9"), invention()).unwrap();
        assert_eq!(row.kind, AssetKind::Invention);
        assert_eq!(row.identifier_scheme.as_deref(), Some("cn_application"));
        assert_eq!(row.identifier.as_deref(), Some("202010566088.9"));
        assert_eq!(row.identifier_raw.as_deref(), Some("ZL 2020 1 0566088.9"));
        assert_eq!(row.publication_number.as_deref(), Some("CN111738434B"));
        assert_eq!(row.expires_on.unwrap().to_string(), "2040-06-19");
        assert_eq!(row.details["details"]["ipc"], json!(["G06N 3/08", "G06N 3/04"]));
        assert!(warnings(&row).is_empty());
        assert_eq!(owners.len(), 1);
        assert_eq!(owners[0].organisation_id, Some(of().organisation_id));
    }

    #[test]
    fn a_wrong_number_says_what_was_expected() {
        for (number, code, expected) in [
            ("ZL202010566088.8", "bad_check_digit", Some("9")),
            ("202010566088", "missing_check_digit", Some("9")),
            ("ZL20221955451.7", "bad_length", Some("13 | 9")),
            ("202322865413.3", "bad_kind", Some("1 | 8")),
            ("202710566088.9", "future", None),
            ("", "empty", None),
        ] {
            let problem = register(Some(number), invention()).unwrap_err();
            assert_eq!(problem.code, Code::IdentifierInvalid, "{number}");
            assert_eq!(problem.facts["reason_code"], code, "{number}");
            assert_eq!(problem.facts.get("expected").and_then(Value::as_str), expected, "{number}");
            assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code.as_str()), ("/identifier", code));
        }
        assert_eq!(register(None, invention()).unwrap_err().code, Code::IdentifierInvalid);
    }

    #[test]
    fn zl_needs_a_grant_which_a_date_or_a_publication_tells() {
        let pending = with(with(invention(), "granted_on", Value::Null), "publication_number", Value::Null);
        assert_eq!(register(Some("ZL202010566088.9"), pending.clone()).unwrap_err().facts["reason_code"], "bad_form");
        assert_eq!(warnings(&register(Some("CN202010566088.9"), pending).unwrap().0), ["not_granted"]);
        let published = with(invention(), "granted_on", Value::Null);
        assert_eq!(warnings(&register(Some("ZL202010566088.9"), published).unwrap().0), ["grant_date_missing"]);
    }

    #[test]
    fn everything_wrong_with_the_details_is_said_at_once() {
        let wrong = json!({
            "kind": "utility_model", "filed_on": "2027-01-01", "granted_on": "2020-01-01", "publication_number": "CN111738434B",
            "ipc": ["A61K"], "ipc_edition": "2026", "inventors": [],
        });
        let problem = register(Some("202322865413.3"), wrong).unwrap_err();
        assert_eq!(
            pointers(&problem),
            [
                "/details/filed_on",
                "/details/granted_on",
                "/details/ipc/0",
                "/details/ipc_edition",
                "/details/inventors",
                "/details/publication_number"
            ]
        );
    }

    #[test]
    fn applications_have_one_scheme_and_no_grant() {
        let application = json!({"kind": "patent_application", "filed_on": "2021-02-09", "ipc": ["H04M 11/00"], "inventors": ["王某"]});
        let (row, _) = register(Some("PCT/CN2021/075891"), application.clone()).unwrap();
        assert_eq!(row.identifier_scheme.as_deref(), Some("pct"));
        assert_eq!(warnings(&row), ["national_phase_closing"]);
        let wo = with(application.clone(), "publication_number", "WO/2021/075891 A1".into());
        assert_eq!(register(Some("PCT/CN2021/075891"), wo).unwrap().0.publication_number.as_deref(), Some("WO2021/075891A1"));
        for (field, value, pointer) in [
            ("publication_number", json!("CN116911408B"), "/details/publication_number"),
            ("locarno", json!(["14-02"]), "/details/locarno"),
            ("ipc", json!([]), "/details/ipc"),
            ("priority_on", json!("2019-01-01"), "/details/priority_on"),
        ] {
            let problem = register(Some("PCT/CN2021/075891"), with(application.clone(), field, value)).unwrap_err();
            assert_eq!(pointers(&problem), [pointer]);
        }
    }

    #[test]
    fn a_number_of_another_year_is_only_odd() {
        let divisional = with(invention(), "filed_on", "2018-06-19".into());
        assert_eq!(warnings(&register(Some("202010566088.9"), divisional).unwrap().0), ["filing_year_differs"]);
    }

    #[test]
    fn software_may_be_without_a_number_and_a_short_one_is_odd() {
        let software = json!({"kind": "software", "version": "V1.0", "completed_on": "2020-05-01", "published_on": "2021-01-01"});
        let (row, _) = register(None, software.clone()).unwrap();
        assert_eq!((row.identifier, row.expires_on.unwrap().to_string()), (None, "2071-12-31".to_owned()));
        let (row, _) = register(Some("2021SR459718"), software.clone()).unwrap();
        assert_eq!(warnings(&row), ["short_serial"]);
        let backwards = with(software, "published_on", "2020-04-30".into());
        assert_eq!(pointers(&register(None, backwards).unwrap_err()), ["/details/published_on"]);
    }

    #[test]
    fn a_layout_registered_too_late_is_refused() {
        let layout = json!({"kind": "ic_layout", "filed_on": "2008-06-01", "first_exploited_on": "2006-06-01", "created_on": "2006-01-01"});
        let (row, _) = register(Some("BS.08500145.8"), layout.clone()).unwrap();
        assert_eq!(warnings(&row), ["doubtful_check_digit", "term_over"]);
        let late = with(layout, "filed_on", "2008-06-02".into());
        assert_eq!(pointers(&register(Some("BS.08500145.7"), late).unwrap_err()), ["/details/filed_on"]);
    }

    #[test]
    fn varieties_are_read_by_their_authority() {
        let variety = |authority: &str| json!({"kind": "plant_variety", "species": "杉木", "authority": authority, "woody_or_vine": true, "granted_on": "2020-12-31"});
        let (row, _) = register(Some("2019-0012"), variety("forestry")).unwrap();
        assert_eq!((row.identifier_scheme.as_deref(), row.identifier.as_deref()), (Some("plant_variety_right"), Some("20190012")));
        assert!(register(Some("CNA20191006012"), variety("agriculture")).is_ok());
        assert!(register(Some("20190012"), variety("agriculture")).is_err());
        assert!(register(None, variety("forestry")).is_err());
        assert!(register(None, with(variety("forestry"), "granted_on", Value::Null)).is_ok());
    }

    #[test]
    fn a_secret_has_neither_number_nor_substance() {
        let secret = json!({"kind": "trade_secret", "public_abstract": "提高良率", "confidentiality_evidence": Uuid::from_u128(9)});
        let (row, _) = register(None, secret.clone()).unwrap();
        assert_eq!(kept(&row).unwrap().details.document(), Some(Uuid::from_u128(9).into()));
        assert!(register(Some("202010566088.9"), secret.clone()).is_err());
        let told = with(secret, "substance", "850 度退火".into());
        assert!(serde_json::from_value::<AssetDetails>(told).is_err());
    }

    #[test]
    fn numbers_of_drugs_have_their_forms() {
        let drug = |stage, acceptance: Option<&str>, approval: Option<&str>| {
            let details = AssetDetails::BioNewDrug {
                stage,
                drug_class: DrugClass::Chemical,
                acceptance_number: acceptance.map(Into::into),
                approval_number: approval.map(Into::into),
                authorisation_holder: None,
            };
            register(None, serde_json::to_value(details).unwrap()).is_ok()
        };
        assert!(drug(NmpaStage::Phase2, Some("CXHL2300123"), None));
        assert!(drug(NmpaStage::Approved, None, Some("国药准字H20230001")));
        assert!(drug(NmpaStage::Approved, None, Some("国药准字HJ20230001")));
        assert!(!drug(NmpaStage::Approved, Some("CXHL2300123"), None));
        for wrong in ["CXH2300123", "CXHL230012", "中药A2300123", "cxhl2300123", ""] {
            assert!(!drug(NmpaStage::Preclinical, Some(wrong), None), "{wrong}");
        }
        for wrong in ["H20230001", "国药准字20230001", "国药准字HJX20230001", "国药准字H2023000"] {
            assert!(!drug(NmpaStage::Approved, None, Some(wrong)), "{wrong}");
        }
    }

    #[test]
    fn a_change_is_judged_as_a_whole() {
        let (held, owners) = register(Some("202010566088.9"), invention()).unwrap();
        let amend = |change: Value| amend_asset(&held, &owners, serde_json::from_value(change).unwrap(), &RULEBOOK, now());
        let (next, same) = amend(json!({"title": "另一种方法"})).unwrap();
        assert_eq!(next, asset::Model { title: "另一种方法".into(), version: 2, ..held.clone() });
        assert_eq!(same, owners);
        assert_eq!(amend(json!({"identifier": null})).unwrap_err().code, Code::IdentifierInvalid);
        let software = json!({"kind": "software", "version": "V1.0", "completed_on": "2020-05-01"});
        assert_eq!(pointers(&amend(json!({"details": software})).unwrap_err()), ["/details/kind"]);
    }

    #[test]
    fn a_granted_application_becomes_the_patent() {
        let application = json!({"kind": "patent_application", "filed_on": "2020-06-19", "ipc": ["G06N 3/08"], "inventors": ["王某"]});
        let (held, owners) = register(Some("202010566088.9"), application).unwrap();
        let change = AmendAsset {
            title: None,
            title_en: Change::Keep,
            identifier: Change::Keep,
            details: Some(serde_json::from_value(invention()).unwrap()),
            owners: None,
        };
        let (next, _) = amend_asset(&held, &owners, change, &RULEBOOK, now()).unwrap();
        assert_eq!((next.kind, next.identifier), (AssetKind::Invention, held.identifier));
    }

    #[test]
    fn details_say_which_rights_holder_they_mean() {
        let software = json!({"kind": "software", "version": "V1.0", "completed_on": "2020-05-01", "rights_holder": "natural_person"});
        let read: AssetDetails = serde_json::from_value(software).unwrap();
        assert!(matches!(read, AssetDetails::Software { rights_holder: RightsHolder::NaturalPerson, .. }));
    }
}
