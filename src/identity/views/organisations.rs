//! Organisations.

use chrono::{DateTime, Utc};
use entity::identity::{OrganisationKind, OrganisationState, Ownership, SellerClass, UsccStanding, organisation};
use entity::ids::{DocumentId, OrganisationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identity::rules;
use crate::platform::http::answer::Tagged;

/// An organisation to register.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    /// What it is.
    pub kind: OrganisationKind,
    /// Who owns it.
    pub ownership: Ownership,
    /// Registered name.
    #[schema(min_length = 1, max_length = 200, example = "浙江大学")]
    pub name: String,
    /// Name in English.
    #[schema(min_length = 1, max_length = 200)]
    pub name_en: Option<String>,
    /// Unified social credit code (统一社会信用代码), blanks and dashes tolerated.
    #[schema(max_length = 64, example = "12100000470095016Q")]
    pub uscc: String,
}

/// A remark on something accepted all the same.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WarningView {
    /// Stable code.
    pub code: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// An organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Id.
    pub id: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// Who owns it.
    pub ownership: Ownership,
    /// The class of seller it is under the rules.
    pub seller_class: SellerClass,
    /// Registered name.
    pub name: String,
    /// Name in English.
    pub name_en: Option<String>,
    /// Code in canonical form.
    pub uscc: String,
    /// How the code stands; `suspicious` may neither list nor bid until a reviewer resolves it.
    pub uscc_standing: UsccStanding,
    /// The document it was resolved on.
    pub uscc_document_id: Option<DocumentId>,
    /// Division the code names; the place of registration.
    pub division_code: String,
    /// The division's name, where known.
    pub division_name: Option<String>,
    /// Remarks.
    pub warnings: Vec<WarningView>,
    /// Where it stands.
    pub state: OrganisationState,
    /// Why it was refused.
    pub state_reason: Option<String>,
    /// When registered.
    pub created_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where a single organisation is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["invite_member"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl From<organisation::Model> for OrganisationView {
    fn from(row: organisation::Model) -> Self {
        Self {
            seller_class: rules::seller_class(&row),
            division_name: crate::codes::division_name(&row.division_code).map(ToOwned::to_owned),
            warnings: serde_json::from_value(row.warnings).unwrap_or_default(),
            id: row.id,
            kind: row.kind,
            ownership: row.ownership,
            name: row.name,
            name_en: row.name_en,
            uscc: row.uscc,
            uscc_standing: row.uscc_standing,
            uscc_document_id: row.uscc_document_id,
            division_code: row.division_code,
            state: row.state,
            state_reason: row.state_reason,
            created_at: row.created_at,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for OrganisationView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// The document a suspicious code is resolved on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsccResolution {
    /// A document of that organisation, such as a scan of its certificate.
    pub document_id: DocumentId,
}
