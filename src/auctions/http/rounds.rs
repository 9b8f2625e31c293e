//! Bids of turns over HTTP.

use actix_web::post;
use actix_web::web::{Data, Path};
use entity::identity::OrgRole;
use entity::ids::LotId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kept;
use crate::auctions::flows;
use crate::auctions::views::{NewTurnBid, TurnBidView};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Class, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};
use crate::platform::problem::Code;

operations! {
    /// Bid in one's turn.
    PlaceTurnBid = Operation::deed("place_turn_bid", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsPlace)
        .counted_as(Class::Bid)
        .discreetly()
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::TooLow, Code::OwnLot, Code::NotOpen, Code::Closed, Code::BidderSuspended, Code::NotAdmitted, Code::Paused,
            Code::WrongFormat, Code::NotYourTurn, Code::ConflictOfInterest, Code::UnconfirmedJump,
        ]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(place_turn_bid);
}

/// Bid in one's turn
///
/// For a lot that is bid for by rounds (分轮报价): a bidder raises his own offer by the step in his turn, or names it again to
/// leave it. Whoever bids again before the turn ends replaces his earlier bid. Nobody else is told of a bid before the turn ends;
/// then the last one is shown. A bid that comes while the turn before still has its grace is answered with `busy`, and counts once it
/// is sent again. Keep the receipt, and hold it against the published course (`zhepai verify lot`). With `If-Match`
/// the bid counts only if nothing has happened in the lot since; with `dry_run=true` nothing is changed.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = NewTurnBid, responses((status = 201, description = "The receipt", body = TurnBidView)))]
#[post("/v1/lots/{id}/turn-bids")]
pub async fn place_turn_bid(house: Data<House>, call: Call<PlaceTurnBid, Json<NewTurnBid>>, id: Path<LotId>) -> Answer {
    let done = flows::place_turn_bid(&house, &call.context, call.permit, *id, call.body.0).await?;
    let answer = answer::created(done, call.context.dry_run, |bid| format!("/v1/lots/{}", bid.lot_id), |bid| bid);
    Ok(kept(answer, "no-store"))
}
