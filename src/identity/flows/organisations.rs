//! Founding an organisation on the platform, and the officers' decisions about it.

use entity::identity::{MembershipState, OrgRole, OrganisationState, UsccStanding, membership, organisation};
use entity::ids::{DocumentId, OrganisationId};
use serde_json::json;

use super::IdentityEvent;
use super::members::Member;
use crate::codes::{self, CodeError, CodeWarning};
use crate::house::{Done, House, Tx};
use crate::identity::http::{InviteMember, OPERATIONS, RefuseOrganisation, ResolveUscc, VerifyOrganisation};
use crate::identity::views::NewOrganisation;
use crate::identity::{personal, rules, store};
use crate::platform::access::{self, Context, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// An organisation that somebody has verified.
pub async fn verified_within(tx: &Tx, id: OrganisationId) -> Result<organisation::Model, Problem> {
    let found = store::organisation(tx.conn(), id).await?.ok_or(Code::Internal)?;
    if found.state == OrganisationState::Verified { Ok(found) } else { Err(Code::OrganisationNotVerified.with("organisation_id", id)) }
}

/// Registers an organisation; whoever does so becomes its owner.
pub async fn create(house: &House, by: &Context, new: NewOrganisation) -> Result<Done<organisation::Model>, Problem> {
    Faults::new().name("/name", &new.name, 200).optional_text("/name_en", new.name_en.as_ref(), 200).done()?;
    house.write(by, new, |tx, new| async move { create_within(&tx, new).await }).await
}

async fn create_within(tx: &Tx, new: NewOrganisation) -> Result<organisation::Model, Problem> {
    let actor = tx.by.actor()?;
    let person = store::hold_person(tx.conn(), actor.person).await?.ok_or(Code::Internal)?;
    if store::staff(tx.conn(), person.id).await?.is_some() {
        return Err(Code::StaffConflict.into());
    }
    let code = codes::parse_uscc(&new.uscc).map_err(|error| uscc_problem(&error))?;
    let standing = match code.standing {
        codes::UsccStanding::Valid => UsccStanding::Valid,
        codes::UsccStanding::Suspicious { .. } => UsccStanding::Suspicious,
    };
    let contradicted = code.party.is_some_and(|party| rules::contradicts(new.kind, party)).then_some(CodeWarning::OtherKind);
    let warnings: Vec<_> = code
        .warnings
        .iter()
        .chain(&contradicted)
        .map(|warning| {
            let (zh, en) = warning.says();
            json!({"code": warning.code(), "zh": zh, "en": en})
        })
        .collect();
    let row = organisation::Model {
        id: tx.id(),
        kind: new.kind,
        ownership: new.ownership,
        name: new.name,
        name_en: new.name_en,
        uscc: code.canonical,
        uscc_raw: new.uscc,
        uscc_standing: standing,
        uscc_document_id: None,
        division_code: code.division,
        warnings: warnings.into(),
        state: OrganisationState::Registered,
        state_reason: None,
        created_by: actor.person,
        decided_by: None,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::UsccTaken.into() } else { Problem::from(error) })?;
    let id = tx.id();
    let email = personal::email(&tx.house, &person)?;
    let owner = membership::Model {
        id,
        organisation_id: row.id,
        person_id: Some(person.id),
        email: tx.sealed(personal::address_of(id), &email).await?,
        email_blind: person.email_blind,
        state: MembershipState::Active,
        invited_by: person.id,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), owner.clone()).await?;
    let founder = Member { membership: owner, roles: vec![OrgRole::Owner] };
    store::set_roles(tx.conn(), founder.membership.id, &founder.roles).await?;
    tx.created("organisation", row.id, &row);
    tx.created("membership", founder.membership.id, &founder);
    tx.publish(&IdentityEvent::organisation("organisation.registered", row.id))?;
    Ok(row)
}

fn uscc_problem(error: &CodeError) -> Problem {
    let (zh, en) = error.says();
    let problem = Code::UsccInvalid.with("reason", format!("{zh} / {en}"));
    Problem { errors: vec![Fault::new("/uscc", error.code(), zh, en)], ..problem }
}

/// What the caller may do to an organisation now.
pub fn deeds(by: &Context, held: &organisation::Model) -> Vec<String> {
    let mut open = rules::decisions(held);
    open.push(InviteMember::OPERATION.id);
    access::allowed(OPERATIONS, &by.caller, held, &open)
}

/// An officer verifies.
pub async fn verify(
    house: &House,
    by: &Context,
    permit: Permit<VerifyOrganisation>,
    id: OrganisationId,
) -> Result<Done<organisation::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = store::hold_organisation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let next = rules::verify(&held, tx.by.actor()?.person)?;
            record(&tx, &held, next, "organisation.verified").await
        })
        .await
}

/// An officer refuses, or takes a verification back.
pub async fn refuse(
    house: &House,
    by: &Context,
    permit: Permit<RefuseOrganisation>,
    id: OrganisationId,
    reason: String,
) -> Result<Done<organisation::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = store::hold_organisation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let next = rules::refuse(&held, tx.by.actor()?.person, &reason)?;
            record(&tx, &held, next, "organisation.refused").await
        })
        .await
}

/// A reviewer accepts a suspicious code on a document of the organisation.
pub async fn resolve_uscc(
    house: &House,
    by: &Context,
    permit: Permit<ResolveUscc>,
    id: OrganisationId,
    document: DocumentId,
) -> Result<Done<organisation::Model>, Problem> {
    house
        .write(by, (permit, id, document), |tx, (permit, id, document)| async move {
            let held = store::hold_organisation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            crate::documents::flows::usable_within(&tx, document, id).await?;
            let next = rules::resolve_uscc(&held, document)?;
            record(&tx, &held, next, "organisation.uscc_resolved").await
        })
        .await
}

async fn record(
    tx: &Tx,
    held: &organisation::Model,
    next: organisation::Model,
    event: &'static str,
) -> Result<organisation::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("organisation", next.id, Some(held), Some(&next));
    tx.publish(&IdentityEvent::organisation(event, next.id))?;
    Ok(next)
}
