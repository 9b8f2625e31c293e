//! Where what is filed is kept, and whose rights were at any instant.

use std::collections::BTreeMap;

use entity::ids::{AssetId, LicenceGrantId, RecordalId};
use entity::recordals::{RecordalKind, RecordalState, asset_title, patent_grant, recordal, recordal_asset};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::rules::title::Basis;
use crate::platform::access::Unpublished;
use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this right.
    pub asset_id: Option<AssetId>,
    /// Of this kind.
    pub kind: Option<RecordalKind>,
    /// In this state.
    pub state: Option<RecordalState>,
    /// Whose: to which he is a party.
    pub of: Unpublished,
}

/// Something that is filed.
pub async fn find(db: &impl ConnectionTrait, id: RecordalId) -> Result<Option<recordal::Model>, DbErr> {
    recordal::Entity::find_by_id(id).one(db).await
}

/// The same, held.
pub async fn hold(db: &impl ConnectionTrait, id: RecordalId) -> Result<Option<recordal::Model>, DbErr> {
    recordal::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A page, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<recordal::Model>, Problem> {
    let known = match wanted.of {
        Unpublished::OfAll => Condition::all(),
        Unpublished::Of(own) => {
            Condition::any().add(recordal::Column::OrganisationId.eq(own)).add(recordal::Column::CounterpartyId.eq(own))
        }
        Unpublished::OfNobody => return Ok(Vec::new()),
    };
    let select = recordal::Entity::find()
        .filter(known)
        .apply_if(wanted.asset_id, |select, id| select.filter(recordal::Column::Id.in_subquery(of_assets(&[id]))))
        .apply_if(wanted.kind, |select, kind| select.filter(recordal::Column::Kind.eq(kind)))
        .apply_if(wanted.state, |select, state| select.filter(recordal::Column::State.eq(state)));
    Ok(page.restrict(select, recordal::Column::CreatedAt, recordal::Column::Id)?.all(db).await?)
}

/// The ids of everything that is filed of one of these rights.
fn of_assets(assets: &[AssetId]) -> SelectStatement {
    Query::select()
        .column(recordal_asset::Column::RecordalId)
        .from(recordal_asset::Entity)
        .and_where(recordal_asset::Column::AssetId.is_in(assets.iter().copied()))
        .to_owned()
}

/// The rights of what is filed, by it.
pub async fn assets_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = RecordalId>,
) -> Result<BTreeMap<RecordalId, Vec<AssetId>>, DbErr> {
    let rows = recordal_asset::Entity::find()
        .filter(recordal_asset::Column::RecordalId.is_in(ids))
        .order_by_asc(recordal_asset::Column::AssetId)
        .all(db)
        .await?;
    let mut of: BTreeMap<RecordalId, Vec<AssetId>> = BTreeMap::new();
    for row in rows {
        of.entry(row.recordal_id).or_default().push(row.asset_id);
    }
    Ok(of)
}

/// The rights of one.
pub async fn assets(db: &impl ConnectionTrait, id: RecordalId) -> Result<Vec<AssetId>, DbErr> {
    Ok(assets_of(db, [id]).await?.remove(&id).unwrap_or_default())
}

/// Writes what is drafted with its rights; refuses it where a transfer of one of them, or the filing of the same licence, is under way.
pub async fn enter(db: &impl ConnectionTrait, row: &recordal::Model, assets: &[AssetId]) -> Result<(), Problem> {
    let transferring = row.kind == RecordalKind::Transfer;
    let of = assets.iter().map(|asset_id| recordal_asset::Model { recordal_id: row.id, asset_id: *asset_id, transferring });
    db::insert(db, row.clone()).await.map_err(under_way)?;
    db::insert_all(db, of.collect()).await.map_err(under_way)
}

/// Two may find nothing under way at the same time; the keys on it let one through.
fn under_way(error: DbErr) -> Problem {
    if db::is_duplicate(&error) { Code::RecordalOpen.into() } else { error.into() }
}

/// A transfer is under way no more.
pub async fn end_transfer(db: &impl ConnectionTrait, id: RecordalId) -> Result<(), DbErr> {
    recordal_asset::Entity::update_many()
        .col_expr(recordal_asset::Column::Transferring, Expr::value(false))
        .filter(recordal_asset::Column::RecordalId.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// What is under way of these rights' transfers, and of the filing of this licence.
pub async fn is_under_way(
    db: &impl ConnectionTrait,
    assets: &[AssetId],
    licence: Option<LicenceGrantId>,
) -> Result<Option<RecordalId>, DbErr> {
    if let Some(licence) = licence {
        return of_licence(db, licence, &RecordalState::OPEN).await;
    }
    recordal_asset::Entity::find()
        .select_only()
        .column(recordal_asset::Column::RecordalId)
        .filter(recordal_asset::Column::Transferring.eq(true))
        .filter(recordal_asset::Column::AssetId.is_in(assets.iter().copied()))
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// A filing of this licence in one of these states.
pub async fn of_licence(db: &impl ConnectionTrait, licence: LicenceGrantId, states: &[RecordalState]) -> Result<Option<RecordalId>, DbErr> {
    recordal::Entity::find()
        .select_only()
        .column(recordal::Column::Id)
        .filter(recordal::Column::LicenceGrantId.eq(licence))
        .filter(recordal::Column::State.is_in(states.iter().copied()))
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// The transfers that follow from what rights were sold by, held, where they are under way or in the register.
pub async fn hold_following(db: &impl ConnectionTrait, from: Basis) -> Result<Vec<recordal::Model>, DbErr> {
    let follows = match from {
        Basis::Recordal(id) => recordal::Column::Id.eq(id),
        Basis::Deal(id) => recordal::Column::DealId.eq(id),
        Basis::Negotiation(id) => recordal::Column::NegotiationId.eq(id),
    };
    recordal::Entity::find()
        .filter(follows)
        .filter(recordal::Column::State.is_not_in([RecordalState::Refused, RecordalState::Withdrawn]))
        .order_by_asc(recordal::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// Whose a right was, first to last; nothing of one that never passed here.
pub async fn titles(db: &impl ConnectionTrait, asset: AssetId) -> Result<Vec<asset_title::Model>, DbErr> {
    asset_title::Entity::find().filter(asset_title::Column::AssetId.eq(asset)).order_by_asc(asset_title::Column::Number).all(db).await
}

/// What passed by this, right by right.
pub async fn passed_by(db: &impl ConnectionTrait, by: Basis) -> Result<Vec<AssetId>, DbErr> {
    let passed = match by {
        Basis::Recordal(id) => asset_title::Column::RecordalId.eq(id),
        Basis::Deal(id) => asset_title::Column::DealId.eq(id),
        Basis::Negotiation(id) => asset_title::Column::NegotiationId.eq(id),
    };
    asset_title::Entity::find()
        .select_only()
        .column(asset_title::Column::AssetId)
        .distinct()
        .filter(passed)
        .order_by_asc(asset_title::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// That an application was granted, and what it was.
pub async fn patent_grant(db: &impl ConnectionTrait, asset: AssetId) -> Result<Option<patent_grant::Model>, DbErr> {
    patent_grant::Entity::find_by_id(asset).one(db).await
}
