//! Inviting members, and what becomes of memberships.

use entity::identity::{MembershipState, OrgRole, OrganisationState, membership, person};
use entity::ids::{MembershipId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};

use super::IdentityEvent;
use crate::house::{Done, House, Tx};
use crate::identity::http::{AcceptInvitation, ChangeMemberRoles, InviteMember, ReinstateMember, RemoveMember, SuspendMember};
use crate::identity::rules::{MembershipStep, letters};
use crate::identity::views::{MemberView, NewMember};
use crate::identity::{keys, personal, rules, store};
use crate::platform::access::{self, Context, Operation, Permission, Permit, Thing};
use crate::platform::db;
use crate::platform::problem::{Code, Faults, Problem};

/// A membership with its roles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The membership.
    pub membership: membership::Model,
    /// The roles.
    pub roles: Vec<OrgRole>,
}

/// Invites an address.
pub async fn invite(
    house: &House,
    by: &Context,
    permit: Permit<InviteMember>,
    organisation: OrganisationId,
    new: NewMember,
) -> Result<Done<Member>, Problem> {
    let email = rules::normal_email(&new.email);
    Faults::new().require(rules::is_email(&email), "/email", "email", "须为电子邮箱地址", "must be an e-mail address").done()?;
    rules::new_roles(&new.roles)?;
    house
        .write(by, (permit, organisation, email, new.roles), |tx, (permit, organisation, email, roles)| async move {
            let held = store::hold_organisation(tx.conn(), organisation).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            let blind = personal::blind(&tx.house.keys, &email);
            if store::standing_membership(tx.conn(), organisation, &blind).await?.is_some() {
                return Err(Code::AlreadyMember.into());
            }
            let id = tx.id();
            let row = membership::Model {
                id,
                organisation_id: organisation,
                person_id: None,
                email: tx.sealed(personal::address_of(id), &email).await?,
                email_blind: Some(blind.to_vec()),
                state: MembershipState::Invited,
                invited_by: tx.by.actor()?.person,
                version: 1,
                created_at: tx.now,
            };
            db::insert(tx.conn(), row.clone()).await?;
            store::set_roles(tx.conn(), row.id, &roles).await?;
            let member = Member { membership: row, roles };
            tx.created("membership", member.membership.id, &member);
            tx.publish(&IdentityEvent::membership("membership.invited", organisation, member.membership.id))?;
            // Nobody writes to strangers in our name before an officer has looked at his own.
            if held.state == OrganisationState::Verified {
                tx.write_to("invitation", &letters::invitation(&email, &held.name)).await?;
            }
            Ok(member)
        })
        .await
}

/// An invitation: about the person it was sent to, known to the organisation too.
struct Invitation {
    organisation: OrganisationId,
    invited: Option<PersonId>,
}

impl Thing for Invitation {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation]
    }
    fn person(&self) -> Option<PersonId> {
        self.invited
    }
}

/// The invited person accepts.
pub async fn accept(house: &House, by: &Context, permit: Permit<AcceptInvitation>, id: MembershipId) -> Result<Done<Member>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = store::hold_membership(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            let actor = tx.by.actor()?.clone();
            let person = store::hold_person(tx.conn(), actor.person).await?.ok_or(Code::Internal)?;
            permit.over(&Invitation {
                organisation: held.organisation_id,
                invited: (person.email_blind.is_some() && person.email_blind == held.email_blind).then_some(person.id),
            })?;
            rules::address_proved(&person, tx.house.mailer.is_some())?;
            no_officer(&tx, Some(person.id)).await?;
            let life = tx.house.span("invitation_life", tx.now)?;
            rules::invitation_stands(&held, life, tx.now)?;
            let state = rules::membership_step(&held, false, 1, MembershipStep::Accept)?;
            let next = membership::Model { state, person_id: Some(person.id), version: held.version + 1, ..held.clone() };
            record(&tx, &held, next, "membership.accepted").await
        })
        .await
}

