//! What is said about documents, and what is asked for.

use chrono::{DateTime, Utc};
use entity::documents::{Confidentiality, document, document_version};
use entity::ids::{DocumentId, OrganisationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::store::Filed;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// What a new document is called, and who may read it.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewDocument {
    /// Title.
    #[param(min_length = 1, max_length = 200, example = "共有人同意转让声明")]
    pub title: String,
    /// Name of the file, without a path.
    #[param(min_length = 1, max_length = 255, example = "同意书.pdf")]
    pub file_name: String,
    /// Who may read the content.
    #[param(inline)]
    pub confidentiality: Confidentiality,
    /// Whether it is a state secret (密级). Anything but `none`, which it is unless given, is refused, and nothing is kept.
    #[param(inline)]
    pub secret_level: Option<SecretLevel>,
}

/// A level of state secrets (国家秘密密级, SSL art. 14). No secret is ever put on this platform, so all but the first are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretLevel {
    /// It is none.
    #[default]
    None,
    /// Secret (秘密).
    Secret,
    /// Confidential (机密).
    Confidential,
    /// Top secret (绝密).
    TopSecret,
}

impl SecretLevel {
    /// Whether it is none.
    #[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands a reference.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What the file of a new version is called.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewVersion {
    /// Name of the file, without a path.
    #[param(min_length = 1, max_length = 255, example = "同意书（修订）.pdf")]
    pub file_name: String,
}

/// Which version.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichVersion {
    /// The version; the newest unless given.
    #[param(minimum = 1, example = 1)]
    pub version: Option<i64>,
}

/// One version of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentVersionView {
    /// Which.
    pub version: i64,
    /// SHA-256 of the content, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// Media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// When uploaded.
    pub uploaded_at: DateTime<Utc>,
}

impl From<document_version::Model> for DocumentVersionView {
    fn from(row: document_version::Model) -> Self {
        Self { version: row.version, sha256: hex(&row.sha256), size: row.size, media_type: row.media_type, uploaded_at: row.uploaded_at }
    }
}

/// A document with its newest content.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// Id.
    pub id: DocumentId,
    /// The organisation it belongs to; absent for documents of the platform's staff, and for somebody's own.
    pub organisation_id: Option<OrganisationId>,
    /// Title.
    pub title: String,
    /// Name of the newest file.
    pub file_name: String,
    /// Who may read it.
    pub confidentiality: Confidentiality,
    /// The newest version.
    pub version: i64,
    /// When first uploaded.
    pub created_at: DateTime<Utc>,
    /// Its newest content.
    pub content: DocumentVersionView,
}

impl From<Filed> for DocumentView {
    fn from(filed: Filed) -> Self {
        let Filed { document, version } = filed;
        Self {
            id: document.id,
            organisation_id: document.organisation_id,
            title: document.title,
            file_name: document.file_name,
            confidentiality: document.confidentiality,
            version: document.version,
            created_at: document.created_at,
            content: version.into(),
        }
    }
}

impl Tagged for DocumentView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A document with all its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentHistoryView {
    /// Id.
    pub id: DocumentId,
    /// The organisation it belongs to; absent for documents of the platform's staff, and for somebody's own.
    pub organisation_id: Option<OrganisationId>,
    /// Title.
    pub title: String,
    /// Name of the newest file.
    pub file_name: String,
    /// Who may read it.
    pub confidentiality: Confidentiality,
    /// The newest version.
    pub version: i64,
    /// When first uploaded.
    pub created_at: DateTime<Utc>,
    /// Every version, newest first.
    pub versions: Vec<DocumentVersionView>,
    /// What the caller may do to it now, as operation ids; told where a single document is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["add_document_version"]))]
    pub allowed_deeds: Option<Vec<String>>,
}

impl From<(document::Model, Vec<document_version::Model>)> for DocumentHistoryView {
    fn from((document, versions): (document::Model, Vec<document_version::Model>)) -> Self {
        Self {
            id: document.id,
            organisation_id: document.organisation_id,
            title: document.title,
            file_name: document.file_name,
            confidentiality: document.confidentiality,
            version: document.version,
            created_at: document.created_at,
            versions: versions.into_iter().map(Into::into).collect(),
            allowed_deeds: None,
        }
    }
}

impl Tagged for DocumentHistoryView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A document another thing rests on, pinned to the version that stood then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentRef {
    /// The document.
    pub id: DocumentId,
    /// The version.
    pub version: i64,
    /// SHA-256 of its content, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Title.
    pub title: String,
}

impl DocumentRef {
    /// As it is kept beside what rests on it, where anything is.
    pub fn kept(kept: Option<&Value>) -> Result<Option<Self>, Problem> {
        kept.map(|kept| serde_json::from_value(kept.clone())).transpose().map_err(|_| Code::Internal.into())
    }
}

impl From<&Filed> for DocumentRef {
    fn from(filed: &Filed) -> Self {
        Self {
            id: filed.document.id,
            version: filed.version.version,
            sha256: hex(&filed.version.sha256),
            title: filed.document.title.clone(),
        }
    }
}
