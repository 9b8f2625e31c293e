//! Registering a person at once, and what every registration comes to.

use entity::Timestamp;
use entity::identity::person;

use super::passwords;
use crate::house::{Done, House, Tx};
use crate::identity::views::{NewPerson, PersonView};
use crate::identity::{personal, rules, store};
use crate::platform::access::Context;
use crate::platform::config::Registration;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Registers a person at once. Where that is done by letter, nothing is looked up before it is refused.
pub async fn register(house: &House, by: &Context, new: NewPerson) -> Result<Done<PersonView>, Problem> {
    if house.config.registration_in_force() == Registration::ByLetter {
        return Err(Code::RegistrationByLetter.into());
    }
    let email = rules::normal_email(&new.email);
    rules::new_person(&email, &new.name, &new.password, &passwords::rules_now(house)?)?;
    let hash = house.passwords.hash(&new.password).await?;
    let input = (email, new.name, hash);
    let done =
        house.write(by, input, |tx, (email, name, hash)| async move { register_within(&tx, &email, &name, hash, None).await }).await?;
    registered(house, done).await
}

/// Whoever was registered, as he is told of.
pub async fn registered(house: &House, done: Done<person::Model>) -> Result<Done<PersonView>, Problem> {
    let person = if done.replayed {
        // What the record holds may be sealed under a key that is gone by now.
        store::person(house.db.read(), done.value.id).await?.ok_or(Code::Internal)?
    } else {
        done.value
    };
    Ok(Done { value: told(house, &person)?, replayed: done.replayed })
}

/// A person as he is told of.
pub fn told(house: &House, row: &person::Model) -> Result<PersonView, Problem> {
    let (email, name) = (personal::email(house, row)?, personal::name(house, row)?);
    Ok(PersonView { id: row.id, email, name, created_at: row.created_at })
}

/// Writes the person down. The address must be in normal form and the password hashed. What was asked for the address
/// by letter comes to nothing more. `proved_at` is when whoever registers showed that the address is his.
pub async fn register_within(
    tx: &Tx,
    email: &str,
    name: &str,
    password_hash: String,
    proved_at: Option<Timestamp>,
) -> Result<person::Model, Problem> {
    let blind = personal::blind(&tx.house.keys, email);
    store::hold_account(tx.conn(), &blind).await?;
    if store::person_by_email(tx.conn(), &blind).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    let id = tx.id();
    let row = person::Model {
        id,
        email: tx.sealed(personal::email_of(id), email).await?,
        email_blind: Some(blind.to_vec()),
        name: tx.sealed(personal::name_of(id), name).await?,
        password_hash,
        password_changed_at: None,
        suspended_at: None,
        suspended_why: None,
        closed_at: None,
        forget_at: None,
        forgotten_at: None,
        address_proved_at: proved_at,
        // By real time, as the age of its password is.
        created_at: tx.house.world.real_now(),
    };
    db::insert(tx.conn(), row.clone()).await.map_err(|error| {
        // Two registrations of one address at the same moment meet at the constraint.
        if db::is_duplicate(&error) { Code::EmailTaken.into() } else { Problem::from(error) }
    })?;
    store::registrations::end_requests(tx.conn(), &blind).await?;
    tx.created("person", row.id, &row);
    Ok(row)
}
