//! What is said about people, organisations, memberships and staff, and what is asked for.

use chrono::{DateTime, Utc};
use entity::identity::{
    MembershipState, OrgRole, OrganisationKind, OrganisationState, Ownership, SellerClass, StaffRole, UsccStanding, organisation, person,
    staff,
};
use entity::ids::{DocumentId, MembershipId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::flows::members::Member;
use super::rules;
use crate::platform::http::answer::Tagged;

/// A person to register.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Address to sign in with.
    #[schema(max_length = 254, example = "wang@zju.example")]
    pub email: String,
    /// Name as used in business.
    #[schema(min_length = 1, max_length = 100, example = "王工")]
    pub name: String,
    /// At least twelve characters.
    #[schema(min_length = 12, max_length = 128, example = "correct horse battery")]
    pub password: String,
}

/// What to sign in with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Address.
    #[schema(max_length = 254, example = "wang@zju.example")]
    pub email: String,
    /// Password.
    #[schema(max_length = 128, example = "correct horse battery")]
    pub password: String,
    /// The organisation to act for, needed only with several memberships.
    pub organisation_id: Option<OrganisationId>,
}

/// A refresh token to exchange.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The token.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// Tokens of a session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds it lives.
    pub expires_in: i64,
    /// Exchange it, once, for new tokens.
    pub refresh_token: String,
    /// Who signed in.
    pub person_id: PersonId,
    /// The organisation chosen, if one was.
    pub organisation_id: Option<OrganisationId>,
}

impl Tagged for Tokens {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// Id.
    pub id: PersonId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// When registered.
    pub created_at: DateTime<Utc>,
}

impl From<person::Model> for PersonView {
    fn from(row: person::Model) -> Self {
        Self { id: row.id, email: row.email, name: row.name, created_at: row.created_at }
    }
}

impl Tagged for PersonView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// The caller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The person.
    pub person: PersonView,
    /// The organisation acted for.
    pub organisation_id: Option<OrganisationId>,
    /// Roles there.
    pub roles: Vec<OrgRole>,
    /// Staff role.
    pub staff_role: Option<StaffRole>,
    /// Memberships and open invitations.
    pub memberships: Vec<MemberView>,
}

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

/// A reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In words.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// The document a suspicious code is resolved on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsccResolution {
    /// A document of that organisation, such as a scan of its certificate.
    pub document_id: DocumentId,
}

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

impl From<Member> for MemberView {
    fn from(Member { membership, roles }: Member) -> Self {
        Self {
            id: membership.id,
            organisation_id: membership.organisation_id,
            person_id: membership.person_id,
            email: membership.email,
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

/// A staff place to fill.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    /// Whose account.
    #[schema(max_length = 254)]
    pub email: String,
    /// As what.
    pub role: StaffRole,
}

/// A staff place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffView {
    /// Who.
    pub person_id: PersonId,
    /// As what.
    pub role: StaffRole,
    /// The person's name.
    pub name: Option<String>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl From<(staff::Model, Option<person::Model>)> for StaffView {
    fn from((row, person): (staff::Model, Option<person::Model>)) -> Self {
        Self { person_id: row.person_id, role: row.role, name: person.map(|p| p.name), granted_at: row.granted_at, version: row.version }
    }
}

impl From<staff::Model> for StaffView {
    fn from(row: staff::Model) -> Self {
        (row, None).into()
    }
}

impl Tagged for StaffView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
