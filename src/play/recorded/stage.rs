//! The stage: every lot published, every bidder admitted, time standing.
//!
//! A pseudonym holds in one lot only, so one party stands for different bidders of different auctions: as many are founded
//! as bid in the auction that had the most, not as many as were ever recorded.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::{Auction, Failure, Record};
use crate::client::{Client, ClientError};
use crate::play::market::know_how;
use crate::play::parties::{found, invented_uscc};
use crate::play::{NewAsset, NewParty, Party, Staff, admit, publish, register, text};

/// How many lots are made ready at once.
const AT_ONCE: usize = 4;

/// How long after now the first auction opens at the earliest.
const LEAD: TimeDelta = TimeDelta::minutes(1);

/// A stage set for a record.
pub struct Stage {
    pub(super) record: Record,
    pub(super) cast: Cast,
    pub(super) places: BTreeMap<String, Place>,
}

/// Who plays.
pub(super) struct Cast {
    pub(super) staff: Staff,
    seller: Party,
    pub(super) parties: Vec<Party>,
}

/// Where a recorded auction is played.
pub(super) struct Place {
    /// The lot.
    pub(super) lot: String,
    /// Where its bids go.
    pub(super) bids: String,
    /// Who stands for whom.
    pub(super) seats: BTreeMap<String, Seat>,
}

/// What a recorded bidder is in a lot.
pub(super) struct Seat {
    /// Which of the parties.
    pub(super) party: usize,
    /// Its name there.
    pub(super) pseudonym: String,
}

/// Sets the stage through the API.
pub async fn set(base: &Client, password: &str, record: Record, step: impl Fn()) -> Result<Stage, Failure> {
    let staff = Staff::of_sandbox(base, password).await?;
    staff.stop_clock().await?;
    let record = record.playable_from(staff.now().await? + LEAD)?;
    let bidders = record.bidders()?;
    let seller = party(base, &staff, 1).await?;
    let most = bidders.values().map(Vec::len).max().unwrap_or_default();
    let mut parties = Vec::with_capacity(most);
    for number in (2..).take(most) {
        parties.push(party(base, &staff, number).await?);
        step();
    }
    let cast = Cast { staff, seller, parties };
    let each = stream::iter(&record.auctions).map(|auction| {
        let names = bidders.get(&auction.id).map(Vec::as_slice).unwrap_or_default();
        cast.place(auction, names, &step)
    });
    let places: BTreeMap<String, Place> = each.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(Stage { record, cast, places })
}

async fn party(base: &Client, staff: &Staff, number: u32) -> Result<Party, ClientError> {
    let new = NewParty {
        email: format!("party-{number}@replay.example"),
        password: uuid::Uuid::new_v4().to_string(),
        kind: "enterprise".into(),
        ownership: "private".into(),
        name: format!("回放主体 {number}"),
        name_en: Some(format!("Replayed party {number}")),
        uscc: invented_uscc(number),
    };
    found(base, staff, &new).await
}

impl Cast {
    /// Publishes the lot of an auction and admits its bidders.
    async fn place(&self, auction: &Auction, names: &[String], step: &impl Fn()) -> Result<(String, Place), ClientError> {
        let lot = self.publish(auction).await?;
        step();
        let mut seats = BTreeMap::new();
        for (number, (name, party)) in names.iter().zip(&self.parties).enumerate() {
            let admission = admit(party, &self.staff, &lot).await?;
            seats.insert(name.clone(), Seat { party: number, pseudonym: text(&admission["pseudonym"]) });
            step();
        }
        let bids = format!("/v1/lots/{lot}/{}", if auction.sealed { "sealed-bids" } else { "bids" });
        Ok((auction.id.clone(), Place { lot, bids, seats }))
    }

    /// A rehearsal lot under the recorded rules.
    async fn publish(&self, auction: &Auction) -> Result<String, ClientError> {
        let title = format!("回放标的 {}", auction.id);
        let summary = "依据公开记录重放的竞价，仅用于核对规则，不具法律效力。A replay of a recorded auction, without legal effect.";
        let achievement = json!({"title": title, "summary": summary, "field": "01", "completers": ["回放"], "state_funded": false});
        let secret = NewAsset { body: know_how(&title, &self.seller.name), status: "unregistered".into() };
        let (achievement, assets) = register(&self.seller, achievement, &[secret]).await?;
        let mut offer = json!({
            "title": title,
            "summary": summary,
            "terms": {"mode": "assignment"},
            "rehearsal": true,
            "base_price": auction.base_price,
            "base_price_basis": "own_decision",
            "auction": auction.auction,
            "schedule": {"registration_closes_at": auction.start - TimeDelta::seconds(1), "auction_opens_at": auction.start},
            "declarations": {"secret_level_none": true, "confidentiality_review_number": "REPLAY", "no_other_encumbrances": true},
            "contact": {"office": "回放", "email": "replay@replay.example"}
        });
        if let Some(amount) = auction.reserve {
            offer["reserve"] = json!({"kind": "open", "amount": amount});
        }
        Ok(publish(&self.seller, &self.staff, offer, &achievement, &assets).await?.lot)
    }
}
