//! The eBay auctions once more, each bidder's best bid fed sealed: the same leader wins, at his own price or at that of
//! the best other bid.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::DateTime;
use entity::money::Money;
use serde_json::json;

use super::ebay::{Told, history};
use super::{Auction, Bid, Failure, Record};

/// Which price the winner pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paying {
    /// His own (首价密封).
    First,
    /// The best of the others, or the start price where there is none (次价密封).
    Second,
}

/// Reads a folder of eBay auctions.
pub fn read(folder: &Path, paying: Paying) -> Result<Record, Failure> {
    let history = history(folder)?;
    let (mut auctions, mut bids) = (Vec::new(), Vec::new());
    for told in history.auctions {
        let mut best = best_of_each(&told.bids);
        auctions.push(auction(told, &best, paying));
        bids.append(&mut best);
    }
    Ok(Record { left_out: history.left_out, ..Record::of(auctions, bids, false) })
}

fn auction(told: Told, best: &[Bid], paying: Paying) -> Auction {
    let top = best.iter().map(|bid| bid.price.minor).max().unwrap_or_default();
    let (format, price) = match paying {
        Paying::First => ("first_price", Money::fen(top)),
        Paying::Second => ("vickrey", told.second.unwrap_or(told.open)),
    };
    Auction {
        start: DateTime::UNIX_EPOCH,
        end: told.end(),
        base_price: told.open,
        reserve: None,
        auction: json!({
            "closing_mode": "hard_close",
            "format": {"kind": format},
            "free_period_seconds": told.seconds,
            "min_bidders": 1
        }),
        sealed: true,
        late: None,
        price,
        winner: told.winner,
        tied: best.iter().filter(|bid| bid.price.minor == top).count() > 1,
        id: told.id,
    }
}

/// The best bid of each bidder, where it was made first. The bids come by time.
pub(super) fn best_of_each(bids: &[Bid]) -> Vec<Bid> {
    let mut best: BTreeMap<&str, (usize, &Bid)> = BTreeMap::new();
    for (place, bid) in bids.iter().enumerate() {
        let before = best.entry(&bid.bidder).or_insert((place, bid));
        if bid.price.minor > before.1.price.minor {
            *before = (place, bid);
        }
    }
    let mut best: Vec<_> = best.into_values().collect();
    best.sort_by_key(|(place, _)| *place);
    best.into_iter().map(|(_, bid)| bid.clone()).collect()
}
