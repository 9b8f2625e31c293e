//! Recorded auctions, played against a server and compared with what is on record.
//!
//! One file per kind of record reads it into auctions and bids (`extension`, `ebay`, `reverse`, `sealed`). `stage` publishes
//! the lots and admits the bidders, `play` plays all auctions together in one merged order of sandbox time, `compare` says
//! what came out otherwise.

mod compare;
pub mod ebay;
pub mod extension;
mod play;
pub mod reverse;
pub mod sealed;
mod stage;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::{Currency, Money};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use compare::Outcome;
pub use stage::{Stage, set};

/// How far apart auctions open that are played from one instant on: no single move of the clock then closes hundreds.
const APART: TimeDelta = TimeDelta::seconds(2);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One recorded auction.
#[derive(Clone, Debug)]
pub struct Auction {
    /// Its id in the record.
    pub id: String,
    /// When bidding opened.
    pub start: DateTime<Utc>,
    /// When it ended.
    pub end: DateTime<Utc>,
    /// Base and start price of its lot.
    pub base_price: Money,
    /// Reserve price of its lot.
    pub reserve: Option<Money>,
    /// How its lot is bid for, as an offer says it.
    pub auction: Value,
    /// Whether bids are sealed.
    pub sealed: bool,
    /// A price that would do if it did not come a second after the end; nothing where none is tried.
    pub late: Option<Money>,
    /// Final price.
    pub price: Money,
    /// Winner.
    pub winner: String,
    /// Whether several made the best sealed bid, so that a round among them may follow the end.
    pub tied: bool,
}

/// One recorded bid.
#[derive(Clone, Debug)]
pub struct Bid {
    /// In which auction.
    pub auction: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How much.
    pub price: Money,
    /// By whom.
    pub bidder: String,
    /// The code it may be refused with, where it changes nothing.
    pub refusable: Option<&'static str>,
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// The auctions.
    pub auctions: Vec<Auction>,
    /// Their bids in one order of time.
    pub bids: Vec<Bid>,
    /// Whether it says on which day anything happened; otherwise its auctions open at the epoch.
    pub dated: bool,
    /// Auctions that are left out, and why.
    pub left_out: Vec<String>,
}

impl Record {
    /// A record of auctions and of their bids, in whatever order.
    fn of(auctions: Vec<Auction>, mut bids: Vec<Bid>, dated: bool) -> Self {
        // The file's order breaks ties: a stable sort keeps it.
        bids.sort_by_key(|bid| bid.at);
        Self { auctions, bids, dated, left_out: Vec::new() }
    }

    /// When the first auction opened, where the record says it.
    pub fn opened_at(&self) -> Option<DateTime<Utc>> {
        self.first().filter(|_| self.dated)
    }

    fn first(&self) -> Option<DateTime<Utc>> {
        self.auctions.iter().map(|auction| auction.start).min()
    }

    /// The record as it can be played from an instant on: in its own time or, where it has none, from that instant.
    fn playable_from(self, earliest: DateTime<Utc>) -> Result<Self, Failure> {
        let first = self.first().ok_or("the record has no auction")?;
        if !self.dated {
            return Ok(self.later(earliest - first));
        }
        if first < earliest {
            return Err(format!(
                "the sandbox is not ready before {earliest}, after the first auction opens ({first}): start a fresh one with \
                 --sandbox-start before it"
            )
            .into());
        }
        Ok(self)
    }

    /// The first auction so much later, each other a little more, and its bids with it.
    fn later(mut self, mut by: TimeDelta) -> Self {
        let mut shifts = BTreeMap::new();
        for auction in &mut self.auctions {
            auction.start += by;
            auction.end += by;
            shifts.insert(auction.id.clone(), by);
            by += APART;
        }
        for bid in &mut self.bids {
            bid.at += shifts.get(&bid.auction).copied().unwrap_or_default();
        }
        self.bids.sort_by_key(|bid| bid.at);
        self
    }

    /// Who bid in each auction, by their first bids.
    fn bidders(&self) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        let mut bidders: BTreeMap<String, Vec<String>> = self.auctions.iter().map(|auction| (auction.id.clone(), Vec::new())).collect();
        for bid in &self.bids {
            let Some(known) = bidders.get_mut(&bid.auction) else {
                return Err(format!("a bid names the unknown auction {}", bid.auction).into());
            };
            if !known.contains(&bid.bidder) {
                known.push(bid.bidder.clone());
            }
        }
        Ok(bidders)
    }
}

/// The rows of a table in a folder.
fn rows<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>, Failure> {
    let path = folder.join(name);
    let read = csv::Reader::from_path(&path).and_then(|table| table.into_deserialize().collect::<Result<Vec<T>, _>>());
    read.map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Dollars and cents as yuan and fen, one to one.
fn cents(text: &str) -> Result<Money, Failure> {
    Ok(Money::parse(text.trim(), Currency::Cny)?)
}

#[cfg(test)]
mod tests;
