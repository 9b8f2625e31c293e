//! Where the places of staff are kept.

use std::collections::HashSet;

use entity::identity::{StaffRole, person, staff};
use entity::ids::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A staff place.
pub async fn staff(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find_by_id(person).one(db).await
}

/// Those of some people who have one.
pub async fn staff_among(db: &impl ConnectionTrait, people: &[PersonId]) -> Result<HashSet<PersonId>, DbErr> {
    let officers = staff::Entity::find().select_only().column(staff::Column::PersonId);
    let officers = officers.filter(staff::Column::PersonId.is_in(people.iter().copied()));
    Ok(officers.into_tuple::<PersonId>().all(db).await?.into_iter().collect())
}

/// A staff place, held.
pub async fn hold_staff(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find_by_id(person).lock_exclusive().one(db).await
}

/// Ends a staff place.
pub async fn remove_staff(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    staff::Entity::delete_by_id(person).exec(db).await.map(|_| ())
}

/// All staff.
pub async fn staff_page(db: &impl ConnectionTrait, page: &PageQuery) -> Result<Vec<(staff::Model, Option<person::Model>)>, Problem> {
    let rows = page.restrict(staff::Entity::find(), staff::Column::GrantedAt, staff::Column::PersonId)?.all(db).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let person = super::person(db, row.person_id).await?;
        found.push((row, person));
    }
    Ok(found)
}

/// How many hold a staff role.
pub async fn number_of_staff(db: &impl ConnectionTrait, role: StaffRole) -> Result<u64, DbErr> {
    staff::Entity::find().filter(staff::Column::Role.eq(role)).count(db).await
}

/// How many hold a staff role; they are held, so that two cannot end each other's place at once.
pub async fn count_staff(db: &impl ConnectionTrait, role: StaffRole) -> Result<u64, DbErr> {
    let rows =
        staff::Entity::find().filter(staff::Column::Role.eq(role)).order_by_asc(staff::Column::PersonId).lock_exclusive().all(db).await?;
    Ok(rows.len() as u64)
}
