//! How fast bids are taken, against other ways to take them in the same server.

use std::cell::Cell;
use std::net::SocketAddr;

use super::Failure;
use super::call::Call;
use super::lots::Admitted;
use super::market::Way;
use super::rounds::{Bench, Outcome, compare, ratios};

/// Connections to one hot lot.
const MANY: usize = 256;
/// Connections where the slowest bids count, and of whoever bids in transactions of his own on many lots.
const SOME: usize = 64;
/// The longest that a bid may take where several servers serve one lot, microseconds.
const LONGEST: u64 = 1_000_000;

/// What a run is of.
#[derive(Clone, Copy)]
struct Run {
    way: Way,
    lots: usize,
    clients: usize,
}

impl Bench<'_> {
    /// A run on lots of its own; its figure.
    async fn run_of(&self, run: Run, figure: Kind) -> Result<u64, Failure> {
        let lots = self.market.lots(run.lots, Admitted::All).await?;
        let mut tally = self.market.bids(run.way, &lots, Admitted::All, run.clients, self.lasts).await?;
        let (rate, p50, p99, last_try) = (tally.rate(), tally.within(500)?, tally.within(990)?, tally.last_try_within(990)?);
        (self.tell)(&format!(
            "    {:?}: {} lots, {} connections: {rate}/s, p50 {p50} µs, p99 {p99} µs ({last_try} µs without refused tries), {} refused, {} sent away",
            run.way, run.lots, run.clients, tally.refused, tally.sent_away
        ));
        Ok(match figure {
            Kind::Rate => rate,
            Kind::Median => tally.last_try_within(500)?,
            Kind::Slowest => p99,
        })
    }

    async fn against(&self, one: Run, other: Run, figure: Kind) -> Result<Outcome, Failure> {
        let pairs = compare(self.rounds, async || self.run_of(one, figure).await, async || self.run_of(other, figure).await).await?;
        ratios(&pairs)
    }

    /// One hot lot, against one transaction for each bid.
    pub async fn hot_against_alone(&self) -> Result<Outcome, Failure> {
        let run = |way| Run { way, lots: 1, clients: MANY };
        self.against(run(Way::Usual), run(Way::Alone), Kind::Rate).await
    }

    /// One hot lot, against a handler that does nothing.
    pub async fn hot_against_nothing(&self) -> Result<Outcome, Failure> {
        let run = |way| Run { way, lots: 1, clients: MANY };
        self.against(run(Way::Usual), run(Way::Nothing), Kind::Rate).await
    }

    /// The slowest hundredth.
    pub async fn slowest_against_alone(&self) -> Result<Outcome, Failure> {
        let run = |way| Run { way, lots: 1, clients: SOME };
        self.against(run(Way::Usual), run(Way::Alone), Kind::Slowest).await
    }

    /// A hundred lots.
    pub async fn hundred_lots_against_alone(&self) -> Result<Outcome, Failure> {
        let one = Run { way: Way::Usual, lots: 100, clients: MANY };
        self.against(one, Run { way: Way::Alone, lots: 100, clients: SOME }, Kind::Rate).await
    }

    /// Two servers on one lot, against one.
    pub async fn two_servers(&self) -> Result<Outcome, Failure> {
        let second = self.market.second().await?;
        let both = [self.market.server.address, second.address];
        let (longest, is_warm) = (Cell::new(0_u64), Cell::new(false));
        let at = async |servers: &[SocketAddr]| -> Result<u64, Failure> {
            let lots = self.market.lots(1, Admitted::All).await?;
            let tally = self.market.bids_at(servers, Way::Usual, &lots, Admitted::All, MANY, self.lasts).await?;
            (self.tell)(&format!("    {} servers: {}/s, longest {} µs", servers.len(), tally.rate(), tally.longest));
            // The first run of two servers warms up, and does not count.
            if servers.len() > 1 && is_warm.replace(true) {
                longest.set(longest.get().max(tally.longest));
            }
            Ok(tally.rate())
        };
        let pairs = compare(self.rounds, async || at(both.as_slice()).await, async || at(&both[..1]).await).await;
        second.stop().await;
        let outcome = ratios(&pairs?)?;
        let broken = (longest.get() > LONGEST).then(|| format!("a bid took {} µs at two servers", longest.get()));
        Ok(Outcome { broken, ..outcome })
    }

    /// One bidder alone, against one call of the database that does the same.
    pub async fn alone_against_call(&self, address: &str) -> Result<Outcome, Failure> {
        let call = Call::open(address).await?;
        let run = Run { way: Way::Usual, lots: 1, clients: 1 };
        let pairs = compare(
            self.rounds,
            async || self.run_of(run, Kind::Median).await,
            async || {
                let lot = self.market.lot().await?;
                let bidder = self.market.people.first().ok_or("there are no bidders")?;
                let median = call.median(bidder, &lot, self.lasts).await?;
                (self.tell)(&format!("    one SQL call: p50 {median} µs"));
                Ok(median)
            },
        );
        let pairs = pairs.await;
        call.close().await?;
        ratios(&pairs?)
    }
}

/// Which figure of a run counts.
#[derive(Clone, Copy)]
enum Kind {
    Rate,
    Median,
    Slowest,
}
