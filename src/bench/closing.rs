//! How soon many lots are closed that end in one second.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, award, lot};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::Failure;
use super::figures::Figure;
use super::lots::{self, Admitted, Ends, Lot};
use super::rounds::{Bench, Outcome};
use crate::auctions::rules::clock::decided_at;
use crate::auctions::store;

/// How many lots end in one second.
const LOTS: usize = 300;
/// For how many seconds they are open at first: twice as many where they could not be opened and bid for in so few.
const OPEN: i64 = 8;
/// How long it may take to bid for all of them.
const BIDDING: TimeDelta = TimeDelta::seconds(2);
/// How often it is looked whether one is open still: nothing is known more exactly.
const LOOK: Duration = Duration::from_millis(5);
/// How long is waited for the last of them.
const PATIENCE: Duration = Duration::from_mins(2);

impl Bench<'_> {
    /// From when the last of them is to be decided to when anybody can see that all are: awards, deals and all. As late as it is seen,
    /// not as the log says, which tells when a closing began.
    pub async fn close_storm(&self) -> Result<Outcome, Failure> {
        let (mut figures, mut broken) = (Vec::new(), None);
        let mut open = OPEN;
        while figures.len() < usize::try_from(self.rounds)? {
            let Some((late, awards)) = self.storm(open).await? else {
                open *= 2;
                continue;
            };
            (self.tell)(&format!("    {LOTS} lots: the last was closed {} ms after it was due, {awards} awards", late.as_millis()));
            figures.extend(Figure::ratio(u64::try_from(late.as_micros())?, 1_000));
            if awards != u64::try_from(LOTS)? {
                broken = Some(format!("{awards} awards of {LOTS} lots, each of which has one bid"));
            }
            self.market.rest().await?;
        }
        Ok(Outcome { figures, broken })
    }

    /// How late the last is closed, and how many awards there are; nothing where they ended before all were bid for.
    async fn storm(&self, open: i64) -> Result<Option<(Duration, u64)>, Failure> {
        let house = self.market.house();
        let lots = self.market.lots_that_end(LOTS, Admitted::InTurn, Ends::After(open)).await?;
        let (first, last) = self.ends(&lots).await?;
        // They open one after the other within a second.
        let opened = first - TimeDelta::seconds(open - 1);
        tokio::time::sleep((opened - house.world.now()).to_std().unwrap_or_default()).await;
        self.market.rest().await?;
        let is_in_time = house.world.now() + BIDDING < first;
        if is_in_time {
            Box::pin(lots::bid_on_each(house, &lots)).await?;
        }
        tokio::time::sleep((last - house.world.now()).to_std().unwrap_or_default()).await;
        let late = self.all_closed(last).await?;
        let awards = award::Entity::find().filter(award::Column::LotId.is_in(lots.iter().map(|lot| lot.id)));
        let awards = awards.count(house.db.read()).await?;
        Ok(is_in_time.then_some((late, awards)))
    }

    /// When the first of some lots is to be decided, and when the last.
    async fn ends(&self, lots: &[Lot]) -> Result<(Timestamp, Timestamp), Failure> {
        let ids: Vec<_> = lots.iter().map(|lot| lot.id).collect();
        let rows = store::lots(self.market.house().db.read(), &ids).await?;
        let ends = || rows.iter().map(|lot| decided_at(&lot.terms, lot.closes_at));
        ends().min().zip(ends().max()).ok_or_else(|| "no lot was opened".into())
    }

    /// Waits until no lot of the market is open any more; how long after an instant that was seen.
    async fn all_closed(&self, since: Timestamp) -> Result<Duration, Failure> {
        let (house, begun) = (self.market.house(), Instant::now());
        while lot::Entity::find().filter(lot::Column::State.eq(LotState::OpenFree)).count(house.db.read()).await? > 0 {
            if begun.elapsed() > PATIENCE {
                return Err("lots stay open that are over".into());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok((house.world.now() - since).to_std()?)
    }
}
