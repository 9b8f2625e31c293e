//! Procurement, where the lowest bid wins: open auctions and sealed ones.
//!
//! A folder holds `auctions.csv` (auction_id, kind, start_price_usd, start, end, expected_winning_amount,
//! expected_winner …) and `bids.csv` (auction_id, time, amount_usd, bidder …). Amounts are whole dollars.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use entity::money::Money;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Auction, Bid, Failure, Record, cents, rows};

/// A bid is at least so much below the best one, and the first below the start price.
const DOLLAR: Money = Money::fen(100);

/// The auction whose leader bid against himself, which nobody may here.
const AGAINST_HIMSELF: &str = "15";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Open,
    Sealed,
}

#[derive(Deserialize)]
struct AuctionRow {
    auction_id: String,
    kind: Kind,
    start_price_usd: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    expected_winning_amount: String,
    expected_winner: String,
}

#[derive(Deserialize)]
struct BidRow {
    auction_id: String,
    time: DateTime<Utc>,
    amount_usd: String,
    bidder: String,
}

/// Reads a folder.
pub fn read(folder: &Path) -> Result<Record, Failure> {
    let mut bids: BTreeMap<String, Vec<Bid>> = BTreeMap::new();
    for row in rows::<BidRow>(folder, "bids.csv")? {
        let price = cents(&row.amount_usd)?;
        let bid = Bid { at: row.time, price, bidder: row.bidder, refusable: None, auction: row.auction_id };
        bids.entry(bid.auction.clone()).or_default().push(bid);
    }
    let (mut auctions, mut played) = (Vec::new(), Vec::new());
    for row in rows::<AuctionRow>(folder, "auctions.csv")? {
        let mut bids = bids.remove(&row.auction_id).unwrap_or_default();
        bids.sort_by_key(|bid| bid.at);
        auctions.push(match row.kind {
            Kind::Open => open(row, &mut bids)?,
            Kind::Sealed => sealed(row)?,
        });
        played.append(&mut bids);
    }
    Ok(Record::of(auctions, played, true))
}

/// Descending. A first bid lies below the start price there and may equal it here, so the lot starts a dollar lower.
fn open(row: AuctionRow, bids: &mut [Bid]) -> Result<Auction, Failure> {
    mark_refusable(bids);
    let price = cents(&row.expected_winning_amount)?;
    Ok(Auction {
        base_price: less(cents(&row.start_price_usd)?, DOLLAR),
        reserve: None,
        auction: descending(row.start, row.end),
        sealed: false,
        late: Some(Money::fen(price.minor / 2)),
        price,
        winner: row.expected_winner,
        tied: false,
        id: row.auction_id,
        start: row.start,
        end: row.end,
    })
}

/// Descending and sealed. No bid is as high as the start price there, so the lot starts a dollar lower here too.
fn sealed(row: AuctionRow) -> Result<Auction, Failure> {
    Ok(Auction {
        base_price: less(cents(&row.start_price_usd)?, DOLLAR),
        reserve: None,
        auction: json!({
            "closing_mode": "hard_close",
            "direction": "descending",
            "format": {"kind": "first_price"},
            "free_period_seconds": (row.end - row.start).num_seconds(),
            "min_bidders": 1
        }),
        sealed: true,
        late: None,
        price: cents(&row.expected_winning_amount)?,
        winner: row.expected_winner,
        tied: false,
        id: row.auction_id,
        start: row.start,
        end: row.end,
    })
}

fn descending(start: DateTime<Utc>, end: DateTime<Utc>) -> Value {
    json!({
        "closing_mode": "hard_close",
        "direction": "descending",
        "step": {"kind": "fixed", "amount": DOLLAR},
        "multiples_only": false,
        "enforce_step": true,
        "allow_self_raise": false,
        "free_period_seconds": (end - start).num_seconds(),
        "min_bidders": 1
    })
}

fn less(from: Money, what: Money) -> Money {
    Money::fen(from.minor.saturating_sub(what.minor))
}

/// Marks the leader's own bids in the auction where there was one; anywhere else its refusal is a difference.
pub(super) fn mark_refusable(bids: &mut [Bid]) {
    let mut leader: Option<(String, i64)> = None;
    for bid in bids {
        if leader.as_ref().is_some_and(|(bidder, _)| *bidder == bid.bidder) {
            bid.refusable = (bid.auction == AGAINST_HIMSELF).then_some("already_leading");
        } else if leader.as_ref().is_none_or(|(_, least)| bid.price.minor < *least) {
            leader = Some((bid.bidder.clone(), bid.price.minor));
        }
    }
}
