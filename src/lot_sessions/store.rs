//! Where sessions and the places of their lots are kept.

use entity::ids::{LotId, LotSessionId};
use entity::lot_sessions::{LotSessionState, lot_session, lot_session_lot};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A session.
pub async fn find(db: &impl ConnectionTrait, id: LotSessionId) -> Result<Option<lot_session::Model>, DbErr> {
    lot_session::Entity::find_by_id(id).one(db).await
}

/// A session, held; before its lots.
pub async fn hold(db: &impl ConnectionTrait, id: LotSessionId) -> Result<Option<lot_session::Model>, DbErr> {
    lot_session::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The lots of a session, in its order.
pub async fn order(db: &impl ConnectionTrait, id: LotSessionId) -> Result<Vec<LotId>, DbErr> {
    lot_session_lot::Entity::find()
        .select_only()
        .column(lot_session_lot::Column::LotId)
        .filter(lot_session_lot::Column::SessionId.eq(id))
        .order_by_asc(lot_session_lot::Column::Ordinal)
        .into_tuple()
        .all(db)
        .await
}

/// Those of the lots that have a place in another session.
pub async fn taken(db: &impl ConnectionTrait, id: LotSessionId, lots: &[LotId]) -> Result<Vec<LotId>, DbErr> {
    lot_session_lot::Entity::find()
        .select_only()
        .column(lot_session_lot::Column::LotId)
        .filter(lot_session_lot::Column::SessionId.ne(id))
        .filter(lot_session_lot::Column::LotId.is_in(lots.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Gives the lots of a session their places anew.
pub async fn set_order(db: &impl ConnectionTrait, id: LotSessionId, places: Vec<lot_session_lot::Model>) -> Result<(), DbErr> {
    lot_session_lot::Entity::delete_many().filter(lot_session_lot::Column::SessionId.eq(id)).exec(db).await?;
    for place in places {
        db::insert(db, place).await?;
    }
    Ok(())
}

/// A page of sessions, newest first, and one more; drafts only where they are asked for.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<LotSessionState>,
    drafts: bool,
    page: &PageQuery,
) -> Result<Vec<lot_session::Model>, Problem> {
    let hidden = (!drafts).then_some(LotSessionState::Draft);
    let select = lot_session::Entity::find()
        .apply_if(state, |select, state| select.filter(lot_session::Column::State.eq(state)))
        .apply_if(hidden, |select, hidden| select.filter(lot_session::Column::State.ne(hidden)));
    Ok(page.restrict(select, lot_session::Column::CreatedAt, lot_session::Column::Id)?.all(db).await?)
}
