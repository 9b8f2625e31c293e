//! Signing in, renewing, signing out.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::{refresh_token, session};
use entity::ids::{OrganisationId, PersonId, SessionId, TokenId};
use entity::platform::AuditOutcome;
use serde::{Deserialize, Serialize};

use crate::house::{House, Tx};
use crate::identity::views::{Credentials, Tokens};
use crate::identity::{rules, store, tokens};
use crate::platform::access::Context;
use crate::platform::audit::{self, Entry};
use crate::platform::db;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Span, shanghai_date};

/// Lives of tokens, as the rulebook has them today.
struct Lives {
    access: TimeDelta,
    session: TimeDelta,
    idle: TimeDelta,
}

fn lives(house: &House) -> Result<Lives, Problem> {
    let edition = house.rulebook.current();
    let on = shanghai_date(house.world.real_now());
    let span = |name: &str| {
        let life = edition.rulebook.span(name, None, on).ok().and_then(Span::elapsed);
        life.ok_or_else(|| {
            tracing::error!(name, "the rulebook has no such length of time");
            Problem::from(Code::Internal)
        })
    };
    Ok(Lives { access: span("access_token_life")?, session: span("refresh_token_life")?, idle: span("refresh_token_idle")? })
}

/// What was issued; the texts themselves are never stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Issued {
    person: PersonId,
    session: SessionId,
    token: TokenId,
    organisation: Option<OrganisationId>,
}

/// Signs a person in.
pub async fn sign_in(house: &House, by: &Context, given: Credentials) -> Result<Tokens, Problem> {
    let email = rules::normal_email(&given.email);
    let person = store::person_by_email(house.db.read(), &email).await?;
    let right = house.passwords.verify(&given.password, person.as_ref().map(|p| p.password_hash.clone())).await?;
    let Some(person) = person.filter(|_| right) else {
        failed(house, by).await?;
        return Err(Code::CredentialsWrong.into());
    };
    if let Some(wanted) = given.organisation_id {
        let active = store::active_memberships(house.db.read(), person.id).await?;
        if !active.iter().any(|m| m.organisation_id == wanted) {
            return Err(Code::Invalid.at(
                "/organisation_id",
                "not_a_member",
                "不是该机构的有效成员",
                "not an active member of this organisation",
            ));
        }
    }
    let lives = lives(house)?;
    let secret = tokens::refresh_text(house.world.random());
    let input = (person.id, given.organisation_id, sha256(secret.as_bytes()), house.world.real_now(), lives.session);
    let issued = house
        .write(by, input, |tx, (person, organisation, hash, now, life)| async move {
            let row = session::Model {
                id: tx.house.world.secret_id(),
                person_id: person,
                organisation_id: organisation,
                created_at: now,
                expires_at: now + life,
                revoked_at: None,
                revoked_why: None,
            };
            db::insert(tx.conn(), row.clone()).await?;
            tx.created("session", row.id, &row).await?;
            issue(&tx, &row, None, hash, now).await
        })
        .await?
        .value;
    answer(house, &issued, secret, &lives)
}

/// Writes a refresh token down.
async fn issue(tx: &Tx, session: &session::Model, parent: Option<TokenId>, hash: [u8; 32], now: Timestamp) -> Result<Issued, Problem> {
    let row = refresh_token::Model {
        id: tx.house.world.secret_id(),
        session_id: session.id,
        hash: hash.to_vec(),
        parent_id: parent,
        created_at: now,
        expires_at: session.expires_at,
        used_at: None,
        access_seen_at: None,
        superseded_at: None,
    };
    db::insert(tx.conn(), row.clone()).await?;
    Ok(Issued { person: session.person_id, session: session.id, token: row.id, organisation: session.organisation_id })
}

fn answer(house: &House, issued: &Issued, secret: String, lives: &Lives) -> Result<Tokens, Problem> {
    let now = house.world.real_now();
    let claims = tokens::claims(&house.config.issuer, issued.person, issued.session, issued.token, now, lives.access);
    let access_token = tokens::sign(&house.keys, &claims).ok_or(Code::Internal)?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer".into(),
        expires_in: lives.access.num_seconds(),
        refresh_token: secret,
        person_id: issued.person,
        organisation_id: issued.organisation,
    })
}

