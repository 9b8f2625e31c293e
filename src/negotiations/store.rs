//! Where negotiations, their offers and the rights they are about are kept.

use entity::ids::{AssetId, NegotiationId, OrganisationId};
use entity::negotiations::{NegotiationState, negotiation, negotiation_asset, negotiation_decision, negotiation_offer};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which negotiations are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// To which this organisation is a party.
    pub party: Option<OrganisationId>,
    /// In this state.
    pub state: Option<NegotiationState>,
}

/// A negotiation.
pub async fn find(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<negotiation::Model>, DbErr> {
    negotiation::Entity::find_by_id(id).one(db).await
}

/// A negotiation, held.
pub async fn hold(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<negotiation::Model>, DbErr> {
    negotiation::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Its offers, in order.
pub async fn offers(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Vec<negotiation_offer::Model>, DbErr> {
    let all = negotiation_offer::Entity::find().filter(negotiation_offer::Column::NegotiationId.eq(id));
    all.order_by_asc(negotiation_offer::Column::Number).all(db).await
}

/// Its last offer.
pub async fn last_offer(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<negotiation_offer::Model>, DbErr> {
    let all = negotiation_offer::Entity::find().filter(negotiation_offer::Column::NegotiationId.eq(id));
    all.order_by_desc(negotiation_offer::Column::Number).limit(1).one(db).await
}

/// One of its offers.
pub async fn offer(db: &impl ConnectionTrait, id: NegotiationId, number: i64) -> Result<Option<negotiation_offer::Model>, DbErr> {
    negotiation_offer::Entity::find_by_id((id, number)).one(db).await
}

/// What the seller decided on, offer by offer.
pub async fn decisions(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Vec<negotiation_decision::Model>, DbErr> {
    let all = negotiation_decision::Entity::find().filter(negotiation_decision::Column::NegotiationId.eq(id));
    all.order_by_asc(negotiation_decision::Column::Offer).all(db).await
}

/// The rights it is about, by id.
pub async fn assets(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Vec<AssetId>, DbErr> {
    negotiation_asset::Entity::find()
        .select_only()
        .column(negotiation_asset::Column::AssetId)
        .filter(negotiation_asset::Column::NegotiationId.eq(id))
        .order_by_asc(negotiation_asset::Column::AssetId)
        .into_tuple()
        .all(db)
        .await
}

/// Writes down which rights it is about; none of them is held by it.
pub async fn set_assets(db: &impl ConnectionTrait, id: NegotiationId, assets: &[AssetId]) -> Result<(), DbErr> {
    let rows = assets.iter().map(|asset_id| negotiation_asset::Model { negotiation_id: id, asset_id: *asset_id, held: false });
    let rows = rows.map(|row| row.into_active_model().reset_all());
    negotiation_asset::Entity::insert_many(rows).exec_without_returning(db).await.map(|_| ())
}

/// Holds its rights for it alone, or lets them go. A unique index refuses a second holder.
pub async fn set_held(db: &impl ConnectionTrait, id: NegotiationId, held: bool) -> Result<(), DbErr> {
    negotiation_asset::Entity::update_many()
        .col_expr(negotiation_asset::Column::Held, Expr::value(held))
        .filter(negotiation_asset::Column::NegotiationId.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// A page of negotiations, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<negotiation::Model>, Problem> {
    let concerns = |party: OrganisationId| {
        Condition::any().add(negotiation::Column::OrganisationId.eq(party)).add(negotiation::Column::BuyerOrganisationId.eq(party))
    };
    let select = negotiation::Entity::find()
        .apply_if(wanted.party, |select, party| select.filter(concerns(party)))
        .apply_if(wanted.state, |select, state| select.filter(negotiation::Column::State.eq(state)));
    Ok(page.restrict(select, negotiation::Column::CreatedAt, negotiation::Column::Id)?.all(db).await?)
}
