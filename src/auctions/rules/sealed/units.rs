//! Several identical units (多份普通许可): a sealed bid names a price for each unit its bidder would take, the best of all of
//! them win, and of equals the earlier does.

use std::collections::BTreeMap;

use entity::auctions::{Direction, Format, RankedBid, UnitAward, lot};
use entity::money::{MAX_MINOR, Money};

use super::{OpenedBid, pay_as_bid, uniform_price};
use crate::auctions::rules::precedence::Claim;
use crate::platform::problem::{Code, Problem};

/// The fewest units that are several, and the most that are reckoned with.
const UNITS: std::ops::RangeInclusive<u32> = 2..=1_000;

/// Whether a format's numbers are such that reckoning with them cannot fail.
pub fn can_be_reckoned(format: &Format) -> bool {
    format.units().is_none_or(|units| UNITS.contains(&units) && (1..=units).contains(&format.cap()))
}

/// Whether one bidder may bid such prices for further units beside that of the first: no more units than he may have, each at
/// the start price at least, none above the one before. That of the first is judged as any sealed bid is.
pub fn may_bid_for(lot: &lot::Model, first: Money, further: &[Money]) -> Result<(), Problem> {
    let cap = lot.terms.format.cap();
    if further.len() >= usize::try_from(cap).unwrap_or(usize::MAX) {
        let (zh, en) = (format!("每位竞买人至多可报 {cap} 份"), format!("a bidder may bid for {cap} unit(s) at most"));
        return Err(Code::Invalid.at("/further_units", "too_many", zh, en));
    }
    let least = Money { minor: lot.terms.start_price.minor, currency: lot.currency };
    let mut before = first;
    for (index, price) in further.iter().enumerate() {
        if price.currency != least.currency || price.minor < least.minor {
            return Err(Code::TooLow.with("at_least", least));
        }
        if price.minor > before.minor {
            let (zh, en) = ("各份报价不得高于其前一份", "no unit's price lies above the one before");
            return Err(Code::Invalid.at(&format!("/further_units/{index}"), "order", zh, en));
        }
        before = *price;
    }
    let total = further.iter().fold(first.minor, |sum, price| sum.saturating_add(price.minor));
    if total > MAX_MINOR {
        return Err(Code::Invalid.at(
            "/further_units",
            "range",
            "各份报价之和超出范围",
            "the prices of all units together are out of range",
        ));
    }
    Ok(())
}

/// The bids for single units that can decide, best first: the higher, of equals the earlier; as many as there are units, and the
/// first that goes empty.
pub fn ranked(units: u32, bids: &[OpenedBid]) -> Vec<RankedBid> {
    let prices = |bid: &OpenedBid| std::iter::once(bid.price).chain(bid.further_units.iter().copied()).collect::<Vec<_>>();
    let mut all: Vec<_> = bids.iter().flat_map(|bid| prices(bid).into_iter().map(move |price| (bid, price))).collect();
    // Those of one bidder at one price are alike, and stay as they stood.
    let claim = |(bid, price): &(&OpenedBid, Money)| Claim::at(price.minor, (bid.at, bid.order));
    all.sort_by(|one, other| claim(one).stands_to(&claim(other), Direction::Ascending));
    all.truncate(usize::try_from(units).unwrap_or(usize::MAX).saturating_add(1));
    all.into_iter().map(|(bid, price)| RankedBid { bidder: bid.bidder.clone(), price }).collect()
}

/// Who has how many units, and for how much, whoever bid best first; nobody where the lot is one thing. `floor` is the lowest
/// price with effect.
pub fn awards(lot: &lot::Model, floor: i64) -> Vec<UnitAward> {
    let (Some(units), Some(opened)) = (lot.terms.format.units(), &lot.opened) else { return Vec::new() };
    let valid: Vec<_> = opened.ranking.iter().take_while(|bid| bid.price.minor >= floor).collect();
    let (won, beyond) = valid.split_at(valid.len().min(usize::try_from(units).unwrap_or(usize::MAX)));
    let one_price = match lot.terms.format {
        Format::UniformPrice { pays, .. } => Some(uniform_price::unit_price(pays, won, beyond, floor.max(lot.terms.start_price.minor))),
        _ => None,
    };
    let mut awards: Vec<UnitAward> = Vec::new();
    let mut places = BTreeMap::new();
    for bid in won {
        let place = *places.entry(&bid.bidder).or_insert(awards.len());
        if place == awards.len() {
            awards.push(UnitAward { bidder: bid.bidder.clone(), units: 0, price: Money { minor: 0, currency: lot.currency } });
        }
        let award = &mut awards[place];
        award.units += 1;
        award.price.minor = award.price.minor.saturating_add(one_price.unwrap_or_else(|| pay_as_bid::unit_price(bid)));
    }
    awards
}

/// The price that stands in the row of a lot that is sold, in minor units: where all pay one price, that of a single unit; where
/// each pays his own, what was bid best; of one thing, what is paid for it.
pub fn price_told(lot: &lot::Model, paid: Money, awards: &[UnitAward]) -> Option<i64> {
    match (&lot.terms.format, awards.first()) {
        (Format::UniformPrice { .. }, Some(best)) => uniform_price::told(best),
        (Format::PayAsBid { .. }, Some(_)) => pay_as_bid::told(lot),
        _ => Some(paid.minor),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
