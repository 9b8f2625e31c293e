//! A run: steps drawn one after another, then calm until everything has ended, then the check.

use chrono::{DateTime, TimeDelta};
use entity::Timestamp;

use super::bidding::{Answer, Request};
use super::check::check;
use super::ground::{Ground, Place};
use super::servers::Server;
use super::setting::{Setting, set};
use super::{Dice, Failure};
use crate::auctions;
use crate::auctions::flows::place_bid;
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::clock::has_ended;
use crate::auctions::views::NewBid;
use crate::house::{House, clockwork};
use crate::platform::access::Permit;
use crate::platform::db::faults::Fault;
use crate::platform::problem::{Code, Problem};
use crate::platform::world::World;

/// When runs begin: Monday, 2 March 2026, nine o'clock in Shanghai.
const BEGINNING: i64 = 1_772_413_200;
/// How many servers there are.
const SERVERS: usize = 3;
/// How often each server writes down that the market runs.
const BEAT: TimeDelta = TimeDelta::seconds(5);
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
    pub faults: &'static [Fault],
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
    /// How many bids were acknowledged.
    pub bids: usize,
    /// How many requests were made.
    pub requests: usize,
    /// How often a server died.
    pub crashes: u32,
    /// How much time passed in it.
    pub simulated: TimeDelta,
    /// SHA-256 over the logs of all lots, hexadecimal.
    pub digest: String,
}

/// Runs a market, or says which promise was broken.
pub async fn run(ground: &Ground, options: Options) -> Result<Report, Failure> {
    let mut market = Market::open(ground, options).await?;
    let played = market.play(options.steps).await;
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
            bids: found.bids,
            requests: self.requests.len(),
            crashes: self.crashes,
            simulated: self.now() - self.begun,
            digest: found.digest,
        })
    }

    fn now(&self) -> Timestamp {
        self.place.world.now()
    }

    async fn step(&mut self) -> Result<(), Failure> {
        match self.dice.below(100) {
            0..40 => self.bid().await,
            40..55 if !self.requests.is_empty() => self.deliver(self.dice.index(self.requests.len())).await,
            40..75 => self.tick().await,
            75..97 => self.pass(TimeDelta::milliseconds(self.dice.up_to(8_000))).await,
            97..99 => {
                let number = self.dice.index(SERVERS);
                self.servers[number].down().await;
                Ok(())
            }
            _ => self.black_out().await,
        }
    }

    /// Somebody bids: at once, later, or twice.
    async fn bid(&mut self) -> Result<(), Failure> {
        let index = self.dice.index(self.setting.lots.len());
        let (_, house) = self.somebody().await?;
        let lot = auctions::store::lot(house.db.read(), self.setting.lots[index]).await?.ok_or("a lot is gone")?;
        self.requests.push(Request::drawn(&self.dice, self.setting.bidders.len(), index, &lot));
        let which = self.requests.len() - 1;
        if self.dice.once_in(6) {
            let arrives = self.now() + TimeDelta::milliseconds(self.dice.up_to(20_000));
            self.under_way.push((arrives, which));
            return Ok(());
        }
        self.deliver(which).await?;
        if self.dice.once_in(6) { self.deliver(which).await } else { Ok(()) }
    }

    /// A request arrives at one of the servers, and its answer, or none, at the bidder.
    async fn deliver(&mut self, which: usize) -> Result<(), Failure> {
        let (number, house) = self.somebody().await?;
        let request = &mut self.requests[which];
        let context = request.call(which, &self.setting.bidders[request.bidder]);
        let (lot, new) = (self.setting.lots[request.lot], NewBid { price: request.price, confirmed: true });
        let permit = Permit::<PlaceBid>::grant(&context.caller)?;
        let waited = if self.dice.once_in(8) { TimeDelta::milliseconds(self.dice.up_to(250)) } else { TimeDelta::zero() };
        self.place.world.delay(waited);
        self.tempt(number);
        let answer = Box::pin(place_bid(&house, &context, permit, lot, new)).await;
        self.place.world.delay(TimeDelta::zero());
        let died = self.relieve(number).await;
        self.requests[which].hear(answer, died).map_err(|wrong| format!("request {which}: {wrong}").into())
    }

    /// One server does what its clockwork would do next: it tells what happened, or fires a timer.
    async fn tick(&mut self) -> Result<(), Failure> {
        let (number, house) = self.somebody().await?;
        self.tempt(number);
        let done = if self.dice.once_in(3) {
            clockwork::settle(&house).await
        } else {
            Box::pin(clockwork::fire_one(&house, None)).await.map(|_| ())
        };
        let died = self.relieve(number).await;
        unless_lost(done, died)
    }

    /// Time passes; meanwhile servers write down that the market runs, and what was under way arrives.
    async fn pass(&mut self, time: TimeDelta) -> Result<(), Failure> {
        self.place.world.pass(time);
        let now = self.now();
        if now - self.last_beat >= BEAT {
            let (number, house) = self.somebody().await?;
            self.tempt(number);
            let done = auctions::flows::beat(&house).await;
            let died = self.relieve(number).await;
            unless_lost(done, died)?;
            self.last_beat = now;
        }
        let arrived: Vec<_> = self.under_way.extract_if(.., |(at, _)| *at <= now).collect();
        for (_, which) in arrived {
            self.deliver(which).await?;
        }
        Ok(())
    }

    /// All servers are down for a while.
    async fn black_out(&mut self) -> Result<(), Failure> {
        for server in &mut self.servers {
            server.down().await;
        }
        self.place.world.pass(TimeDelta::seconds(10 + self.dice.up_to(60)));
        self.somebody().await?;
        self.last_beat = self.now();
        Ok(())
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
                self.deliver(which).await?;
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
}

/// What a server does by itself may come to nothing where it died over it, or where an answer was lost: another does it again.
fn unless_lost(done: Result<(), Problem>, died: bool) -> Result<(), Failure> {
    match done {
        Err(problem) if !died && problem.code != Code::Busy => Err(format!("what runs by itself failed: {problem}").into()),
        _ => Ok(()),
    }
}
