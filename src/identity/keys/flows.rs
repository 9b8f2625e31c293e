//! Making, rotating and revoking keys, calling with them, and what is kept of it.

use std::net::IpAddr;

use entity::Timestamp;
use entity::identity::{OrgRole, api_key, key_call};
use entity::ids::{ApiKeyId, OrganisationId, PersonId};

use super::http::{ListKeyCalls, OPERATIONS, ReadApiKey, RevokeApiKey, RotateApiKey};
use super::rules::{self, KeyRules, Making, Wanted};
use super::store::{self, CallFilter, KeyFilter};
use super::text;
use super::views::ApiKeyView;
use crate::house::{Done, House, Tx};
use crate::identity::authenticate::acting;
use crate::identity::flows::{IdentityEvent, passwords};
use crate::identity::rules::may_enter;
use crate::identity::store as people;
use crate::platform::access::{self, Actor, Context, Credential, Permit};
use crate::platform::db::{self, Ending};
use crate::platform::http::PageQuery;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Why a key ends with the place it was made at.
const LEFT: &str = "the member was removed";
/// Why a key ends with the account's recovery.
const RECOVERED: &str = "the account was recovered";

/// The rules for keys now.
pub fn rules_now(house: &House) -> Result<KeyRules, Problem> {
    KeyRules::of(&house.rulebook.current().rulebook, shanghai_date(house.world.real_now()))
}

/// A key with its text, which is told once.
pub struct Told {
    /// The key.
    pub key: api_key::Model,
    /// Its text.
    pub secret: String,
}

/// Whom a text in the place of a token stands for, if it is a key of ours and good; and the key, if it is one
/// at all, so that its owner sees what is tried with it.
pub async fn bearer(house: &House, sent: &str, from: Option<IpAddr>) -> (Option<ApiKeyId>, Result<Actor, Problem>) {
    let found = if text::is_sound(sent) { store::by_hash(house.db.read(), sha256(sent.as_bytes())).await } else { Ok(None) };
    match found {
        Ok(Some(key)) => (Some(key.id), stands_for(house, &key, from).await),
        Ok(None) => (None, Err(Code::TokenInvalid.into())),
        Err(error) => (None, Err(error.into())),
    }
}

async fn stands_for(house: &House, key: &api_key::Model, from: Option<IpAddr>) -> Result<Actor, Problem> {
    let invalid = || Problem::from(Code::TokenInvalid);
    if !rules::is_good(key, from, house.world.real_now()) {
        return Err(invalid());
    }
    let db = house.db.read();
    let person = people::person(db, key.person_id).await?.filter(may_enter).ok_or_else(invalid)?;
    let grant = rules::grant(key).ok_or(Code::Internal)?;
    let actor = acting(db, key.person_id, Credential::Key(grant), Some(key.organisation_id)).await?;
    // A key is worth its owner's place; whoever has none there now has no key.
    actor.seat.as_ref().ok_or_else(invalid)?;
    Ok(Actor { staff: None, outworn: passwords::is_outworn(house, &person, house.world.real_now())?, ..actor })
}

/// Whether a key is still good, wherever it is used from.
pub async fn lives(house: &House, id: ApiKeyId) -> Result<bool, Problem> {
    let now = house.world.real_now();
    Ok(store::key(house.db.read(), id).await?.is_some_and(|key| rules::state(&key, now) == rules::KeyState::Live))
}

/// A text for a key and what it is known by.
fn drawn(house: &House) -> (String, String, [u8; 32]) {
    let secret = text::written(&house.world.random());
    let (prefix, hash) = (text::prefix(&secret), sha256(secret.as_bytes()));
    (secret, prefix, hash)
}

/// A key's text is told with the first answer and never kept, so a repetition has none to tell.
fn tell(done: Done<api_key::Model>, secret: String) -> Result<Told, Problem> {
    if done.replayed {
        return Err(Code::SecretAlreadyShown.with("api_key_id", done.value.id));
    }
    Ok(Told { key: done.value, secret })
}

