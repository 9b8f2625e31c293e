//! What the server under measure offers beside the market: the same call in one transaction of its own, and the same call
//! with nothing behind it. No other server has these.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use entity::ids::LotId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auctions::flows::{self, Receipt};
use crate::auctions::http::PlaceBid;
use crate::auctions::views::{BidReceipt, NewBid};
use crate::house::House;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(place_bid_alone).service(place_nothing);
}

/// Place a bid in a transaction of its own
///
/// As any other deed is done. It does not make the server forget whom it has let in, as deeds do that may change anybody's rights: the
/// baseline would pay for that with each bid.
#[utoipa::path(tag = "bench", params(("id" = Uuid, Path, description = "The lot")), request_body = NewBid, responses((status = 201, description = "The receipt", body = BidReceipt)))]
#[post("/v1/bench/lots/{id}/bids-alone")]
pub async fn place_bid_alone(house: Data<House>, call: Call<PlaceBid, Json<NewBid>>, id: Path<LotId>) -> Answer {
    let done = flows::place_bid_alone(&house, &call.context, call.permit, *id, call.body.0).await?;
    let place = |receipt: &Receipt| format!("/v1/lots/{}/events?after={}&limit=1", receipt.lot_id, receipt.seq - 1);
    Ok(answer::created(done, false, place, BidReceipt::from))
}

/// Answer, and do nothing
///
/// An empty handler behind the door that every call of this server goes through.
#[utoipa::path(tag = "bench", params(("id" = Uuid, Path, description = "The lot")), request_body = NewBid, responses((status = 201, description = "Nothing")))]
#[post("/v1/bench/lots/{id}/nothing")]
pub async fn place_nothing(_call: Call<PlaceBid, Json<NewBid>>) -> HttpResponse {
    HttpResponse::Created().finish()
}
