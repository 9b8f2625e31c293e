//! Where the scores of bidders are kept.

use entity::ids::{AdmissionId, LotId};
use entity::scores::bidder_score;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// The scores of a bidder that count.
pub async fn last(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Option<bidder_score::Model>, DbErr> {
    let all = bidder_score::Entity::find().filter(bidder_score::Column::AdmissionId.eq(admission));
    all.order_by_desc(bidder_score::Column::Version).one(db).await
}

/// Every version of the scores of a lot's bidders, of each bidder the latest first.
pub async fn all(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<bidder_score::Model>, DbErr> {
    bidder_score::Entity::find()
        .filter(bidder_score::Column::LotId.eq(lot))
        .order_by_asc(bidder_score::Column::AdmissionId)
        .order_by_desc(bidder_score::Column::Version)
        .all(db)
        .await
}
