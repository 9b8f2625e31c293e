//! Where notices and their frozen versions are kept.

use entity::Timestamp;
use entity::ids::{ListingId, NegotiationId, NoticeId, NoticeProposalId, OpenLicenceId, OrganisationId, RightsGrantId};
use entity::notices::{
    NoticeKind, NoticeProposalState, NoticeState, notice, notice_proposal, notice_takedown, notice_version, unit_notice,
};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

use super::rules::Matter;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// The states in which everybody can read a notice.
pub const PUBLIC: [NoticeState; 3] = [NoticeState::Published, NoticeState::Ended, NoticeState::Withdrawn];

/// Which notices are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this kind.
    pub kind: Option<NoticeKind>,
    /// Of this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// About this listing.
    pub listing_id: Option<ListingId>,
    /// About this sale at a negotiated price.
    pub negotiation_id: Option<NegotiationId>,
    /// About this grant of rights.
    pub rights_grant_id: Option<RightsGrantId>,
    /// About this open licence.
    pub open_licence_id: Option<OpenLicenceId>,
    /// Of an organisation in this city.
    pub city: Option<String>,
    /// About something of this technical field.
    pub field: Option<String>,
    /// Published at this instant or later.
    pub from: Option<Timestamp>,
    /// Published before this instant.
    pub to: Option<Timestamp>,
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

/// Those of these notices that stand for everybody to read: neither away nor withdrawn.
pub async fn public(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<notice::Model>, DbErr> {
    let public = notice::Column::State.is_in([NoticeState::Published, NoticeState::Ended]);
    notice::Entity::find().filter(notice::Column::Id.is_in(ids)).filter(public).filter(notice::Column::TakenDownAt.is_null()).all(db).await
}

/// The technical field of what is offered, as the first notice about it has it.
pub async fn field_of(db: &impl ConnectionTrait, matter: Matter) -> Result<Option<String>, DbErr> {
    let first = notice::Entity::find().filter(about(matter)).order_by_asc(notice::Column::CreatedAt).one(db);
    Ok(first.await?.and_then(|notice| notice.field))
}

/// A notice, held.
pub async fn hold(db: &impl ConnectionTrait, id: NoticeId) -> Result<Option<notice::Model>, DbErr> {
    notice::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The times the pages of these notices were away, in order.
pub async fn takedowns(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<notice_takedown::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let all = notice_takedown::Entity::find().filter(notice_takedown::Column::NoticeId.is_in(ids));
    all.order_by_asc(notice_takedown::Column::TakenDownAt).all(db).await
}

/// Since when and why the page of a notice is away, if it is.
pub async fn away_now(db: &impl ConnectionTrait, id: NoticeId) -> Result<Option<notice_takedown::Model>, DbErr> {
    notice_takedown::Entity::find()
        .filter(notice_takedown::Column::NoticeId.eq(id))
        .filter(notice_takedown::Column::RestoredAt.is_null())
        .one(db)
        .await
}

/// One frozen version of a notice.
pub async fn version(db: &impl ConnectionTrait, id: NoticeId, version: i64) -> Result<Option<notice_version::Model>, DbErr> {
    notice_version::Entity::find_by_id((id, version)).one(db).await
}

/// Every frozen version of these notices.
pub async fn versions(db: &impl ConnectionTrait, ids: Vec<NoticeId>) -> Result<Vec<notice_version::Model>, DbErr> {
    notice_version::Entity::find().filter(notice_version::Column::NoticeId.is_in(ids)).all(db).await
}

/// The notices of units in their own places that were shown beside these, in order.
pub async fn unit_notices(db: &impl ConnectionTrait, beside: Vec<NoticeId>) -> Result<Vec<unit_notice::Model>, DbErr> {
    unit_notice::Entity::find()
        .filter(unit_notice::Column::NoticeId.is_in(beside))
        .order_by_asc(unit_notice::Column::NoticeId)
        .order_by_asc(unit_notice::Column::Number)
        .all(db)
        .await
}

/// What is proposed about a notice.
pub async fn proposal(db: &impl ConnectionTrait, id: NoticeProposalId) -> Result<Option<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find_by_id(id).one(db).await
}

/// The same, held.
pub async fn hold_proposal(db: &impl ConnectionTrait, id: NoticeProposalId) -> Result<Option<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// What is proposed about a notice and waits for a second person.
pub async fn open_proposal(db: &impl ConnectionTrait, id: NoticeId) -> Result<Option<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find()
        .filter(notice_proposal::Column::NoticeId.eq(id))
        .filter(notice_proposal::Column::State.eq(NoticeProposalState::Open))
        .one(db)
        .await
}

