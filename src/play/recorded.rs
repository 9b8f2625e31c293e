//! Recorded English auctions with percentage step and automatic extension, played against a server.
//!
//! A folder holds `auctions.csv` (auction_id, reserve_price_eth, start_time, expected_end,
//! recorded_final_price_eth, recorded_winner …) and `bids.csv` (auction_id, unix_time, amount_eth,
//! bidder). All auctions are played together in one merged time order, in sandbox time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Value, json};

use super::parties::{found, invented_uscc};
use super::{NewAsset, NewParty, Party, Staff, instant, publish, register, text};
use crate::client::{Client, ClientError};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One recorded auction.
#[derive(Clone, Debug)]
pub struct Auction {
    /// Its id in the record.
    pub id: String,
    /// Lowest first bid.
    pub reserve: Money,
    /// When bidding opened.
    pub start: DateTime<Utc>,
    /// When it ended.
    pub end: DateTime<Utc>,
    /// Final price.
    pub price: Money,
    /// Winner.
    pub winner: String,
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
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// The auctions.
    pub auctions: Vec<Auction>,
    /// Their bids in one order of time.
    pub bids: Vec<Bid>,
}

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
    for row in csv::Reader::from_path(folder.join("auctions.csv"))?.deserialize() {
        let row: AuctionRow = row?;
        auctions.push(Auction {
            reserve: gwei(&row.reserve_price_eth)?,
            start: second(row.start_time)?,
            end: second(row.expected_end)?,
            price: gwei(&row.recorded_final_price_eth)?,
            winner: row.recorded_winner,
            id: row.auction_id,
        });
    }
    let mut bids = Vec::new();
    for row in csv::Reader::from_path(folder.join("bids.csv"))?.deserialize() {
        let row: BidRow = row?;
        bids.push(Bid { at: second(row.unix_time)?, price: gwei(&row.amount_eth)?, bidder: row.bidder, auction: row.auction_id });
    }
    // The file's order breaks ties within a second: a stable sort keeps it.
    bids.sort_by_key(|bid| bid.at);
    Ok(Record { auctions, bids })
}

fn gwei(eth: &str) -> Result<Money, Failure> {
    let fen = Decimal::from_str(eth.trim())? * Decimal::from(1_000_000_000_u64);
    let whole = fen.fract().is_zero().then(|| fen.to_i64()).flatten();
    whole.map(Money::fen).ok_or_else(|| format!("{eth} is no whole number of gwei").into())
}

fn second(unix: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp(unix, 0).ok_or_else(|| format!("{unix} is no time").into())
}

/// How one auction came out.
pub struct Outcome {
    /// Which.
    pub auction: String,
    /// What differed from the record; empty if nothing did.
    pub differences: Vec<String>,
    /// A line about it.
    pub line: String,
}

/// A stage set for a record: every lot published, every bidder admitted, time standing.
pub struct Stage {
    staff: Staff,
    lots: BTreeMap<String, String>,
    bidders: BTreeMap<String, Party>,
    pseudonyms: BTreeMap<(String, String), String>,
}

/// Sets the stage through the API.
pub async fn set(base: &Client, password: &str, record: &Record, step: impl Fn(&str)) -> Result<Stage, Failure> {
    let staff = Staff::of_sandbox(base, password).await?;
    staff.stop_clock().await?;
    let now = staff.now().await?;
    let first = record.auctions.iter().map(|a| a.start).min().ok_or("the record has no auction")?;
    if now >= first {
        return Err(format!(
            "the sandbox is at {now}, after the first auction opens ({first}): start a fresh one with --sandbox-start before it"
        )
        .into());
    }
    let seller = party(base, &staff, "replay-seller", 1).await?;
    let mut lots = BTreeMap::new();
    for auction in &record.auctions {
        lots.insert(auction.id.clone(), lot(&seller, &staff, auction).await?);
        step("lot");
    }
    let names: BTreeSet<&str> = record.bids.iter().map(|bid| bid.bidder.as_str()).collect();
    let mut bidders = BTreeMap::new();
    for (name, number) in names.into_iter().zip(2_u32..) {
        bidders.insert(name.to_owned(), party(base, &staff, name, number).await?);
        step("bidder");
    }
    let pairs: BTreeSet<_> = record.bids.iter().map(|bid| (bid.auction.clone(), bid.bidder.clone())).collect();
    let mut pseudonyms = BTreeMap::new();
    for (auction, bidder) in pairs {
        let (Some(lot), Some(party)) = (lots.get(&auction), bidders.get(&bidder)) else {
            return Err(format!("a bid names the unknown auction {auction}").into());
        };
        let admission = super::admit(party, &staff, lot).await?;
        pseudonyms.insert((auction, bidder), text(&admission["pseudonym"]));
        step("admission");
    }
    Ok(Stage { staff, lots, bidders, pseudonyms })
}

async fn party(base: &Client, staff: &Staff, name: &str, number: u32) -> Result<Party, ClientError> {
    let new = NewParty {
        email: format!("{}@replay.example", name.to_lowercase()),
        password: uuid::Uuid::new_v4().to_string(),
        kind: "enterprise".into(),
        ownership: "private".into(),
        name: format!("回放主体 {name}"),
        name_en: Some(format!("Replayed party {name}")),
        uscc: invented_uscc(number),
    };
    found(base, staff, &new).await
}

