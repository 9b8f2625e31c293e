//! A run: steps drawn one after another, then calm until everything has ended, then the check.

mod steps;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use entity::Timestamp;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::bidding::{Answer, Request};
use super::check::check;
use super::ground::{Ground, Place};
use super::servers::Server;
use super::setting::{Setting, set};
use super::{Dice, Failure};
use crate::auctions;
use crate::auctions::rules::clock::has_ended;
use crate::house::{House, clockwork};
use crate::platform::db::faults::Fault;
use crate::platform::world::World;

/// When runs begin: Monday, 2 March 2026, nine o'clock in Shanghai.
const BEGINNING: i64 = 1_772_413_200;
/// How many servers there are.
const SERVERS: usize = 3;
/// Each stretch of the calm at the end.
const CALM: TimeDelta = TimeDelta::seconds(2);
/// After how many of them a lot that has not ended never will.
const PATIENCE: u32 = 1_000;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What everything follows from.
    pub seed: u64,
    /// How many steps are taken before the calm.
    pub steps: u32,
    /// What may go wrong at a commit.
    pub(super) faults: &'static [Fault],
}

impl Options {
    /// So many steps under everything that may go wrong.
    pub const fn new(seed: u64, steps: u32) -> Self {
        Self { seed, steps, faults: Fault::HONEST }
    }
}

/// What a run came to, every promise kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many lots there were.
    pub lots: usize,
    /// How many of them were sold.
    pub sold: usize,
    /// The formats of lots in which something was acknowledged.
    pub formats: BTreeSet<&'static str>,
    /// How many bids were acknowledged.
    pub bids: usize,
    /// How many of them were stored together with others.
    pub together: usize,
    /// How many requests were made.
    pub requests: usize,
    /// How often a server died.
    pub crashes: u32,
    /// How much time passed in it.
    pub simulated: TimeDelta,
    /// SHA-256 over the logs of all lots and what every bidder was told, hexadecimal.
    pub digest: String,
}

/// Runs a market, or says which promise was broken. On a runtime of one thread: what is begun at once goes on in the order in
/// which it was begun, every time.
pub async fn run(ground: &Ground, options: Options) -> Result<Report, Failure> {
    if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
        return Err("a market is simulated on one thread".into());
    }
    let mut market = Box::pin(Market::open(ground, options)).await?;
    let played = Box::pin(market.play(options.steps)).await;
    for server in &mut market.servers {
        server.down().await;
    }
    played
}

struct Market {
    place: Place,
    dice: Dice,
    servers: Vec<Server>,
    setting: Setting,
    requests: Vec<Request>,
    /// Requests under way and when they arrive.
    under_way: Vec<(Timestamp, usize)>,
    last_beat: Timestamp,
    faults: &'static [Fault],
    crashes: u32,
    begun: Timestamp,
}

impl Market {
    async fn open(ground: &Ground, options: Options) -> Result<Self, Failure> {
        let begun = DateTime::from_timestamp(BEGINNING, 0).ok_or("the beginning is no time")?;
        let place = Place::new(ground, options.seed, begun)?;
        // Drawn from a seed of its own: see `Dice`.
        let dice = Dice(World::simulated(!options.seed, begun));
        let mut servers: Vec<_> = (0..SERVERS).map(|_| Server::default()).collect();
        let first = servers.first_mut().ok_or("there is no server")?;
        let setting = set(&first.up(&place).await?, &dice).await?;
        let (requests, under_way) = (Vec::new(), Vec::new());
        Ok(Self { place, dice, servers, setting, requests, under_way, last_beat: begun, faults: options.faults, crashes: 0, begun })
    }

    async fn play(&mut self, steps: u32) -> Result<Report, Failure> {
        for step in 1..=steps {
            self.step().await.map_err(|wrong| format!("step {step}: {wrong}"))?;
        }
        let calm = self.now();
        let house = self.calm_down().await?;
        let found = check(&house, &self.setting, &self.requests, calm).await?;
        Ok(Report {
            lots: self.setting.lots.len(),
            sold: found.sold,
            formats: found.formats,
            bids: found.bids,
            together: found.together,
            requests: self.requests.len(),
            crashes: self.crashes,
            simulated: self.now() - self.begun,
            digest: found.digest,
        })
    }

    fn now(&self) -> Timestamp {
        self.place.world.now()
    }

    /// Nothing goes wrong any more, until every lot has ended and every bidder knows of his bids. One of the servers.
    async fn calm_down(&mut self) -> Result<House, Failure> {
        self.faults = &[];
        let mut rounds = 0;
        loop {
            let (_, house) = self.somebody().await?;
            clockwork::settle(&house).await?;
            while Box::pin(clockwork::fire_one(&house, None)).await? {
                clockwork::settle(&house).await?;
            }
            let lots = auctions::store::lots(house.db.read(), &self.setting.lots).await?;
            if self.under_way.is_empty() && lots.iter().all(has_ended) {
                break;
            }
            if rounds == PATIENCE {
                return Err("a lot does not end".into());
            }
            rounds += 1;
            self.pass(CALM).await?;
        }
        for which in 0..self.requests.len() {
            if matches!(self.requests[which].answer, Answer::Unknown) {
                self.deliver(&[which]).await?;
            }
        }
        Ok(self.somebody().await?.1)
    }

    /// One of the servers; one that is down is started.
    async fn somebody(&mut self) -> Result<(usize, House), Failure> {
        let number = self.dice.index(SERVERS);
        Ok((number, self.servers[number].up(&self.place).await?))
    }

    /// Now and then something will go wrong at a server.
    fn tempt(&self, number: usize) {
        if !self.faults.is_empty() && self.dice.once_in(8) {
            let well = u32::from(self.dice.once_in(3));
            self.servers[number].strike(well, self.faults[self.dice.index(self.faults.len())]);
        }
    }

    /// Whether a server died of what it did last.
    async fn relieve(&mut self, number: usize) -> bool {
        let died = self.servers[number].relieve().await;
        self.crashes += u32::from(died);
        died
    }

    /// Now and then a server dies when it has committed and before it has answered; whether it did.
    async fn falls_silent(&mut self, number: usize) -> bool {
        let dies = !self.faults.is_empty() && self.dice.once_in(16);
        if dies {
            self.servers[number].down().await;
            self.crashes += 1;
        }
        dies
    }
}
