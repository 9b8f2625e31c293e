//! Where questions are kept.

use entity::identity::person;
use entity::ids::{ListingId, OrganisationId, PersonId, QuestionId};
use entity::questions::{QuestionState, question};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which questions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// About this listing.
    pub listing_id: Option<ListingId>,
    /// To this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// In one of these states.
    pub states: Vec<QuestionState>,
    /// By this person.
    pub asker: Option<PersonId>,
}

/// A question.
pub async fn find(db: &impl ConnectionTrait, id: QuestionId) -> Result<Option<question::Model>, DbErr> {
    question::Entity::find_by_id(id).one(db).await
}

/// A question, held.
pub async fn hold(db: &impl ConnectionTrait, id: QuestionId) -> Result<Option<question::Model>, DbErr> {
    question::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// How many questions of a person about a listing are open. He is held, so that of two at once the second counts the first.
pub async fn count_open(db: &impl ConnectionTrait, person: PersonId, listing: ListingId) -> Result<u64, DbErr> {
    let asker = person::Entity::find_by_id(person).select_only().column(person::Column::Id).lock(LockType::NoKeyUpdate);
    asker.into_tuple::<PersonId>().one(db).await?;
    question::Entity::find()
        .filter(question::Column::Asker.eq(person))
        .filter(question::Column::ListingId.eq(listing))
        .filter(question::Column::State.is_in([QuestionState::Asked, QuestionState::Answered]))
        .count(db)
        .await
}

/// So many questions of a person, newest first.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<question::Model>, DbErr> {
    question::Entity::find().filter(question::Column::Asker.eq(person)).order_by_desc(question::Column::AskedAt).limit(most).all(db).await
}

/// A page of questions, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<question::Model>, Problem> {
    let select = question::Entity::find()
        .apply_if(wanted.listing_id, |select, id| select.filter(question::Column::ListingId.eq(id)))
        .apply_if(wanted.organisation_id, |select, id| select.filter(question::Column::OrganisationId.eq(id)))
        .filter(question::Column::State.is_in(wanted.states.iter().copied()))
        .apply_if(wanted.asker, |select, person| select.filter(question::Column::Asker.eq(person)));
    Ok(page.restrict(select, question::Column::AskedAt, question::Column::Id)?.all(db).await?)
}

/// The questions about a listing that everybody reads, in order.
pub async fn published_about(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<question::Model>, DbErr> {
    question::Entity::find()
        .filter(question::Column::ListingId.eq(listing))
        .filter(question::Column::State.eq(QuestionState::Published))
        .order_by_asc(question::Column::AskedAt)
        .order_by_asc(question::Column::Id)
        .all(db)
        .await
}
