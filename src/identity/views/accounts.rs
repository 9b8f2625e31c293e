//! People: signing in, passwords, authenticators, sessions and their tokens.

use chrono::{DateTime, Utc};
use entity::identity::{OrgRole, StaffRole, person, session, token_key};
use entity::ids::{OrganisationId, PersonId, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MemberView;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::{hex, sha256};

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
    /// Long, and not a common one.
    #[schema(min_length = 8, max_length = 128, example = "correct horse battery")]
    pub password: String,
}

/// The address somebody wants to register under.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRequest {
    /// Address.
    #[schema(max_length = 254, example = "wang@zju.example")]
    pub email: String,
}

/// What opens an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationToken {
    /// The token as the letter has it.
    #[schema(max_length = 200, example = "zrg_Yb2n0mJxv0m3bM5Yq1x3wQ7l9c2T4r6u8i0o2p4a6s8")]
    pub token: String,
    /// Name.
    #[schema(min_length = 1, max_length = 100, example = "王工")]
    pub name: String,
    /// Password.
    #[schema(min_length = 8, max_length = 128, example = "correct horse battery")]
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
    /// Code of the second factor, or a recovery code; needed once an authenticator is enrolled.
    #[schema(max_length = 40, example = "287082")]
    pub code: Option<String>,
    /// What an earlier sign-in on this device was given, to whichever account, or what a letter brought. The failures of a device that
    /// the account knows are counted by themselves. Sessions keep a keyed hash that stands for the device.
    #[schema(max_length = 120)]
    pub device_token: Option<String>,
}

/// A password, to show that it is you.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordProof {
    /// Your password.
    #[schema(max_length = 128, example = "correct horse battery")]
    pub password: String,
}

/// A code of the second factor.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorCode {
    /// Six digits of the authenticator; a recovery code where one may stand in.
    #[schema(min_length = 1, max_length = 40, example = "287082")]
    pub code: String,
}

/// The secret to put into an authenticator; told once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// The secret as it is typed (base 32).
    pub secret: String,
    /// The same as an address authenticators read.
    pub uri: String,
}

/// Codes that stand in for the authenticator, each once; told once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// The codes.
    pub recovery_codes: Vec<String>,
}

/// A new password.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    #[schema(max_length = 128, example = "correct horse battery")]
    pub current_password: String,
    /// The password from now on.
    #[schema(min_length = 8, max_length = 128, example = "another phrase that only I know")]
    pub new_password: String,
}

/// Whose password is forgotten.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// The address of the account.
    #[schema(max_length = 254, example = "wang@zju.example")]
    pub email: String,
}

/// To whose account a new device is to be let in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// The address of the account.
    #[schema(max_length = 254, example = "wang@zju.example")]
    pub email: String,
}

/// A new password on a reset.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The reset as it was told.
    #[schema(max_length = 200, example = "zpr_Yb2n0mJxv0m3bM5Yq1x3wQ7l9c2T4r6u8i0o2p4a6s8")]
    pub reset_token: String,
    /// The password from now on.
    #[schema(min_length = 8, max_length = 128, example = "another phrase that only I know")]
    pub new_password: String,
}

/// A password reset; told once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetToken {
    /// Hand it to the person, by a way you trust.
    pub reset_token: String,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
}

/// A session that lives.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Id.
    pub id: SessionId,
    /// The organisation chosen, if one was.
    pub organisation_id: Option<OrganisationId>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When the second factor was last proved in it.
    pub proved_at: Option<DateTime<Utc>>,
    /// The network it was opened from.
    pub seen_from: Option<String>,
    /// Stands for the device it was opened on, for you alone: two of your sessions with the same mark were opened on the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{16}$")]
    pub device_mark: Option<String>,
    /// Whether it is the one this call is made in.
    pub current: bool,
    /// What the caller may do to it now, as operation ids; told where sessions are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["end_session"]))]
    pub allowed_deeds: Option<Vec<String>>,
}

impl SessionView {
    /// A session as seen from another, from itself, or from outside.
    pub fn seen(row: session::Model, from: Option<SessionId>) -> Self {
        // Another for each person, so that nobody can hold his against somebody else's.
        let mark = |device: &[u8]| hex(&sha256(&[row.person_id.0.as_bytes().as_slice(), device].concat())[..8]);
        Self {
            current: Some(row.id) == from,
            device_mark: row.device.as_deref().map(mark),
            allowed_deeds: None,
            id: row.id,
            organisation_id: row.organisation_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
            proved_at: row.proved_at,
            seen_from: row.seen_from,
        }
    }
}

/// An account as a security administrator sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The person.
    pub id: PersonId,
    /// Since when it is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Why.
    pub suspended_why: Option<String>,
}

impl AccountView {
    /// An account, with the reason it is suspended for.
    pub fn of(row: &person::Model, suspended_why: Option<String>) -> Self {
        Self { id: row.id, suspended_at: row.suspended_at, suspended_why }
    }
}

impl Tagged for AccountView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// How to rotate the keys access tokens are signed with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// Let the key before verify nothing from now on, as after a leak; everybody renews his access token.
    pub at_once: bool,
}

/// A key access tokens are signed with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenKeyView {
    /// Its number.
    pub generation: i64,
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
}

impl From<token_key::Model> for TokenKeyView {
    fn from(row: token_key::Model) -> Self {
        Self { generation: row.generation, signs_from: row.signs_from }
    }
}

impl Tagged for TokenKeyView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A refresh token to exchange.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The token.
    #[schema(max_length = 200, example = "zrt_Yb2n0mJxv0m3bM5Yq1x3wQ7l9c2T4r6u8i0o2p4a6s8")]
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
    /// Keep it and send it with the next sign-in on this device; told when signing in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
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
    /// Whether an authenticator is enrolled.
    pub second_factor: bool,
    /// When the second factor was last proved in this session.
    pub proved_at: Option<DateTime<Utc>>,
    /// Memberships and open invitations.
    pub memberships: Vec<MemberView>,
}
