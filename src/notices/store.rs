//! Where notices and their frozen versions are kept.

use entity::Timestamp;
use entity::ids::{ListingId, NoticeId, OrganisationId};
use entity::notices::{NoticeKind, NoticeState, notice, notice_version};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which notices are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this kind.
    pub kind: Option<NoticeKind>,
    /// Of this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// About this listing.
    pub listing_id: Option<ListingId>,
    /// In one of these states.
    pub states: Vec<NoticeState>,
}

/// A notice.
pub async fn find(db: &impl ConnectionTrait, id: NoticeId) -> Result<Option<notice::Model>, DbErr> {
    notice::Entity::find_by_id(id).one(db).await
}

/// When these notices were published, those of them that were.
pub async fn published(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<(NoticeId, Timestamp)>, DbErr> {
    notice::Entity::find()
        .select_only()
        .columns([notice::Column::Id, notice::Column::PublishedAt])
        .filter(notice::Column::Id.is_in(ids))
        .filter(notice::Column::PublishedAt.is_not_null())
        .into_tuple()
        .all(db)
        .await
}

/// Those of these notices that are public.
pub async fn public(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<notice::Model>, DbErr> {
    let public = notice::Column::State.is_in([NoticeState::Published, NoticeState::Ended]);
    notice::Entity::find().filter(notice::Column::Id.is_in(ids)).filter(public).all(db).await
}

/// A notice, held.
pub async fn hold(db: &impl ConnectionTrait, id: NoticeId) -> Result<Option<notice::Model>, DbErr> {
    notice::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// One frozen version of a notice.
pub async fn version(db: &impl ConnectionTrait, id: NoticeId, version: i64) -> Result<Option<notice_version::Model>, DbErr> {
    notice_version::Entity::find_by_id((id, version)).one(db).await
}

/// Every frozen version of these notices.
pub async fn versions(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<notice_version::Model>, DbErr> {
    notice_version::Entity::find().filter(notice_version::Column::NoticeId.is_in(ids)).all(db).await
}

/// A page of notices: drafts by when they were drafted, all others by when they were published,
/// newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<notice::Model>, Problem> {
    let select = notice::Entity::find()
        .filter(notice::Column::State.is_in(wanted.states.iter().copied()))
        .apply_if(wanted.kind, |select, kind| select.filter(notice::Column::Kind.eq(kind)))
        .apply_if(wanted.organisation_id, |select, id| select.filter(notice::Column::OrganisationId.eq(id)))
        .apply_if(wanted.listing_id, |select, id| select.filter(notice::Column::ListingId.eq(id)));
    let drafts = wanted.states.contains(&NoticeState::Drafted);
    let order = if drafts { notice::Column::CreatedAt } else { notice::Column::PublishedAt };
    Ok(page.restrict(select, order, notice::Column::Id)?.all(db).await?)
}
