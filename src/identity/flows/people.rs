//! Registering a person.

use entity::identity::person;

use super::passwords;
use crate::house::{Done, House, Tx};
use crate::identity::views::NewPerson;
use crate::identity::{rules, store};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Registers a person.
pub async fn register(house: &House, by: &Context, new: NewPerson) -> Result<Done<person::Model>, Problem> {
    let email = rules::normal_email(&new.email);
    rules::new_person(&email, &new.name, &new.password, &passwords::rules(house)?)?;
    let hash = house.passwords.hash(&new.password).await?;
    house.write(by, (email, new.name, hash), |tx, (email, name, hash)| async move { register_within(&tx, email, name, hash).await }).await
}

/// Writes the person down. The address must be in normal form and the password hashed.
pub async fn register_within(tx: &Tx, email: String, name: String, password_hash: String) -> Result<person::Model, Problem> {
    if store::person_by_email(tx.conn(), &email).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    let row = person::Model {
        id: tx.id(),
        email,
        name,
        password_hash,
        password_changed_at: None,
        suspended_at: None,
        suspended_why: None,
        // By real time, as the age of its password is.
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await.map_err(|error| {
        // Two registrations of one address at the same moment meet at the constraint.
        if db::is_duplicate(&error) { Code::EmailTaken.into() } else { Problem::from(error) }
    })?;
    tx.created("person", row.id, &row).await?;
    Ok(row)
}
