//! Who may become what: pure decisions about people, organisations, memberships and staff.

pub mod attempts;
pub mod letters;
pub mod passwords;
pub mod registrations;
pub mod sessions;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::{
    MembershipState, OrgRole, OrganisationKind, OrganisationState, Ownership, SellerClass, StaffRole, UsccStanding, membership,
    organisation, person, refresh_token, session, staff,
};
use entity::ids::PersonId;

use self::passwords::{PasswordRules, fit};
use crate::codes::PartyType;
use crate::platform::problem::{Code, Faults, Problem};

/// An e-mail address in the form it is compared in.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a text can be an e-mail address at all; only mail can tell whether it is one.
pub fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_graphic() && b != b'@' && b != b',');
    text.len() <= 254 && plain(name) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

/// Checks the address somebody wants a letter at.
pub fn address(email: &str) -> Result<(), Problem> {
    Faults::new().require(is_email(email), "/email", "email", "须为电子邮箱地址", "must be an e-mail address").done()
}

/// Checks what a person registers with.
pub fn new_person(email: &str, name: &str, password: &str, rules: &PasswordRules) -> Result<(), Problem> {
    Faults::new()
        .require(is_email(email), "/email", "email", "须为电子邮箱地址", "must be an e-mail address")
        .text("/name", name, 100)
        .done()?;
    fit(password, email, name, false, rules, "/password")
}

/// Bounds what is given to sign in, as the document says it: what is longer is no such thing.
pub fn credentials(email: &str, password: &str, code: Option<&str>, device_token: Option<&str>) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults.at_most("/email", email, 254).at_most("/password", password, 128);
    faults.at_most("/code", code.unwrap_or_default(), 40).at_most("/device_token", device_token.unwrap_or_default(), 120).done()
}

/// Whether an account lets anybody in: it is neither suspended nor closed.
pub fn may_enter(held: &person::Model) -> bool {
    held.suspended_at.is_none() && held.closed_at.is_none()
}

/// The account once it is suspended, by somebody else and for a reason, which is sealed beside it.
pub fn suspended(held: &person::Model, by: PersonId, reason: &str, now: Timestamp) -> Result<person::Model, Problem> {
    Faults::new().text("/reason", reason, 500).done()?;
    if held.id == by {
        return Err(Code::SamePerson.into());
    }
    if held.suspended_at.is_some() {
        return Err(Code::WrongState.with("state", "suspended").with("allowed", ["reinstate_person"]));
    }
    Ok(person::Model { suspended_at: Some(now), ..held.clone() })
}

/// The account once it is let in again.
pub fn reinstated(held: &person::Model) -> Result<person::Model, Problem> {
    if held.suspended_at.is_none() {
        return Err(Code::WrongState.with("state", "active").with("allowed", ["suspend_person"]));
    }
    Ok(person::Model { suspended_at: None, suspended_why: None, ..held.clone() })
}

/// The seller class an organisation sells as.
pub fn seller_class(organisation: &organisation::Model) -> SellerClass {
    match (organisation.ownership, organisation.kind) {
        (Ownership::Private, _) => SellerClass::Private,
        (Ownership::State, OrganisationKind::Enterprise | OrganisationKind::BrokerAgency | OrganisationKind::Bank) => SellerClass::Soe,
        (Ownership::State, _) => SellerClass::State,
    }
}

/// An officer verifies an organisation; a code under suspicion must be resolved first.
pub fn verify(held: &organisation::Model, officer: PersonId) -> Result<organisation::Model, Problem> {
    if held.state == OrganisationState::Verified || held.uscc_standing == UsccStanding::Suspicious {
        return Err(wrong_state(held));
    }
    Ok(organisation::Model {
        state: OrganisationState::Verified,
        state_reason: None,
        decided_by: Some(officer),
        version: held.version + 1,
        ..held.clone()
    })
}

/// An officer refuses an organisation, or takes a verification back.
pub fn refuse(held: &organisation::Model, officer: PersonId, reason: &str) -> Result<organisation::Model, Problem> {
    Faults::new().text("/reason", reason, 500).done()?;
    if held.state == OrganisationState::Refused {
        return Err(wrong_state(held));
    }
    Ok(organisation::Model {
        state: OrganisationState::Refused,
        state_reason: Some(reason.into()),
        decided_by: Some(officer),
        version: held.version + 1,
        ..held.clone()
    })
}

/// A reviewer accepts a suspicious code on a certificate (early pilot codes fail the last check
/// character and are valid all the same).
pub fn resolve_uscc(held: &organisation::Model, document: entity::ids::DocumentId) -> Result<organisation::Model, Problem> {
    if held.uscc_standing != UsccStanding::Suspicious {
        return Err(Code::WrongState.with("state", held.uscc_standing).with("allowed", decisions(held)));
    }
    Ok(organisation::Model {
        uscc_standing: UsccStanding::Resolved,
        uscc_document_id: Some(document),
        version: held.version + 1,
        ..held.clone()
    })
}