/// Exchanges a refresh token for its successor. Using one twice ends the whole family, except where
/// the first answer was surely lost.
pub async fn refresh(house: &House, by: &Context, presented: String) -> Result<Tokens, Problem> {
    let lives = lives(house)?;
    let secret = tokens::refresh_text(house.world.random());
    let input = (sha256(presented.as_bytes()), sha256(secret.as_bytes()), house.world.real_now(), lives.idle);
    let issued =
        house.write(by, input, |tx, (old, new, now, idle)| async move { refresh_within(&tx, old, new, now, idle).await }).await?.value;
    match issued {
        Some(issued) => answer(house, &issued, secret, &lives),
        None => Err(Code::RefreshInvalid.into()),
    }
}

/// `None` means refused; a family that ended stays ended although the answer is a refusal.
async fn refresh_within(tx: &Tx, old: [u8; 32], new: [u8; 32], now: Timestamp, idle: TimeDelta) -> Result<Option<Issued>, Problem> {
    tx.nothing_changed();
    let Some(found) = store::token_by_hash(tx.conn(), &old).await? else { return Ok(None) };
    let session = store::hold_session(tx.conn(), found.session_id).await?.ok_or(Code::Internal)?;
    // Read again under the session's lock: a twin may have used it meanwhile.
    let token = store::token(tx.conn(), found.id).await?.ok_or(Code::Internal)?;
    let successor = store::live_successor(tx.conn(), token.id).await?;
    match rules::refresh(&session, &token, successor.as_ref(), idle, now) {
        rules::Refresh::Refuse => Ok(None),
        rules::Refresh::Revoke => {
            revoke(tx, session, "refresh token used twice", now).await?;
            Ok(None)
        }
        rules::Refresh::Rotate => {
            db::update(tx.conn(), refresh_token::Model { used_at: Some(now), ..token.clone() }).await?;
            tx.changed("session", session.id, Some(&token.id), None::<&TokenId>).await?;
            issue(tx, &session, Some(token.id), new, now).await.map(Some)
        }
        rules::Refresh::Replace => {
            if let Some(lost) = successor {
                db::update(tx.conn(), refresh_token::Model { superseded_at: Some(now), ..lost }).await?;
            }
            tx.changed("session", session.id, Some(&token.id), None::<&TokenId>).await?;
            issue(tx, &session, Some(token.id), new, now).await.map(Some)
        }
    }
}

async fn revoke(tx: &Tx, session: session::Model, why: &str, now: Timestamp) -> Result<(), Problem> {
    let ended = session::Model { revoked_at: Some(session.revoked_at.unwrap_or(now)), revoked_why: Some(why.into()), ..session.clone() };
    db::update(tx.conn(), ended.clone()).await?;
    tx.changed("session", session.id, Some(&session), Some(&ended)).await
}

/// Signs out: the session and everything issued in it end now.
pub async fn sign_out(house: &House, by: &Context) -> Result<(), Problem> {
    let id = by.actor()?.session;
    let now = house.world.real_now();
    house
        .write(by, (id, now), |tx, (id, now)| async move {
            let session = store::hold_session(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            revoke(&tx, session, "signed out", now).await
        })
        .await
        .map(|_| ())
}

/// Writes down that somebody tried to sign in and could not; the address itself is not kept.
async fn failed(house: &House, by: &Context) -> Result<(), Problem> {
    house
        .write(by, (), |tx, ()| async move {
            tx.nothing_changed();
            let entry =
                Entry { object_kind: "session", object_id: None, outcome: AuditOutcome::Denied, before: None, after: None, detail: None };
            audit::write(tx.conn(), &tx.by, tx.now, entry).await.map_err(Problem::from)
        })
        .await
        .map(|_| ())
}
