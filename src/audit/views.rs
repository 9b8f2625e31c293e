//! The trail as it is told.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::ids::{OrganisationId, PersonId};
use entity::platform::{AuditOutcome, audit};
use ipnet::IpNet;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::Wanted;
use crate::paged;
use crate::platform::http::PageQuery;
use crate::platform::http::address::network;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Faults, Problem};

/// Longest word asked for, characters.
const LONGEST_WORD: usize = 100;

paged! {
    /// Which rows, and which page.
    pub struct AuditQuery {
        /// Of this person.
        pub person_id: Option<PersonId>,
        /// For this organisation.
        pub organisation_id: Option<OrganisationId>,
        /// Of this operation, by its id in the API document.
        #[param(max_length = 100, example = "approve_listing")]
        pub operation: Option<String>,
        /// Over this kind of thing.
        #[param(max_length = 100, example = "listing")]
        pub object_kind: Option<String>,
        /// Over this thing.
        pub object_id: Option<Uuid>,
        /// Changed, or denied.
        pub outcome: Option<AuditOutcome>,
        /// Of this request.
        #[param(max_length = 100)]
        pub request_id: Option<String>,
        /// From this network, or from that of this address.
        #[param(max_length = 100, example = "203.0.113.0/24")]
        pub network: Option<String>,
        /// From this instant on.
        pub from: Option<DateTime<Utc>>,
        /// Before this instant.
        pub until: Option<DateTime<Utc>>,
    }
}

impl AuditQuery {
    /// What is asked for, and which page.
    pub fn parts(self) -> Result<(Wanted, PageQuery), Problem> {
        let network = self.network.as_deref().map(kept_of).transpose()?;
        Faults::new()
            .optional_text("#query/operation", self.operation.as_ref(), LONGEST_WORD)
            .optional_text("#query/object_kind", self.object_kind.as_ref(), LONGEST_WORD)
            .optional_text("#query/request_id", self.request_id.as_ref(), LONGEST_WORD)
            .instant("#query/from", self.from)
            .instant("#query/until", self.until)
            .done()?;
        let page = self.page();
        let wanted = Wanted {
            person: self.person_id,
            organisation: self.organisation_id,
            operation: self.operation,
            object_kind: self.object_kind,
            object: self.object_id,
            outcome: self.outcome,
            request_id: self.request_id,
            network,
            from: self.from,
            until: self.until,
        };
        Ok((wanted, page))
    }
}

/// The network as rows keep it.
fn kept_of(text: &str) -> Result<String, Problem> {
    let given = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()))).ok();
    let kept = given.map(|given| (given.prefix_len(), network(given.addr())));
    // Rows know nothing of a part of a network, and one that is wider is many.
    kept.filter(|(asked, kept)| *asked >= kept.prefix_len()).map(|(_, kept)| kept.to_string()).ok_or_else(|| {
        let (zh, en) = ("须为 IP 地址，或 /24（IPv6 为 /56）及更小的网段", "must be an address, or a network of /24 (IPv6 /56) or smaller");
        Code::Invalid.at("#query/network", "network", zh, en)
    })
}

/// A row of the audit trail (审计记录).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its place in the chain.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody where the platform itself or a stranger acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// As what, and by which key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What was done.
    pub operation: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// Changed, or denied.
    pub outcome: AuditOutcome,
    /// SHA-256 of the thing before, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_sha256: Option<String>,
    /// SHA-256 of the thing after, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_sha256: Option<String>,
    /// A word more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the request.
    pub request_id: String,
    /// The network the call came from; none where the platform itself acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "203.0.113.0/24")]
    pub network: Option<String>,
    /// The hash that links it to the row before it, hexadecimal.
    pub hash: String,
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            position: row.position.unwrap_or_default(),
            at: row.at,
            person_id: row.person_id,
            organisation_id: row.organisation_id,
            role: row.role,
            operation: row.operation,
            object_kind: row.object_kind,
            object_id: row.object_id,
            outcome: row.outcome,
            before_sha256: row.before_hash.as_deref().map(hex),
            after_sha256: row.after_hash.as_deref().map(hex),
            detail: row.detail,
            request_id: row.request_id,
            network: row.network,
            hash: row.hash.as_deref().map(hex).unwrap_or_default(),
        }
    }
}

/// The end of the chain: whoever noted it earlier can see that nothing before it was changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditHead {
    /// The last position.
    pub position: i64,
    /// The hash of its row, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}
