//! Changing a password, and setting a new one on a reset.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::{password_reset, past_password, person, reset_request};
use entity::ids::{PersonId, SessionId};
use uuid::Uuid;

use super::accounts::{of_another, recovered};
use super::{attempts, sessions};
use crate::house::{Done, House, Tx};
use crate::identity::http::accounts::ResetSecondFactor;
use crate::identity::rules::passwords::{PasswordRules, fit, outworn};
use crate::identity::rules::{self, letters};
use crate::identity::tokens::reset_text;
use crate::identity::views::{PasswordChange, PasswordReset, ResetToken};
use crate::identity::{personal, store};
use crate::platform::access::{Context, Permission};
use crate::platform::db;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// The rules for passwords now.
pub fn rules_now(house: &House) -> Result<PasswordRules, Problem> {
    let profile = house.config.password_profile;
    house.rules_at(house.world.real_now(), |rulebook, on| PasswordRules::of(profile, rulebook, on))
}

/// Whether somebody's password is too old to be kept; asked with every call.
pub fn is_outworn(house: &House, person: &person::Model, now: Timestamp) -> Result<bool, Problem> {
    let profile = house.config.password_profile;
    let age = house.rules_at(now, |rulebook, on| PasswordRules::age(profile, rulebook, on))?;
    Ok(outworn(age, person, now))
}

/// Changes the caller's password; every other session of his ends.
pub async fn change(house: &House, by: &Context, change: PasswordChange) -> Result<Done<()>, Problem> {
    let (person, session) = by.actor().and_then(|actor| Ok((actor.person, actor.session()?)))?;
    let person = store::person(house.db.read(), person).await?.ok_or(Code::Internal)?;
    let attempt = attempts::admit(house, &attempts::origin_of_session(by, &person)?).await?;
    let right = house.passwords.verify(&change.current_password, Some(person.password_hash.clone())).await?;
    let hash = if right { new_hash(house, &person, &change.new_password).await } else { Err(wrong_password()) };
    // Refused only inside: if this very change was made already, its outcome is told again.
    let done =
        house
            .write(by, (person.id, session, hash), |tx, (person, session, hash)| async move {
                set_within(&tx, person, hash?, Some(session)).await
            })
            .await;
    if right || done.is_ok() {
        attempts::forgive(house, attempt.id).await?;
    }
    done
}

/// Sees to it that the caller knows his password; tries are counted.
pub async fn prove_password(house: &House, by: &Context, password: &str) -> Result<person::Model, Problem> {
    let person = store::person(house.db.read(), by.actor()?.person).await?.ok_or(Code::Internal)?;
    let attempt = attempts::admit(house, &attempts::origin_of_session(by, &person)?).await?;
    if !house.passwords.verify(password, Some(person.password_hash.clone())).await? {
        return Err(wrong_password());
    }
    attempts::forgive(house, attempt.id).await?;
    Ok(person)
}

/// The refusal of somebody signed in who does not know his password; it goes into the audit trail.
fn wrong_password() -> Problem {
    Problem { denied: true, ..Code::CredentialsWrong.into() }
}

/// Issues a reset for somebody who cannot sign in; its text is told once, to the security administrator
/// who knows that it is he.
pub async fn issue_reset(house: &House, by: &Context, person: PersonId) -> Result<ResetToken, Problem> {
    let text = reset_text(house.world.random());
    let now = house.world.real_now();
    let life = house.span("password_reset_life", now)?;
    let row = reset_row(&text, person, Some(by.actor()?.person), now, life);
    house
        .write(by, row.clone(), |tx, row| async move {
            store::hold_person(tx.conn(), row.person_id).await?.ok_or(Code::NotFound)?;
            of_another(&tx, row.person_id, ResetSecondFactor::OPERATION.id).await?;
            store::remove_resets(tx.conn(), row.person_id).await?;
            db::insert(tx.conn(), row.clone()).await?;
            tx.created("password_reset", row.person_id, &row);
            Ok(())
        })
        .await?;
    Ok(ResetToken { reset_token: text, expires_at: row.expires_at })
}

/// Timer: somebody asked for a letter with a reset.
pub const RESET_LETTER: &str = "identity.reset_letter";

/// Notes that somebody asked for a letter with a reset. Whether the address has an account is looked up
/// later, so that neither the answer nor its time tells.
pub async fn ask_for_reset(house: &House, by: &Context, email: &str) -> Result<(), Problem> {
    if house.mailer.is_none() {
        return Err(Code::NoMail.into());
    }
    let account = personal::blind(&house.keys, &rules::normal_email(email));
    house
        .write(by, (account, house.world.real_now()), |tx, (account, now)| async move {
            let row = reset_request::Model { account: account.to_vec(), id: tx.house.world.secret_id(), created_at: now };
            // While one waits, another is the same.
            if store::insert_reset_request(tx.conn(), row.clone()).await? {
                tx.arm(RESET_LETTER, row.id, tx.now);
            }
            tx.created("reset_request", row.id, &now);
            Ok(())
        })
        .await
        .map(|_| ())
}

