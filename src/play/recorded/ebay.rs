//! English auctions with proxy bids (maximum bids), a ladder of increments and a hard close: eBay in 2003.
//!
//! A folder holds `auctions.csv` (auctionid, auction_type, openbid, recorded_price, expected_winner, rule_price,
//! second_highest_bid, class, inferred_reserve …), `bids.csv` (auctionid, bid, bidtime, bidder …) and
//! `increment_table_2003.csv` (price_from, increment). Bids are told in days since their auction opened, so all auctions
//! can open together.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::auctions::{Rung, Step};
use entity::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Auction, Bid, Failure, Record, cents, rows};

/// The auction whose bids were taken without the increment: refusing them would give another price than the recorded one.
const WITHOUT_STEP: &str = "1650483277";
/// The auction where a bid came, of 195, that two others had beaten before: the proxies had gone past it.
const BELOW_TWO_OTHERS: &str = "3019119068";

const SECONDS_OF_A_DAY: i64 = 86_400;

/// How far a recorded price follows from the recorded bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Class {
    Exact,
    /// It follows if there was a hidden reserve.
    ReserveInferred,
    /// Nobody knows who bid.
    IdentityHidden,
    /// It cannot follow.
    DataError,
}

#[derive(Deserialize)]
struct AuctionRow {
    auctionid: String,
    auction_type: String,
    openbid: String,
    recorded_price: String,
    expected_winner: String,
    rule_price: String,
    second_highest_bid: String,
    class: Class,
    inferred_reserve: String,
}

#[derive(Deserialize)]
struct BidRow {
    auctionid: String,
    bid: String,
    bidtime: String,
    bidder: String,
}

#[derive(Deserialize)]
struct IncrementRow {
    price_from: String,
    increment: String,
}

/// An auction as it is told.
pub(super) struct Told {
    /// Its id.
    pub(super) id: String,
    /// How long it was open, seconds.
    pub(super) seconds: i64,
    /// Lowest first bid.
    pub(super) open: Money,
    /// Who led at the end.
    pub(super) winner: String,
    /// The best bid of anybody else.
    pub(super) second: Option<Money>,
    /// The final price.
    price: Money,
    reserve: Option<Money>,
    /// Its bids by time.
    pub(super) bids: Vec<Bid>,
}

/// All that can be compared, and what is left out.
pub(super) struct History {
    pub(super) auctions: Vec<Told>,
    pub(super) left_out: Vec<String>,
}

/// Reads a folder.
pub fn read(folder: &Path) -> Result<Record, Failure> {
    let step = ladder(folder)?;
    let history = history(folder)?;
    let (mut auctions, mut bids) = (Vec::new(), Vec::new());
    for mut told in history.auctions {
        mark_refusable(&mut told.bids);
        let most = told.bids.iter().map(|bid| bid.price.minor).max();
        auctions.push(Auction {
            start: DateTime::UNIX_EPOCH,
            end: told.end(),
            base_price: told.open,
            reserve: told.reserve,
            auction: bidding(&told, &step),
            sealed: false,
            late: most.map(|minor| Money::fen(minor.saturating_mul(2))),
            price: told.price,
            winner: told.winner,
            tied: false,
            id: told.id,
        });
        bids.append(&mut told.bids);
    }
    Ok(Record { left_out: history.left_out, ..Record::of(auctions, bids, false) })
}

fn bidding(told: &Told, step: &Step) -> Value {
    json!({
        "closing_mode": "hard_close",
        "proxy": true,
        "step": step,
        "step_base": "best_bid",
        "multiples_only": false,
        "enforce_step": told.id != WITHOUT_STEP,
        "allow_self_raise": true,
        "free_period_seconds": told.seconds,
        "min_bidders": 1
    })
}

fn ladder(folder: &Path) -> Result<Step, Failure> {
    let mut rungs = Vec::new();
    for row in rows::<IncrementRow>(folder, "increment_table_2003.csv")? {
        rungs.push(Rung { from: cents(&row.price_from)?, step: cents(&row.increment)? });
    }
    Ok(Step::Ladder { rungs })
}

/// The auctions of a folder with their bids.
pub(super) fn history(folder: &Path) -> Result<History, Failure> {
    let mut bids: BTreeMap<String, Vec<Bid>> = BTreeMap::new();
    for row in rows::<BidRow>(folder, "bids.csv")? {
        let bid =
            Bid { at: after_days(&row.bidtime)?, price: cents(&row.bid)?, bidder: row.bidder, refusable: None, auction: row.auctionid };
        bids.entry(bid.auction.clone()).or_default().push(bid);
    }
    let mut history = History { auctions: Vec::new(), left_out: Vec::new() };
    for row in rows::<AuctionRow>(folder, "auctions.csv")? {
        let mut bids = bids.remove(&row.auctionid).unwrap_or_default();
        // The file's order breaks ties: a stable sort keeps it.
        bids.sort_by_key(|bid| bid.at);
        match row.class {
            Class::Exact | Class::ReserveInferred => history.auctions.push(told(row, bids)?),
            Class::IdentityHidden => history.left_out.push(format!("auction {}: who bid is not on record", row.auctionid)),
            Class::DataError => history.left_out.push(format!("auction {}: its price cannot follow from its bids", row.auctionid)),
        }
    }
    Ok(history)
}

fn told(row: AuctionRow, bids: Vec<Bid>) -> Result<Told, Failure> {
    let given = |text: &str| if text.is_empty() { Ok(None) } else { cents(text).map(Some) };
    let inferred = row.class == Class::ReserveInferred;
    Ok(Told {
        seconds: days(&row.auction_type)? * SECONDS_OF_A_DAY,
        open: cents(&row.openbid)?,
        second: given(&row.second_highest_bid)?,
        price: cents(if inferred { &row.recorded_price } else { &row.rule_price })?,
        reserve: if inferred { given(&row.inferred_reserve)? } else { None },
        winner: row.expected_winner,
        id: row.auctionid,
        bids,
    })
}

/// How many days a `7 day auction` was open.
fn days(kind: &str) -> Result<i64, Failure> {
    let number = kind.split_whitespace().next().and_then(|word| word.parse::<i64>().ok()).filter(|days| (1..=10).contains(days));
    number.ok_or_else(|| format!("{kind} does not say for how many days it was open").into())
}

/// So many days after the opening, to the microsecond.
pub(super) fn after_days(text: &str) -> Result<DateTime<Utc>, Failure> {
    let micros = Decimal::from_str(text.trim())? * Decimal::from(SECONDS_OF_A_DAY) * Decimal::from(1_000_000);
    // What is finer cannot be told apart by the market, and still comes in the file's order.
    let whole = micros.trunc().to_i64().ok_or_else(|| format!("{text} is no number of days"))?;
    Ok(DateTime::UNIX_EPOCH + TimeDelta::microseconds(whole))
}

/// Marks the bids that change nothing and may be refused: not above the bidder's own best, and in one auction not above what two
/// others have bid before, so that neither price nor leader would be another.
pub(super) fn mark_refusable(bids: &mut [Bid]) {
    let mut best: BTreeMap<String, i64> = BTreeMap::new();
    for bid in bids {
        let price = bid.price.minor;
        let others = best.iter().filter(|(bidder, most)| **bidder != bid.bidder && **most >= price).count();
        let own = best.entry(bid.bidder.clone()).or_default();
        if *own >= price || (bid.auction == BELOW_TWO_OTHERS && others >= 2) {
            bid.refusable = Some("too_low");
        }
        *own = price.max(*own);
    }
}

impl Told {
    /// When it ended.
    pub(super) fn end(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.seconds)
    }
}
