//! What is said of burdens, consents and agreements of owners.

use chrono::{DateTime, NaiveDate, Utc};
use entity::Timestamp;
use entity::achievements::StatusSource;
use entity::encumbrances::{
    BurdenKind, BurdenStepKind, ConsentKind, IntendedDeed, PledgedPrice, burden_consent, consent_withdrawal, owners_agreement,
};
use entity::ids::{AssetId, BurdenConsentId, BurdenId};
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::{Burden, Consent, Finding, OwnersClause, stands};
use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A burden on a right (权利负担).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EncumbranceView {
    /// Id.
    pub id: BurdenId,
    /// The right.
    pub asset_id: AssetId,
    /// Which kind.
    pub kind: BurdenKind,
    /// The first day it stands.
    pub since: NaiveDate,
    /// The last, where it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Its number in the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_number: Option<String>,
    /// Whether proceedings at the registry are suspended for it.
    pub suspends: bool,
    /// The paper it was entered with, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// Where it was read.
    pub source: StatusSource,
    /// When the source said so.
    pub as_of: DateTime<Utc>,
    /// When it was entered.
    pub recorded_at: DateTime<Utc>,
    /// When an officer saw it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// The first day it did not stand any more, once it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_on: Option<NaiveDate>,
    /// What lifted it, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifting_document: Option<DocumentRef>,
    /// Whether it stands, as of the instant that was asked for.
    pub stands: bool,
}

impl EncumbranceView {
    /// Of a burden as of an instant.
    pub fn of(held: Burden, at: Timestamp) -> Result<Self, Problem> {
        let stands = stands(&held, shanghai_date(at));
        let (seen, lifted) = (held.step(BurdenStepKind::Seen), held.step(BurdenStepKind::Lifted));
        let (seen_at, lifted_on) = (seen.map(|step| step.made_at), lifted.and_then(|step| step.lifted_on));
        let lifting_document = DocumentRef::kept(lifted.and_then(|step| step.document.as_ref()))?;
        let row = held.row;
        Ok(Self {
            id: row.id,
            asset_id: row.asset_id,
            kind: row.kind,
            since: row.since,
            until: row.until,
            holder: row.holder,
            registry_number: row.registry_number,
            suspends: row.suspends,
            document: DocumentRef::kept(row.document.as_ref())?,
            source: row.source,
            as_of: row.as_of,
            recorded_at: row.recorded_at,
            seen_at,
            lifted_on,
            lifting_document,
            stands,
        })
    }
}

impl Tagged for EncumbranceView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A consent that cures a burden, or of a co-owner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EncumbranceConsentView {
    /// Id.
    pub id: BurdenConsentId,
    /// The right.
    pub asset_id: AssetId,
    /// Whose it is.
    pub kind: ConsentKind,
    /// The burden it cures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burden_id: Option<BurdenId>,
    /// Who consents.
    pub given_by: String,
    /// What it is for.
    pub deeds: Vec<IntendedDeed>,
    /// The first day on which it holds.
    pub valid_from: NaiveDate,
    /// The last, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// Where the price goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_goes: Option<PledgedPrice>,
    /// The consent, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// When it was handed in.
    pub recorded_at: DateTime<Utc>,
    /// When it was taken back, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<String>,
}

impl EncumbranceConsentView {
    /// Of a consent, and that it was taken back.
    pub fn of((row, back): (burden_consent::Model, Option<consent_withdrawal::Model>)) -> Result<Self, Problem> {
        let Consent { row, deeds } = Consent::of(row)?;
        let (withdrawn_at, withdrawal_reason) = back.map(|back| (back.withdrawn_at, back.reason)).unzip();
        Ok(Self {
            id: row.id,
            asset_id: row.asset_id,
            kind: row.kind,
            burden_id: row.burden_id,
            given_by: row.given_by,
            deeds,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            price_goes: row.price_goes,
            document: DocumentRef::kept(Some(&row.document))?,
            recorded_at: row.recorded_at,
            withdrawn_at,
            withdrawal_reason,
        })
    }
}

impl Tagged for EncumbranceConsentView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// What the owners of a right agreed on (共有人约定).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnersAgreementView {
    /// The right.
    pub asset_id: AssetId,
    /// Who signs which deeds.
    pub clauses: Vec<OwnersClause>,
    /// The first day it is in force.
    pub in_force_from: NaiveDate,
    /// The agreement, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// When it was entered.
    pub put_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl OwnersAgreementView {
    /// Of its row.
    pub fn of(row: owners_agreement::Model) -> Result<Self, Problem> {
        Ok(Self {
            asset_id: row.asset_id,
            clauses: serde_json::from_value(row.clauses).map_err(|_| Code::Internal)?,
            in_force_from: row.in_force_from,
            document: DocumentRef::kept(Some(&row.document))?,
            put_at: row.put_at,
            version: row.version,
        })
    }
}

impl Tagged for OwnersAgreementView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// One thing that stands in the way of a deed, or is to be disclosed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeedFinding {
    /// The burden; absent where it is that others own the right too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encumbrance_id: Option<BurdenId>,
    /// Its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BurdenKind>,
    /// Whether it stops the deed; otherwise it is disclosed.
    pub blocks: bool,
    /// Stable code.
    #[schema(example = "pledged")]
    pub code: String,
    /// The rule it follows from.
    #[schema(example = "CC art. 444")]
    pub rule: String,
    /// What it says, in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// What cures it, in Chinese.
    pub cure_zh: String,
    /// In English.
    pub cure_en: String,
    /// The owners whose consent is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl From<&Finding> for DeedFinding {
    fn from(found: &Finding) -> Self {
        let said = found.said;
        Self {
            encumbrance_id: found.burden.map(|(id, _)| id),
            kind: found.burden.map(|(_, kind)| kind),
            blocks: found.blocks,
            code: said.code.into(),
            rule: said.rule.into(),
            zh: said.zh.into(),
            en: said.en.into(),
            cure_zh: said.cure_zh.into(),
            cure_en: said.cure_en.into(),
            missing: found.missing.clone(),
        }
    }
}

/// What is entered of a right, and what it says to a deed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeedFindings {
    /// The deed.
    pub deed: IntendedDeed,
    /// Whether nothing that is entered stops it.
    pub allowed: bool,
    /// What stands in its way or is to be disclosed.
    pub findings: Vec<DeedFinding>,
    /// The burdens whose source was asked too long ago.
    pub stale: Vec<BurdenId>,
}

impl DeedFindings {
    /// Of what was found.
    pub fn of(deed: IntendedDeed, found: &[Finding], stale: Vec<BurdenId>) -> Self {
        let allowed = found.iter().all(|finding| !finding.blocks);
        Self { deed, allowed, findings: found.iter().map(DeedFinding::from).collect(), stale }
    }
}