/// Makes a key for the caller, in the organisation he acts for.
pub async fn create(house: &House, by: &Context, wanted: Wanted) -> Result<Told, Problem> {
    let (person, organisation) = (by.actor()?.person, by.seat()?.organisation);
    let (rules, now) = (rules_now(house)?, house.world.real_now());
    let expires_at = rules::check(&wanted, &rules, now)?;
    let (secret, prefix, hash) = drawn(house);
    let input = (wanted, prefix);
    let done = house
        .write(by, input, move |tx, (wanted, prefix)| async move {
            room_for_one(&tx, person, organisation, &rules, now).await?;
            let making = Making { id: tx.id(), person, organisation, prefix: &prefix, hash, now };
            let key = rules::made(&making, &wanted, expires_at);
            keep(&tx, &key).await?;
            Ok(key)
        })
        .await?;
    tell(done, secret)
}

/// Sees to it that a person is a member and may have one key more. Held, so that two at once do not make one too
/// many, and none is made for whoever is being removed.
async fn room_for_one(tx: &Tx, person: PersonId, organisation: OrganisationId, rules: &KeyRules, now: Timestamp) -> Result<(), Problem> {
    people::hold_person(tx.conn(), person).await?.ok_or(Code::Internal)?;
    let places = people::active_memberships(tx.conn(), person).await?;
    if !places.iter().any(|place| place.organisation_id == organisation) {
        return Err(Code::Forbidden.into());
    }
    rules::room_for_one(store::count_live(tx.conn(), person, organisation, now).await?, rules)
}

/// Keeps a new key.
async fn keep(tx: &Tx, key: &api_key::Model) -> Result<(), Problem> {
    db::insert(tx.conn(), key.clone()).await?;
    tx.created("api_key", key.id, key);
    tx.publish(&IdentityEvent::key("api_key.created", key))
}

/// Puts another key in the place of one of the caller's; the old one stays good for a while, or not.
pub async fn rotate(house: &House, by: &Context, permit: Permit<RotateApiKey>, id: ApiKeyId, at_once: bool) -> Result<Told, Problem> {
    let (rules, now) = (rules_now(house)?, house.world.real_now());
    let overlap = if at_once { chrono::TimeDelta::zero() } else { rules.overlap };
    let (secret, prefix, hash) = drawn(house);
    let done = house
        .write(by, (permit, prefix), move |tx, (permit, prefix)| async move {
            let known = store::key(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&known)?;
            // One that ends at once makes its own room.
            let rules = if at_once { KeyRules { most: rules.most + 1, ..rules } } else { rules };
            room_for_one(&tx, known.person_id, known.organisation_id, &rules, now).await?;
            let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
            let making = Making { id: tx.id(), person: held.person_id, organisation: held.organisation_id, prefix: &prefix, hash, now };
            let is_rotated = store::has_successor(tx.conn(), id).await?;
            let (last, next) = rules::rotated(&held, is_rotated, &making, overlap)?;
            record(&tx, &held, &last).await?;
            keep(&tx, &next).await?;
            Ok(next)
        })
        .await?;
    tell(done, secret)
}

/// Revokes a key; it is good for nothing from now on.
pub async fn revoke(
    house: &House,
    by: &Context,
    permit: Permit<RevokeApiKey>,
    id: ApiKeyId,
    reason: String,
) -> Result<Done<api_key::Model>, Problem> {
    rules::check_reason(&reason)?;
    let done = house
        .write(by, (permit, reason), move |tx, (permit, reason)| async move {
            let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            revoke_within(&tx, &held, Some(tx.by.actor()?.person), &reason).await
        })
        .await?;
    Ok(Done { value: as_told(house, by, done.value).await?, replayed: done.replayed })
}

async fn revoke_within(tx: &Tx, held: &api_key::Model, by: Option<PersonId>, reason: &str) -> Result<api_key::Model, Problem> {
    let next = rules::revoked(held, by, reason, tx.house.world.real_now())?;
    record(tx, held, &next).await?;
    tx.publish(&IdentityEvent::key("api_key.revoked", &next))?;
    Ok(next)
}

async fn record(tx: &Tx, held: &api_key::Model, next: &api_key::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("api_key", held.id, Some(held), Some(next));
    Ok(())
}

/// A member leaves: the keys made at the place end with it.
pub async fn end_of_member(tx: &Tx, person: PersonId, organisation: OrganisationId) -> Result<(), Problem> {
    people::hold_person(tx.conn(), person).await?.ok_or(Code::Internal)?;
    end_within(tx, person, Some(organisation), LEFT).await
}

/// An account is recovered: whatever keys somebody else may have made meanwhile end. The caller holds the person.
pub async fn end_of_account(tx: &Tx, person: PersonId) -> Result<(), Problem> {
    end_within(tx, person, None, RECOVERED).await
}

