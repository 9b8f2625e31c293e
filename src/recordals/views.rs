//! What is said about what is filed, and about whose rights are.

use chrono::{DateTime, NaiveDate, Utc};
use entity::achievements::{AssetKind, asset, asset_owner};
use entity::ids::{AssetId, DealId, LicenceGrantId, NegotiationId, OrganisationId, RecordalId};
use entity::money::Money;
use entity::recordals::{RecordalKind, RecordalState, TitleBasis, asset_title, patent_grant, recordal};
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::rescission::Loss;
use super::rules::terms::{RightsDeclared, declared};
use super::rules::title::owners_of;
use crate::achievements::views::OwnerView;
use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// Something that is filed with a registry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordalView {
    /// Id.
    pub id: RecordalId,
    /// What.
    pub kind: RecordalKind,
    /// Where it stands.
    pub state: RecordalState,
    /// Who assigns, licenses or pledges.
    pub organisation_id: OrganisationId,
    /// To whom, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty_id: Option<OrganisationId>,
    /// What he is called.
    pub counterparty_name: String,
    /// The rights.
    pub asset_ids: Vec<AssetId>,
    /// The deal that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The sale at a negotiated price that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The licence that is filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_id: Option<LicenceGrantId>,
    /// When the contract took effect.
    pub effective_on: NaiveDate,
    /// The last day to file it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// When it was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_on: Option<NaiveDate>,
    /// Under which number the registry has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_reference: Option<String>,
    /// The last day for an answer to the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_by: Option<NaiveDate>,
    /// As of which day it is in the register, as one side entered; nobody may have confirmed it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_date: Option<NaiveDate>,
    /// Under which number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_number: Option<String>,
    /// When somebody else confirmed that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
}

/// Something that is filed, where a single one is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordalDetail {
    /// What is filed.
    #[serde(flatten)]
    pub recordal: RecordalView,
    /// What is declared of the rights.
    pub declarations: RightsDeclared,
    /// The contract, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// What shows that an open licence was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptance_document: Option<DocumentRef>,
    /// What shows that the pledgee agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pledgee_consent_document: Option<DocumentRef>,
    /// What a pledge secures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secured_amount: Option<Money>,
    /// The day until which that is to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secured_until: Option<NaiveDate>,
    /// What the registry wants mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
    /// The paper in which it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect_document: Option<DocumentRef>,
    /// When that was mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resubmitted_on: Option<NaiveDate>,
    /// The paper in which the registry says that it is in the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<DocumentRef>,
    /// Which side entered that, where no officer did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_for: Option<OrganisationId>,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// The paper that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_document: Option<DocumentRef>,
    /// When the buyer rescinded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rescinded_at: Option<DateTime<Utc>>,
    /// That an application that is transferred was lost, and when: before the day of the registry its buyer may rescind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["submit_recordal", "withdraw_recordal"]))]
    pub allowed_deeds: Vec<String>,
}