/// Whether what an organisation says it is goes against what its code was given for. Institutes of the new kind are of
/// every type, so only a plain contradiction counts, and it only warns: the officer decides (GB 32100-2015).
pub fn contradicts(kind: OrganisationKind, party: PartyType) -> bool {
    match kind {
        OrganisationKind::University => party.is_trader(),
        OrganisationKind::ResearchInstitute => party == PartyType::IndividualHousehold,
        OrganisationKind::Enterprise | OrganisationKind::Bank => party.is_public_body(),
        OrganisationKind::Government => !party.is_public_body(),
        OrganisationKind::BrokerAgency | OrganisationKind::Evaluator => party == PartyType::GovernmentOrgan,
    }
}

/// What officers can do to an organisation in its state, as operations.
pub fn decisions(held: &organisation::Model) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    if held.uscc_standing == UsccStanding::Suspicious {
        allowed.push("resolve_uscc");
    } else if held.state != OrganisationState::Verified {
        allowed.push("verify_organisation");
    }
    if held.state != OrganisationState::Refused {
        allowed.push("refuse_organisation");
    }
    allowed
}

fn wrong_state(held: &organisation::Model) -> Problem {
    Code::WrongState.with("state", held.state).with("uscc_standing", held.uscc_standing).with("allowed", decisions(held))
}

/// What is done to a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipStep {
    /// The invited person accepts.
    Accept,
    /// An owner suspends.
    Suspend,
    /// An owner reinstates.
    Reinstate,
    /// An owner removes.
    Remove,
}

/// Whether an invitation may still be accepted: it lives so long and no longer.
pub fn invitation_stands(held: &membership::Model, life: TimeDelta, now: Timestamp) -> Result<(), Problem> {
    if held.state == MembershipState::Invited && now >= held.created_at + life {
        let expired = Code::WrongState.with("state", "expired").with("expired_at", held.created_at + life);
        return Err(expired.with("allowed", ["remove_member", "invite_member"]));
    }
    Ok(())
}

/// The state a step leads to. `other_owners` counts the active owners besides this member.
pub fn membership_step(
    held: &membership::Model,
    is_owner: bool,
    other_owners: u64,
    step: MembershipStep,
) -> Result<MembershipState, Problem> {
    use MembershipState::{Active, Invited, Removed, Suspended};
    let next = match (held.state, step) {
        (Invited, MembershipStep::Accept) | (Suspended, MembershipStep::Reinstate) => Active,
        (Active, MembershipStep::Suspend) => Suspended,
        (Invited | Active | Suspended, MembershipStep::Remove) => Removed,
        _ => return Err(membership_stands(held)),
    };
    if held.state == Active && next != Active && is_owner && other_owners == 0 {
        return Err(Code::LastOwner.into());
    }
    Ok(next)
}

/// The refusal of what a membership's state does not allow, with what it does.
fn membership_stands(held: &membership::Model) -> Problem {
    let allowed: &[&str] = match held.state {
        MembershipState::Invited => &["accept_invitation", "remove_member", "change_member_roles"],
        MembershipState::Active => &["suspend_member", "remove_member", "change_member_roles"],
        MembershipState::Suspended => &["reinstate_member", "remove_member", "change_member_roles"],
        MembershipState::Removed => &["invite_member"],
    };
    Code::WrongState.with("state", held.state).with("allowed", allowed)
}

/// Whoever takes a place meant for an address is known to read its letters; where none are sent nobody can show that.
pub fn address_proved(person: &person::Model, has_mail: bool) -> Result<(), Problem> {
    if has_mail && person.address_proved_at.is_none() {
        return Err(Code::AddressUnproved.into());
    }
    Ok(())
}

/// What can be done to a membership in its state, as operations. An officer of the platform neither
/// accepts nor comes back, and nobody accepts under an address that may be another's.
pub fn open_on_membership(
    held: &membership::Model,
    is_owner: bool,
    other_owners: u64,
    is_officer: bool,
    is_proved: bool,
) -> Vec<&'static str> {
    let leads = |step| membership_step(held, is_owner, other_owners, step).is_ok();
    let deeds = [
        (leads(MembershipStep::Accept) && !is_officer && is_proved, "accept_invitation"),
        (leads(MembershipStep::Suspend), "suspend_member"),
        (leads(MembershipStep::Reinstate) && !is_officer, "reinstate_member"),
        (leads(MembershipStep::Remove), "remove_member"),
        (held.state != MembershipState::Removed, "change_member_roles"),
    ];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