/// Writes the letter that was asked for, if the address has an account, and unless a fresh one stands already: then its
/// owner has what he asks for, whoever else asks for it.
pub async fn on_reset_letter(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    tx.nothing_changed();
    let Some(asked) = store::take_reset_request(tx.conn(), id).await? else { return Ok(()) };
    let found = store::person_by_email(tx.conn(), &asked.account).await?.filter(rules::may_enter);
    let Some(person) = found else { return Ok(()) };
    let now = tx.house.world.real_now();
    let fresh = now - tx.house.span("reset_letter_interval", now)?;
    if store::has_reset_letter(tx.conn(), person.id, fresh).await? {
        return Ok(());
    }
    let (text, life) = (reset_text(tx.house.world.random()), tx.house.span("password_reset_life", now)?);
    let row = reset_row(&text, person.id, None, now, life);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("password_reset", person.id, &row);
    tx.write_to("password_reset", &letters::reset(&personal::email(&tx.house, &person)?, &text, life)).await
}

/// A reset as it is kept: its text is not.
fn reset_row(text: &str, person: PersonId, issued_by: Option<PersonId>, now: Timestamp, life: TimeDelta) -> password_reset::Model {
    let hash = sha256(text.as_bytes()).to_vec();
    password_reset::Model { hash, person_id: person, issued_by, expires_at: now + life, used_at: None, created_at: now }
}

/// Sets a new password on a reset; every session of the person ends.
pub async fn reset(house: &House, by: &Context, sent: PasswordReset) -> Result<(), Problem> {
    let hash = sha256(sent.reset_token.as_bytes());
    let now = house.world.real_now();
    let stands = |row: &password_reset::Model| row.used_at.is_none() && now < row.expires_at;
    let found = store::reset(house.db.read(), &hash).await?.filter(stands).ok_or(Code::ResetInvalid)?;
    let person = store::person(house.db.read(), found.person_id).await?.ok_or(Code::Internal)?;
    let password = new_hash(house, &person, &sent.new_password).await?;
    house
        .write(by, (hash, password, now), |tx, (hash, password, now)| async move {
            let held = store::hold_reset(tx.conn(), &hash).await?.filter(|row| row.used_at.is_none() && now < row.expires_at);
            let held = held.ok_or(Code::ResetInvalid)?;
            db::update(tx.conn(), password_reset::Model { used_at: Some(now), ..held.clone() }).await?;
            set_within(&tx, held.person_id, password, None).await?;
            if held.issued_by.is_none() {
                // No officer gave it to him: he has read it in his letter.
                store::prove_address(tx.conn(), held.person_id, now).await?;
            }
            recovered(&tx, held.person_id).await
        })
        .await
        .map(|_| ())
}

/// Hashes a new password, if it meets the rules and is none of the last.
async fn new_hash(house: &House, person: &person::Model, password: &str) -> Result<String, Problem> {
    let place = "/new_password";
    let rules = rules_now(house)?;
    let factor = store::second_factor(house.db.read(), person.id).await?;
    let has_factor = factor.is_some_and(|factor| factor.confirmed_at.is_some());
    fit(password, &personal::email(house, person)?, &personal::name(house, person)?, has_factor, &rules, place)?;
    let past = store::past_passwords(house.db.read(), person.id, rules.history).await?;
    let known = past.into_iter().map(|row| row.password_hash).chain([person.password_hash.clone()]);
    for hash in known.take(if rules.history == 0 { 0 } else { rules.history + 1 }) {
        if house.passwords.verify(password, Some(hash)).await? {
            return Err(Code::Invalid.at(place, "password_repeated", "不得使用最近用过的口令", "this password was used lately"));
        }
    }
    house.passwords.hash(password).await
}

/// Sets a password; the sessions end, but for the one it was changed in.
async fn set_within(tx: &Tx, id: PersonId, hash: String, but: Option<SessionId>) -> Result<(), Problem> {
    let held = store::hold_person(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let now = tx.house.world.real_now();
    let history = rules_now(&tx.house)?.history;
    if history > 0 {
        let past = past_password::Model { id: tx.id(), person_id: id, password_hash: held.password_hash.clone(), replaced_at: now };
        db::insert(tx.conn(), past).await?;
    }
    store::forget_passwords(tx.conn(), id, history).await?;
    store::remove_resets(tx.conn(), id).await?;
    let email = personal::email(&tx.house, &held)?;
    db::update(tx.conn(), person::Model { password_hash: hash, password_changed_at: Some(now), ..held }).await?;
    tx.write_to("password_set", &letters::password_set(&email)).await?;
    tx.changed("password", id, Some(&"old"), Some(&now));
    sessions::end_all_within(tx, id, but, "password changed").await
}
