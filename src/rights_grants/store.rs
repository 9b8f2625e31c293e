//! Where grants of rights are kept, and the rights they are about.

use entity::ids::{AssetId, OrganisationId, RightsGrantId};
use entity::rights_grants::{RightsGrantState, rights_grant, rights_grant_asset};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which grants are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this unit.
    pub organisation: Option<OrganisationId>,
    /// In this state.
    pub state: Option<RightsGrantState>,
}

/// A grant.
pub async fn find(db: &impl ConnectionTrait, id: RightsGrantId) -> Result<Option<rights_grant::Model>, DbErr> {
    rights_grant::Entity::find_by_id(id).one(db).await
}

/// A grant, held.
pub async fn hold(db: &impl ConnectionTrait, id: RightsGrantId) -> Result<Option<rights_grant::Model>, DbErr> {
    rights_grant::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The rights it is about, by id.
pub async fn assets(db: &impl ConnectionTrait, id: RightsGrantId) -> Result<Vec<AssetId>, DbErr> {
    rights_grant_asset::Entity::find()
        .select_only()
        .column(rights_grant_asset::Column::AssetId)
        .filter(rights_grant_asset::Column::RightsGrantId.eq(id))
        .order_by_asc(rights_grant_asset::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// Writes down which rights it is about.
pub async fn set_assets(db: &impl ConnectionTrait, id: RightsGrantId, assets: &[AssetId]) -> Result<(), DbErr> {
    let rows = assets.iter().map(|asset_id| rights_grant_asset::Model { rights_grant_id: id, asset_id: *asset_id });
    let rows = rows.map(|row| row.into_active_model().reset_all());
    rights_grant_asset::Entity::insert_many(rows).exec_without_returning(db).await.map(|_| ())
}

/// A page of grants, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<rights_grant::Model>, Problem> {
    let select = rights_grant::Entity::find()
        .apply_if(wanted.organisation, |select, id| select.filter(rights_grant::Column::OrganisationId.eq(id)))
        .apply_if(wanted.state, |select, state| select.filter(rights_grant::Column::State.eq(state)));
    Ok(page.restrict(select, rights_grant::Column::CreatedAt, rights_grant::Column::Id)?.all(db).await?)
}