impl RecordalView {
    /// Of what is filed, and its rights.
    pub fn of(row: &recordal::Model, asset_ids: Vec<AssetId>) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            organisation_id: row.organisation_id,
            counterparty_id: row.counterparty_id,
            counterparty_name: row.counterparty_name.clone(),
            asset_ids,
            deal_id: row.deal_id,
            negotiation_id: row.negotiation_id,
            licence_id: row.licence_grant_id,
            effective_on: row.effective_on,
            due_on: row.due_on,
            submitted_on: row.submitted_on,
            registry_reference: row.registry_reference.clone(),
            reply_by: row.reply_by,
            registration_date: row.registered_on,
            registry_number: row.registry_number.clone(),
            confirmed_at: row.confirmed_at,
            ended_at: row.ended_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

impl RecordalDetail {
    /// Of what is filed, its rights, and that they were lost.
    pub fn of(row: &recordal::Model, assets: Vec<AssetId>, loss: Option<Loss>, allowed_deeds: Vec<String>) -> Result<Self, Problem> {
        let secured = row.secured_minor.zip(row.currency);
        Ok(Self {
            recordal: RecordalView::of(row, assets),
            declarations: declared(row)?,
            document: DocumentRef::kept(Some(&row.document))?,
            acceptance_document: DocumentRef::kept(row.acceptance_document.as_ref())?,
            pledgee_consent_document: DocumentRef::kept(row.pledgee_consent_document.as_ref())?,
            secured_amount: secured.map(|(minor, currency)| Money { minor, currency }),
            secured_until: row.secured_until,
            defect: row.defect.clone(),
            defect_document: DocumentRef::kept(row.defect_document.as_ref())?,
            resubmitted_on: row.resubmitted_on,
            certificate: DocumentRef::kept(row.certificate.as_ref())?,
            entered_for: row.entered_for,
            end_reason: row.end_reason.clone(),
            end_document: DocumentRef::kept(row.end_document.as_ref())?,
            rescinded_at: row.rescinded_at,
            loss,
            allowed_deeds,
        })
    }
}

impl Tagged for RecordalDetail {
    fn version(&self) -> Option<i64> {
        Some(self.recordal.version)
    }
}

/// Whose a right is from a day on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TitleView {
    /// From 1.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Everybody who owns it.
    pub owners: Vec<OwnerView>,
    /// Since which day; nothing of whom it was before it first passed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
    /// By what.
    pub basis: TitleBasis,
    /// The transfer that was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recordal_id: Option<RecordalId>,
    /// The deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The sale at a negotiated price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// When that became known here.
    pub recorded_at: DateTime<Utc>,
}

/// That an application was granted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PatentGrantView {
    /// What it was before.
    pub kind: AssetKind,
    /// The number it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_number: Option<String>,
    /// The day on which it was granted.
    pub granted_on: NaiveDate,
    /// The number of the patent.
    pub patent_number: String,
    /// The number of the announcement of grant.
    pub publication_number: String,
    /// The certificate, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
}

/// Whose a right was on a day, as it was known at an instant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetTitles {
    /// The right.
    pub asset_id: AssetId,
    /// The day asked about, in Shanghai.
    pub on: NaiveDate,
    /// As it was known then.
    pub at: DateTime<Utc>,
    /// Whose it was.
    pub organisation_id: OrganisationId,
    /// Everybody who owned it.
    pub owners: Vec<OwnerView>,
    /// Everything that is known of that, first to last; empty for what never passed here.
    pub history: Vec<TitleView>,
    /// That it was granted, where it was an application here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<PatentGrantView>,
}

impl AssetTitles {
    /// Of whose it was, and all that is known of that.
    pub fn of(
        asset_id: AssetId,
        (on, at): (NaiveDate, DateTime<Utc>),
        (organisation_id, owners): (OrganisationId, Vec<asset_owner::Model>),
        history: &[asset_title::Model],
        grant: Option<&patent_grant::Model>,
    ) -> Result<Self, Problem> {
        let history = history.iter().map(TitleView::of).collect::<Result<_, _>>()?;
        let grant = grant.map(PatentGrantView::of).transpose()?;
        let owners = owners.into_iter().map(OwnerView::from).collect();
        Ok(Self { asset_id, on, at, organisation_id, owners, history, grant })
    }
}

impl TitleView {
    fn of(row: &asset_title::Model) -> Result<Self, Problem> {
        Ok(Self {
            number: row.number,
            organisation_id: row.organisation_id,
            owners: owners_of(row)?.into_iter().map(OwnerView::from).collect(),
            since: row.since,
            basis: row.basis,
            recordal_id: row.recordal_id,
            deal_id: row.deal_id,
            negotiation_id: row.negotiation_id,
            recorded_at: row.recorded_at,
        })
    }
}

impl PatentGrantView {
    fn of(row: &patent_grant::Model) -> Result<Self, Problem> {
        let application: asset::Model = serde_json::from_value(row.application.clone()).map_err(|_| Code::Internal)?;
        Ok(Self {
            kind: application.kind,
            application_number: application.identifier,
            granted_on: row.granted_on,
            patent_number: row.patent_number.clone(),
            publication_number: row.publication_number.clone(),
            document: DocumentRef::kept(Some(&row.document))?,
        })
    }
}
