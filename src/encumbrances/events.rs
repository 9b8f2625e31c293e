//! What whose right it is hears of its burdens; nobody else does.

use entity::encumbrances::{burden, burden_consent, owners_agreement};
use entity::ids::{AssetId, OrganisationId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// What is entered of the burdens of a right, or of its owners, changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EncumbranceEvent {
    #[serde(skip)]
    name: &'static str,
    /// The right.
    asset_id: AssetId,
    /// Whose it is.
    organisation_id: OrganisationId,
    /// The burden, the consent, or what the owners agreed on.
    entry_id: Uuid,
}

impl EncumbranceEvent {
    fn of(name: &'static str, asset_id: AssetId, organisation_id: OrganisationId, entry_id: impl Into<Uuid>) -> Self {
        Self { name, asset_id, organisation_id, entry_id: entry_id.into() }
    }

    /// A burden was entered.
    pub fn recorded(row: &burden::Model) -> Self {
        Self::of("encumbrance.recorded", row.asset_id, row.organisation_id, row.id)
    }

    /// An officer saw it.
    pub fn seen(row: &burden::Model) -> Self {
        Self::of("encumbrance.seen", row.asset_id, row.organisation_id, row.id)
    }

    /// It was lifted.
    pub fn lifted(row: &burden::Model) -> Self {
        Self::of("encumbrance.lifted", row.asset_id, row.organisation_id, row.id)
    }

    /// A consent was handed in.
    pub fn consented(row: &burden_consent::Model) -> Self {
        Self::of("encumbrance.consented", row.asset_id, row.organisation_id, row.id)
    }

    /// A consent was taken back.
    pub fn consent_withdrawn(row: &burden_consent::Model) -> Self {
        Self::of("encumbrance.consent_withdrawn", row.asset_id, row.organisation_id, row.id)
    }

    /// The owners agreed on something.
    pub fn agreed(row: &owners_agreement::Model) -> Self {
        Self::of("encumbrance.owners_agreed", row.asset_id, row.organisation_id, row.id)
    }
}

impl Event for EncumbranceEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}
