//! Bidding by rounds: first offers are kept until bidding opens, and what is bid in a turn until it ends.

use std::collections::{BTreeMap, BTreeSet};

use super::{Acknowledged, Kept};
use crate::auctions::rules::log::Body;
use crate::simulation::market::deeds::{Deed, Given};

pub(super) fn hold(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    first_offers_are_kept(kept, acknowledged)?;
    turns_show_what_was_acknowledged(kept, acknowledged)?;
    best_offer_leads(kept)
}

/// What was acknowledged is kept, and what is kept was acknowledged; the last of each bidder is opened.
fn first_offers_are_kept(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    let mut sealed = BTreeSet::new();
    for (number, request, given) in acknowledged {
        match (&request.deed, given) {
            (Deed::FirstOffer(price), Given::FirstOffer(offer)) if offer.price == *price => {
                sealed.insert(offer.commitment.as_str());
            }
            (Deed::TurnBid(price), Given::TurnBid(bid)) if bid.price == *price => {}
            _ => return Err(format!("request {number} was acknowledged as something else")),
        }
    }
    let stored: BTreeSet<_> = kept.first_offers.iter().map(|row| row.commitment.as_str()).collect();
    if stored != sealed || stored.len() != kept.first_offers.len() {
        return Err(format!("{} first offers are kept, and {} were acknowledged", kept.first_offers.len(), sealed.len()));
    }
    let last: BTreeMap<_, _> = kept.first_offers.iter().filter_map(|row| Some((kept.name(row.admission_id)?, row.arrived_at))).collect();
    let opened =
        kept.events.iter().find_map(|(_, body)| if let Body::FirstOffersOpened { offers, .. } = body { Some(offers) } else { None });
    let shown: BTreeMap<_, _> = opened.into_iter().flatten().map(|offer| (offer.bidder.as_str(), offer.at)).collect();
    if last == shown { Ok(()) } else { Err("other first offers were opened than the last of each".into()) }
}

/// Every bid that a turn shows was acknowledged, and a turn for which one was shows one.
fn turns_show_what_was_acknowledged(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    let told: Vec<_> = acknowledged
        .iter()
        .filter_map(
            |(_, _, given)| {
                if let Given::TurnBid(bid) = given { Some((bid.round, bid.turn, bid.bidder.as_str(), bid.price)) } else { None }
            },
        )
        .collect();
    for (event, body) in &kept.events {
        let Body::TurnEnded { round, turn, bidder, offer } = body else { continue };
        let of_turn: Vec<_> = told.iter().filter(|(of, number, ..)| (of, number) == (round, turn)).collect();
        let is_right = match offer {
            Some(offer) => of_turn.iter().any(|(_, _, by, price)| *by == bidder && *price == offer.price),
            None => of_turn.is_empty(),
        };
        if !is_right {
            return Err(format!("number {} shows another bid than was acknowledged", event.seq));
        }
    }
    Ok(())
}

/// The price is the best that was offered.
fn best_offer_leads(kept: &Kept) -> Result<(), String> {
    let offered = kept.events.iter().flat_map(|(_, body)| match body {
        Body::FirstOffersOpened { offers, .. } => offers.iter().map(|offer| offer.price.minor).collect::<Vec<_>>(),
        Body::TurnEnded { offer: Some(offer), .. } => vec![offer.price.minor],
        _ => Vec::new(),
    });
    let best = offered.max();
    if kept.lot.price_minor == best { Ok(()) } else { Err(format!("it stands at {:?}, and {best:?} was offered", kept.lot.price_minor)) }
}
