//! Where the declarations of open licences are kept.

pub mod taken;

use entity::ids::{AssetId, OpenLicenceId, OrganisationId};
use entity::open_licences::{OpenLicenceState, open_licence};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::platform::access::Unpublished;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which declarations are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this patentee.
    pub organisation_id: Option<OrganisationId>,
    /// Of this patent.
    pub asset_id: Option<AssetId>,
    /// In this state.
    pub state: Option<OpenLicenceState>,
    /// Whose are told of too that were never announced.
    pub unannounced: Unpublished,
}

/// A declaration.
pub async fn find(db: &impl ConnectionTrait, id: OpenLicenceId) -> Result<Option<open_licence::Model>, DbErr> {
    open_licence::Entity::find_by_id(id).one(db).await
}

/// A declaration, held.
pub async fn hold(db: &impl ConnectionTrait, id: OpenLicenceId) -> Result<Option<open_licence::Model>, DbErr> {
    open_licence::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A page of declarations, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<open_licence::Model>, Problem> {
    let announced = open_licence::Column::NoticeId.is_not_null();
    let known = match wanted.unannounced {
        Unpublished::OfAll => Condition::all(),
        Unpublished::Of(own) => Condition::any().add(announced).add(open_licence::Column::OrganisationId.eq(own)),
        Unpublished::OfNobody => Condition::all().add(announced),
    };
    let select = open_licence::Entity::find()
        .filter(known)
        .apply_if(wanted.organisation_id, |select, id| select.filter(open_licence::Column::OrganisationId.eq(id)))
        .apply_if(wanted.asset_id, |select, id| select.filter(open_licence::Column::AssetId.eq(id)))
        .apply_if(wanted.state, |select, state| select.filter(open_licence::Column::State.eq(state)));
    Ok(page.restrict(select, open_licence::Column::CreatedAt, open_licence::Column::Id)?.all(db).await?)
}
