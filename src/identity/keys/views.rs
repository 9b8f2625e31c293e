//! Keys and calls as they are told.

use chrono::{DateTime, Utc};
use entity::identity::{api_key, key_call};
use entity::ids::{ApiKeyId, LotId, OrganisationId, PersonId};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{self, KeyState, Wanted};
use super::store::{CallFilter, KeyFilter};
use crate::paged;
use crate::platform::access::KeyScope;
use crate::platform::http::PageQuery;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Faults, Problem};

/// Longest name of an operation asked for, characters.
const LONGEST_NAME: usize = 100;

/// A key to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is called, for people.
    #[schema(min_length = 1, max_length = 80, example = "竞价程序")]
    pub name: String,
    /// What it may be used for.
    #[schema(min_items = 1)]
    pub scopes: Vec<KeyScope>,
    /// The lots it is for; where any is named, all else is closed to it.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub lots: Vec<LotId>,
    /// The networks it may be used from, in CIDR form; from everywhere unless named.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["203.0.113.0/24"]))]
    pub networks: Vec<String>,
    /// Until when it is good; ninety days unless said, a year at most.
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewApiKey {
    /// As the rules judge it.
    pub fn wanted(self) -> Result<Wanted, Problem> {
        let mut networks = Vec::with_capacity(self.networks.len());
        for (number, text) in self.networks.iter().enumerate() {
            let network = text.parse::<IpNet>().map_err(|_| {
                Code::Invalid.at(&format!("/networks/{number}"), "network", "须为 CIDR 网段", "must be a network in CIDR form")
            })?;
            networks.push(network.trunc());
        }
        let expires_at = self.expires_at.map(entity::micros);
        Ok(Wanted { name: self.name, scopes: self.scopes, lots: self.lots, networks, expires_at })
    }
}

/// How a key is rotated.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRotation {
    /// Whether the old key is good for nothing from now on, instead of a day longer.
    pub at_once: bool,
}

paged! {
    /// Which keys are listed.
    pub struct ApiKeyQuery {
        /// Of this person.
        pub person_id: Option<PersonId>,
        /// Of this organisation; members see those of their own only.
        pub organisation_id: Option<OrganisationId>,
    }
}

impl ApiKeyQuery {
    /// What is asked for, and which page.
    pub fn parts(self) -> (KeyFilter, PageQuery) {
        let filter = KeyFilter { person: self.person_id, organisation: self.organisation_id };
        (filter, self.page())
    }
}

/// A key for programs (API 密钥).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeyView {
    /// Id.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// What its text begins with.
    #[schema(example = "zpk_Ab3dE5fG")]
    pub prefix: String,
    /// Whom it acts for.
    pub person_id: PersonId,
    /// In which organisation.
    pub organisation_id: OrganisationId,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// The lots it is for; all if none is named.
    pub lots: Vec<LotId>,
    /// The networks it may be used from; all if none is named.
    pub networks: Vec<String>,
    /// Where it stands.
    pub state: KeyState,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_why: Option<String>,
    /// The key whose place it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotated_from: Option<ApiKeyId>,
    /// When it was last used, refused calls included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<DateTime<Utc>>,
    /// The network it was last used from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_from: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where a single key is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["rotate_api_key", "revoke_api_key"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl ApiKeyView {
    /// A key as it stands at an instant, real time.
    pub fn at(key: api_key::Model, now: DateTime<Utc>) -> Self {
        Self {
            state: rules::state(&key, now),
            scopes: rules::read(&key.scopes).unwrap_or_default(),
            lots: rules::read(&key.lots).unwrap_or_default(),
            networks: rules::read(&key.networks).unwrap_or_default(),
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            person_id: key.person_id,
            organisation_id: key.organisation_id,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            revoked_why: key.revoked_why,
            rotated_from: key.rotated_from,
            last_used_at: key.last_used_at,
            last_used_from: key.last_used_from,
            created_at: key.created_at,
            allowed_deeds: None,
            version: key.version,
        }
    }
}

impl Tagged for ApiKeyView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A key with its text, which is told this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewlyMadeKey {
    /// The key.
    pub key: ApiKeyView,
    /// What programs send: `Authorization: Bearer zpk_…`.
    #[schema(pattern = "^zpk_[A-Za-z0-9_-]{48}$")]
    pub secret: String,
}

/// How a call was answered (调用结果).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// With what was asked for.
    Answered,
    /// With a problem.
    Refused,
}

paged! {
    /// Which calls made with a key are listed.
    pub struct KeyCallQuery {
        /// Answered, or refused.
        #[param(inline)]
        pub outcome: Option<CallOutcome>,
        /// Answered with this status.
        #[param(minimum = 100, maximum = 599, example = 403)]
        pub status: Option<u16>,
        /// Of this operation, by its id in the API document.
        #[param(min_length = 1, max_length = 100, example = "place_bid")]
        pub operation: Option<String>,
        /// From this instant on.
        pub from: Option<DateTime<Utc>>,
        /// Before this instant.
        pub until: Option<DateTime<Utc>>,
    }
}

impl KeyCallQuery {
    /// What is asked for, and which page.
    pub fn parts(self) -> Result<(CallFilter, PageQuery), Problem> {
        let is_status = self.status.is_none_or(|status| (100..600).contains(&status));
        Faults::new()
            .require(is_status, "#query/status", "range", "须在 100 至 599 之间", "must be between 100 and 599")
            .optional_text("#query/operation", self.operation.as_ref(), LONGEST_NAME)
            .instant("#query/from", self.from)
            .instant("#query/until", self.until)
            .done()?;
        let page = self.page();
        let filter = CallFilter {
            seen_by_all: false,
            status: self.status,
            refused: self.outcome.map(|outcome| outcome == CallOutcome::Refused),
            operation: self.operation,
            from: self.from,
            until: self.until,
        };
        Ok((filter, page))
    }
}

/// A call made with a key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyCallView {
    /// When.
    pub made_at: DateTime<Utc>,
    /// How.
    pub method: String,
    /// The address without the ids in it.
    #[schema(example = "/v1/lots/{id}/bids")]
    pub route: String,
    /// The operation, by its id in the API document; absent where the address has none, or the call was refused before
    /// it came to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "place_bid")]
    pub operation: Option<String>,
    /// How it was answered.
    pub status: i64,
    /// The problem, if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Id of the request, as in its answer.
    pub request_id: String,
    /// The network it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_from: Option<String>,
    /// How long it took, microseconds.
    pub micros: i64,
}

impl From<key_call::Model> for KeyCallView {
    fn from(call: key_call::Model) -> Self {
        Self {
            made_at: call.made_at,
            method: call.method,
            route: call.route,
            operation: call.operation,
            status: call.status,
            code: call.code,
            request_id: call.request_id,
            made_from: call.made_from,
            micros: call.micros,
        }
    }
}
