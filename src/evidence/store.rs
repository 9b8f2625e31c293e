//! What is gathered from the tables of other rooms, all of it.

use entity::deals::deal;
use entity::ids::{ListingId, LotId, NoticeId};
use entity::notices::{notice, notice_proposal};
use entity::objections::objection;
use entity::platform::{AuditOutcome, audit};
use entity::questions::{QuestionState, question};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// How many ids are asked about at once.
const AT_ONCE: usize = 500;

/// The notices of a listing that were ever published, in order.
pub async fn notices(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<notice::Model>, DbErr> {
    notice::Entity::find()
        .filter(notice::Column::ListingId.eq(listing))
        .filter(notice::Column::PublishedAt.is_not_null())
        .order_by_asc(notice::Column::PublishedAt)
        .order_by_asc(notice::Column::Id)
        .all(db)
        .await
}

/// What was proposed about notices, in order.
pub async fn proposals(db: &impl ConnectionTrait, notices: Vec<NoticeId>) -> Result<Vec<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find()
        .filter(notice_proposal::Column::NoticeId.is_in(notices))
        .order_by_asc(notice_proposal::Column::ProposedAt)
        .order_by_asc(notice_proposal::Column::Id)
        .all(db)
        .await
}

/// Everything that was objected to about a listing and the results of its deals, in order.
pub async fn objections(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<objection::Model>, DbErr> {
    objection::Entity::find()
        .filter(objection::Column::ListingId.eq(listing))
        .order_by_asc(objection::Column::SubmittedAt)
        .order_by_asc(objection::Column::Id)
        .all(db)
        .await
}

/// The questions about a listing that everybody reads, in order.
pub async fn questions(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<question::Model>, DbErr> {
    question::Entity::find()
        .filter(question::Column::ListingId.eq(listing))
        .filter(question::Column::State.eq(QuestionState::Published))
        .order_by_asc(question::Column::AskedAt)
        .order_by_asc(question::Column::Id)
        .all(db)
        .await
}

/// The deals of a listing, in order.
pub async fn deals(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<deal::Model>, DbErr> {
    deal::Entity::find()
        .filter(deal::Column::ListingId.eq(listing))
        .order_by_asc(deal::Column::CreatedAt)
        .order_by_asc(deal::Column::Id)
        .all(db)
        .await
}

/// The rows of the trail that say what was changed of some things, and what officers or the platform itself changed of a lot; those that
/// have their position, in order.
pub async fn deeds(db: &impl ConnectionTrait, things: &[Uuid], lot: Option<LotId>) -> Result<Vec<audit::Model>, DbErr> {
    let changed = || {
        let changed = audit::Entity::find().filter(audit::Column::Outcome.eq(AuditOutcome::Changed));
        changed.filter(audit::Column::Position.is_not_null())
    };
    let mut found = Vec::new();
    for some in things.chunks(AT_ONCE) {
        found.extend(changed().filter(audit::Column::ObjectId.is_in(some.iter().copied())).all(db).await?);
    }
    if let Some(lot) = lot {
        // Bids are told by its own log.
        let by_officers = changed().filter(audit::Column::ObjectId.eq(lot)).filter(audit::Column::OrganisationId.is_null());
        found.extend(by_officers.filter(audit::Column::ObjectKind.eq("lot")).all(db).await?);
    }
    found.sort_by_key(|row| row.position);
    Ok(found)
}
