//! Where achievements, assets, owners and readings of the legal status are kept.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::achievements::{achievement, asset, asset_owner, legal_status};
use entity::ids::{AchievementId, AssetId, ListingId, NegotiationId, OpenLicenceId, OrganisationId, RecordalId, RightsGrantId};
use entity::listings::{ListingState, listing, listing_asset};
use entity::negotiations::{NegotiationState, negotiation, negotiation_asset};
use entity::open_licences::{OpenLicenceState, open_licence};
use entity::recordals::{RecordalState, recordal, recordal_asset};
use entity::rights_grants::{RightsGrantState, rights_grant, rights_grant_asset};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// An asset with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFacts {
    /// The asset.
    pub asset: asset::Model,
    /// Its owners, in the order they were named.
    pub owners: Vec<asset_owner::Model>,
    /// The latest reading of its legal status.
    pub status: Option<legal_status::Model>,
}

/// An achievement.
pub async fn achievement(db: &impl ConnectionTrait, id: AchievementId) -> Result<Option<achievement::Model>, DbErr> {
    achievement::Entity::find_by_id(id).one(db).await
}

/// An achievement, held.
pub async fn hold_achievement(db: &impl ConnectionTrait, id: AchievementId) -> Result<Option<achievement::Model>, DbErr> {
    achievement::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A page of achievements with one more, newest first: an organisation's, or everybody's.
pub async fn achievements(
    db: &impl ConnectionTrait,
    organisation: Option<OrganisationId>,
    page: &PageQuery,
) -> Result<Vec<achievement::Model>, Problem> {
    let select = achievement::Entity::find();
    let select = match organisation {
        Some(id) => select.filter(achievement::Column::OrganisationId.eq(id)),
        None => select,
    };
    Ok(page.restrict(select, achievement::Column::CreatedAt, achievement::Column::Id)?.all(db).await?)
}

/// An asset.
pub async fn asset(db: &impl ConnectionTrait, id: AssetId) -> Result<Option<asset::Model>, DbErr> {
    asset::Entity::find_by_id(id).one(db).await
}

/// An asset, held.
pub async fn hold_asset(db: &impl ConnectionTrait, id: AssetId) -> Result<Option<asset::Model>, DbErr> {
    asset::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The achievements of an organisation under this title, first registered first.
pub async fn achievements_titled(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    title: &str,
) -> Result<Vec<achievement::Model>, DbErr> {
    achievement::Entity::find()
        .filter(achievement::Column::OrganisationId.eq(organisation))
        .filter(achievement::Column::Title.eq(title))
        .order_by_asc(achievement::Column::CreatedAt)
        .order_by_asc(achievement::Column::Id)
        .all(db)
        .await
}

/// These achievements, by id.
pub async fn achievements_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = AchievementId>,
) -> Result<BTreeMap<AchievementId, achievement::Model>, DbErr> {
    let rows = achievement::Entity::find().filter(achievement::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// These assets, by id.
pub async fn assets_named(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = AssetId>,
) -> Result<BTreeMap<AssetId, asset::Model>, DbErr> {
    let rows = asset::Entity::find().filter(asset::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// So many assets of an organisation after a place, in the order they were added.
pub async fn assets_after(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    place: Option<(Timestamp, AssetId)>,
    limit: u64,
) -> Result<Vec<asset::Model>, DbErr> {
    let select = asset::Entity::find().filter(asset::Column::OrganisationId.eq(organisation)).apply_if(place, |select, (at, id)| {
        let same_instant = Condition::all().add(asset::Column::CreatedAt.eq(at)).add(asset::Column::Id.gt(id));
        select.filter(Condition::any().add(asset::Column::CreatedAt.gt(at)).add(same_instant))
    });
    select.order_by_asc(asset::Column::CreatedAt).order_by_asc(asset::Column::Id).limit(limit).all(db).await
}

/// The assets of an organisation that have no number, under this title, first added first.
pub async fn unnumbered(db: &impl ConnectionTrait, organisation: OrganisationId, title: &str) -> Result<Vec<asset::Model>, DbErr> {
    asset::Entity::find()
        .filter(asset::Column::OrganisationId.eq(organisation))
        .filter(asset::Column::Title.eq(title))
        .filter(asset::Column::Identifier.is_null())
        .order_by_asc(asset::Column::CreatedAt)
        .order_by_asc(asset::Column::Id)
        .all(db)
        .await
}

/// Whether a reading of an asset's legal status was recorded already.
pub async fn is_recorded(db: &impl ConnectionTrait, reading: &legal_status::Model) -> Result<bool, DbErr> {
    let same = legal_status::Entity::find()
        .filter(legal_status::Column::AssetId.eq(reading.asset_id))
        .filter(legal_status::Column::AsOf.eq(reading.as_of))
        .filter(legal_status::Column::Status.eq(reading.status))
        .filter(legal_status::Column::Source.eq(reading.source))
        .limit(1)
        .one(db)
        .await?;
    Ok(same.is_some())
}

/// Every asset of an achievement, in the order they were added.
pub async fn assets_of(db: &impl ConnectionTrait, id: AchievementId) -> Result<Vec<asset::Model>, DbErr> {
    asset::Entity::find()
        .filter(asset::Column::AchievementId.eq(id))
        .order_by_asc(asset::Column::CreatedAt)
        .order_by_asc(asset::Column::Id)
        .all(db)
        .await
}

/// Those of these assets that belong to the achievement, held against change, by id.
pub async fn share_assets(db: &impl ConnectionTrait, id: AchievementId, assets: &[AssetId]) -> Result<Vec<asset::Model>, DbErr> {
    asset::Entity::find()
        .filter(asset::Column::AchievementId.eq(id))
        .filter(asset::Column::Id.is_in(assets.iter().copied()))
        .order_by_asc(asset::Column::Id)
        .lock_shared()
        .all(db)
        .await
}

/// These assets, held against change, whatever they belong to, by id.
pub async fn share_named(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Vec<asset::Model>, DbErr> {
    asset::Entity::find()
        .filter(asset::Column::Id.is_in(assets.iter().copied()))
        .order_by_asc(asset::Column::Id)
        .lock_shared()
        .all(db)
        .await
}

/// These assets in the order in which they are named, whatever they belong to by now.
pub async fn assets_in_order(db: &impl ConnectionTrait, ids: &[AssetId]) -> Result<Vec<asset::Model>, DbErr> {
    let mut named = assets_named(db, ids.iter().copied()).await?;
    Ok(ids.iter().filter_map(|id| named.remove(id)).collect())
}

/// The asset that has this number of this registry.
pub async fn asset_with_number(db: &impl ConnectionTrait, scheme: &str, number: &str) -> Result<Option<asset::Model>, DbErr> {
    asset::Entity::find().filter(asset::Column::IdentifierScheme.eq(scheme)).filter(asset::Column::Identifier.eq(number)).one(db).await
}

/// The right that was published under a number, whoever registered it.
pub async fn asset_published_as(db: &impl ConnectionTrait, number: &str) -> Result<Option<asset::Model>, DbErr> {
    asset::Entity::find().filter(asset::Column::PublicationNumber.eq(number)).one(db).await
}

/// Those of the assets that a listing or a sale at a negotiated price holds alone, another than this.
pub async fn held_alone(
    db: &impl ConnectionTrait,
    (listing, negotiation): (Option<ListingId>, Option<NegotiationId>),
    assets: &[AssetId],
) -> Result<Vec<AssetId>, DbErr> {
    let mut held = held_by_listings(db, assets, listing).await?;
    held.extend(held_by_negotiations(db, assets, negotiation).await?);
    Ok(held)
}

/// Lets the assets go, whoever holds them: they are another's now, who may offer them.
pub async fn let_go(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<(), DbErr> {
    listing_asset::Entity::update_many()
        .col_expr(listing_asset::Column::Held, Expr::value(false))
        .filter(listing_asset::Column::AssetId.is_in(assets.iter().copied()))
        .exec(db)
        .await?;
    negotiation_asset::Entity::update_many()
        .col_expr(negotiation_asset::Column::Held, Expr::value(false))
        .filter(negotiation_asset::Column::AssetId.is_in(assets.iter().copied()))
        .exec(db)
        .await
        .map(|_| ())
}

/// Those of the assets that a listing holds alone, another than this.
async fn held_by_listings(db: &impl ConnectionTrait, assets: &[AssetId], but: Option<ListingId>) -> Result<Vec<AssetId>, DbErr> {
    listing_asset::Entity::find()
        .select_only()
        .column(listing_asset::Column::AssetId)
        .filter(listing_asset::Column::Held.eq(true))
        .apply_if(but, |select, id| select.filter(listing_asset::Column::ListingId.ne(id)))
        .filter(listing_asset::Column::AssetId.is_in(assets.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Those of the assets that a sale at a negotiated price holds alone, another than this.
async fn held_by_negotiations(db: &impl ConnectionTrait, assets: &[AssetId], but: Option<NegotiationId>) -> Result<Vec<AssetId>, DbErr> {
    negotiation_asset::Entity::find()
        .select_only()
        .column(negotiation_asset::Column::AssetId)
        .filter(negotiation_asset::Column::Held.eq(true))
        .apply_if(but, |select, id| select.filter(negotiation_asset::Column::NegotiationId.ne(id)))
        .filter(negotiation_asset::Column::AssetId.is_in(assets.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Those of the assets that are being granted to who made them, each with the grant: it is decided, and not effective yet.
pub async fn held_by_grants(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Vec<(AssetId, RightsGrantId)>, DbErr> {
    use RightsGrantState::{Agreed, Decided, Noticed};
    let under_way = Query::select()
        .column(rights_grant::Column::Id)
        .from(rights_grant::Entity)
        .and_where(rights_grant::Column::State.is_in([Decided, Noticed, Agreed]))
        .to_owned();
    rights_grant_asset::Entity::find()
        .select_only()
        .columns([rights_grant_asset::Column::AssetId, rights_grant_asset::Column::RightsGrantId])
        .filter(rights_grant_asset::Column::RightsGrantId.in_subquery(under_way))
        .filter(rights_grant_asset::Column::AssetId.is_in(assets.iter().copied()))
        .order_by_asc(rights_grant_asset::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// Those of the assets of which a transfer lies with the registry, each with what was filed.
pub async fn being_transferred(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Vec<(AssetId, RecordalId)>, DbErr> {
    use RecordalState::{DefectNotice, Resubmitted, SubmittedToRegistry};
    let filed = Query::select()
        .column(recordal::Column::Id)
        .from(recordal::Entity)
        .and_where(recordal::Column::State.is_in([SubmittedToRegistry, DefectNotice, Resubmitted]))
        .to_owned();
    recordal_asset::Entity::find()
        .select_only()
        .columns([recordal_asset::Column::AssetId, recordal_asset::Column::RecordalId])
        .filter(recordal_asset::Column::Transferring.eq(true))
        .filter(recordal_asset::Column::RecordalId.in_subquery(filed))
        .filter(recordal_asset::Column::AssetId.is_in(assets.iter().copied()))
        .order_by_asc(recordal_asset::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// The shares of the assets that were granted to who made them by whose they are now, each with the grant, in ten-thousandths: whoever buys a
/// right buys all of it.
pub async fn shares_granted(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Vec<(AssetId, RightsGrantId, i32)>, DbErr> {
    let effective = rights_grant::Entity::find()
        .filter(rights_grant::Column::State.eq(RightsGrantState::Effective))
        .filter(rights_grant::Column::ShareBp.is_not_null())
        .filter(rights_grant::Column::Id.in_subquery(granting(assets)));
    let by = |row: rights_grant::Model| Some((row.id, (row.organisation_id, row.share_bp?)));
    let shares: BTreeMap<_, _> = effective.all(db).await?.into_iter().filter_map(by).collect();
    let rows = rights_grant_asset::Entity::find().filter(rights_grant_asset::Column::AssetId.is_in(assets.iter().copied())).all(db).await?;
    let named = assets_named(db, rows.iter().map(|row| row.asset_id)).await?;
    let of = |row: rights_grant_asset::Model| {
        let (unit, share) = shares.get(&row.rights_grant_id)?;
        let is_its_own = named.get(&row.asset_id)?.organisation_id == *unit;
        is_its_own.then_some((row.asset_id, row.rights_grant_id, *share))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}

/// The ids of every grant of one of these assets.
fn granting(assets: &[AssetId]) -> SelectStatement {
    Query::select()
        .column(rights_grant_asset::Column::RightsGrantId)
        .from(rights_grant_asset::Entity)
        .and_where(rights_grant_asset::Column::AssetId.is_in(assets.iter().copied()))
        .to_owned()
}

/// Those of the patents whose open licence is declared, each with the declaration, where that is in one of these states.
pub async fn declared_open(
    db: &impl ConnectionTrait,
    assets: &[AssetId],
    states: &[OpenLicenceState],
) -> Result<Vec<(AssetId, OpenLicenceId)>, DbErr> {
    open_licence::Entity::find()
        .select_only()
        .columns([open_licence::Column::AssetId, open_licence::Column::Id])
        .filter(open_licence::Column::State.is_in(states.iter().copied()))
        .filter(open_licence::Column::AssetId.is_in(assets.iter().copied()))
        .order_by_asc(open_licence::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// Whose an asset is now: what others did with it before does not bind him.
fn whose(id: AssetId) -> SelectStatement {
    Query::select().column(asset::Column::OrganisationId).from(asset::Entity).and_where(asset::Column::Id.eq(id)).to_owned()
}

/// Whether a sale at a negotiated price rests on the asset: it was agreed on, and did not come to nothing.
async fn is_agreed_on(db: &impl ConnectionTrait, id: AssetId) -> Result<bool, DbErr> {
    use NegotiationState::{Ended, Open};
    let relied_on = Query::select()
        .column(negotiation::Column::Id)
        .from(negotiation::Entity)
        .and_where(negotiation::Column::State.is_not_in([Open, Ended]))
        .and_where(negotiation::Column::OrganisationId.in_subquery(whose(id)))
        .to_owned();
    let of_asset = negotiation_asset::Entity::find().filter(negotiation_asset::Column::AssetId.eq(id));
    let found = of_asset.filter(negotiation_asset::Column::NegotiationId.in_subquery(relied_on)).limit(1).one(db).await?;
    Ok(found.is_some())
}

/// Whether a listing holds the asset, or one that others rely on offers it, be it not alone; or it was agreed on at a negotiated price; or it
/// is being granted to who made it; or its open licence is declared, be that not announced yet.
pub async fn is_in_use(db: &impl ConnectionTrait, id: AssetId) -> Result<bool, DbErr> {
    use ListingState::{Approved, Bidding, Published, RegistrationClosed, Sold, Submitted, UnderReview};
    if !declared_open(db, &[id], &OpenLicenceState::OPEN).await?.is_empty() {
        return Ok(true);
    }
    let relied_on = Query::select()
        .column(listing::Column::Id)
        .from(listing::Entity)
        .and_where(listing::Column::State.is_in([Submitted, UnderReview, Approved, Published, RegistrationClosed, Bidding, Sold]))
        .and_where(listing::Column::OrganisationId.in_subquery(whose(id)))
        .to_owned();
    let holding = listing_asset::Entity::find()
        .filter(listing_asset::Column::AssetId.eq(id))
        .filter(Condition::any().add(listing_asset::Column::Held.eq(true)).add(listing_asset::Column::ListingId.in_subquery(relied_on)))
        .limit(1)
        .one(db)
        .await?;
    Ok(holding.is_some() || is_agreed_on(db, id).await? || !held_by_grants(db, &[id]).await?.is_empty())
}

/// Writes a new asset with its owners.
pub async fn add_asset(db: &impl ConnectionTrait, asset: &asset::Model, owners: &[asset_owner::Model]) -> Result<(), Problem> {
    db::insert(db, asset.clone()).await.map_err(taken)?;
    add_owners(db, owners).await?;
    Ok(())
}

/// Writes a changed asset and replaces its owners.
pub async fn change_asset(db: &impl ConnectionTrait, asset: &asset::Model, owners: &[asset_owner::Model]) -> Result<(), Problem> {
    db::update(db, asset.clone()).await.map_err(taken)?;
    asset_owner::Entity::delete_many().filter(asset_owner::Column::AssetId.eq(asset.id)).exec(db).await?;
    add_owners(db, owners).await?;
    Ok(())
}

async fn add_owners(db: &impl ConnectionTrait, owners: &[asset_owner::Model]) -> Result<(), DbErr> {
    for owner in owners {
        db::insert(db, owner.clone()).await?;
    }
    Ok(())
}

/// Two calls may find a number free at the same time; the key on it lets one through.
fn taken(error: DbErr) -> Problem {
    if db::is_duplicate(&error) { Code::IdentifierTaken.into() } else { error.into() }
}

/// The owners of an asset, in the order they were named.
pub async fn owners(db: &impl ConnectionTrait, id: AssetId) -> Result<Vec<asset_owner::Model>, DbErr> {
    asset_owner::Entity::find().filter(asset_owner::Column::AssetId.eq(id)).order_by_asc(asset_owner::Column::Position).all(db).await
}

/// Every reading of an asset's legal status, of the earliest instant first.
pub async fn readings(db: &impl ConnectionTrait, id: AssetId) -> Result<Vec<legal_status::Model>, DbErr> {
    legal_status::Entity::find()
        .filter(legal_status::Column::AssetId.eq(id))
        .order_by_asc(legal_status::Column::AsOf)
        .order_by_asc(legal_status::Column::RecordedAt)
        .order_by_asc(legal_status::Column::Id)
        .all(db)
        .await
}

/// A page of the readings of an asset's legal status with one more, last recorded first.
pub async fn statuses(db: &impl ConnectionTrait, id: AssetId, page: &PageQuery) -> Result<Vec<legal_status::Model>, Problem> {
    let select = legal_status::Entity::find().filter(legal_status::Column::AssetId.eq(id));
    Ok(page.restrict(select, legal_status::Column::RecordedAt, legal_status::Column::Id)?.all(db).await?)
}

/// All that is known of these assets, in their order.
pub async fn facts(db: &impl ConnectionTrait, assets: Vec<asset::Model>) -> Result<Vec<AssetFacts>, DbErr> {
    let ids: Vec<AssetId> = assets.iter().map(|asset| asset.id).collect();
    let mut owners: BTreeMap<AssetId, Vec<asset_owner::Model>> = BTreeMap::new();
    let rows = asset_owner::Entity::find()
        .filter(asset_owner::Column::AssetId.is_in(ids.iter().copied()))
        .order_by_asc(asset_owner::Column::Position)
        .all(db)
        .await?;
    for row in rows {
        owners.entry(row.asset_id).or_default().push(row);
    }
    // Of several readings of one asset the last inserted here is the latest.
    let mut latest: BTreeMap<AssetId, legal_status::Model> = legal_status::Entity::find()
        .filter(legal_status::Column::AssetId.is_in(ids))
        .order_by_asc(legal_status::Column::AsOf)
        .order_by_asc(legal_status::Column::RecordedAt)
        .order_by_asc(legal_status::Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.asset_id, row))
        .collect();
    let known = assets.into_iter().map(|asset| AssetFacts {
        owners: owners.remove(&asset.id).unwrap_or_default(),
        status: latest.remove(&asset.id),
        asset,
    });
    Ok(known.collect())
}

/// All that is known of one asset.
pub async fn facts_of(db: &impl ConnectionTrait, asset: asset::Model) -> Result<AssetFacts, DbErr> {
    let owners = owners(db, asset.id).await?;
    let status = legal_status::Entity::find()
        .filter(legal_status::Column::AssetId.eq(asset.id))
        .order_by_desc(legal_status::Column::AsOf)
        .order_by_desc(legal_status::Column::RecordedAt)
        .order_by_desc(legal_status::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    Ok(AssetFacts { asset, owners, status })
}