/// The proposals that made a version of a notice.
pub async fn proposals_that_made(db: &impl ConnectionTrait, id: NoticeId) -> Result<Vec<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find()
        .filter(notice_proposal::Column::NoticeId.eq(id))
        .filter(notice_proposal::Column::MadeVersion.is_not_null())
        .all(db)
        .await
}

/// A page of what was proposed about a notice, newest first.
pub async fn proposals(db: &impl ConnectionTrait, id: NoticeId, page: &PageQuery) -> Result<Vec<notice_proposal::Model>, Problem> {
    let all = notice_proposal::Entity::find().filter(notice_proposal::Column::NoticeId.eq(id));
    Ok(page.restrict(all, notice_proposal::Column::ProposedAt, notice_proposal::Column::Id)?.all(db).await?)
}

/// A page of notices: drafts by when they were drafted, all others by when they were published,
/// newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<notice::Model>, Problem> {
    let select = notice::Entity::find()
        .filter(notice::Column::State.is_in(wanted.states.iter().copied()))
        .apply_if(wanted.kind, |select, kind| select.filter(notice::Column::Kind.eq(kind)))
        .apply_if(wanted.organisation_id, |select, id| select.filter(notice::Column::OrganisationId.eq(id)))
        .apply_if(wanted.listing_id, |select, id| select.filter(notice::Column::ListingId.eq(id)))
        .apply_if(wanted.negotiation_id, |select, id| select.filter(notice::Column::NegotiationId.eq(id)))
        .apply_if(wanted.rights_grant_id, |select, id| select.filter(notice::Column::RightsGrantId.eq(id)))
        .apply_if(wanted.open_licence_id, |select, id| select.filter(notice::Column::OpenLicenceId.eq(id)))
        .apply_if(wanted.city.as_ref(), |select, city| select.filter(notice::Column::City.eq(city)))
        .apply_if(wanted.field.as_ref(), |select, field| select.filter(notice::Column::Field.eq(field)))
        .apply_if(wanted.from, |select, from| select.filter(notice::Column::PublishedAt.gte(from)))
        .apply_if(wanted.to, |select, to| select.filter(notice::Column::PublishedAt.lt(to)));
    let drafts = wanted.states.contains(&NoticeState::Drafted);
    let order = if drafts { notice::Column::CreatedAt } else { notice::Column::PublishedAt };
    Ok(page.restrict(select, order, notice::Column::Id)?.all(db).await?)
}

fn about(matter: Matter) -> SimpleExpr {
    match matter {
        Matter::Listing(id) => notice::Column::ListingId.eq(id),
        Matter::Negotiation(id) => notice::Column::NegotiationId.eq(id),
        Matter::RightsGrant(id) => notice::Column::RightsGrantId.eq(id),
        Matter::OpenLicence(id) => notice::Column::OpenLicenceId.eq(id),
    }
}

/// The notices about something that were ever published, in order.
pub async fn published_of(db: &impl ConnectionTrait, matter: Matter) -> Result<Vec<notice::Model>, DbErr> {
    notice::Entity::find()
        .filter(about(matter))
        .filter(notice::Column::PublishedAt.is_not_null())
        .order_by_asc(notice::Column::PublishedAt)
        .order_by_asc(notice::Column::Id)
        .all(db)
        .await
}

/// The notice of a kind about something that runs, if one does.
pub async fn running_of(db: &impl ConnectionTrait, matter: Matter, kind: NoticeKind) -> Result<Option<notice::Model>, DbErr> {
    running(kind).filter(about(matter)).one(db).await
}

/// The notices of a kind about listings that run.
pub async fn running_of_listings(db: &impl ConnectionTrait, kind: NoticeKind) -> Result<Vec<notice::Model>, DbErr> {
    running(kind).filter(notice::Column::ListingId.is_not_null()).all(db).await
}

fn running(kind: NoticeKind) -> Select<notice::Entity> {
    notice::Entity::find().filter(notice::Column::Kind.eq(kind)).filter(notice::Column::State.eq(NoticeState::Published))
}

/// What was proposed about notices, in order.
pub async fn proposals_about(db: &impl ConnectionTrait, notices: Vec<NoticeId>) -> Result<Vec<notice_proposal::Model>, DbErr> {
    notice_proposal::Entity::find()
        .filter(notice_proposal::Column::NoticeId.is_in(notices))
        .order_by_asc(notice_proposal::Column::ProposedAt)
        .order_by_asc(notice_proposal::Column::Id)
        .all(db)
        .await
}
