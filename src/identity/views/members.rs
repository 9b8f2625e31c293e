//! Members of organisations.

use chrono::{DateTime, Utc};
use entity::identity::{MembershipState, OrgRole};
use entity::ids::{MembershipId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identity::flows::members::Member;
use crate::platform::http::answer::Tagged;

/// A member to invite.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Whom.
    #[schema(max_length = 254, example = "li@zju.example")]
    pub email: String,
    /// As what.
    #[schema(min_items = 1, max_items = 5)]
    pub roles: Vec<OrgRole>,
}

/// New roles of a member.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoles {
    /// The roles.
    #[schema(min_items = 1, max_items = 5)]
    pub roles: Vec<OrgRole>,
}

/// A membership.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// Id.
    pub id: MembershipId,
    /// Where.
    pub organisation_id: OrganisationId,
    /// Who, once accepted.
    pub person_id: Option<PersonId>,
    /// The invited address.
    pub email: String,
    /// Where it stands.
    pub state: MembershipState,
    /// As what.
    pub roles: Vec<OrgRole>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where memberships are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["accept_invitation"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl MemberView {
    /// A membership with the address it was offered to.
    pub fn of(Member { membership, roles }: Member, email: String) -> Self {
        Self {
            id: membership.id,
            organisation_id: membership.organisation_id,
            person_id: membership.person_id,
            email,
            state: membership.state,
            roles,
            created_at: membership.created_at,
            allowed_deeds: None,
            version: membership.version,
        }
    }
}

impl Tagged for MemberView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
