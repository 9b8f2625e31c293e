//! From a bearer token or a key to an actor. Whoever was let in a moment ago is remembered; a changed role takes effect with
//! the next call all the same, at another server within a second.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use entity::identity::OrganisationState;
use entity::ids::{ApiKeyId, OrganisationId, PersonId, TokenId};
use sea_orm::ConnectionTrait;

use super::flows::{passwords, sessions};
use super::remembered::{Found, Known, Ticket};
use super::renewal::{renew_ahead, renewed};
use super::tokens::Verified;
use super::{keys, store};
use crate::house::House;
use crate::platform::access::{Actor, Caller, Credential, Seat};
use crate::platform::db::Ending;
use crate::platform::http::address::client_address;
use crate::platform::http::call::{Authenticated, KeyUsed};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Finds out who calls and leaves it with the request.
pub async fn authenticate<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(house) = request.app_data::<web::Data<House>>().cloned() else {
        return Err(Problem::from(Code::Internal).into());
    };
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let who = match (sent.next(), sent.next()) {
        (None, _) => Ok(Caller::Stranger),
        (Some(value), None) => match value.to_str().ok().and_then(bearer) {
            Some(text) => {
                let from = client_address(request.request(), &house.config.trusted_proxies);
                let (key, who) = shown(&house, text, from).await;
                if let Some(key) = key {
                    request.extensions_mut().insert(KeyUsed(key));
                }
                who.map(Caller::Person)
            }
            None => Err(Code::TokenInvalid.into()),
        },
        // Two of them are an attempt to be read differently by two readers.
        _ => Err(Code::TokenInvalid.into()),
    };
    request.extensions_mut().insert(Authenticated(who));
    next.call(request).await
}

/// The token behind the scheme, which is written in any case (RFC 9110, 11.1).
fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Whom a bearer's text stands for; and the key, if it is one. Whoever was let in a moment ago is remembered.
async fn shown(house: &House, text: &str, from: Option<IpAddr>) -> (Option<ApiKeyId>, Result<Actor, Problem>) {
    let is_key = text.starts_with(keys::text::MARK);
    // A key may be good in some networks only.
    let place = if is_key { from.map(|from| from.to_string()) } else { None }.unwrap_or_default();
    let name = sha256(format!("{place} {text}").as_bytes());
    // Asked before it is looked up: what changes meanwhile is not remembered, wherever it is changed.
    let (changes, asked) = (house.db.changes(), Instant::now());
    let known = match house.remembered.find(&name, changes) {
        Found::Known(known) => Some(known),
        Found::Aging(known) => {
            renew_ahead(house);
            Some(known)
        }
        // What cannot be looked up together is looked up alone, and says why.
        Found::Stale => renewed(house, &name).await.ok().flatten(),
        Found::Nothing => None,
    };
    if let Some(known) = known {
        return (known.key, Ok(known.actor));
    }
    let (key, who) = if is_key {
        let (key, who) = keys::flows::bearer(house, text, from).await;
        (key, who.map(|actor| (actor, None)))
    } else {
        (None, actor(house, text).await)
    };
    let who = who.map(|(actor, ticket)| {
        house.remembered.keep(name, Known { key, actor: actor.clone(), ticket }, changes, asked);
        actor
    });
    (key, who)
}

/// The actor a token stands for, if it is ours, in force, and its session lives; with what he may be looked up by together with others,
/// if he is no officer and acts from a place.
pub async fn actor(house: &House, token: &str) -> Result<(Actor, Option<Ticket>), Problem> {
    let invalid = || Problem::from(Code::TokenInvalid);
    let now = house.world.real_now();
    let Verified { claims, key } = house.verified.verify(&house.token_keys, &house.config.issuer, token, now).ok_or_else(invalid)?;
    let db = house.db.read();
    let session = store::session(db, claims.sid).await?.filter(|s| s.person_id == claims.sub).ok_or_else(invalid)?;
    if session.revoked_at.is_some() || now >= session.expires_at {
        return Err(invalid());
    }
    let issued_with = store::token(db, claims.jti).await?.filter(|t| t.session_id == session.id).ok_or_else(invalid)?;
    if issued_with.superseded_at.is_some() {
        return Err(invalid());
    }
    let person = store::person(db, claims.sub).await?.filter(super::rules::may_enter).ok_or_else(invalid)?;
    let known = acting(db, claims.sub, Credential::Session(session.id), session.organisation_id).await?;
    if known.staff.is_some() && sessions::idle_of_officers(house, now)?.is_some_and(|idle| now >= issued_with.created_at + idle) {
        return Err(invalid());
    }
    if issued_with.access_seen_at.is_none() {
        saw(house, issued_with.id).await?;
    }
    let proved = session.proved_at.is_some();
    let outworn = passwords::is_outworn(house, &person, now)?;
    let is_plain = known.staff.is_none() && known.seat.is_some() && !outworn;
    let ticket = is_plain.then_some(Ticket { token: claims.jti, until: claims.exp, key });
    let actor = Actor {
        staff: known.staff.filter(|_| proved),
        unproved_staff: known.staff.filter(|_| !proved),
        proved_at: session.proved_at,
        outworn,
        ..known
    };
    Ok((actor, ticket))
}

