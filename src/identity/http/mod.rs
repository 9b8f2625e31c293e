//! Accounts, organisations, memberships and staff over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use entity::identity::{OrgRole, StaffRole, membership, organisation};
use entity::ids::{MembershipId, OrganisationId, PersonId};
use utoipa_actix_web::service_config::ServiceConfig;

pub mod accounts;

use super::flows::members::Member;
use super::flows::{members, organisations, people, sessions, staff};
use super::rules::MembershipStep;
use super::views::{
    Credentials, Me, MemberView, NewMember, NewOrganisation, NewPerson, NewRoles, NewStaff, OrganisationView, PersonView, Reason,
    RefreshRequest, StaffView, Tokens, UsccResolution,
};
use super::{store, tokens};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Class, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::{Code, Problem};

const OWNER: &[OrgRole] = &[OrgRole::Owner];
const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];
const EVERY_STAFF: &[StaffRole] = StaffRole::ALL;
const SECURITY: &[StaffRole] = &[StaffRole::SecurityAdmin];
const OVERSEERS: &[StaffRole] = &[StaffRole::SecurityAdmin, StaffRole::Auditor, StaffRole::Supervisor];

operations! {
    /// Register a person.
    RegisterPerson = Operation::deed("register_person", &[Allow::ANYONE]).counted_as(Class::Long)
        .refuses(&[Code::RegistrationByLetter, Code::EmailTaken, Code::Busy]);
    /// Sign in.
    SignIn = Operation::plain_deed("sign_in", &[Allow::ANYONE]).counted_as(Class::Long).refuses(&[
        Code::CredentialsWrong,
        Code::Invalid,
        Code::SecondFactorRequired,
        Code::SecondFactorWrong,
        Code::TooManyAttempts,
    ]);
    /// Exchange a refresh token.
    RefreshSession = Operation::plain_deed("refresh_session", &[Allow::ANYONE]).refuses(&[Code::RefreshInvalid]);
    /// Sign out.
    SignOut = Operation::plain_deed("sign_out", &[Allow::SELF]).unconditionally();
    /// Who am I?
    ReadMe = Operation::question("read_me", &[Allow::SELF]).unconditionally();
    /// Register an organisation.
    CreateOrganisation = Operation::deed("create_organisation", &[Allow::SIGNED_IN])
        .refuses(&[Code::UsccInvalid, Code::UsccTaken, Code::StaffConflict]);
    /// List organisations.
    ListOrganisations = Operation::question("list_organisations", &[Allow::staff(EVERY_STAFF)]).with_query();
    /// Read an organisation.
    ReadOrganisation = Operation::question("read_organisation", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)]);
    /// Verify an organisation.
    VerifyOrganisation = Operation::deed("verify_organisation", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Refuse an organisation.
    RefuseOrganisation = Operation::deed("refuse_organisation", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Resolve a suspicious code.
    ResolveUscc = Operation::deed("resolve_uscc", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// List the members of an organisation.
    ListMembers = Operation::question("list_members", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)]).with_query();
    /// Invite a member.
    InviteMember = Operation::deed("invite_member", &[Allow::own(OWNER)]).refuses(&[Code::AlreadyMember]);
    /// Accept an invitation.
    AcceptInvitation = Operation::deed("accept_invitation", &[Allow::SELF])
        .refuses(&[Code::WrongState, Code::StaffConflict, Code::AddressUnproved]);
    /// Suspend a member.
    SuspendMember = Operation::deed("suspend_member", &[Allow::own(OWNER)]).on_version_if_sent().refuses(&[Code::WrongState, Code::LastOwner]);
    /// Reinstate a member.
    ReinstateMember = Operation::deed("reinstate_member", &[Allow::own(OWNER)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::StaffConflict]);
    /// Remove a member.
    RemoveMember = Operation::deed("remove_member", &[Allow::own(OWNER)]).on_version_if_sent().refuses(&[Code::WrongState, Code::LastOwner]);
    /// Change a member's roles.
    ChangeMemberRoles = Operation::deed("change_member_roles", &[Allow::own(OWNER)]).on_version().refuses(&[Code::WrongState, Code::LastOwner]);
    /// List staff.
    ListStaff = Operation::question("list_staff", &[Allow::staff(OVERSEERS)]).with_query();
    /// Appoint staff.
    AppointStaff = Operation::deed("appoint_staff", &[Allow::staff(SECURITY)])
        .with_step_up()
        .refuses(&[Code::StaffConflict, Code::AddressUnproved]);
    /// Dismiss staff.
    DismissStaff = Operation::deed("dismiss_staff", &[Allow::staff(SECURITY)]).with_step_up().refuses(&[Code::SamePerson, Code::WrongState]);
    /// The public keys access tokens verify with.
    ReadKeySet = Operation::question("read_key_set", &[Allow::ANYONE]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(register_person)
        .service(sign_in)
        .service(refresh_session)
        .service(sign_out)
        .service(read_me)
        .service(create_organisation)
        .service(list_organisations)
        .service(read_organisation)
        .service(verify_organisation)
        .service(refuse_organisation)
        .service(resolve_uscc)
        .service(list_members)
        .service(invite_member)
        .service(accept_invitation)
        .service(suspend_member)
        .service(reinstate_member)
        .service(remove_member)
        .service(change_member_roles)
        .service(list_staff)
        .service(appoint_staff)
        .service(dismiss_staff)
        .service(read_key_set);
}

impl Thing for organisation::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.id]
    }
}

