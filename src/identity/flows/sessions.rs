//! Signing in, renewing, signing out.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::{person, refresh_token, session};
use entity::ids::{OrganisationId, PersonId, SessionId, TokenId};
use entity::platform::AuditOutcome;
use serde::{Deserialize, Serialize};

use super::{attempts, device_letters, second_factor};
use crate::house::{Done, House, Tx};
use crate::identity::http::accounts::{EndSession, OPERATIONS};
use crate::identity::rules::letters;
use crate::identity::rules::sessions::{Lives, SIGNED_OUT, same_password};
use crate::identity::views::{Credentials, SessionView, Tokens};
use crate::identity::{devices, personal, rules, store, tokens};
use crate::platform::access::{self, Context, Permit};
use crate::platform::audit::{self, Entry};
use crate::platform::config::PasswordProfile;
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Lives of tokens, as the rulebook has them today.
fn lives(house: &House) -> Result<Lives, Problem> {
    let now = house.world.real_now();
    let span = |name| house.span(name, now);
    Ok(Lives {
        access: span("access_token_life")?,
        session: span("refresh_token_life")?,
        idle: span("refresh_token_idle")?,
        idle_of_officers: idle_of_officers(house, now)?,
    })
}

/// How long an officer's session may rest, where the profile has a rule of its own for that.
pub fn idle_of_officers(house: &House, now: Timestamp) -> Result<Option<TimeDelta>, Problem> {
    match house.config.password_profile {
        PasswordProfile::Asvs => Ok(None),
        PasswordProfile::Mlps3 => house.span("mlps_staff_idle", now).map(Some),
    }
}

/// What was issued; the texts themselves are never stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Issued {
    person: PersonId,
    session: SessionId,
    token: TokenId,
    organisation: Option<OrganisationId>,
    /// Whether the person is an officer, whose sessions may live by rules of their own.
    officer: bool,
}

/// Signs a person in. Unknown address, wrong password and suspended account look alike, in words and in time.
pub async fn sign_in(house: &House, by: &Context, given: Credentials) -> Result<Tokens, Problem> {
    rules::credentials(&given.email, &given.password, given.code.as_deref(), given.device_token.as_deref())?;
    let email = rules::normal_email(&given.email);
    let origin = attempts::origin(house, by, &email, given.device_token.as_deref()).await?;
    let attempt = attempts::admit(house, &origin).await?;
    let person = store::person_by_email(house.db.read(), &origin.account).await?;
    if let Some(closed) = attempt.closed
        && !second_factor::would_prove(house, person.as_ref().map(|person| person.id), given.code.as_deref()).await?
    {
        return Err(closed);
    }
    let right = house.passwords.verify(&given.password, person.as_ref().map(|p| p.password_hash.clone())).await?;
    let Some(person) = person.filter(|person| right && rules::may_enter(person)) else {
        failed(house, by).await?;
        return Err(Code::CredentialsWrong.into());
    };
    let factor = store::second_factor(house.db.read(), person.id).await?.filter(|factor| factor.confirmed_at.is_some());
    let refused = if factor.is_some() && given.code.is_none() {
        Some(Code::SecondFactorRequired.into())
    } else {
        not_a_member(house, &person, given.organisation_id).await?
    };
    if let Some(problem) = refused {
        // The password was right: nobody guessed.
        attempts::forgive(house, attempt.id).await?;
        return Err(problem);
    }
    let lives = lives(house)?;
    let device = device(house, &origin.account, given.device_token.as_deref()).await?;
    let secret = tokens::refresh_text(house.world.random());
    let opening = Opening {
        hashed_anew: house.passwords.hash_anew(&given.password, &person.password_hash).await,
        person,
        organisation: given.organisation_id,
        hash: sha256(secret.as_bytes()),
        now: house.world.real_now(),
        life: lives.session,
        code: given.code.filter(|_| factor.is_some()),
        letter: origin.letter,
        seen_from: by.network(),
        device: device.mark.to_vec(),
    };
    let issued = house.write(by, opening, |tx, opening| async move { open(&tx, opening).await }).await?.value;
    attempts::forgive(house, attempt.id).await?;
    answer(house, &issued, secret, lives).map(|tokens| Tokens { device_token: Some(device.token), ..tokens })
}

/// The device of a sign-in.
struct Device {
    /// Its token for the account.
    token: String,
    /// What stands for it in the session.
    mark: [u8; 32],
}

