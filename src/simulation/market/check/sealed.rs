//! Sealed bids: each is kept until all are opened at once, and then the last of each bidder is shown.

use std::collections::{BTreeMap, BTreeSet};

use entity::auctions::Format;
use entity::money::Money;

use super::{Acknowledged, Kept, told};
use crate::auctions::rules::log::Body;
use crate::auctions::rules::sealed::OpenedBid;
use crate::platform::keys::hex;
use crate::simulation::market::deeds::{Deed, Given};

pub(super) fn hold(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    each_is_kept(kept, acknowledged)?;
    for round in [1, 2] {
        the_last_are_opened(kept, round)?;
    }
    outcome_follows_from_the_bids(kept)
}

/// What was acknowledged is kept, and what is kept was acknowledged.
fn each_is_kept(kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), String> {
    if kept.sealed.len() != acknowledged.len() {
        return Err(format!("{} bids are sealed, and {} were acknowledged", kept.sealed.len(), acknowledged.len()));
    }
    let mut seen = BTreeSet::new();
    for row in &kept.sealed {
        let answer = told(acknowledged, &row.request_id);
        let is_it = matches!(answer, Some((request, Given::Sealed(bid))) if bid.commitment == hex(&row.commitment)
            && bid.arrived_at == row.at
            && bid.round == row.round
            && matches!(&request.deed, Deed::Seal(price, further) if (*price, further) == (bid.price, &bid.further_units)));
        if !is_it || !seen.insert(&row.request_id) {
            return Err(format!("bid {} is sealed, and its bidder was not told so", row.seq));
        }
    }
    Ok(())
}

/// The last bid that each sealed in a round is opened in it, and no other.
fn the_last_are_opened(kept: &Kept, round: i32) -> Result<(), String> {
    let rows = kept.sealed.iter().filter(|row| row.round == round);
    let last: BTreeMap<_, _> = rows.filter_map(|row| Some((kept.name(row.admission_id)?, hex(&row.commitment)))).collect();
    let shown: BTreeMap<_, _> = opened(kept, round).iter().map(|bid| (bid.bidder.as_str(), bid.commitment.clone())).collect();
    if last == shown { Ok(()) } else { Err(format!("in round {round} others were opened than the last of each")) }
}

/// The bids that were opened in a round.
fn opened(kept: &Kept, of: i32) -> &[OpenedBid] {
    let found = kept.events.iter().find_map(|(_, body)| match body {
        Body::BidsOpened { round, bids, .. } if *round == of => Some(bids.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Whoever has it bid best, and nobody pays more than he bid.
fn outcome_follows_from_the_bids(kept: &Kept) -> Result<(), String> {
    let Some(awards) = super::ends::sold_to(kept) else { return Ok(()) };
    let decided = [2, 1].into_iter().map(|round| opened(kept, round)).find(|bids| !bids.is_empty()).unwrap_or_default();
    let mut one_price = None;
    for (bidder, units, paid) in &awards {
        let own = decided.iter().find(|bid| bid.bidder == *bidder).ok_or("somebody has it who did not bid")?;
        let count = usize::try_from(*units).unwrap_or_default();
        let bid: i64 = prices(own).take(count).map(|price| price.minor).sum();
        let beaten = decided.iter().filter(|bid| bid.bidder != *bidder).map(|bid| bid.price.minor).max();
        let is_right = match kept.lot.terms.format {
            Format::Vickrey {} => paid.minor <= bid && beaten.is_none_or(|best| best <= paid.minor),
            Format::PayAsBid { .. } => paid.minor == bid,
            Format::UniformPrice { .. } => {
                let each = paid.minor / i64::from(*units).max(1);
                each * i64::from(*units) == paid.minor && paid.minor <= bid && *one_price.get_or_insert(each) == each
            }
            _ => paid.minor == bid && beaten.is_none_or(|best| best <= paid.minor),
        };
        if !is_right {
            return Err(format!("{bidder} pays {paid} for {units}, having bid {bid} fen, against {beaten:?}"));
        }
    }
    Ok(())
}

/// The prices of the units somebody bid for, best first.
fn prices(bid: &OpenedBid) -> impl Iterator<Item = Money> + '_ {
    std::iter::once(bid.price).chain(bid.further_units.iter().copied())
}