/// Whether a member's roles may change to these.
pub fn change_roles(held: &membership::Model, was_owner: bool, other_owners: u64, roles: &[OrgRole]) -> Result<(), Problem> {
    new_roles(roles)?;
    if held.state == MembershipState::Removed {
        return Err(membership_stands(held));
    }
    if held.state == MembershipState::Active && was_owner && !roles.contains(&OrgRole::Owner) && other_owners == 0 {
        return Err(Code::LastOwner.into());
    }
    Ok(())
}

/// Roles given to a member: at least one, none twice.
pub fn new_roles(roles: &[OrgRole]) -> Result<(), Problem> {
    let mut seen = roles.to_vec();
    seen.sort_unstable();
    seen.dedup();
    Faults::new()
        .require(
            !roles.is_empty() && seen.len() == roles.len(),
            "/roles",
            "roles",
            "至少一个角色，且不得重复",
            "at least one role, and none twice",
        )
        .done()
}

/// Whether a person may be given a staff role: nobody holds two, and staff do not trade.
pub fn appoint(standing: Option<&staff::Model>, has_membership: bool) -> Result<(), Problem> {
    if standing.is_some() || has_membership {
        return Err(Code::StaffConflict.into());
    }
    Ok(())
}

/// What can be done to a session that lives, as operations.
pub const OPEN_ON_SESSION: &[&str] = &["end_session"];

/// What somebody may do to a staff place, as operations; whether he has the right to is asked elsewhere.
pub fn open_on_staff(standing: &staff::Model, by: PersonId, security_admins: u64) -> &'static [&'static str] {
    if dismiss(standing, by, security_admins).is_ok() { &["dismiss_staff"] } else { &[] }
}

/// Whether a staff member may be dismissed: the last security administrator stays, and nobody dismisses himself.
pub fn dismiss(standing: &staff::Model, by: PersonId, security_admins: u64) -> Result<(), Problem> {
    if standing.person_id == by {
        return Err(Code::SamePerson.into());
    }
    if standing.role == StaffRole::SecurityAdmin && security_admins <= 1 {
        return Err(Code::WrongState.with("state", "last_security_admin").with("allowed", ["appoint_staff"]));
    }
    Ok(())
}

/// What comes of presenting a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Exchange it for a successor.
    Rotate,
    /// The answer with its successor was lost: neither the successor nor its access token was ever
    /// used, so it is replaced.
    Replace,
    /// Somebody else has it too: the whole family ends.
    Revoke,
    /// Not valid, and nothing more is known.
    Refuse,
}

