//! Closing an account, and forgetting whose it was.

use std::collections::BTreeSet;

use entity::documents::document;
use entity::identity::{DataWish, MembershipState, OrgRole, membership, person};
use entity::ids::{OrganisationId, PersonId};
use entity::objections::objection;
use uuid::Uuid;

use crate::house::{Done, House, Tx};
use crate::identity::flows::members::end_within;
use crate::identity::flows::passwords::prove_password;
use crate::identity::flows::{second_factor, sessions};
use crate::identity::rules::letters;
use crate::identity::{self, keys, personal};
use crate::notifications;
use crate::objections::flows::words_of;
use crate::objections::rules::untitled;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::privacy::flows::requests;
use crate::privacy::rules::{self, Duties};
use crate::privacy::store;
use crate::questions;
use crate::rulebook::rules::{deadline, shanghai_date};

/// Timer: name and address of a closed account go.
pub const FORGET: &str = "privacy.forget";

/// Closes the caller's own account, on his password.
pub async fn close_own(house: &House, by: &Context, password: &str) -> Result<Done<person::Model>, Problem> {
    let person = by.actor()?.person;
    prove_password(house, by, password).await?;
    house.write(by, person, |tx, person| async move { close_within(&tx, person, None).await }).await
}

/// Closes somebody's account at his wish, which the reason names.
pub async fn close(house: &House, by: &Context, id: PersonId, reason: String) -> Result<Done<person::Model>, Problem> {
    requests::check_reason(&reason)?;
    house
        .write(by, (id, reason), |tx, (id, reason)| async move {
            if tx.by.actor()?.person == id {
                return Err(Code::SamePerson.into());
            }
            close_within(&tx, id, Some(&reason)).await
        })
        .await
}

/// Closes; the reason where it is not done by the owner himself.
async fn close_within(tx: &Tx, id: PersonId, reason: Option<&str>) -> Result<person::Model, Problem> {
    let known = identity::store::person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    // Organisations and places before the person, as everywhere.
    let places = hold_places(tx, &known).await?;
    let held = identity::store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    if store::hold_places(tx.conn(), &held).await? != places {
        // Somebody gave him another place meanwhile.
        return Err(Problem::transient());
    }
    if let Some(reason) = reason {
        requests::keep(tx, id, DataWish::Close, reason).await?;
    }
    let duties =
        Duties { staff: identity::store::staff(tx.conn(), id).await?.map(|place| place.role), only_owner_of: only_owner_of(tx, id).await? };
    let next = rules::closed(&held, &duties, kept_until(tx, id).await?, tx.now)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("person", id, Some(&held), Some(&next));
    let email = personal::email(&tx.house, &held)?;
    for place in places {
        if place.state != MembershipState::Removed {
            end_within(tx, &place).await?;
        }
    }
    keys::flows::end_of_account(tx, id).await?;
    sessions::end_all_within(tx, id, None, "account closed").await?;
    second_factor::remove_within(tx, id).await?;
    identity::store::remove_resets(tx.conn(), id).await?;
    store::remove_entries(tx.conn(), &held).await?;
    notifications::store::forget_person(tx.conn(), id).await?;
    tx.write_to("account_closed", &letters::account_closed(&email)).await?;
    match next.forget_at.filter(|_| !rules::may_forget(&next, tx.now)) {
        Some(due) => {
            tx.arm(FORGET, id, due);
            Ok(next)
        }
        None => forget_within(tx, &next, store::hold_places(tx.conn(), &held).await?).await,
    }
}

/// The places of somebody and the invitations to him, held after their organisations, in order.
async fn hold_places(tx: &Tx, held: &person::Model) -> Result<Vec<membership::Model>, Problem> {
    let organisations: BTreeSet<_> = store::places(tx.conn(), held).await?.into_iter().map(|place| place.organisation_id).collect();
    for organisation in organisations {
        identity::store::hold_organisation(tx.conn(), organisation).await?;
    }
    Ok(store::hold_places(tx.conn(), held).await?)
}

/// The organisations that would have no owner without him.
async fn only_owner_of(tx: &Tx, id: PersonId) -> Result<Vec<OrganisationId>, Problem> {
    let mut found = Vec::new();
    for place in identity::store::ties(tx.conn(), id).await? {
        let is_owner = identity::store::roles(tx.conn(), place.id).await?.contains(&OrgRole::Owner);
        if is_owner && identity::store::other_owners(tx.conn(), &place).await? == 0 {
            found.push(place.organisation_id);
        }
    }
    Ok(found)
}

/// Until when the records of what somebody did name him; none if he did nothing.
pub(super) async fn kept_until(tx: &Tx, id: PersonId) -> Result<Option<entity::Timestamp>, Problem> {
    let Some(last) = store::last_act(tx.conn(), id).await? else { return Ok(None) };
    let edition = tx.house.rulebook.current();
    let keep = edition.rulebook.span("auction_record_retention", None, shanghai_date(last)).map_err(|_| Code::Internal)?;
    Ok(Some(deadline(last, keep, &edition.calendar).ends_at))
}

/// The time has come: name and address of a closed account go.
pub async fn on_forget(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    tx.nothing_changed();
    let Some(known) = identity::store::person(tx.conn(), id.into()).await? else { return Ok(()) };
    // Whoever invites the address later invites whoever has it then.
    let places = hold_places(tx, &known).await?;
    let held = identity::store::hold_person(tx.conn(), id.into()).await?;
    if let Some(held) = held.filter(|held| rules::may_forget(held, tx.now)) {
        forget_within(tx, &held, places).await?;
    }
    Ok(())
}

/// Name and address go, also from the places, which are held.
async fn forget_within(tx: &Tx, held: &person::Model, places: Vec<membership::Model>) -> Result<person::Model, Problem> {
    for place in places {
        let nobody = tx.sealed(personal::address_of(place.id), "").await?;
        store::reseal_membership(tx.conn(), place.id, nobody, None).await?;
        tx.changed("membership", place.id, Some(&place), None::<&membership::Model>);
    }
    requests::forget(tx, held.id).await?;
    for held in store::hold_documents(tx.conn(), held.id).await? {
        let nameless = document::Model { title: String::new(), file_name: String::new(), ..held.clone() };
        db::update(tx.conn(), nameless).await?;
        tx.changed("document", held.id, Some(&held), None::<&document::Model>);
    }
    for held in store::hold_objections(tx.conn(), held.id).await? {
        // What an organisation shows is not his.
        let evidence = if held.objector_organisation_id.is_none() { untitled(&held.evidence) } else { held.evidence.clone() };
        let wordless = objection::Model { words: tx.sealed(words_of(held.id), "").await?, evidence, ..held.clone() };
        db::update(tx.conn(), wordless).await?;
        tx.changed("objection", held.id, Some(&held), None::<&objection::Model>);
    }
    for held in store::hold_questions(tx.conn(), held.id).await? {
        let nothing = tx.sealed(questions::flows::words_of(held.id), "").await?;
        questions::flows::forget_within(tx, &held, nothing).await?;
    }
    let gone = person::Model {
        email: tx.sealed(personal::email_of(held.id), "").await?,
        name: tx.sealed(personal::name_of(held.id), "").await?,
        email_blind: None,
        password_hash: String::new(),
        suspended_why: None,
        forgotten_at: Some(tx.now),
        ..held.clone()
    };
    db::update(tx.conn(), gone.clone()).await?;
    tx.changed("person", held.id, Some(held), Some(&gone));
    Ok(gone)
}