impl Thing for membership::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
    fn person(&self) -> Option<PersonId> {
        self.person_id
    }
}

/// Register a person
///
/// Opens an account at once, where the platform lets strangers know which addresses have one; elsewhere registration is by
/// letter. To act in the market the person registers an organisation or is invited into one.
#[utoipa::path(tag = "accounts", request_body = NewPerson, responses((status = 201, description = "Registered", body = PersonView)))]
#[post("/v1/persons")]
pub async fn register_person(house: Data<House>, call: Call<RegisterPerson, Json<NewPerson>>) -> Answer {
    let done = people::register(&house, &call.context, call.body.0).await?;
    Ok(answer::created(done, false, |_| "/v1/me".into(), |person| person))
}

/// Sign in
///
/// Wrong address and wrong password look alike, in words and in time. After too many failures from anywhere a known device, the second
/// factor or a letter leads in; after too many from one network a known device or a letter does.
#[utoipa::path(tag = "accounts", request_body = Credentials, responses((status = 201, description = "Signed in", body = Tokens)))]
#[post("/v1/sessions")]
pub async fn sign_in(house: Data<House>, call: Call<SignIn, Json<Credentials>>) -> Answer {
    let tokens = sessions::sign_in(&house, &call.context, call.body.0).await?;
    Ok(answer::told_once("/v1/sessions", &tokens))
}

/// Exchange a refresh token
///
/// Each refresh token is exchanged once. Presented again after its successor was used, the whole session ends.
#[utoipa::path(tag = "accounts", request_body = RefreshRequest, responses((status = 201, description = "New tokens", body = Tokens)))]
#[post("/v1/sessions/refresh")]
pub async fn refresh_session(house: Data<House>, call: Call<RefreshSession, Json<RefreshRequest>>) -> Answer {
    let tokens = sessions::refresh(&house, &call.context, call.body.0.refresh_token).await?;
    Ok(answer::told_once("/v1/sessions", &tokens))
}

