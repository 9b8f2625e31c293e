//! Where the places of staff are kept.

use entity::identity::{StaffRole, person, staff};
use entity::ids::PersonId;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;

use crate::platform::db::{Question, Questions};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A staff place.
pub async fn staff(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find_by_id(person).one(db).await
}

/// Somebody who has one.
#[derive(FromQueryResult, Deserialize)]
pub struct Officer {
    /// Who.
    pub person_id: PersonId,
}

/// Asks who of some people has one.
pub fn ask_officers(questions: &mut Questions, people: impl IntoIterator<Item = PersonId>) -> Question<Officer> {
    let officers = Query::select()
        .column(staff::Column::PersonId)
        .from(staff::Entity)
        .and_where(questions.is_among(staff::Column::PersonId, people))
        .to_owned();
    questions.ask(officers)
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
