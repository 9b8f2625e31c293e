//! What the parties hear of what is filed, and of rights that pass or are granted.

use chrono::NaiveDate;
use entity::achievements::AssetKind;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId, RecordalId};
use entity::licences::licence_grant;
use entity::recordals::{RecordalKind, RecordalState, recordal};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something that is filed came to a further state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordalEvent {
    #[serde(skip)]
    name: &'static str,
    /// Which.
    recordal_id: RecordalId,
    /// Who assigns, licenses or pledges.
    organisation_id: OrganisationId,
    /// To whom, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    counterparty_id: Option<OrganisationId>,
    /// What is filed.
    kind: RecordalKind,
    /// Where it stands.
    state: RecordalState,
    /// The last day for an answer to the registry, where one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_by: Option<NaiveDate>,
}

impl RecordalEvent {
    /// Of what is filed as it stands now; nobody hears of drafts.
    pub fn of(row: &recordal::Model) -> Option<Self> {
        let name = match row.state {
            RecordalState::Draft => return None,
            RecordalState::SubmittedToRegistry => "recordal.submitted",
            RecordalState::DefectNotice => "recordal.defective",
            RecordalState::Resubmitted => "recordal.resubmitted",
            RecordalState::DeemedNotFiled => "recordal.deemed_not_filed",
            RecordalState::Registered => "recordal.registered",
            RecordalState::Refused => "recordal.refused",
            RecordalState::Withdrawn => "recordal.withdrawn",
        };
        Some(Self::named(name, row))
    }

    /// One side entered what the register shows; somebody else is to confirm it.
    pub fn entered(row: &recordal::Model) -> Self {
        Self::named("recordal.entered", row)
    }

    fn named(name: &'static str, row: &recordal::Model) -> Self {
        Self {
            name,
            recordal_id: row.id,
            organisation_id: row.organisation_id,
            counterparty_id: row.counterparty_id,
            kind: row.kind,
            state: row.state,
            reply_by: row.reply_by.filter(|_| row.state == RecordalState::DefectNotice),
        }
    }
}

impl Event for RecordalEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("recordal", self.recordal_id.into())
    }
}

/// A licence is to be filed by a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceDue {
    #[serde(skip)]
    name: &'static str,
    /// The licence.
    licence_id: LicenceGrantId,
    /// Who granted it.
    licensor_id: OrganisationId,
    /// Who holds it, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    grantee_id: Option<OrganisationId>,
    /// The last day.
    due_on: NaiveDate,
}

impl LicenceDue {
    /// That day comes soon, or has passed.
    pub fn of(row: &licence_grant::Model, due_on: NaiveDate, is_over: bool) -> Self {
        let name = if is_over { "licence.recordal_overdue" } else { "licence.recordal_due" };
        Self { name, licence_id: row.id, licensor_id: row.licensor_id, grantee_id: row.grantee_id, due_on }
    }
}

impl Event for LicenceDue {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("licence", self.licence_id.into())
    }
}

/// A right passed to another organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TitlePassed {
    /// Which.
    pub asset_id: AssetId,
    /// Whose it is now.
    pub organisation_id: OrganisationId,
    /// Whose it was.
    pub counterparty_id: OrganisationId,
    /// Since which day.
    pub since: NaiveDate,
}

impl Event for TitlePassed {
    fn kind(&self) -> &'static str {
        "asset.title_passed"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}

/// An application was granted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PatentGranted {
    /// Which right.
    pub asset_id: AssetId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// As what.
    pub kind: AssetKind,
    /// On which day.
    pub granted_on: NaiveDate,
}

impl Event for PatentGranted {
    fn kind(&self) -> &'static str {
        "asset.granted"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}