/// On which device somebody signs in: the one whose token he brought, whichever account that was given to, or a new one. A name that
/// we never gave is no device's.
async fn device(house: &House, account: &[u8; 32], sent: Option<&str>) -> Result<Device, Problem> {
    let sent = sent.unwrap_or_default();
    let known = match devices::name(sent) {
        Some(name) => {
            let is_his = devices::known(&house.keys, account, sent).is_some();
            let is_ours = is_his || store::is_device(house.db.read(), &devices::mark(&house.keys, &name)).await?;
            is_ours.then_some(name)
        }
        None => None,
    };
    let name = known.unwrap_or_else(|| house.world.random());
    Ok(Device { token: devices::token(&house.keys, account, name), mark: devices::mark(&house.keys, &name) })
}

/// The refusal of an organisation the person is no active member of.
async fn not_a_member(house: &House, person: &person::Model, wanted: Option<OrganisationId>) -> Result<Option<Problem>, Problem> {
    let Some(wanted) = wanted else { return Ok(None) };
    let active = store::active_memberships(house.db.read(), person.id).await?;
    let refusal = || {
        let (zh, en) = ("不是该机构的有效成员", "not an active member of this organisation");
        Code::Invalid.at("/organisation_id", "not_a_member", zh, en)
    };
    Ok((!active.iter().any(|m| m.organisation_id == wanted)).then(refusal))
}

/// A session to open.
#[derive(Clone)]
struct Opening {
    /// The person, as he was when his password was found right.
    person: person::Model,
    /// The password hashed anew, where hashes cost more by now than his did.
    hashed_anew: Option<String>,
    organisation: Option<OrganisationId>,
    hash: [u8; 32],
    now: Timestamp,
    life: TimeDelta,
    /// The code of the second factor, where the person has one.
    code: Option<String>,
    /// The letter that lets a new device in, where one was brought.
    letter: Option<Vec<u8>>,
    seen_from: Option<String>,
    device: Vec<u8>,
}

async fn open(tx: &Tx, opening: Opening) -> Result<Issued, Problem> {
    let Opening { person, hashed_anew, organisation, hash, now, life, code, letter, seen_from, device } = opening;
    // Held, and read again: it may have been changed, or the account suspended, while the password was looked at.
    let held = store::hold_person(tx.conn(), person.id).await?.ok_or(Code::CredentialsWrong)?;
    if !same_password(&person, &held) || !rules::may_enter(&held) {
        return Err(Code::CredentialsWrong.into());
    }
    if let Some(letter) = letter {
        device_letters::use_within(tx, &letter, now).await?;
    }
    let proved_at = match &code {
        Some(code) if second_factor::prove(tx, person.id, code, now).await? => Some(now),
        Some(_) => return Err(Code::SecondFactorWrong.into()),
        None => None,
    };
    if let Some(anew) = hashed_anew
        && store::rehash(tx.conn(), person.id, &person.password_hash, &anew).await?
    {
        tx.changed("password_hash", person.id, Some(&"cheap"), Some(&"dear"));
    }
    let row = session::Model {
        id: tx.house.world.secret_id(),
        person_id: person.id,
        organisation_id: organisation,
        created_at: now,
        expires_at: now + life,
        revoked_at: None,
        revoked_why: None,
        proved_at,
        seen_from,
        device: Some(device),
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("session", row.id, &row);
    let officer = store::staff(tx.conn(), person.id).await?.is_some();
    issue(tx, &row, officer, None, hash, now).await
}

/// Writes a refresh token down.
async fn issue(
    tx: &Tx,
    session: &session::Model,
    officer: bool,
    parent: Option<TokenId>,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Issued, Problem> {
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
    Ok(Issued { person: session.person_id, session: session.id, token: row.id, organisation: session.organisation_id, officer })
}

fn answer(house: &House, issued: &Issued, secret: String, lives: Lives) -> Result<Tokens, Problem> {
    let (now, life) = (house.world.real_now(), lives.of(issued.officer).access);
    let claims = tokens::claims(&house.config.issuer, issued.person, issued.session, issued.token, now, life);
    let access_token = tokens::sign(&house.token_keys, &claims, now).ok_or(Code::Internal)?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer".into(),
        expires_in: life.num_seconds(),
        refresh_token: secret,
        person_id: issued.person,
        organisation_id: issued.organisation,
        device_token: None,
    })
}

/// Exchanges a refresh token for its successor. Using one twice ends the whole family, except where
/// the first answer was surely lost.
pub async fn refresh(house: &House, by: &Context, presented: String) -> Result<Tokens, Problem> {
    let lives = lives(house)?;
    let secret = tokens::refresh_text(house.world.random());
    let input = (sha256(presented.as_bytes()), sha256(secret.as_bytes()), house.world.real_now());
    let issued =
        house.write(by, input, move |tx, (old, new, now)| async move { refresh_within(&tx, old, new, now, lives).await }).await?.value;
    match issued {
        Some(issued) => answer(house, &issued, secret, lives),
        None => Err(Code::RefreshInvalid.into()),
    }
}