/// A rehearsal lot under the recorded rules: 24 hours from the start, ten minutes' extension, ten per cent.
async fn lot(seller: &Party, staff: &Staff, auction: &Auction) -> Result<String, ClientError> {
    let title = format!("回放标的 {}", auction.id);
    let summary = "依据公开记录重放的竞价，仅用于核对规则，不具法律效力。A replay of a recorded auction, without legal effect.";
    let achievement = json!({"title": title, "summary": summary, "field": "01", "completers": ["回放"], "state_funded": false});
    let secret = NewAsset { body: super::market::know_how(&title, &seller.name), status: "unregistered".into() };
    let (achievement, assets) = register(seller, achievement, &[secret]).await?;
    let offer = json!({
        "title": title,
        "summary": summary,
        "terms": {"mode": "assignment"},
        "rehearsal": true,
        "base_price": auction.reserve,
        "base_price_basis": "own_decision",
        "auction": {
            "closing_mode": "soft_close",
            "step": {"kind": "percent", "rate_bp": 1000},
            "step_base": "best_bid",
            "multiples_only": false,
            "enforce_step": true,
            "allow_self_raise": true,
            "free_period_seconds": 86_400,
            "timed_cycle_seconds": 600,
            "min_bidders": 1
        },
        "schedule": {"registration_closes_at": auction.start - TimeDelta::seconds(1), "auction_opens_at": auction.start},
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "REPLAY", "no_other_encumbrances": true},
        "contact": {"office": "回放", "email": "replay@replay.example"}
    });
    Ok(publish(seller, staff, offer, &achievement, &assets).await?.lot)
}

/// Plays every bid at its time, and one a second after each end, which must be refused.
pub async fn play(stage: &Stage, record: &Record, step: impl Fn()) -> Result<Vec<Outcome>, Failure> {
    let mut differences: BTreeMap<&str, Vec<String>> = record.auctions.iter().map(|a| (a.id.as_str(), Vec::new())).collect();
    let mut moments: Vec<(DateTime<Utc>, Moment)> = record.bids.iter().map(|bid| (bid.at, Moment::Bid(bid))).collect();
    moments.extend(record.auctions.iter().map(|a| (a.end + TimeDelta::seconds(1), Moment::After(a))));
    moments.sort_by_key(|(at, _)| *at);
    let mut now = stage.staff.now().await?;
    for (at, moment) in moments {
        if at > now {
            stage.staff.move_clock(at).await?;
            now = at;
        }
        let (auction, found) = match moment {
            Moment::Bid(bid) => (bid.auction.as_str(), stage.bid(bid).await?),
            Moment::After(auction) => (auction.id.as_str(), stage.late(auction, record).await?),
        };
        differences.entry(auction).or_default().extend(found);
        step();
    }
    let mut outcomes = Vec::new();
    for auction in &record.auctions {
        let mut differences = differences.remove(auction.id.as_str()).unwrap_or_default();
        let lot = stage.staff.supervisor.get(&format!("/v1/lots/{}", stage.lots[&auction.id])).await?;
        differences.extend(stage.compare(auction, &lot));
        let verdict = if differences.is_empty() { "passed" } else { "FAILED" };
        let line = format!(
            "{verdict} auction {:>4}: {} bids, price {}, ended {}",
            auction.id,
            lot["bid_count"],
            text(&lot["price"]["amount"]),
            text(&lot["closes_at"])
        );
        outcomes.push(Outcome { auction: auction.id.clone(), differences, line });
    }
    Ok(outcomes)
}

enum Moment<'a> {
    Bid(&'a Bid),
    After(&'a Auction),
}

impl Stage {
    async fn bid(&self, bid: &Bid) -> Result<Option<String>, Failure> {
        let reply = self.bidders[&bid.bidder]
            .client
            .post(&format!("/v1/lots/{}/bids", self.lots[&bid.auction]), json!({"price": bid.price}))
            .send()
            .await?;
        if reply.status == 201 {
            return Ok(None);
        }
        Ok(Some(format!("the bid of {} by {} at {} was refused: {}", bid.price, bid.bidder, bid.at, reply.body)))
    }

    /// A bid that would be high enough, one second late, by somebody who was admitted.
    async fn late(&self, auction: &Auction, record: &Record) -> Result<Option<String>, Failure> {
        let Some(someone) = record.bids.iter().find(|bid| bid.auction == auction.id) else { return Ok(None) };
        let price = Money::fen(auction.price.minor.saturating_mul(2));
        let path = format!("/v1/lots/{}/bids", self.lots[&auction.id]);
        let reply = self.bidders[&someone.bidder].client.post(&path, json!({"price": price})).send().await?;
        if reply.code() == "closed" {
            return Ok(None);
        }
        Ok(Some(format!("a bid one second after the end was answered {} {}", reply.status, reply.code())))
    }

    fn compare(&self, auction: &Auction, lot: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differ = |what: &str, ours: String, recorded: String| {
            if ours != recorded {
                differences.push(format!("{what} is {ours}, recorded {recorded}"));
            }
        };
        differ("the state", text(&lot["state"]), "closed_sold".into());
        differ("the final price", text(&lot["price"]["amount"]), auction.price.decimal());
        differ("the end", instant(&lot["closes_at"]).to_rfc3339(), auction.end.to_rfc3339());
        let winner = self.pseudonyms.get(&(auction.id.clone(), auction.winner.clone())).cloned();
        differ("the winner", text(&lot["leader"]), winner.unwrap_or_else(|| "nobody who bid".into()));
        differences
    }
}
