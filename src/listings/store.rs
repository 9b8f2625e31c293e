//! Where listings and the rights they offer are kept.

use entity::Timestamp;
use entity::auctions::lot;
use entity::ids::{AchievementId, AssetId, ListingAmendmentId, ListingId, LotId, OrganisationId};
use entity::listings::{AmendmentState, ListingState, TransferMode, listing, listing_amendment, listing_asset};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which listings are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In this state.
    pub state: Option<ListingState>,
    /// Of this mode of transfer.
    pub mode: Option<TransferMode>,
    /// Of this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// That offer this asset.
    pub asset_id: Option<AssetId>,
    /// Also those that were never published.
    pub unpublished: bool,
}

/// A listing.
pub async fn find(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<listing::Model>, DbErr> {
    listing::Entity::find_by_id(id).one(db).await
}

/// A listing, held.
pub async fn hold(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<listing::Model>, DbErr> {
    listing::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A listing's lot, held, so that admissions are held after it and never before.
pub async fn hold_lot(db: &impl ConnectionTrait, id: LotId) -> Result<Option<lot::Model>, DbErr> {
    lot::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// What is proposed to be offered otherwise.
pub async fn amendment(db: &impl ConnectionTrait, id: ListingAmendmentId) -> Result<Option<listing_amendment::Model>, DbErr> {
    listing_amendment::Entity::find_by_id(id).one(db).await
}

/// The same, held; its listing is held before it.
pub async fn hold_amendment(db: &impl ConnectionTrait, id: ListingAmendmentId) -> Result<Option<listing_amendment::Model>, DbErr> {
    listing_amendment::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// What is proposed about a listing and waits.
pub async fn open_amendment(db: &impl ConnectionTrait, listing: ListingId) -> Result<Option<listing_amendment::Model>, DbErr> {
    listing_amendment::Entity::find()
        .filter(listing_amendment::Column::ListingId.eq(listing))
        .filter(listing_amendment::Column::State.eq(AmendmentState::Open))
        .one(db)
        .await
}

/// What was proposed about a listing, in order; in this state, or in any.
pub async fn amendments_of(
    db: &impl ConnectionTrait,
    listing: ListingId,
    state: Option<AmendmentState>,
) -> Result<Vec<listing_amendment::Model>, DbErr> {
    listing_amendment::Entity::find()
        .filter(listing_amendment::Column::ListingId.eq(listing))
        .apply_if(state, |select, state| select.filter(listing_amendment::Column::State.eq(state)))
        .order_by_asc(listing_amendment::Column::ProposedAt)
        .order_by_asc(listing_amendment::Column::Id)
        .all(db)
        .await
}

/// A page of what was proposed about a listing, newest first.
pub async fn amendments(db: &impl ConnectionTrait, listing: ListingId, page: &PageQuery) -> Result<Vec<listing_amendment::Model>, Problem> {
    let select = listing_amendment::Entity::find().filter(listing_amendment::Column::ListingId.eq(listing));
    let select = page.restrict(select, listing_amendment::Column::ProposedAt, listing_amendment::Column::Id)?;
    Ok(select.all(db).await?)
}

/// The rights it offers, by id.
pub async fn assets(db: &impl ConnectionTrait, id: ListingId) -> Result<Vec<AssetId>, DbErr> {
    listing_asset::Entity::find()
        .select_only()
        .column(listing_asset::Column::AssetId)
        .filter(listing_asset::Column::ListingId.eq(id))
        .order_by_asc(listing_asset::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// Writes down which assets a draft offers; none of them is held by it.
pub async fn set_assets(db: &impl ConnectionTrait, id: ListingId, assets: &[AssetId]) -> Result<(), DbErr> {
    listing_asset::Entity::delete_many().filter(listing_asset::Column::ListingId.eq(id)).exec(db).await?;
    let rows = assets.iter().map(|asset_id| listing_asset::Model { listing_id: id, asset_id: *asset_id, held: false });
    let rows = rows.map(|row| row.into_active_model().reset_all());
    listing_asset::Entity::insert_many(rows).exec_without_returning(db).await.map(|_| ())
}

/// Holds every asset of a listing for it alone, or lets them go. A unique index refuses a second holder.
pub async fn set_held(db: &impl ConnectionTrait, id: ListingId, held: bool) -> Result<(), DbErr> {
    listing_asset::Entity::update_many()
        .col_expr(listing_asset::Column::Held, Expr::value(held))
        .filter(listing_asset::Column::ListingId.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// The listings of an organisation that offer rights of an achievement under this title, by this mode and in these
/// states, newest first.
pub async fn alike(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    achievement: AchievementId,
    (title, mode): (&str, TransferMode),
    states: &[ListingState],
) -> Result<Vec<listing::Model>, DbErr> {
    listing::Entity::find()
        .filter(listing::Column::OrganisationId.eq(organisation))
        .filter(listing::Column::AchievementId.eq(achievement))
        .filter(listing::Column::Title.eq(title))
        .filter(listing::Column::Mode.eq(mode))
        .filter(listing::Column::State.is_in(states.iter().copied()))
        .order_by_desc(listing::Column::CreatedAt)
        .order_by_desc(listing::Column::Id)
        .all(db)
        .await
}

/// So many listings of an organisation after a place and in these states, in the order they were written.
pub async fn written_after(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    states: &[ListingState],
    place: Option<(Timestamp, ListingId)>,
    limit: u64,
) -> Result<Vec<listing::Model>, DbErr> {
    let select = listing::Entity::find()
        .filter(listing::Column::OrganisationId.eq(organisation))
        .filter(listing::Column::State.is_in(states.iter().copied()))
        .apply_if(place, |select, (at, id)| {
            let same_instant = Condition::all().add(listing::Column::CreatedAt.eq(at)).add(listing::Column::Id.gt(id));
            select.filter(Condition::any().add(listing::Column::CreatedAt.gt(at)).add(same_instant))
        });
    select.order_by_asc(listing::Column::CreatedAt).order_by_asc(listing::Column::Id).limit(limit).all(db).await
}

/// A page of listings, newest first: by when they were published, or where unpublished ones are
/// wanted too, by when they were written.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<listing::Model>, Problem> {
    let select = listing::Entity::find()
        .apply_if(wanted.state, |select, state| select.filter(listing::Column::State.eq(state)))
        .apply_if(wanted.mode, |select, mode| select.filter(listing::Column::Mode.eq(mode)))
        .apply_if(wanted.organisation_id, |select, id| select.filter(listing::Column::OrganisationId.eq(id)))
        .apply_if(wanted.asset_id, |select, id| select.filter(listing::Column::Id.in_subquery(offering(id))));
    let (select, order) = if wanted.unpublished {
        (select, listing::Column::CreatedAt)
    } else {
        (select.filter(listing::Column::PublishedAt.is_not_null()), listing::Column::PublishedAt)
    };
    Ok(page.restrict(select, order, listing::Column::Id)?.all(db).await?)
}

/// The ids of every listing that offers an asset.
fn offering(asset: AssetId) -> SelectStatement {
    Query::select()
        .column(listing_asset::Column::ListingId)
        .from(listing_asset::Entity)
        .and_where(listing_asset::Column::AssetId.eq(asset))
        .to_owned()
}