/// Sign out
///
/// Ends this session and everything issued in it.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Signed out")))]
#[delete("/v1/sessions/current")]
pub async fn sign_out(house: Data<House>, call: Call<SignOut>) -> Answer {
    sessions::sign_out(&house, &call.context).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who am I?
///
/// The person, the organisation acted for, memberships and open invitations with what the caller may do to them now.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The caller", body = Me)))]
#[get("/v1/me")]
pub async fn read_me(house: Data<House>, call: Call<ReadMe>) -> Answer {
    let actor = call.context.actor()?;
    let person = store::person(house.db.read(), actor.person).await?.ok_or(Code::NotFound)?;
    let mut memberships = Vec::new();
    for membership in store::my_memberships(house.db.read(), &person).await? {
        let roles = store::roles(house.db.read(), membership.id).await?;
        memberships.push(members::told(&house, &call.context, Member { membership, roles }, Some(&person)).await?);
    }
    Ok(HttpResponse::Ok().json(Me {
        person: people::told(&house, &person)?,
        organisation_id: actor.organisation(),
        roles: actor.seat.as_ref().map(|seat| seat.roles.clone()).unwrap_or_default(),
        staff_role: actor.staff.or(actor.unproved_staff),
        second_factor: store::second_factor(house.db.read(), actor.person).await?.is_some_and(|factor| factor.confirmed_at.is_some()),
        proved_at: actor.proved_at,
        memberships,
    }))
}

/// Register an organisation
///
/// The caller becomes its owner. It may list and bid once an officer has verified it. A code whose
/// last check character alone is wrong is accepted as `suspicious` and needs a reviewer's decision first.
#[utoipa::path(tag = "organisations", request_body = NewOrganisation, responses((status = 201, description = "Registered", body = OrganisationView)))]
#[post("/v1/organisations")]
pub async fn create_organisation(house: Data<House>, call: Call<CreateOrganisation, Json<NewOrganisation>>) -> Answer {
    let done = organisations::create(&house, &call.context, call.body.0).await?;
    Ok(answer::created(done, false, |row| format!("/v1/organisations/{}", row.id), OrganisationView::from))
}

/// List organisations
///
/// For officers; newest first.
#[utoipa::path(tag = "organisations", params(PageQuery), responses((status = 200, description = "A page", body = Page<OrganisationView>)))]
#[get("/v1/organisations")]
pub async fn list_organisations(house: Data<House>, _call: Call<ListOrganisations>, page: Query<PageQuery>) -> Answer {
    use organisation::{Column, Entity};
    use sea_orm::EntityTrait;
    let rows = page.restrict(Entity::find(), Column::CreatedAt, Column::Id)?.all(house.db.read()).await.map_err(Problem::from)?;
    Ok(answer::page(&house, page.page(rows, |r| (r.created_at, r.id.into()), OrganisationView::from)?))
}

/// Read an organisation
///
/// For its members and for officers, with what the caller may do to it now.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation")), responses((status = 200, description = "The organisation", body = OrganisationView)))]
#[get("/v1/organisations/{id}")]
pub async fn read_organisation(house: Data<House>, call: Call<ReadOrganisation>, id: Path<OrganisationId>) -> Answer {
    let row = store::organisation(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&row)?;
    let deeds = organisations::deeds(&call.context, &row);
    Ok(answer::found(&OrganisationView { allowed_deeds: Some(deeds), ..row.into() }))
}

/// Verify an organisation
///
/// An officer confirms that the organisation is what it says (机构核验).
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation")), responses((status = 200, description = "Verified", body = OrganisationView)))]
#[post("/v1/organisations/{id}/verify")]
pub async fn verify_organisation(house: Data<House>, call: Call<VerifyOrganisation>, id: Path<OrganisationId>) -> Answer {
    let done = organisations::verify(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, OrganisationView::from))
}

/// Refuse an organisation
///
/// Also takes an earlier verification back.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation")), request_body = Reason, responses((status = 200, description = "Refused", body = OrganisationView)))]
#[post("/v1/organisations/{id}/refuse")]
pub async fn refuse_organisation(house: Data<House>, call: Call<RefuseOrganisation, Json<Reason>>, id: Path<OrganisationId>) -> Answer {
    let done = organisations::refuse(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, OrganisationView::from))
}

/// Resolve a suspicious code
///
/// A reviewer accepts the code on a document, since early pilot codes fail the last check character.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation")), request_body = UsccResolution, responses((status = 200, description = "Resolved", body = OrganisationView)))]
#[post("/v1/organisations/{id}/resolve-uscc")]
pub async fn resolve_uscc(house: Data<House>, call: Call<ResolveUscc, Json<UsccResolution>>, id: Path<OrganisationId>) -> Answer {
    let done = organisations::resolve_uscc(&house, &call.context, call.permit, *id, call.body.0.document_id).await?;
    Ok(answer::done(done, OrganisationView::from))
}

/// List the members of an organisation
///
/// Everybody who is or was a member, newest first, with what the caller may do to each membership now.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation"), PageQuery), responses((status = 200, description = "A page", body = Page<MemberView>)))]
#[get("/v1/organisations/{id}/members")]
pub async fn list_members(house: Data<House>, call: Call<ListMembers>, id: Path<OrganisationId>, page: Query<PageQuery>) -> Answer {
    let held = store::organisation(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&held)?;
    let rows = store::members(house.db.read(), *id, &page).await?;
    let place = |(membership, _): &(membership::Model, Vec<OrgRole>)| (membership.created_at, membership.id.into());
    let found = page.page(rows, place, |(membership, roles)| Member { membership, roles })?;
    let mut items = Vec::new();
    for member in found.items {
        items.push(members::told(&house, &call.context, member, None).await?);
    }
    Ok(answer::page(&house, Page { items, next_cursor: found.next_cursor }))
}

/// Invite a member
///
/// The invited person accepts under the same address.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The organisation")), request_body = NewMember, responses((status = 201, description = "Invited", body = MemberView)))]
#[post("/v1/organisations/{id}/members")]
pub async fn invite_member(house: Data<House>, call: Call<InviteMember, Json<NewMember>>, id: Path<OrganisationId>) -> Answer {
    let done = members::invite(&house, &call.context, call.permit, *id, call.body.0).await?;
    let told = members::done(&house, done).await?;
    Ok(answer::created(told, false, |m| format!("/v1/organisations/{}/members", m.organisation_id), |member| member))
}