/// An owner suspends, reinstates or removes a member.
pub async fn step<P: Permission>(
    house: &House,
    by: &Context,
    permit: Permit<P>,
    id: MembershipId,
    step: MembershipStep,
) -> Result<Done<Member>, Problem> {
    house
        .write(by, (permit, id, step), |tx, (permit, id, step)| async move {
            let held = store::hold_membership(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let is_owner = store::roles(tx.conn(), id).await?.contains(&OrgRole::Owner);
            let others = store::other_owners(tx.conn(), &held).await?;
            let state = rules::membership_step(&held, is_owner, others, step)?;
            let event = match step {
                MembershipStep::Accept => "membership.accepted",
                MembershipStep::Suspend => "membership.suspended",
                MembershipStep::Reinstate => "membership.reinstated",
                MembershipStep::Remove => "membership.removed",
            };
            if step == MembershipStep::Reinstate {
                no_officer(&tx, held.person_id).await?;
            }
            if let (MembershipStep::Remove, Some(person)) = (step, held.person_id) {
                keys::flows::end_of_member(&tx, person, held.organisation_id).await?;
            }
            let next = membership::Model { state, version: held.version + 1, ..held.clone() };
            record(&tx, &held, next, event).await
        })
        .await
}

/// A place ends with its account; the caller holds it.
pub async fn end_within(tx: &Tx, held: &membership::Model) -> Result<(), Problem> {
    let next = membership::Model { state: MembershipState::Removed, version: held.version + 1, ..held.clone() };
    record(tx, held, next, "membership.removed").await.map(|_| ())
}

/// Officers do not trade: whoever was appointed while he was suspended stays outside.
async fn no_officer(tx: &Tx, person: Option<PersonId>) -> Result<(), Problem> {
    let Some(person) = person else { return Ok(()) };
    // Held as an appointment holds it, so that the two never pass each other.
    store::hold_person(tx.conn(), person).await?.ok_or(Code::Internal)?;
    match store::staff(tx.conn(), person).await? {
        Some(_) => Err(Code::StaffConflict.into()),
        None => Ok(()),
    }
}

/// A membership as it is told of.
pub fn shown(house: &House, member: Member) -> Result<MemberView, Problem> {
    let email = personal::address(house, &member.membership)?;
    Ok(MemberView::of(member, email))
}

/// The same of a deed. What its record holds may be sealed under a key that is gone by now, so a deed that is told
/// again has the address as it stands.
pub async fn done(house: &House, mut done: Done<Member>) -> Result<Done<MemberView>, Problem> {
    if done.replayed {
        let standing = store::membership(house.db.read(), done.value.membership.id).await?.ok_or(Code::Internal)?;
        done.value.membership.email = standing.email;
    }
    done.try_map(|member| shown(house, member))
}

/// What is done to a membership.
const DEEDS: [Operation; 5] = [
    AcceptInvitation::OPERATION,
    SuspendMember::OPERATION,
    ReinstateMember::OPERATION,
    RemoveMember::OPERATION,
    ChangeMemberRoles::OPERATION,
];

/// A membership with what the caller may do to it; `invited` is the person it is or was open to, if known.
pub async fn told(house: &House, by: &Context, member: Member, invited: Option<&person::Model>) -> Result<MemberView, Problem> {
    let held = &member.membership;
    let is_proved = invited.is_none_or(|person| rules::address_proved(person, house.mailer.is_some()).is_ok());
    let invited = invited.map(|person| person.id);
    let thing = Invitation { organisation: held.organisation_id, invited };
    let mut deeds = Vec::new();
    // Most who read memberships may do nothing to them; then nothing more is looked up.
    if DEEDS.iter().any(|deed| access::may(deed, &by.caller, &thing)) {
        let db = house.db.read();
        let is_owner = member.roles.contains(&OrgRole::Owner);
        let others = if is_owner { store::other_owners(db, held).await? } else { 0 };
        let is_officer = match held.person_id.or(invited) {
            Some(person) => store::staff(db, person).await?.is_some(),
            None => false,
        };
        let open = rules::open_on_membership(held, is_owner, others, is_officer, is_proved);
        deeds = access::allowed(&DEEDS, &by.caller, &thing, &open);
    }
    Ok(MemberView { allowed_deeds: Some(deeds), ..shown(house, member)? })
}

/// An owner changes a member's roles.
pub async fn change_roles(
    house: &House,
    by: &Context,
    permit: Permit<ChangeMemberRoles>,
    id: MembershipId,
    roles: Vec<OrgRole>,
) -> Result<Done<Member>, Problem> {
    house
        .write(by, (permit, id, roles), |tx, (permit, id, roles)| async move {
            let held = store::hold_membership(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let before = store::roles(tx.conn(), id).await?;
            let others = store::other_owners(tx.conn(), &held).await?;
            rules::change_roles(&held, before.contains(&OrgRole::Owner), others, &roles)?;
            store::set_roles(tx.conn(), id, &roles).await?;
            let next = membership::Model { version: held.version + 1, ..held.clone() };
            tx.changed("membership_roles", id, Some(&before), Some(&roles));
            record(&tx, &held, next, "membership.roles_changed").await
        })
        .await
}

async fn record(tx: &Tx, held: &membership::Model, next: membership::Model, event: &'static str) -> Result<Member, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("membership", next.id, Some(held), Some(&next));
    tx.publish(&IdentityEvent::membership(event, next.organisation_id, next.id))?;
    let roles = store::roles(tx.conn(), next.id).await?;
    Ok(Member { membership: next, roles })
}
