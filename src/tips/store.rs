//! Where tips are kept.

use entity::ids::{ListingId, NoticeId};
use entity::objections::ObjectionGround;
use entity::tips::tip;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which tips are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// About this notice.
    pub notice_id: Option<NoticeId>,
    /// About this listing.
    pub listing_id: Option<ListingId>,
    /// On this ground.
    pub ground: Option<ObjectionGround>,
}

/// A page of tips, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<tip::Model>, Problem> {
    let select = tip::Entity::find()
        .apply_if(wanted.notice_id, |select, id| select.filter(tip::Column::NoticeId.eq(id)))
        .apply_if(wanted.listing_id, |select, id| select.filter(tip::Column::ListingId.eq(id)))
        .apply_if(wanted.ground, |select, ground| select.filter(tip::Column::Ground.eq(ground)));
    Ok(page.restrict(select, tip::Column::ReceivedAt, tip::Column::Id)?.all(db).await?)
}
