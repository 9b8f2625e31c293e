//! Scores of bidders over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use entity::identity::StaffRole;
use entity::ids::LotId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{OTHER_HANDS, kept};
use crate::auctions::flows;
use crate::auctions::views::scores::{LotScoresView, NewScores, ScoresView};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};
use crate::platform::problem::Code;

/// Who may record what the experts gave.
const SCORERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::AuctionHost];
const EVERY_STAFF: &[StaffRole] = StaffRole::ALL;

operations! {
    /// Record the scores of a bidder.
    RecordScores = Operation::deed("record_scores", &[Allow::staff(SCORERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson]);
    /// Read the scores of a lot's bidders.
    ReadLotScores = Operation::question("read_lot_scores", &[Allow::staff(EVERY_STAFF)]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_scores).service(read_lot_scores);
}

/// Record the scores of a bidder
///
/// Where the price is one indicator among others (权重报价), an officer records what an admitted bidder was given for each of the
/// others, as they were announced: the level of a table, or the points of each expert. It is done after registration has closed
/// and before the bids are opened, while nobody knows a price; recorded again it is a correction with its reason, and every version
/// is kept. Once every admitted bidder is scored and bidding has ended, the bids are opened. Who the experts are is not kept. With
/// `If-Match` the scores are recorded only if nothing has happened in the lot since; what is sealed or scored does not count as that.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = NewScores, responses((status = 201, description = "Recorded", body = ScoresView)))]
#[post("/v1/lots/{id}/scores")]
pub async fn record_scores(house: Data<House>, call: Call<RecordScores, Json<NewScores>>, id: Path<LotId>) -> Answer {
    let done = flows::record_scores(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(kept(answer::created(done, false, |scored| format!("/v1/lots/{}/scores", scored.row.lot_id), ScoresView::from), "no-store"))
}

/// Read the scores of a lot's bidders
///
/// For officers and the supervisor: every admitted bidder, whether or not a bid was sealed, with every version of the scores.
/// Everybody is told them with the opening of the bids, by pseudonym, in the log.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The scores", body = LotScoresView)))]
#[get("/v1/lots/{id}/scores")]
pub async fn read_lot_scores(house: Data<House>, call: Call<ReadLotScores>, id: Path<LotId>) -> Answer {
    let scores = flows::lot_scores(&house, &call.permit, *id).await?;
    Ok(kept(answer::listed(&LotScoresView::from(scores)), "no-store"))
}
