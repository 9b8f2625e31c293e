//! Registering by letter: whoever has an address, the same is done and answered, and only its letters tell.

use entity::Timestamp;
use entity::identity::{person, registration_request};
use uuid::Uuid;

use super::{attempts, passwords, people};
use crate::house::{Done, House, Tx};
use crate::identity::personal;
use crate::identity::rules::registrations::{RegistrationRules, may_ask, may_write, stands};
use crate::identity::rules::{self, letters};
use crate::identity::store::registrations as store;
use crate::identity::store::{hold_account, person_by_email};
use crate::identity::tokens::registration_text;
use crate::identity::views::{PersonView, RegistrationToken};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Timer: somebody asked to register by letter.
pub const LETTER: &str = "identity.registration_letter";

/// A request before it is written down.
#[derive(Clone)]
struct Asked {
    account: [u8; 32],
    origin: String,
    email: String,
    now: Timestamp,
}

/// Notes that somebody wants to register. Whether the address has an account is looked up later, so that neither the
/// answer nor its time tells: all is written down whoever has it. Nothing else is asked for, so that whoever has the
/// address alone chooses what the account is opened with, however many others asked.
pub async fn ask(house: &House, by: &Context, email: &str) -> Result<(), Problem> {
    let email = rules::normal_email(email);
    rules::address(&email)?;
    if house.mailer.is_none() {
        return Err(Code::NoMail.into());
    }
    let account = personal::blind(&house.keys, &email);
    let asked = Asked { account, origin: attempts::network_of(by), email, now: house.world.real_now() };
    house.write(by, asked, |tx, asked| async move { ask_within(&tx, asked).await }).await.map(|_| ())
}

async fn ask_within(tx: &Tx, asked: Asked) -> Result<(), Problem> {
    let (now, rules) = (asked.now, tx.house.rules_at(asked.now, RegistrationRules::of)?);
    // A network's requests are counted one at a time, so that many at once are not more than many.
    hold_account(tx.conn(), &tx.house.keys.blind("network", asked.origin.as_bytes())).await?;
    let lately = store::asked_from(tx.conn(), &asked.origin, now - rules.window, rules.of_network).await?;
    may_ask(&lately, &rules, now)?;
    let id = tx.house.world.secret_id();
    let row = registration_request::Model {
        id,
        account: asked.account.to_vec(),
        origin: asked.origin,
        email: Some(tx.sealed(personal::asked_email_of(id), &asked.email).await?),
        token_hash: None,
        letter_at: None,
        expires_at: now + rules.life,
        created_at: now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.arm(LETTER, id, tx.now);
    tx.created("registration_request", id, &row);
    Ok(())
}

/// Writes the letter that was asked for, if not too many went to the address lately: with a token, or to its owner that
/// there is an account.
pub async fn on_letter(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    tx.nothing_changed();
    let Some(known) = store::request(tx.conn(), id.into()).await? else { return Ok(()) };
    // The account before what was asked for it, as everywhere.
    hold_account(tx.conn(), &known.account).await?;
    let Some(held) = store::hold_request(tx.conn(), known.id).await? else { return Ok(()) };
    let now = tx.house.world.real_now();
    let rules = tx.house.rules_at(now, RegistrationRules::of)?;
    let owner = person_by_email(tx.conn(), &held.account).await?;
    let lately = store::count_letters(tx.conn(), &held.account, now - rules.life).await?;
    let address = address(&tx.house, &held)?;
    // Whatever nobody can use is not kept.
    let ended = registration_request::Model { email: None, token_hash: None, ..held.clone() };
    let (next, letter) = match (owner, address) {
        _ if !may_write(lately, &rules) => (ended, None),
        (Some(owner), _) => {
            let letter = letters::has_account(&personal::email(&tx.house, &owner)?);
            (registration_request::Model { letter_at: Some(now), ..ended }, Some(letter))
        }
        (None, Some(address)) => {
            let token = registration_text(tx.house.world.random());
            let letter = letters::registration(&address, &token, rules.life);
            let token_hash = Some(sha256(token.as_bytes()).to_vec());
            let next = registration_request::Model { token_hash, letter_at: Some(now), expires_at: now + rules.life, ..held.clone() };
            (next, Some(letter))
        }
        (None, None) => (ended, None),
    };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("registration_request", held.id, Some(&held), Some(&next));
    match letter {
        Some(letter) => tx.write_to("registration", &letter).await,
        None => Ok(()),
    }
}

/// Somebody to register, by a token.
#[derive(Clone)]
struct Complete {
    token: [u8; 32],
    name: String,
    /// None where no letter has the token.
    password_hash: Option<String>,
    now: Timestamp,
}

/// Registers whoever has the token of a letter. An address that was taken meanwhile makes it invalid.
pub async fn complete(house: &House, by: &Context, given: RegistrationToken) -> Result<Done<PersonView>, Problem> {
    let (token, now) = (sha256(given.token.as_bytes()), house.world.real_now());
    // Whoever has no token has no password judged or hashed; a deed told again has its answer in its record.
    let password_hash = match store::by_token(house.db.read(), &token).await? {
        Some(known) => {
            let email = address(house, &known)?.unwrap_or_default();
            rules::new_person(&email, &given.name, &given.password, &passwords::rules_now(house)?)?;
            Some(house.passwords.hash(&given.password).await?)
        }
        None => None,
    };
    let input = Complete { token, name: given.name, password_hash, now };
    let done = house.write(by, input, |tx, given| async move { complete_within(&tx, given).await }).await?;
    people::registered(house, done).await
}

async fn complete_within(tx: &Tx, given: Complete) -> Result<person::Model, Problem> {
    let (hash, now) = (given.token, given.now);
    let known = store::by_token(tx.conn(), &hash).await?.ok_or(Code::RegistrationInvalid)?;
    hold_account(tx.conn(), &known.account).await?;
    let held = store::hold_request(tx.conn(), known.id).await?.filter(|held| stands(held, &hash, now));
    let held = held.ok_or(Code::RegistrationInvalid)?;
    let email = address(&tx.house, &held)?.ok_or(Code::RegistrationInvalid)?;
    let password_hash = given.password_hash.ok_or(Code::RegistrationInvalid)?;
    people::register_within(tx, &email, &given.name, password_hash, Some(now))
        .await
        .map_err(|problem| if problem.code == Code::EmailTaken { Code::RegistrationInvalid.into() } else { problem })
}

/// Forgets requests that are over; whatever was given with them goes with them.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let now = house.world.real_now();
    let rules = house.rules_at(now, RegistrationRules::of)?;
    let counted_since = now - rules.life.max(rules.window);
    house
        .db
        .transact(move |tx| async move {
            store::remove_old(&*tx, now, counted_since).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

/// The address of a request, while it can be used.
fn address(house: &House, held: &registration_request::Model) -> Result<Option<String>, Problem> {
    held.email.as_ref().map(|sealed| house.opened(personal::asked_email_of(held.id), sealed)).transpose()
}