/// Judges a presented refresh token by itself and its live successor, if any.
pub fn refresh(
    session: &session::Model,
    token: &refresh_token::Model,
    successor: Option<&refresh_token::Model>,
    idle: TimeDelta,
    now: Timestamp,
) -> Refresh {
    if session.revoked_at.is_some() || now >= session.expires_at || now >= token.expires_at.min(token.created_at + idle) {
        return Refresh::Refuse;
    }
    if token.superseded_at.is_some() {
        return Refresh::Revoke;
    }
    match (token.used_at, successor) {
        (None, _) => Refresh::Rotate,
        (Some(_), Some(next)) if next.used_at.is_none() && next.access_seen_at.is_none() => Refresh::Replace,
        (Some(_), _) => Refresh::Revoke,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use entity::ids::{MembershipId, OrganisationId, SessionId, TokenId};
    use uuid::Uuid;

    fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_700_000_000 + second, 0).unwrap()
    }

    #[test]
    fn only_a_plain_contradiction_of_kind_and_code_warns() {
        use OrganisationKind::{Enterprise, Government, ResearchInstitute, University};
        assert!(contradicts(University, PartyType::Enterprise) && contradicts(Enterprise, PartyType::PublicInstitution));
        assert!(contradicts(Government, PartyType::Enterprise) && !contradicts(Government, PartyType::GovernmentOrgan));
        assert!(!contradicts(University, PartyType::PublicInstitution) && !contradicts(Enterprise, PartyType::FarmersCooperative));
        // Institutes of the new kind are enterprises, associations and public bodies.
        for party in [PartyType::Enterprise, PartyType::PrivateNonEnterprise, PartyType::PublicInstitution] {
            assert!(!contradicts(ResearchInstitute, party));
        }
    }

    fn session() -> session::Model {
        session::Model {
            id: SessionId(Uuid::nil()),
            person_id: PersonId(Uuid::nil()),
            organisation_id: None,
            created_at: at(0),
            expires_at: at(1000),
            revoked_at: None,
            revoked_why: None,
            proved_at: None,
            seen_from: None,
            device: None,
        }
    }

    fn token() -> refresh_token::Model {
        refresh_token::Model {
            id: TokenId(Uuid::nil()),
            session_id: SessionId(Uuid::nil()),
            hash: vec![],
            parent_id: None,
            created_at: at(0),
            expires_at: at(1000),
            used_at: None,
            access_seen_at: None,
            superseded_at: None,
        }
    }

    #[test]
    fn a_used_refresh_token_is_taken_again_only_if_its_answer_was_surely_lost() {
        let judge = |token: &refresh_token::Model, next: Option<&refresh_token::Model>| {
            refresh(&session(), token, next, TimeDelta::seconds(1000), at(10))
        };
        let used = refresh_token::Model { used_at: Some(at(1)), ..token() };
        assert_eq!(judge(&token(), None), Refresh::Rotate);
        assert_eq!(judge(&used, Some(&token())), Refresh::Replace);
        let seen = refresh_token::Model { access_seen_at: Some(at(2)), ..token() };
        assert_eq!(judge(&used, Some(&seen)), Refresh::Revoke);
        let next_used = refresh_token::Model { used_at: Some(at(2)), ..token() };
        assert_eq!(judge(&used, Some(&next_used)), Refresh::Revoke);
        let superseded = refresh_token::Model { superseded_at: Some(at(2)), ..token() };
        assert_eq!(judge(&superseded, None), Refresh::Revoke);
    }

    #[test]
    fn an_idle_or_old_refresh_token_is_refused() {
        assert_eq!(refresh(&session(), &token(), None, TimeDelta::seconds(5), at(10)), Refresh::Refuse);
        assert_eq!(refresh(&session(), &token(), None, TimeDelta::seconds(5000), at(1000)), Refresh::Refuse);
    }

    fn member(state: MembershipState) -> membership::Model {
        membership::Model {
            id: MembershipId(Uuid::nil()),
            organisation_id: OrganisationId(Uuid::nil()),
            person_id: None,
            email: "a@b.cn".to_owned().into(),
            email_blind: None,
            state,
            invited_by: PersonId(Uuid::nil()),
            version: 1,
            created_at: at(0),
        }
    }

    #[test]
    fn the_last_owner_can_neither_be_suspended_nor_removed_nor_demoted() {
        let owner = member(MembershipState::Active);
        for step in [MembershipStep::Suspend, MembershipStep::Remove] {
            assert_eq!(membership_step(&owner, true, 0, step).unwrap_err().code, Code::LastOwner);
            assert!(membership_step(&owner, true, 1, step).is_ok());
        }
        assert_eq!(change_roles(&owner, true, 0, &[OrgRole::Viewer]).unwrap_err().code, Code::LastOwner);
    }

    #[test]
    fn an_invitation_runs_out() {
        let life = TimeDelta::seconds(100);
        assert!(invitation_stands(&member(MembershipState::Invited), life, at(99)).is_ok());
        assert_eq!(invitation_stands(&member(MembershipState::Invited), life, at(100)).unwrap_err().facts["state"], "expired");
        assert!(invitation_stands(&member(MembershipState::Active), life, at(100)).is_ok());
    }

    #[test]
    fn what_can_be_done_to_a_membership_follows_from_its_state() {
        let open = |state, is_owner, others, is_officer| open_on_membership(&member(state), is_owner, others, is_officer, true);
        assert_eq!(open(MembershipState::Invited, false, 1, false), ["accept_invitation", "remove_member", "change_member_roles"]);
        assert_eq!(open(MembershipState::Invited, false, 1, true), ["remove_member", "change_member_roles"]);
        let unproved = open_on_membership(&member(MembershipState::Invited), false, 1, false, false);
        assert_eq!(unproved, ["remove_member", "change_member_roles"]);
        assert_eq!(open(MembershipState::Active, true, 0, false), ["change_member_roles"], "the last owner stays");
        assert_eq!(open(MembershipState::Active, true, 1, false), ["suspend_member", "remove_member", "change_member_roles"]);
        assert_eq!(open(MembershipState::Suspended, false, 1, false), ["reinstate_member", "remove_member", "change_member_roles"]);
        assert_eq!(open(MembershipState::Suspended, false, 1, true), ["remove_member", "change_member_roles"], "officers do not trade");
        assert!(open(MembershipState::Removed, false, 1, false).is_empty());
    }

    #[test]
    fn nothing_leads_back_from_removed() {
        for step in [MembershipStep::Accept, MembershipStep::Suspend, MembershipStep::Reinstate, MembershipStep::Remove] {
            assert!(membership_step(&member(MembershipState::Removed), false, 1, step).is_err());
        }
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["a@b.cn", "x.y+z@mail.zju.edu.cn"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "a@", "@b.cn", "a@b", "a b@c.cn", "a@b@c.cn", "a@.cn", "a,b@c.cn"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
