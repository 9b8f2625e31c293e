//! Enrolling an authenticator, proving it, taking it away.

use entity::Timestamp;
use entity::identity::{recovery_code, second_factor, session};
use entity::ids::{PersonId, SessionId};
use uuid::Uuid;

use super::attempts;
use super::passwords::prove_password;
use crate::house::{House, Tx};
use crate::identity::second_factor::{self as codes, Code as Sent};
use crate::identity::views::{Enrolment, RecoveryCodes};
use crate::identity::{personal, store};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// What a sealed secret belongs to.
fn belonging(person: PersonId) -> Vec<u8> {
    [b"second-factor/".as_slice(), person.0.as_bytes()].concat()
}

/// Draws a secret for the caller's authenticator; it is in force once a code confirms it.
pub async fn enrol(house: &House, by: &Context, password: &str) -> Result<Enrolment, Problem> {
    let person = prove_password(house, by, password).await?;
    let secret = house.world.random::<{ codes::SECRET_BYTES }>();
    let sealed = house.keys.seal(&belonging(person.id), house.world.random(), &secret).map_err(|_| Code::Internal)?;
    let now = house.world.real_now();
    house
        .write(by, (person.id, sealed, now), |tx, (person, sealed, now)| async move { enrol_within(&tx, person, sealed, now).await })
        .await?;
    let uri = codes::enrolment_uri(&secret, &personal::email(house, &person)?, &house.config.issuer).ok_or(Code::Internal)?;
    Ok(Enrolment { secret: codes::spelled(&secret), uri })
}

/// Keeps a secret that waits for its first code.
pub async fn enrol_within(tx: &Tx, person: PersonId, sealed: Vec<u8>, now: Timestamp) -> Result<(), Problem> {
    let row = second_factor::Model { person_id: person, secret_sealed: sealed, confirmed_at: None, last_step: 0, created_at: now };
    match store::hold_second_factor(tx.conn(), person).await? {
        Some(held) if held.confirmed_at.is_some() => {
            return Err(Code::WrongState.with("state", "enrolled").with("allowed", ["remove_second_factor"]));
        }
        Some(_) => db::update(tx.conn(), row).await?,
        None => db::insert(tx.conn(), row).await?,
    }
    tx.created("second_factor", person, &now);
    Ok(())
}

/// Confirms the secret by its first code; returns the recovery codes, once. The session counts as proved.
pub async fn confirm(house: &House, by: &Context, code: &str) -> Result<RecoveryCodes, Problem> {
    let (person, session) = by.actor().and_then(|actor| Ok((actor.person, actor.session()?)))?;
    let drawn: Vec<String> = (0..codes::RECOVERY_CODES).map(|_| codes::recovery_code(house.world.random())).collect();
    let hashes: Vec<[u8; 32]> = drawn.iter().map(|code| codes::recovery_hash(code)).collect();
    let known = store::person(house.db.read(), person).await?.ok_or(Code::Internal)?;
    let attempt = attempts::admit(house, &attempts::origin_of_session(by, &known)?).await?.id;
    let (code, now) = (code.to_owned(), house.world.real_now());
    let life = house.span("enrolment_life", now)?;
    house
        .write(by, (code, hashes, now), move |tx, (code, hashes, now)| async move {
            let waits = |held: &second_factor::Model| held.confirmed_at.is_none() && now - held.created_at < life;
            let held = store::hold_second_factor(tx.conn(), person).await?.filter(waits);
            let held = held.ok_or_else(|| Code::WrongState.with("state", "nothing_to_confirm").with("allowed", ["enrol_second_factor"]))?;
            let step = step(&tx.house, &held, &code, now)?.ok_or(Code::SecondFactorWrong)?;
            let next = second_factor::Model { confirmed_at: Some(now), last_step: step, ..held };
            db::update(tx.conn(), next).await?;
            store::remove_recovery_codes(tx.conn(), person).await?;
            for hash in hashes {
                db::insert(tx.conn(), recovery_code::Model { hash: hash.to_vec(), person_id: person }).await?;
            }
            store::remove_attempt(tx.conn(), attempt).await?;
            tx.changed("second_factor", person, Some(&"enrolled"), Some(&"confirmed"));
            proved(&tx, session, now).await
        })
        .await?;
    Ok(RecoveryCodes { recovery_codes: drawn })
}

/// Proves the second factor once more in this session.
pub async fn step_up(house: &House, by: &Context, code: &str) -> Result<(), Problem> {
    let (person, session) = by.actor().and_then(|actor| Ok((actor.person, actor.session()?)))?;
    let known = store::person(house.db.read(), person).await?.ok_or(Code::Internal)?;
    let attempt = attempts::admit(house, &attempts::origin_of_session(by, &known)?).await?.id;
    let (code, now) = (code.to_owned(), house.world.real_now());
    house
        .write(by, (code, now), move |tx, (code, now)| async move {
            if !prove(&tx, person, &code, now).await? {
                return Err(Code::SecondFactorWrong.into());
            }
            store::remove_attempt(tx.conn(), attempt).await?;
            proved(&tx, session, now).await
        })
        .await
        .map(|_| ())
}

