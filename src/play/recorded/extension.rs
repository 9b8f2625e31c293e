//! English auctions with percentage step and automatic extension.
//!
//! A folder holds `auctions.csv` (auction_id, reserve_price_eth, start_time, expected_end,
//! recorded_final_price_eth, recorded_winner …) and `bids.csv` (auction_id, unix_time, amount_eth, bidder).

use std::path::Path;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use entity::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Auction, Bid, Failure, Record, rows};

#[derive(Deserialize)]
struct AuctionRow {
    auction_id: String,
    reserve_price_eth: String,
    start_time: i64,
    expected_end: i64,
    recorded_final_price_eth: String,
    recorded_winner: String,
}

#[derive(Deserialize)]
struct BidRow {
    auction_id: String,
    unix_time: i64,
    amount_eth: String,
    bidder: String,
}

/// Reads a folder. An amount that is no whole number of gwei is refused: one gwei is one fen.
pub fn read(folder: &Path) -> Result<Record, Failure> {
    let mut auctions = Vec::new();
    for row in rows::<AuctionRow>(folder, "auctions.csv")? {
        let price = gwei(&row.recorded_final_price_eth)?;
        auctions.push(Auction {
            id: row.auction_id,
            start: second(row.start_time)?,
            end: second(row.expected_end)?,
            base_price: gwei(&row.reserve_price_eth)?,
            reserve: None,
            auction: bidding(),
            sealed: false,
            late: Some(Money::fen(price.minor.saturating_mul(2))),
            price,
            winner: row.recorded_winner,
            tied: false,
        });
    }
    let mut bids = Vec::new();
    for row in rows::<BidRow>(folder, "bids.csv")? {
        let (at, price) = (second(row.unix_time)?, gwei(&row.amount_eth)?);
        bids.push(Bid { auction: row.auction_id, at, price, bidder: row.bidder, refusable: None });
    }
    Ok(Record::of(auctions, bids, true))
}

/// 24 hours from the start, ten minutes' extension, ten per cent.
fn bidding() -> Value {
    json!({
        "closing_mode": "soft_close",
        "step": {"kind": "percent", "rate_bp": 1000},
        "step_base": "best_bid",
        "multiples_only": false,
        "enforce_step": true,
        "allow_self_raise": true,
        "free_period_seconds": 86_400,
        "timed_cycle_seconds": 600,
        "min_bidders": 1
    })
}

fn gwei(eth: &str) -> Result<Money, Failure> {
    let fen = Decimal::from_str(eth.trim())? * Decimal::from(1_000_000_000_u64);
    let whole = fen.fract().is_zero().then(|| fen.to_i64()).flatten();
    whole.map(Money::fen).ok_or_else(|| format!("{eth} is no whole number of gwei").into())
}

fn second(unix: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp(unix, 0).ok_or_else(|| format!("{unix} is no time").into())
}
