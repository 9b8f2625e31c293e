//! Bids that everybody sees as they are made: each stands in the log as an event of its own.

use std::collections::BTreeSet;

use entity::auctions::{Format, lot_event};
use entity::money::Money;

use super::{Acknowledged, Kept, told};
use crate::auctions::flows::Receipt;
use crate::auctions::rules::log::Body;
use crate::simulation::market::bidding::Request;
use crate::simulation::market::deeds::{Deed, Given};

pub(super) fn hold(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    each_is_stored(kept, acknowledged)?;
    each_was_acknowledged(kept, acknowledged)?;
    price_follows_from_the_log(kept)
}

/// Every bid that was acknowledged stands in the log, at its number and price, and none stands for two.
fn each_is_stored(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (number, request, given) in acknowledged {
        let Given::Bid(receipt) = given else { return Err(format!("request {number} was acknowledged as something else")) };
        let stored = kept.events.iter().find(|(event, _)| event.seq == receipt.seq);
        let is_stored = stored.is_some_and(|(event, body)| event.hash == receipt.log_hash && stands(kept, request, receipt, body));
        if !is_stored {
            return Err(format!("the bid acknowledged as number {} is not stored", receipt.seq));
        }
        if !seen.insert(receipt.seq) {
            return Err(format!("number {} was acknowledged to two requests", receipt.seq));
        }
    }
    Ok(())
}

/// Whether an event is what was asked for, and what its bidder was told of it.
fn stands(kept: &Kept, request: &Request, receipt: &Receipt, body: &Body) -> bool {
    let terms = &kept.lot.terms;
    let Some((bidder, price)) = bid(body) else { return false };
    let is_as_told = bidder == receipt.bidder && price == receipt.price;
    let is_as_asked = match (&request.deed, body) {
        (Deed::BuyNow, Body::BoughtNow { .. }) => terms.buy_now == Some(price),
        (Deed::Bid(most), Body::MaximumPlaced { .. }) => receipt.maximum == Some(*most),
        // Whoever offers more than the clock shows has it for no more.
        (Deed::Bid(most), Body::BidPlaced { .. }) if matches!(terms.format, Format::Dutch { .. }) => price.minor <= most.minor,
        (Deed::Bid(asked), Body::BidPlaced { .. }) => price == *asked,
        _ => false,
    };
    is_as_told && is_as_asked
}

/// Every bid of the log was asked for, and its bidder told.
fn each_was_acknowledged(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    for (event, _) in bids(kept) {
        let answer = event.request_id.as_deref().and_then(|id| told(acknowledged, id));
        if !matches!(answer, Some((_, Given::Bid(receipt))) if receipt.seq == event.seq) {
            return Err(format!("number {} counts, and nobody was told so", event.seq));
        }
    }
    Ok(())
}

/// The price, its bidder and how many bid are those of the log.
fn price_follows_from_the_log(kept: &Kept) -> Result<(), String> {
    let (lot, all): (_, Vec<_>) = (&kept.lot, bids(kept).collect());
    let prices: Vec<i64> = all.iter().filter_map(|(_, body)| bid(body)).map(|(_, price)| price.minor).collect();
    // The price that maxima make may stay where it is.
    let rises = if lot.terms.proxy { prices.is_sorted() } else { prices.is_sorted_by(|one, next| one < next) };
    if !rises {
        return Err("a bid that does not exceed the one before it counts".into());
    }
    if matches!(lot.terms.format, Format::Dutch { .. }) && prices.len() > 1 {
        return Err("a clock was accepted twice".into());
    }
    let opened =
        kept.events.iter().find_map(|(_, body)| if let Body::MaximaOpened { price, .. } = body { Some(price.minor) } else { None });
    let price = opened.or(prices.last().copied());
    let leader = all.last().and_then(|(_, body)| match body {
        Body::MaximumPlaced { leader, .. } => Some(leader.as_str()),
        _ => bid(body).map(|(bidder, _)| bidder),
    });
    if lot.price_minor != price || lot.leader_pseudonym.as_deref() != leader || usize::try_from(lot.bid_count).ok() != Some(all.len()) {
        return Err(format!(
            "it stands at {:?} after {} bids, and its log at {price:?} after {}",
            lot.price_minor,
            lot.bid_count,
            all.len()
        ));
    }
    Ok(())
}

fn bids(kept: &Kept) -> impl Iterator<Item = &(lot_event::Model, Body)> {
    kept.events.iter().filter(|(_, body)| bid(body).is_some())
}

/// Who bid, and the price that stands after it.
fn bid(body: &Body) -> Option<(&str, Money)> {
    match body {
        Body::BidPlaced { bidder, price, .. } | Body::BoughtNow { bidder, price } | Body::MaximumPlaced { bidder, price, .. } => {
            Some((bidder.as_str(), *price))
        }
        _ => None,
    }
}
