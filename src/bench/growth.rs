//! What a bid costs where much is stored and many lots are open.

use super::Failure;
use super::lots::{self, Admitted, Lot};
use super::market::Way;
use super::rounds::{Bench, Outcome, compare, ratios};

/// Connections.
const MANY: usize = 256;
/// How many lots are open at once.
const LOTS: usize = 10_000;
/// How many bids a short log has.
const FEW_BIDS: usize = 1_000;
/// How many a long one has.
const MANY_BIDS: usize = 1_000_000;

impl Bench<'_> {
    async fn rate_on(&self, what: &str, lots: &[Lot], admitted: Admitted) -> Result<u64, Failure> {
        let tally = self.market.bids(Way::Usual, lots, admitted, MANY, self.lasts).await?;
        (self.tell)(&format!("    {what}: {}/s, {} refused, {} sent away", tally.rate(), tally.refused, tally.sent_away));
        Ok(tally.rate())
    }

    /// Bids over ten thousand open lots, against bids on one. The cost of a bid is the inverse of their rate.
    pub async fn many_lots(&self) -> Result<Outcome, Failure> {
        (self.tell)(&format!("    opening {LOTS} lots"));
        let many = self.market.lots(LOTS, Admitted::InTurn).await?;
        let one = async || {
            let lot = self.market.lot().await?;
            self.rate_on("one lot", &[lot], Admitted::All).await
        };
        ratios(&compare(self.rounds, one, async || self.rate_on("all lots", &many, Admitted::InTurn).await).await?)
    }

    /// Bids on a lot with a million stored, against one with a thousand.
    pub async fn many_bids(&self) -> Result<Outcome, Failure> {
        let long = self.market.lot().await?;
        let told = |stored: usize| {
            if stored.is_multiple_of(MANY_BIDS / 10) {
                (self.tell)(&format!("    {stored} bids stored"));
            }
        };
        Box::pin(lots::fill(self.market.house(), &long, MANY_BIDS, told)).await?;
        let long = [long];
        let short = async || {
            let lot = self.market.lot().await?;
            Box::pin(lots::fill(self.market.house(), &lot, FEW_BIDS, |_| {})).await?;
            self.market.rest().await?;
            self.rate_on("short log", &[lot], Admitted::All).await
        };
        ratios(&compare(self.rounds, short, async || self.rate_on("long log", &long, Admitted::All).await).await?)
    }
}
