//! What a bidder does, in the way the format of a lot asks, and what he is given for it.

use entity::ids::LotId;
use entity::money::Money;
use serde::Serialize;

use crate::auctions::flows::{Receipt, buy_lot_now, place_bid, place_sealed_bid, place_turn_bid, seal_first_offer};
use crate::auctions::http::rounds::PlaceTurnBid;
use crate::auctions::http::sealed::PlaceSealedBid;
use crate::auctions::http::{BuyLotNow, PlaceBid, SealFirstOffer};
use crate::auctions::views::{FirstOffer, NewBid, NewSealedBid, NewTurnBid, SealedBidView, TurnBidView};
use crate::house::{Done, House};
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::problem::Problem;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A bid; a maximum, where bids are such; the price on a falling clock is accepted by it.
    Bid(Money),
    BuyNow,
    /// A sealed bid, with the prices of further units where there are several.
    Seal(Money, Vec<Money>),
    FirstOffer(Money),
    TurnBid(Money),
}

impl Deed {
    /// The operation it is.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Bid(_) => PlaceBid::OPERATION.id,
            Self::BuyNow => BuyLotNow::OPERATION.id,
            Self::Seal(..) => PlaceSealedBid::OPERATION.id,
            Self::FirstOffer(_) => SealFirstOffer::OPERATION.id,
            Self::TurnBid(_) => PlaceTurnBid::OPERATION.id,
        }
    }

    /// Whether it queues at the floor, to be done together with others.
    pub(super) fn is_queued(&self) -> bool {
        matches!(self, Self::Bid(_))
    }

    /// Does it at a server.
    pub(super) async fn done(self, house: &House, by: &Context, lot: LotId) -> Result<Done<Given>, Problem> {
        let confirmed = true;
        match self {
            Self::Bid(price) => {
                let done = Box::pin(place_bid(house, by, Permit::grant(&by.caller)?, lot, NewBid { price, confirmed })).await?;
                done.try_map(|receipt| Ok(Given::Bid(Box::new(receipt))))
            }
            Self::BuyNow => {
                let done = Box::pin(buy_lot_now(house, by, Permit::grant(&by.caller)?, lot)).await?;
                done.try_map(|receipt| Ok(Given::Bid(Box::new(receipt))))
            }
            Self::Seal(price, further_units) => {
                let new = NewSealedBid { price, further_units, confirmed };
                let done = Box::pin(place_sealed_bid(house, by, Permit::grant(&by.caller)?, lot, new)).await?;
                done.try_map(|bid| Ok(Given::Sealed(Box::new(bid))))
            }
            Self::FirstOffer(price) => {
                let done = Box::pin(seal_first_offer(house, by, Permit::grant(&by.caller)?, lot, NewBid { price, confirmed })).await?;
                done.try_map(|offer| Ok(Given::FirstOffer(Box::new(offer))))
            }
            Self::TurnBid(price) => {
                let done = Box::pin(place_turn_bid(house, by, Permit::grant(&by.caller)?, lot, NewTurnBid { price, confirmed })).await?;
                done.try_map(|bid| Ok(Given::TurnBid(Box::new(bid))))
            }
        }
    }
}

/// What a bidder is given for what counts.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Given {
    Bid(Box<Receipt>),
    Sealed(Box<SealedBidView>),
    FirstOffer(Box<FirstOffer>),
    TurnBid(Box<TurnBidView>),
}

impl Given {
    /// All of it, to the byte.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was signed of it, as whoever verifies it reads it.
    pub(super) fn receipt(&self) -> Option<String> {
        let text = match self {
            Self::Bid(receipt) => receipt.signed.as_ref().map(serde_json::to_string),
            Self::Sealed(bid) => bid.receipt.as_ref().map(serde_json::to_string),
            Self::FirstOffer(offer) => offer.receipt.as_ref().map(serde_json::to_string),
            Self::TurnBid(bid) => bid.receipt.as_ref().map(serde_json::to_string),
        };
        text?.ok()
    }

    /// Whether it was signed for together with others: those of one transaction are.
    pub(super) fn is_one_of_several(&self) -> bool {
        matches!(self, Self::Bid(receipt) if receipt.signed.as_ref().is_some_and(|signed| signed.tree_size > 1))
    }
}
