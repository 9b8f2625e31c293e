//! What people call themselves: kept sealed, found by a keyed hash, opened where it is told.

use entity::identity::{membership, person};
use entity::ids::{MembershipId, PersonId, RegistrationRequestId};

use crate::house::House;
use crate::platform::data_keys::Cell;
use crate::platform::keys::Keys;
use crate::platform::problem::Problem;

/// The cell of a person's address.
pub fn email_of(id: PersonId) -> Cell {
    Cell::of("person.email", id)
}

/// The cell of a person's name.
pub fn name_of(id: PersonId) -> Cell {
    Cell::of("person.name", id)
}

/// The cell of the reason an account is suspended for.
pub fn suspension_of(id: PersonId) -> Cell {
    Cell::of("person.suspended_why", id)
}

/// The cell of the address a membership was offered to.
pub fn address_of(id: MembershipId) -> Cell {
    Cell::of("membership.email", id)
}

/// The cell of what was given to register with.
pub fn asked_email_of(id: RegistrationRequestId) -> Cell {
    Cell::of("registration_request.email", id)
}

/// What stands for an address where somebody is found by it. The address must be in normal form.
pub fn blind(keys: &Keys, email: &str) -> [u8; 32] {
    keys.blind("account", email.as_bytes())
}

/// A person's address.
pub fn email(house: &House, person: &person::Model) -> Result<String, Problem> {
    house.opened(email_of(person.id), &person.email)
}

/// A person's name.
pub fn name(house: &House, person: &person::Model) -> Result<String, Problem> {
    house.opened(name_of(person.id), &person.name)
}

/// Why an account is suspended, if it is.
pub fn suspended_why(house: &House, person: &person::Model) -> Result<Option<String>, Problem> {
    person.suspended_why.as_ref().map(|why| house.opened(suspension_of(person.id), why)).transpose()
}

/// The address a membership was offered to.
pub fn address(house: &House, membership: &membership::Model) -> Result<String, Problem> {
    house.opened(address_of(membership.id), &membership.email)
}
