//! What is said about licences.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AssetId, DealId, LicenceGrantId, NegotiationId, OpenLicenceId, OrganisationId, RightsGrantId};
use entity::licences::{LicenceEventKind, LicenceGrantState, LicenceMode, LicenceOrigin, licence_event, licence_grant};
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::grant::terms_of;
use super::rules::matrix::{Beside, Cure, Standing};
use super::rules::scope::ScopeTerms;
use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// A licence in the register, as its parties and officers read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceView {
    /// Id.
    pub id: LicenceGrantId,
    /// Who grants it.
    pub licensor_id: OrganisationId,
    /// Who holds it, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grantee_id: Option<OrganisationId>,
    /// What he is called.
    pub grantee_name: String,
    /// Its kind.
    pub mode: LicenceMode,
    /// How it came into the register.
    pub origin: LicenceOrigin,
    /// Where it stands; one whose days are over is `effective` still.
    pub state: LicenceGrantState,
    /// The rights.
    pub asset_ids: BTreeSet<AssetId>,
    /// How far it goes.
    pub scope: ScopeTerms,
    /// The first day on which it does not stand: its own, or the one on which a right ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// Whether its holder may grant licences under it.
    pub may_sublicense: bool,
    /// Whether it is the one licence by which a sole licensor has it used.
    pub is_proxy: bool,
    /// The licence it is under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<LicenceGrantId>,
    /// The deal that it was sold by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The sale at a negotiated price that it was sold by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The grant to who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_grant_id: Option<RightsGrantId>,
    /// The open licence that was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_licence_id: Option<OpenLicenceId>,
    /// Since when it counts here.
    pub effective_at: DateTime<Utc>,
    /// When it was ended or replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// What took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<LicenceGrantId>,
    /// Since when it is said that somebody does not keep to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach_at: Option<DateTime<Utc>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// A licence, where a single one is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceDetail {
    /// The licence.
    #[serde(flatten)]
    pub licence: LicenceView,
    /// Earlier licences beside which it stands, as its holder accepted.
    pub carve_outs: Vec<LicenceGrantId>,
    /// What somebody does who does not keep to it, as it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach: Option<String>,
    /// The contract, with the hash it had, where it did not come about here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// What shows that it was ended, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_document: Option<DocumentRef>,
    /// The licence that was given for it (交叉许可).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterpart_id: Option<LicenceGrantId>,
    /// What became of it, in order.
    pub history: Vec<LicenceStep>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["terminate_licence", "report_licence_breach"]))]
    pub allowed_deeds: Vec<String>,
}

/// Something that became of a licence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceStep {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: LicenceEventKind,
    /// Who granted it from then on.
    pub licensor_id: OrganisationId,
}

impl LicenceStep {
    /// As it is kept.
    pub fn of(row: &licence_event::Model) -> Self {
        Self { at: row.at, kind: row.kind, licensor_id: row.licensor_id }
    }
}

impl LicenceView {
    /// Of a licence and its rights.
    pub fn of(row: &licence_grant::Model, asset_ids: BTreeSet<AssetId>) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            licensor_id: row.licensor_id,
            grantee_id: row.grantee_id,
            grantee_name: row.grantee_name.clone(),
            mode: row.mode,
            origin: row.origin,
            state: row.state,
            asset_ids,
            scope: terms_of(row)?,
            ends_on: row.ends_on,
            may_sublicense: row.may_sublicense,
            is_proxy: row.is_proxy,
            parent_id: row.parent_id,
            deal_id: row.deal_id,
            negotiation_id: row.negotiation_id,
            rights_grant_id: row.rights_grant_id,
            open_licence_id: row.open_licence_id,
            effective_at: row.effective_at,
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
            superseded_by: row.superseded_by,
            breach_at: row.breach_at,
            version: row.version,
        })
    }
}

impl LicenceDetail {
    /// Of a licence and its rights, without what became of it.
    pub fn of(row: &licence_grant::Model, assets: BTreeSet<AssetId>, allowed_deeds: Vec<String>) -> Result<Self, Problem> {
        let carve_outs = serde_json::from_value(row.carve_outs.clone()).map_err(|_| Code::Internal)?;
        Ok(Self {
            licence: LicenceView::of(row, assets)?,
            carve_outs,
            breach: row.breach.clone(),
            document: DocumentRef::kept(row.document.as_ref())?,
            end_document: DocumentRef::kept(row.end_document.as_ref())?,
            counterpart_id: None,
            history: Vec::new(),
            allowed_deeds,
        })
    }
}

impl Tagged for LicenceDetail {
    fn version(&self) -> Option<i64> {
        Some(self.licence.version)
    }
}

/// Who may use a right so on a day, as the register stood at an instant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegisterAnswer {
    /// The right.
    pub asset_id: AssetId,
    /// The day asked about, in Shanghai.
    pub on: NaiveDate,
    /// As it was known then.
    pub at: DateTime<Utc>,
    /// Every licence that covers any of the use asked about.
    pub licences: Vec<AnsweredLicence>,
    /// Whether whoever owns the right may use it so himself.
    pub owner_may_use: bool,
    /// Which kinds of licence could be granted for that use, and what is in the way of the others.
    pub grantable: Vec<Grantable>,
}

/// A licence that covers any of a use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnsweredLicence {
    /// The licence.
    pub licence_id: LicenceGrantId,
    /// Its kind.
    pub mode: LicenceMode,
    /// Whether it covers all of the use, or a part.
    pub whole: bool,
    /// How far it goes.
    pub scope: ScopeTerms,
    /// The first day on which it does not stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// Whose it is; for its parties and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grantee_name: Option<String>,
}

impl AnsweredLicence {
    /// Of a licence; whose it is where that may be known.
    pub fn of(row: &licence_grant::Model, whole: bool, is_known: bool) -> Result<Self, Problem> {
        Ok(Self {
            licence_id: row.id,
            mode: row.mode,
            whole,
            scope: terms_of(row)?,
            ends_on: row.ends_on,
            grantee_name: is_known.then(|| row.grantee_name.clone()),
        })
    }
}

/// Whether a kind of licence could be granted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Grantable {
    /// The kind.
    pub mode: LicenceMode,
    /// Whether nothing is in its way.
    pub free: bool,
    /// What is, and what would cure it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<InTheWay>,
}

/// A licence that is in the way of another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InTheWay {
    /// The licence.
    pub licence_id: LicenceGrantId,
    /// What would cure it: `other_scope`, `carve_out`, `waiver`, `trial_ends` or `withdrawal`.
    pub cure: Cure,
}

impl InTheWay {
    /// Those that are, of licences with what becomes of another beside them.
    pub fn all(judged: impl Iterator<Item = (LicenceGrantId, Beside)>) -> Vec<Self> {
        let in_the_way = judged.filter_map(|(licence_id, beside)| match beside {
            Beside::Blocked(cure) => Some(Self { licence_id, cure }),
            _ => None,
        });
        in_the_way.collect()
    }
}

impl Grantable {
    /// Of what becomes of that kind beside all that stands.
    pub fn of<'a>(mode: LicenceMode, judged: impl Iterator<Item = (&'a Standing, Beside)>) -> Self {
        let because = InTheWay::all(judged.map(|(standing, beside)| (standing.id, beside)));
        Self { mode, free: because.is_empty(), because }
    }
}
