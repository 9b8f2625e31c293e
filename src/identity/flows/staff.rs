//! Appointing and dismissing platform staff.

use entity::identity::{StaffRole, staff};
use entity::ids::PersonId;

use super::IdentityEvent;
use crate::house::{Done, House, Tx};
use crate::identity::http::OPERATIONS;
use crate::identity::views::{NewStaff, StaffView};
use crate::identity::{personal, rules, store};
use crate::platform::access::{self, Context, OfPlatform};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// Appoints the person with this address.
pub async fn appoint(house: &House, by: &Context, new: NewStaff) -> Result<Done<staff::Model>, Problem> {
    house
        .write(by, new, |tx, new| async move {
            let email = rules::normal_email(&new.email);
            let person = store::person_by_email(tx.conn(), &personal::blind(&tx.house.keys, &email))
                .await?
                .ok_or_else(|| Code::Invalid.at("/email", "unknown_person", "没有此账号", "no account has this address"))?;
            rules::address_proved(&person, tx.house.mailer.is_some())?;
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
    tx.created("staff", person, &row);
    tx.publish(&IdentityEvent::person("staff.appointed", person))?;
    Ok(row)
}

/// A page of all staff, appointed last first, with what the caller may do to each place.
pub async fn list(house: &House, by: &Context, page: &PageQuery) -> Result<Page<StaffView>, Problem> {
    let person = by.actor()?.person;
    let admins = store::number_of_staff(house.db.read(), StaffRole::SecurityAdmin).await?;
    let found = store::staff_page(house.db.read(), page).await?;
    let mut named = Vec::with_capacity(found.len());
    for (row, person) in found {
        let name = person.map(|person| personal::name(house, &person)).transpose()?;
        named.push((row, name));
    }
    let told = |(row, name): (staff::Model, Option<String>)| {
        let deeds = access::allowed(OPERATIONS, &by.caller, &OfPlatform, rules::open_on_staff(&row, person, admins));
        StaffView { allowed_deeds: Some(deeds), ..StaffView::of(&row, name) }
    };
    page.page(named, |(row, _)| (row.granted_at, row.person_id.0), told)
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
            tx.changed("staff", person, Some(&standing), None::<&staff::Model>);
            tx.publish(&IdentityEvent::person("staff.dismissed", person))?;
            Ok(standing)
        })
        .await
}
