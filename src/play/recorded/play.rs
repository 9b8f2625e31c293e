//! Playing: every bid at its time, and one a second after the end of an open auction, which must be refused.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use serde_json::json;

use super::compare::{Outcome, compare};
use super::stage::{Place, Stage};
use super::{Auction, Bid, Failure};
use crate::client::Reply;

/// How long after the last end everything is decided, a round among those who made the best sealed bid too.
const DECIDED: TimeDelta = TimeDelta::minutes(10);

enum Moment<'a> {
    Bid(&'a Bid),
    Ended(&'a Auction),
}

impl Stage {
    /// How many steps the play has.
    pub fn steps(&self) -> u64 {
        self.moments().len() as u64
    }

    /// What was left out of the record, and why.
    pub fn left_out(&self) -> &[String] {
        &self.record.left_out
    }

    /// Plays all auctions together and compares each with the record.
    pub async fn play(&self, step: impl Fn()) -> Result<Vec<Outcome>, Failure> {
        let staff = &self.cast.staff;
        let mut differences: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut now = staff.now().await?;
        for (at, moment) in self.moments() {
            if at > now {
                staff.move_clock(at).await?;
                now = at;
            }
            let (auction, found) = match moment {
                Moment::Bid(bid) => (bid.auction.as_str(), self.bid(bid).await?),
                Moment::Ended(auction) => (auction.id.as_str(), self.late(auction).await?),
            };
            differences.entry(auction).or_default().extend(found);
            step();
        }
        let last = self.record.auctions.iter().map(|auction| auction.end).max().unwrap_or(now);
        staff.move_clock(now.max(last) + DECIDED).await?;
        let mut outcomes = Vec::with_capacity(self.record.auctions.len());
        for auction in &self.record.auctions {
            let place = &self.places[&auction.id];
            let lot = staff.supervisor.get(&format!("/v1/lots/{}", place.lot)).await?;
            let winner = place.seats.get(&auction.winner).map(|seat| seat.pseudonym.as_str());
            let found = differences.remove(auction.id.as_str()).unwrap_or_default();
            outcomes.push(compare(auction, &lot, winner, found));
        }
        Ok(outcomes)
    }

    /// Everything that is tried, in one order of time.
    fn moments(&self) -> Vec<(DateTime<Utc>, Moment<'_>)> {
        let record = &self.record;
        let mut moments: Vec<_> = record.bids.iter().map(|bid| (bid.at, Moment::Bid(bid))).collect();
        moments.extend(record.auctions.iter().map(|auction| (auction.end + TimeDelta::seconds(1), Moment::Ended(auction))));
        moments.sort_by_key(|(at, _)| *at);
        moments
    }

    async fn bid(&self, bid: &Bid) -> Result<Option<String>, Failure> {
        let place = &self.places[&bid.auction];
        let reply = self.sent(place, &bid.bidder, bid.price).await?;
        if reply.status < 300 || bid.refusable.is_some_and(|code| code == reply.code()) {
            return Ok(None);
        }
        Ok(Some(format!("the bid of {} by {} at {} was refused: {}", bid.price, bid.bidder, bid.at, reply.body)))
    }

    /// A bid that would do, one second late, by somebody who was admitted.
    async fn late(&self, auction: &Auction) -> Result<Option<String>, Failure> {
        let place = &self.places[&auction.id];
        let (Some(price), Some(someone)) = (auction.late, place.seats.keys().next()) else { return Ok(None) };
        let reply = self.sent(place, someone, price).await?;
        if reply.code() == "closed" {
            return Ok(None);
        }
        Ok(Some(format!("a bid one second after the end was answered {} {}", reply.status, reply.code())))
    }

    async fn sent(&self, place: &Place, bidder: &str, price: Money) -> Result<Reply, Failure> {
        let party = &self.cast.parties[place.seats[bidder].party];
        Ok(party.client.post(&place.bids, json!({"price": price, "confirmed": true})).send().await?)
    }
}
