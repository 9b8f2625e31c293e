//! From a bearer token or a key to an actor, on every call anew: a changed role takes effect with the next one.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use entity::identity::OrganisationState;
use entity::ids::{OrganisationId, PersonId, TokenId};
use sea_orm::ConnectionTrait;

use super::flows::passwords;
use super::{keys, store, tokens};
use crate::house::House;
use crate::platform::access::{Actor, Caller, Credential, Seat};
use crate::platform::db::Ending;
use crate::platform::http::address::client_address;
use crate::platform::http::call::{Authenticated, KeyUsed};
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
            Some(text) if text.starts_with(keys::text::MARK) => {
                let from = client_address(request.request(), &house.config.trusted_proxies);
                let (key, who) = keys::flows::bearer(&house, text, from).await;
                if let Some(key) = key {
                    request.extensions_mut().insert(KeyUsed(key));
                }
                who.map(Caller::Person)
            }
            Some(token) => actor(&house, token).await.map(Caller::Person),
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

/// The actor a token stands for, if it is ours, in force, and its session lives.
pub async fn actor(house: &House, token: &str) -> Result<Actor, Problem> {
    let invalid = || Problem::from(Code::TokenInvalid);
    let now = house.world.real_now();
    let claims = tokens::verify(&house.token_keys, &house.config.issuer, token, now).ok_or_else(invalid)?;
    let db = house.db.read();
    let session = store::session(db, claims.sid).await?.filter(|s| s.person_id == claims.sub).ok_or_else(invalid)?;
    if session.revoked_at.is_some() || now >= session.expires_at {
        return Err(invalid());
    }
    let issued_with = store::token(db, claims.jti).await?.filter(|t| t.session_id == session.id).ok_or_else(invalid)?;
    if issued_with.superseded_at.is_some() {
        return Err(invalid());
    }
    let person = store::person(db, claims.sub).await?.filter(|person| person.suspended_at.is_none()).ok_or_else(invalid)?;
    if issued_with.access_seen_at.is_none() {
        saw(house, issued_with.id).await?;
    }
    let known = acting(db, claims.sub, Credential::Session(session.id), session.organisation_id).await?;
    let proved = session.proved_at.is_some();
    Ok(Actor {
        staff: known.staff.filter(|_| proved),
        unproved_staff: known.staff.filter(|_| !proved),
        proved_at: session.proved_at,
        outworn: passwords::is_outworn(house, &person, now)?,
        ..known
    })
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

/// Whether what an actor was known by still stands: his session or key, his account, and the place he acts from.
/// A database that does not answer is no reason to end a feed.
pub async fn lives(house: &House, actor: &Actor) -> bool {
    still_stands(house, actor).await.unwrap_or(true)
}

async fn still_stands(house: &House, actor: &Actor) -> Result<bool, Problem> {
    let (db, now) = (house.db.read(), house.world.real_now());
    let known = match &actor.credential {
        Credential::Session(id) => store::session(db, *id).await?.is_some_and(|s| s.revoked_at.is_none() && now < s.expires_at),
        Credential::Key(key) => keys::flows::lives(house, key.id).await?,
    };
    let person = store::person(db, actor.person).await?.filter(|person| person.suspended_at.is_none());
    if !known || person.is_none() {
        return Ok(false);
    }
    let Some(own) = actor.organisation() else { return Ok(true) };
    Ok(store::active_memberships(db, actor.person).await?.iter().any(|membership| membership.organisation_id == own))
}

/// Notes the first use of an access token: its refresh token's answer was not lost.
async fn saw(house: &House, id: TokenId) -> Result<(), Problem> {
    let now = house.world.real_now();
    house
        .db
        .transact(move |tx| async move {
            store::saw_access(&*tx, id, now).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