/// Who a person is now: the staff role, and the seat in the organisation chosen, or in the only one.
pub async fn acting(
    db: &impl ConnectionTrait,
    person: PersonId,
    credential: Credential,
    chosen: Option<OrganisationId>,
) -> Result<Actor, Problem> {
    let staff = store::staff(db, person).await?.map(|row| row.role);
    let mut active = store::active_memberships(db, person).await?;
    let place = match chosen {
        Some(wanted) => active.into_iter().find(|m| m.organisation_id == wanted),
        // With a single place there is nothing to choose.
        None if active.len() == 1 => active.pop(),
        None => None,
    };
    let seat = match place {
        None => None,
        Some(membership) => match store::organisation(db, membership.organisation_id).await? {
            None => None,
            Some(organisation) => Some(Seat {
                organisation: organisation.id,
                kind: organisation.kind,
                verified: organisation.state == OrganisationState::Verified,
                roles: store::roles(db, membership.id).await?,
            }),
        },
    };
    Ok(Actor { seat, staff, ..Actor::plain(person, credential) })
}

/// Whether everything an actor was let in with still stands: his session or key, his account, his office, and the place
/// he acts from with its roles. What an open feed asks again and again; where it cannot be told, it is the caller's to
/// end the feed.
pub async fn lives(house: &House, actor: &Actor) -> Result<bool, Problem> {
    let (db, now) = (house.db.read(), house.world.real_now());
    let proved = match &actor.credential {
        Credential::Session(id) => match store::session(db, *id).await?.filter(|s| s.revoked_at.is_none() && now < s.expires_at) {
            Some(session) => session.proved_at.is_some(),
            None => return Ok(false),
        },
        Credential::Key(key) if keys::flows::lives(house, key.id).await? => false,
        Credential::Key(_) => return Ok(false),
    };
    let may_enter = store::person(db, actor.person).await?.as_ref().is_some_and(super::rules::may_enter);
    if !may_enter || has_rested(house, actor).await? {
        return Ok(false);
    }
    if let Some(role) = actor.staff {
        // Whose second factor was taken away is no officer until he proves another.
        let holds = store::staff(db, actor.person).await?.is_some_and(|place| place.role == role);
        if !holds || !proved {
            return Ok(false);
        }
    }
    let Some(seat) = &actor.seat else { return Ok(true) };
    let places = store::active_memberships(db, actor.person).await?;
    let Some(place) = places.iter().find(|place| place.organisation_id == seat.organisation) else { return Ok(false) };
    let roles = store::roles(db, place.id).await?;
    Ok(seat.roles.iter().all(|role| roles.contains(role)))
}

/// Whether an officer's session has rested for longer than it may.
async fn has_rested(house: &House, actor: &Actor) -> Result<bool, Problem> {
    let now = house.world.real_now();
    let (Credential::Session(id), Some(_)) = (&actor.credential, actor.staff.or(actor.unproved_staff)) else { return Ok(false) };
    let Some(idle) = sessions::idle_of_officers(house, now)? else { return Ok(false) };
    Ok(store::last_renewal(house.db.read(), *id).await?.is_none_or(|last| now >= last + idle))
}

/// Notes the first use of an access token: its refresh token's answer was not lost.
async fn saw(house: &House, id: TokenId) -> Result<(), Problem> {
    let now = house.world.real_now();
    house
        .db
        .transact_aside(move |tx| async move {
            store::saw_access(&*tx, id, now).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
