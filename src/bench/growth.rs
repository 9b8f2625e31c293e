//! What a bid costs where much is stored and many lots are open.

use std::time::Duration;

use super::Failure;
use super::lots::{Admitted, Lot};
use super::market::{Market, Way};
use super::rounds::{Bench, Outcome, compare, ratios};

/// Connections.
const MANY: usize = 256;
/// How many lots are open at once.
const LOTS: usize = 10_000;
/// How many bids are stored in a young market, and how long its bidders bid at a time until they are.
const FEW_BIDS: (u64, Duration) = (1_000, Duration::from_millis(200));
/// How many in an old one.
const MANY_BIDS: (u64, Duration) = (1_000_000, Duration::from_secs(10));

impl Bench<'_> {
    async fn rate_on(&self, market: &Market, what: &str, lots: &[Lot], admitted: Admitted) -> Result<u64, Failure> {
        let tally = market.bids(Way::Usual, lots, admitted, MANY, self.lasts).await?;
        (self.tell)(&format!("    {what}: {}/s, {} refused, {} sent away", tally.rate(), tally.refused, tally.sent_away));
        Ok(tally.rate())
    }

    /// Bids over ten thousand open lots, against bids on one. The cost of a bid is the inverse of their rate.
    pub async fn many_lots(&self) -> Result<Outcome, Failure> {
        (self.tell)(&format!("    opening {LOTS} lots"));
        let many = self.market.lots(LOTS, Admitted::InTurn).await?;
        let one = async || {
            let lot = self.market.lot().await?;
            self.rate_on(self.market, "one lot", &[lot], Admitted::All).await
        };
        ratios(&compare(self.rounds, one, async || self.rate_on(self.market, "all lots", &many, Admitted::InTurn).await).await?)
    }

    /// Bids on a lot of a market that has stored a million, against one that has stored a thousand. All of them came as any bid comes.
    pub async fn many_bids(&self) -> Result<Outcome, Failure> {
        let old = [self.after(self.market, MANY_BIDS).await?];
        let young = async || {
            let market = Box::pin(Market::set_up(self.base, self.folder)).await?;
            let lot = [self.after(&market, FEW_BIDS).await?];
            let rate = self.rate_on(&market, "young market", &lot, Admitted::All).await;
            market.end().await?;
            rate
        };
        ratios(&compare(self.rounds, young, async || self.rate_on(self.market, "old market", &old, Admitted::All).await).await?)
    }

    /// A lot for which so many bids were made.
    async fn after(&self, market: &Market, (count, at_a_time): (u64, Duration)) -> Result<Lot, Failure> {
        let lot = market.lot().await?;
        let mut stored = 0;
        while stored < count {
            stored += market.bids(Way::Usual, std::slice::from_ref(&lot), Admitted::All, MANY, at_a_time).await?.acknowledged;
            (self.tell)(&format!("    {stored} bids stored"));
        }
        Ok(lot)
    }
}