async fn end_within(tx: &Tx, person: PersonId, organisation: Option<OrganisationId>, why: &str) -> Result<(), Problem> {
    for held in store::hold_live(tx.conn(), person, organisation, tx.house.world.real_now()).await? {
        revoke_within(tx, &held, None, why).await?;
    }
    Ok(())
}

/// A page of keys: an owner's are those of the organisation, a member's his own, an officer's all he asks for.
pub async fn list(house: &House, by: &Context, asked: KeyFilter, page: &PageQuery) -> Result<Vec<api_key::Model>, Problem> {
    let actor = by.actor()?;
    let filter = match &actor.seat {
        None => asked,
        Some(seat) if seat.roles.contains(&OrgRole::Owner) => KeyFilter { organisation: Some(seat.organisation), ..asked },
        Some(seat) => KeyFilter { person: Some(actor.person), organisation: Some(seat.organisation) },
    };
    let mut told = Vec::new();
    for key in store::keys(house.db.read(), filter, page).await? {
        told.push(as_told(house, by, key).await?);
    }
    Ok(told)
}

/// A key as the caller may know it.
async fn as_told(house: &House, by: &Context, key: api_key::Model) -> Result<api_key::Model, Problem> {
    if by.actor()?.seat.is_some() { Ok(key) } else { seen_from_outside(house, key).await }
}

/// A key as others than its organisation know it: of calls that are told to that alone they are not told as its last use either.
pub async fn seen_from_outside(house: &House, key: api_key::Model) -> Result<api_key::Model, Problem> {
    // Which calls they were is forgotten of what is longer ago, and whatever was done with them has come out.
    let known_since = house.world.real_now() - rules_now(house)?.log_life;
    if key.last_used_at.is_none_or(|last| last < known_since) {
        return Ok(key);
    }
    let seen = store::last_seen_call(house.db.read(), key.id).await?;
    let (last_used_at, last_used_from) = seen.map_or((None, None), |call| (Some(call.made_at), call.made_from));
    Ok(api_key::Model { last_used_at, last_used_from, ..key })
}

/// A key with what the caller may do to it.
pub async fn read(house: &House, by: &Context, permit: Permit<ReadApiKey>, id: ApiKeyId) -> Result<ApiKeyView, Problem> {
    let key = store::key(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&key)?;
    shown(house, by, key).await
}

/// The key a call is made with. No key does anything to keys.
pub async fn current(house: &House, by: &Context) -> Result<ApiKeyView, Problem> {
    let key = by.actor()?.key();
    let id = key.ok_or_else(|| Code::WrongState.with("state", "no_key").with("allowed", ["create_api_key"]))?.id;
    shown(house, by, store::key(house.db.read(), id).await?.ok_or(Code::NotFound)?).await
}

async fn shown(house: &House, by: &Context, key: api_key::Model) -> Result<ApiKeyView, Problem> {
    let key = as_told(house, by, key).await?;
    let now = house.world.real_now();
    let is_rotated = store::has_successor(house.db.read(), key.id).await?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &key, rules::open_on_key(&key, is_rotated, now));
    Ok(ApiKeyView { allowed_deeds: Some(deeds), ..ApiKeyView::at(key, now) })
}

/// A page of the calls made with a key.
pub async fn calls(
    house: &House,
    by: &Context,
    permit: Permit<ListKeyCalls>,
    id: ApiKeyId,
    asked: CallFilter,
    page: &PageQuery,
) -> Result<Vec<key_call::Model>, Problem> {
    let key = store::key(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&key)?;
    let asked = CallFilter { seen_by_all: by.actor()?.seat.is_none(), ..asked };
    store::calls(house.db.read(), id, asked, page).await
}

/// Writes down the calls that wait for it.
pub async fn write_down(house: &House) -> Result<(), Problem> {
    let calls = house.key_log.take();
    if calls.is_empty() {
        return Ok(());
    }
    let batch = calls.clone();
    let written = house
        .db
        .transact_aside(move |tx| {
            let batch = batch.clone();
            async move {
                store::write_down(&*tx, &batch).await?;
                Ok(Ending::Commit(()))
            }
        })
        .await;
    if written.is_err() {
        for call in calls {
            house.key_log.note(call);
        }
    }
    written
}

/// Forgets the calls that need not be kept any longer.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let before: Timestamp = house.world.real_now() - rules_now(house)?.log_life;
    house
        .db
        .transact(move |tx| async move {
            store::forget_calls(&*tx, before).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