/// Accept an invitation
///
/// Under the invited address.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The membership")), responses((status = 200, description = "Accepted", body = MemberView)))]
#[post("/v1/memberships/{id}/accept")]
pub async fn accept_invitation(house: Data<House>, call: Call<AcceptInvitation>, id: Path<MembershipId>) -> Answer {
    let done = members::accept(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(members::done(&house, done).await?, |member| member))
}

/// Suspend a member
///
/// Takes effect on the member's next request.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The membership")), responses((status = 200, description = "Suspended", body = MemberView)))]
#[post("/v1/memberships/{id}/suspend")]
pub async fn suspend_member(house: Data<House>, call: Call<SuspendMember>, id: Path<MembershipId>) -> Answer {
    let done = members::step(&house, &call.context, call.permit, *id, MembershipStep::Suspend).await?;
    Ok(answer::done(members::done(&house, done).await?, |member| member))
}

/// Reinstate a member
///
/// Ends a suspension.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The membership")), responses((status = 200, description = "Reinstated", body = MemberView)))]
#[post("/v1/memberships/{id}/reinstate")]
pub async fn reinstate_member(house: Data<House>, call: Call<ReinstateMember>, id: Path<MembershipId>) -> Answer {
    let done = members::step(&house, &call.context, call.permit, *id, MembershipStep::Reinstate).await?;
    Ok(answer::done(members::done(&house, done).await?, |member| member))
}

/// Remove a member
///
/// For good; the same address can be invited anew.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The membership")), responses((status = 200, description = "Removed", body = MemberView)))]
#[post("/v1/memberships/{id}/remove")]
pub async fn remove_member(house: Data<House>, call: Call<RemoveMember>, id: Path<MembershipId>) -> Answer {
    let done = members::step(&house, &call.context, call.permit, *id, MembershipStep::Remove).await?;
    Ok(answer::done(members::done(&house, done).await?, |member| member))
}

/// Change a member's roles
///
/// Replaces them all.
#[utoipa::path(tag = "organisations", params(("id" = Uuid, Path, description = "The membership")), request_body = NewRoles, responses((status = 200, description = "Changed", body = MemberView)))]
#[put("/v1/memberships/{id}/roles")]
pub async fn change_member_roles(house: Data<House>, call: Call<ChangeMemberRoles, Json<NewRoles>>, id: Path<MembershipId>) -> Answer {
    let done = members::change_roles(&house, &call.context, call.permit, *id, call.body.0.roles).await?;
    Ok(answer::done(members::done(&house, done).await?, |member| member))
}

/// List staff
///
/// Who holds which role, appointed last first, with what the caller may do to each place now.
#[utoipa::path(tag = "staff", params(PageQuery), responses((status = 200, description = "A page", body = Page<StaffView>)))]
#[get("/v1/staff")]
pub async fn list_staff(house: Data<House>, call: Call<ListStaff>, page: Query<PageQuery>) -> Answer {
    Ok(answer::page(&house, staff::list(&house, &call.context, &page).await?))
}

/// Appoint staff
///
/// Nobody holds two roles, and staff do not trade.
#[utoipa::path(tag = "staff", request_body = NewStaff, responses((status = 201, description = "Appointed", body = StaffView)))]
#[post("/v1/staff")]
pub async fn appoint_staff(house: Data<House>, call: Call<AppointStaff, Json<NewStaff>>) -> Answer {
    let done = staff::appoint(&house, &call.context, call.body.0).await?;
    Ok(answer::created(done, false, |_| "/v1/staff".into(), StaffView::from))
}

/// Dismiss staff
///
/// Takes effect on the next request. Nobody dismisses himself.
#[utoipa::path(tag = "staff", params(("id" = Uuid, Path, description = "The person")), responses((status = 200, description = "Dismissed", body = StaffView)))]
#[delete("/v1/staff/{id}")]
pub async fn dismiss_staff(house: Data<House>, call: Call<DismissStaff>, id: Path<PersonId>) -> Answer {
    let done = staff::dismiss(&house, &call.context, *id).await?;
    Ok(answer::done(done, StaffView::from))
}

/// The public keys access tokens verify with
///
/// A JSON Web Key Set (RFC 7517).
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The keys", body = serde_json::Value)))]
#[get("/.well-known/jwks.json")]
pub async fn read_key_set(house: Data<House>, _call: Call<ReadKeySet>) -> Answer {
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(tokens::key_set(&house.token_keys, house.world.real_now())))
}