/// `None` means refused; a family that ended stays ended although the answer is a refusal.
async fn refresh_within(tx: &Tx, old: [u8; 32], new: [u8; 32], now: Timestamp, lives: Lives) -> Result<Option<Issued>, Problem> {
    tx.nothing_changed();
    let Some(found) = store::token_by_hash(tx.conn(), &old).await? else { return Ok(None) };
    let session = store::hold_session(tx.conn(), found.session_id).await?.ok_or(Code::Internal)?;
    // Read again under the session's lock: a twin may have used it meanwhile.
    let token = store::token(tx.conn(), found.id).await?.ok_or(Code::Internal)?;
    let successor = store::live_successor(tx.conn(), token.id).await?;
    let officer = store::staff(tx.conn(), session.person_id).await?.is_some();
    match rules::refresh(&session, &token, successor.as_ref(), lives.of(officer).idle, now) {
        rules::Refresh::Refuse => Ok(None),
        rules::Refresh::Revoke => {
            let person = store::person(tx.conn(), session.person_id).await?.ok_or(Code::Internal)?;
            revoke(tx, session, "refresh token used twice", now).await?;
            tx.write_to("session_ended", &letters::session_ended(&personal::email(&tx.house, &person)?)).await?;
            Ok(None)
        }
        rules::Refresh::Rotate => {
            db::update(tx.conn(), refresh_token::Model { used_at: Some(now), ..token.clone() }).await?;
            tx.changed("session", session.id, Some(&token.id), None::<&TokenId>);
            issue(tx, &session, officer, Some(token.id), new, now).await.map(Some)
        }
        rules::Refresh::Replace => {
            if let Some(lost) = successor {
                db::update(tx.conn(), refresh_token::Model { superseded_at: Some(now), ..lost }).await?;
            }
            tx.changed("session", session.id, Some(&token.id), None::<&TokenId>);
            issue(tx, &session, officer, Some(token.id), new, now).await.map(Some)
        }
    }
}

async fn revoke(tx: &Tx, session: session::Model, why: &str, now: Timestamp) -> Result<(), Problem> {
    let ended = session::Model { revoked_at: Some(session.revoked_at.unwrap_or(now)), revoked_why: Some(why.into()), ..session.clone() };
    db::update(tx.conn(), ended.clone()).await?;
    tx.changed("session", session.id, Some(&session), Some(&ended));
    Ok(())
}

/// Signs out: the session and everything issued in it end now.
pub async fn sign_out(house: &House, by: &Context) -> Result<(), Problem> {
    let id = by.actor()?.session()?;
    let now = house.world.real_now();
    house
        .write(by, (id, now), |tx, (id, now)| async move {
            let session = store::hold_session(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            revoke(&tx, session, SIGNED_OUT, now).await
        })
        .await
        .map(|_| ())
}

/// The sessions of the caller that live, newest first, with what he may do to each.
pub async fn list(house: &House, by: &Context, page: &PageQuery) -> Result<Page<SessionView>, Problem> {
    let (person, current) = by.actor().and_then(|actor| Ok((actor.person, actor.session()?)))?;
    let rows = store::sessions_page(house.db.read(), person, house.world.real_now(), page).await?;
    let told = |row: session::Model| {
        let deeds = access::allowed(OPERATIONS, &by.caller, &row, rules::OPEN_ON_SESSION);
        SessionView { allowed_deeds: Some(deeds), ..SessionView::seen(row, Some(current)) }
    };
    page.page(rows, |row| (row.created_at, row.id.0), told)
}

/// Ends one session of the caller's.
pub async fn end(house: &House, by: &Context, permit: Permit<EndSession>, id: SessionId) -> Result<Done<()>, Problem> {
    let now = house.world.real_now();
    house
        .write(by, (permit, id, now), |tx, (permit, id, now)| async move {
            let session = store::hold_session(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&session)?;
            revoke(&tx, session, "ended by its owner", now).await
        })
        .await
}

/// Ends every session of the caller's but this one.
pub async fn end_others(house: &House, by: &Context) -> Result<Done<()>, Problem> {
    let (person, session) = by.actor().and_then(|actor| Ok((actor.person, actor.session()?)))?;
    house
        .write(by, (person, session), |tx, (person, session)| async move {
            tx.nothing_changed();
            end_all_within(&tx, person, Some(session), "ended by its owner").await
        })
        .await
}

/// Ends every session of a person, but for one.
pub async fn end_all_within(tx: &Tx, person: PersonId, but: Option<SessionId>, why: &str) -> Result<(), Problem> {
    let now = tx.house.world.real_now();
    for session in store::hold_sessions(tx.conn(), person).await? {
        if Some(session.id) != but {
            revoke(tx, session, why, now).await?;
        }
    }
    Ok(())
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
