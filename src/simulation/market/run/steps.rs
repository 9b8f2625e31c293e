//! The steps of a run, each drawn.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::{Market, SERVERS};
use crate::auctions;
use crate::house::clockwork;
use crate::platform::problem::{Code, Problem};
use crate::simulation::market::Failure;
use crate::simulation::market::wishes;

/// How often each server writes down that the market runs.
const BEAT: TimeDelta = TimeDelta::seconds(5);
/// At most so many bid at the same time beside the first.
const CROWD: u64 = 6;
/// The longest a request waits at a server before it is judged, milliseconds: longer than the grace of a lot.
const LONGEST_WAIT: u64 = 400;

impl Market {
    /// Takes a step.
    pub(super) async fn step(&mut self) -> Result<(), Failure> {
        match self.dice.below(100) {
            0..40 => self.bid().await,
            40..55 if !self.requests.is_empty() => self.deliver(&[self.dice.index(self.requests.len())]).await,
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

    /// Somebody asks for a lot, or several do for theirs at the same time; what they send arrives at once, later, or twice, and now and then all of it
    /// once more.
    async fn bid(&mut self) -> Result<(), Failure> {
        let (_, house) = self.somebody().await?;
        let others = if self.dice.once_in(2) { 1 + self.dice.below(CROWD) } else { 0 };
        let mut sent = Vec::new();
        for before in 0..=u32::try_from(others)? {
            let index = self.dice.index(self.setting.lots.len());
            let lot = auctions::store::lot(house.db.read(), self.setting.lots[index]).await?.ok_or("a lot is gone")?;
            let which = self.requests.len();
            let request = wishes::drawn(&self.dice, self.setting.bidders.len(), index, &lot, self.now(), before);
            self.requests.push(request);
            match self.dice.below(6) {
                0 => self.under_way.push((self.now() + TimeDelta::milliseconds(self.dice.up_to(20_000)), which)),
                1 => sent.extend([which, which]),
                _ => sent.push(which),
            }
        }
        self.deliver(&sent).await?;
        if self.dice.once_in(6) { self.deliver(&sent).await } else { Ok(()) }
    }

    /// Requests arrive at one of the servers at the same time, and their answers, or none, at the bidders. Bids that queue at its
    /// floor are placed together, anything else is done by itself after them.
    pub(super) async fn deliver(&mut self, sent: &[usize]) -> Result<(), Failure> {
        let (number, house) = self.somebody().await?;
        let (mut queued, mut alone) = (Vec::new(), Vec::new());
        for &which in sent {
            let arrived = self.arrived();
            let request = &mut self.requests[which];
            let by = request.call(which, &self.setting.bidders[request.bidder], arrived);
            let call = (which, by, request.deed.clone(), self.setting.lots[request.lot]);
            if request.deed.is_queued() { queued.push(call) } else { alone.push(call) }
        }
        self.tempt(number);
        let placed = queued.into_iter().map(|(which, by, deed, lot)| {
            let house = &house;
            async move { (which, deed.done(house, &by, lot).await) }
        });
        let mut answers = Box::pin(join_all(placed)).await;
        for (which, by, deed, lot) in alone {
            answers.push((which, deed.done(&house, &by, lot).await));
        }
        let died = self.relieve(number).await;
        let unheard = !died && self.falls_silent(number).await;
        for (which, answer) in answers {
            // Who had committed, and died before it could say so.
            let answer = if unheard { Err(Code::Internal.into()) } else { answer };
            self.requests[which].hear(answer, died || unheard).map_err(|wrong| format!("request {which}: {wrong}"))?;
        }
        Ok(())
    }

    /// When a request had arrived that is judged now: some wait at the server, longer than others who came after them.
    fn arrived(&self) -> Instant {
        let now = self.place.world.instant();
        let waited = if !self.faults.is_empty() && self.dice.once_in(8) { self.dice.below(LONGEST_WAIT) } else { 0 };
        now.checked_sub(Duration::from_millis(waited)).unwrap_or(now)
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
    pub(super) async fn pass(&mut self, time: TimeDelta) -> Result<(), Failure> {
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
        let arrived: Vec<_> = self.under_way.extract_if(.., |(at, _)| *at <= now).map(|(_, which)| which).collect();
        self.deliver(&arrived).await
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
}

/// What a server does by itself may come to nothing where it died over it, or where an answer was lost: another does it again.
fn unless_lost(done: Result<(), Problem>, died: bool) -> Result<(), Failure> {
    match done {
        Err(problem) if !died && problem.code != Code::Busy => Err(format!("what runs by itself failed: {problem}").into()),
        _ => Ok(()),
    }
}
