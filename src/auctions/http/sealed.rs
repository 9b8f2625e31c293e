//! Sealed bids over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use entity::identity::OrgRole;
use entity::ids::LotId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kept;
use crate::auctions::flows;
use crate::auctions::views::{NewSealedBid, SealedBidView};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Class, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};
use crate::platform::problem::Code;

operations! {
    /// Seal a bid.
    PlaceSealedBid = Operation::deed("place_sealed_bid", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsPlace)
        .counted_as(Class::Bid)
        .discreetly()
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::TooLow, Code::OwnLot, Code::NotOpen, Code::Closed, Code::BidderSuspended, Code::NotAdmitted, Code::Paused,
            Code::WrongFormat, Code::NotInTieRound, Code::ConflictOfInterest, Code::TooHigh,
            Code::UnconfirmedJump,
        ]);
    /// Read one's own sealed bid.
    ReadOwnSealedBid = Operation::question("read_own_sealed_bid", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsRead)
        .discreetly();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(place_sealed_bid).service(read_own_sealed_bid);
}

/// Seal a bid
///
/// For a lot whose bids stay sealed until all are opened at once (密封报价), and for the round among several holders of a right of
/// pre-emption who take a lot (`asking.round`). Whoever bids again before the end replaces his
/// earlier bid, and the time of the new one counts. Nobody is told that a bid was sealed, how many were, or by whom: the lot, its
/// log and its feed stay as they are. Where several identical licences are sold, `further_units` has the prices of those wanted
/// beside the first, and the bid is replaced as a whole. The answer is for its bidder alone: keep the receipt, and hold it against
/// the published course (`zhepai verify lot`). With `If-Match` the bid counts only if nothing has happened in the lot since; with
/// `dry_run=true` nothing is changed.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = NewSealedBid, responses((status = 201, description = "The receipt", body = SealedBidView)))]
#[post("/v1/lots/{id}/sealed-bids")]
pub async fn place_sealed_bid(house: Data<House>, call: Call<PlaceSealedBid, Json<NewSealedBid>>, id: Path<LotId>) -> Answer {
    let done = flows::place_sealed_bid(&house, &call.context, call.permit, *id, call.body.0).await?;
    let answer = answer::created(done, call.context.dry_run, |bid| format!("/v1/lots/{}/sealed-bids/mine", bid.lot_id), |bid| bid);
    Ok(kept(answer, "no-store"))
}

/// Read one's own sealed bid
///
/// The bid of the caller's organisation that stands, with what opens its commitment; nobody else reads it before the opening.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The bid", body = SealedBidView)))]
#[get("/v1/lots/{id}/sealed-bids/mine")]
pub async fn read_own_sealed_bid(house: Data<House>, call: Call<ReadOwnSealedBid>, id: Path<LotId>) -> Answer {
    Ok(kept(answer::listed(&flows::own_sealed_bid(&house, &call.context, &call.permit, *id).await?), "no-store"))
}