/// Takes the caller's authenticator away. Officers keep theirs.
pub async fn remove(house: &House, by: &Context) -> Result<(), Problem> {
    let person = by.actor()?.person;
    house
        .write(by, person, |tx, person| async move {
            if store::staff(tx.conn(), person).await?.is_some() {
                return Err(Code::StaffConflict.into());
            }
            // Who was proved a moment ago and is not enrolled now had it taken away meanwhile, and his proof with it.
            remove_within(&tx, person).await?.then_some(()).ok_or_else(|| Code::SecondFactorRequired.into())
        })
        .await
        .map(|_| ())
}

/// Takes somebody's authenticator away, and the proofs it gave; tells whether there was one.
pub async fn remove_within(tx: &Tx, person: PersonId) -> Result<bool, Problem> {
    if store::hold_second_factor(tx.conn(), person).await?.is_none() {
        return Ok(false);
    }
    store::remove_recovery_codes(tx.conn(), person).await?;
    store::remove_second_factor(tx.conn(), person).await?;
    store::unprove_sessions(tx.conn(), person).await?;
    tx.changed("second_factor", person, Some(&"enrolled"), None::<&()>);
    Ok(true)
}

/// Whether a code is right and was not used before; it is used now.
pub async fn prove(tx: &Tx, person: PersonId, code: &str, now: Timestamp) -> Result<bool, Problem> {
    let Some(held) = store::hold_second_factor(tx.conn(), person).await?.filter(|held| held.confirmed_at.is_some()) else {
        return Ok(false);
    };
    if let Sent::Recovery(hash) = Sent::read(code) {
        let used = store::use_recovery_code(tx.conn(), person, &hash).await?;
        if used {
            tx.changed("recovery_code", person, Some(&"unused"), None::<&()>);
        }
        return Ok(used);
    }
    match step(&tx.house, &held, code, now)? {
        Some(step) if step > held.last_step => {
            db::update(tx.conn(), second_factor::Model { last_step: step, ..held }).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Whether a code would be taken now; it is not used by asking. As much is done for nobody, and for who has no
/// authenticator, as for who has one, so that time tells none from another.
pub async fn would_prove(house: &House, person: Option<PersonId>, code: Option<&str>) -> Result<bool, Problem> {
    let Some(code) = code else { return Ok(false) };
    let (person, now) = (person.unwrap_or(PersonId(Uuid::nil())), house.world.real_now());
    let secret_sealed = house.keys.seal(&belonging(person), house.world.random(), &[0; codes::SECRET_BYTES]).map_err(|_| Code::Internal)?;
    let decoy = second_factor::Model { person_id: person, secret_sealed, confirmed_at: None, last_step: 0, created_at: now };
    let held = store::second_factor(house.db.read(), person).await?.filter(|held| held.confirmed_at.is_some()).unwrap_or(decoy);
    let is_right = if let Sent::Recovery(hash) = Sent::read(code) {
        store::has_recovery_code(house.db.read(), person, &hash).await?
    } else {
        step(house, &held, code, now)?.is_some_and(|step| step > held.last_step)
    };
    Ok(is_right && held.confirmed_at.is_some())
}

fn step(house: &House, held: &second_factor::Model, code: &str, now: Timestamp) -> Result<Option<i64>, Problem> {
    let Sent::Timed(code) = Sent::read(code) else { return Ok(None) };
    let secret = house.keys.open(&belonging(held.person_id), &held.secret_sealed).map_err(|_| Code::Internal)?;
    Ok(codes::step_of(&secret, &code, u64::try_from(now.timestamp()).unwrap_or_default()))
}

async fn proved(tx: &Tx, session: SessionId, now: Timestamp) -> Result<(), Problem> {
    let held = store::hold_session(tx.conn(), session).await?.ok_or(Code::TokenInvalid)?;
    let next = session::Model { proved_at: Some(now), ..held.clone() };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("session", session, Some(&held), Some(&next));
    Ok(())
}

/// Gives a person an authenticator with a known secret, confirmed: the officers of a sandbox.
pub async fn give_within(tx: &Tx, person: PersonId, secret: &[u8]) -> Result<(), Problem> {
    let sealed = tx.house.keys.seal(&belonging(person), tx.house.world.random(), secret).map_err(|_| Code::Internal)?;
    let now = tx.house.world.real_now();
    let row = second_factor::Model { person_id: person, secret_sealed: sealed, confirmed_at: Some(now), last_step: 0, created_at: now };
    db::insert(tx.conn(), row).await?;
    tx.created("second_factor", person, &now);
    Ok(())
}
