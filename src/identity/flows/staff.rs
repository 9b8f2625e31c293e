//! Appointing and dismissing platform staff.

use entity::identity::{StaffRole, staff};
use entity::ids::PersonId;

use super::IdentityEvent;
use crate::house::{Done, House, Tx};
use crate::identity::views::NewStaff;
use crate::identity::{rules, store};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Appoints the person with this address.
pub async fn appoint(house: &House, by: &Context, new: NewStaff) -> Result<Done<staff::Model>, Problem> {
    house
        .write(by, new, |tx, new| async move {
            let email = rules::normal_email(&new.email);
            let person = store::person_by_email(tx.conn(), &email)
                .await?
                .ok_or_else(|| Code::Invalid.at("/email", "unknown_person", "没有此账号", "no account has this address"))?;
            appoint_within(&tx, person.id, new.role).await
        })
        .await
}

/// Gives a person a staff role.
pub async fn appoint_within(tx: &Tx, person: PersonId, role: StaffRole) -> Result<staff::Model, Problem> {
    store::hold_person(tx.conn(), person).await?.ok_or(Code::NotFound)?;
    let standing = store::hold_staff(tx.conn(), person).await?;
    let trades = !store::active_memberships(tx.conn(), person).await?.is_empty();
    rules::appoint(standing.as_ref(), trades)?;
    let row = staff::Model { person_id: person, role, version: 1, granted_at: tx.now };
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::StaffConflict.into() } else { Problem::from(error) })?;
    tx.created("staff", person, &row).await?;
    tx.publish(&IdentityEvent::staff("staff.appointed", person)).await?;
    Ok(row)
}

/// Dismisses a staff member.
pub async fn dismiss(house: &House, by: &Context, person: PersonId) -> Result<Done<staff::Model>, Problem> {
    house
        .write(by, person, |tx, person| async move {
            // All administrators before the one: the same order in every dismissal.
            let admins = store::count_staff(tx.conn(), StaffRole::SecurityAdmin).await?;
            let standing = store::hold_staff(tx.conn(), person).await?.ok_or(Code::NotFound)?;
            rules::dismiss(&standing, tx.by.actor()?.person, admins)?;
            store::remove_staff(tx.conn(), person).await?;
            tx.changed("staff", person, Some(&standing), None::<&staff::Model>).await?;
            tx.publish(&IdentityEvent::staff("staff.dismissed", person)).await?;
            Ok(standing)
        })
        .await
}
