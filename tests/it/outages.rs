//! The market stands still close to the end of a lot.

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use entity::platform::{heartbeat, outage};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::Value;
use zhepai::auctions;
use zhepai::platform::{
    self,
    db::{self, Ending},
};
use zhepai::play::{instant, text};

use crate::authz::announced_by_rounds;
use crate::common::Market;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{bid, granted, is_whole, log, of_kind, seal};
use crate::on_both;

const START: Money = Money::fen(1_000_000);
const WINDOW: TimeDelta = TimeDelta::minutes(5);

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

async fn closes_at(market: &Market, lot: &str) -> DateTime<Utc> {
    instant(&lot_of(market, lot).await["closes_at"])
}

/// The market has written down by itself that it runs, so that it does not do so again, five seconds later, before a test goes on.
async fn has_just_beaten(market: &Market) {
    for _ in 0..60 {
        let last = platform::heartbeat::last(market.house().db.read()).await.unwrap();
        if last.is_some_and(|last| market.house().world.real_now() - last < TimeDelta::seconds(2)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the market does not say that it runs");
}

/// No server has written down that it runs for so many seconds, since the market's time was this.
pub async fn was_silent(market: &Market, seconds: i64, since: DateTime<Utc>) {
    has_just_beaten(market).await;
    let real_at = market.house().world.real_now() - TimeDelta::seconds(seconds);
    market
        .house()
        .db
        .transact(move |tx| async move {
            db::update(&*tx, heartbeat::Model { id: 1, real_at, market_at: since }).await?;
            Ok(Ending::Commit(()))
        })
        .await
        .unwrap();
}

/// A server writes down that it runs.
pub async fn beats(market: &Market) {
    auctions::flows::beat(market.house()).await.unwrap();
}

/// A lot with two minutes left and a bid, and when it ends.
async fn almost_over(market: &Market) -> (String, DateTime<Utc>) {
    let seller = university(market).await;
    let (one, two) = (enterprise(market, "firm-1", 1).await, enterprise(market, "firm-2", 2).await);
    let lot = open_lot(market, &seller, "ZL201610200331.9", START, &[&one, &two]).await.lot;
    market.staff.move_clock(closes_at(market, &lot).await - TimeDelta::minutes(2)).await.unwrap();
    granted(&bid(&one.client, &lot, "10000.00").await, 201);
    let end = closes_at(market, &lot).await;
    market.staff.move_clock(end - TimeDelta::minutes(2)).await.unwrap();
    (lot, end)
}

on_both! {
    /// Nobody could have bid: the lot is not closed at its time, says why, and closes once, later.
    async fn a_lot_whose_end_passed_in_an_outage_goes_on_after_it(market) {
        let (lot, end) = almost_over(&market).await;
        was_silent(&market, 40, end - TimeDelta::minutes(3)).await;
        market.staff.move_clock(end + TimeDelta::minutes(2)).await.unwrap();

        let seen = lot_of(&market, &lot).await;
        assert!(text(&seen["state"]).starts_with("open_"), "{seen}");
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        let [told] = of_kind(&events, "extended_for_outage")[..] else { panic!("{events:?}") };
        assert_eq!(instant(&told["body"]["began_at"]), end - TimeDelta::minutes(3));
        assert_eq!(instant(&told["body"]["closes_at"]), instant(&told["body"]["ended_at"]) + WINDOW);
        assert_eq!(told["body"]["closes_at"], seen["closes_at"]);

        market.staff.move_clock(instant(&seen["closes_at"]) + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!(lot_of(&market, &lot).await["state"], "closed_sold");
    }
}

on_both! {
    /// Whoever was cut off in the last minutes has five of them again.
    async fn an_outage_in_the_last_minutes_leaves_five(market) {
        let (lot, end) = almost_over(&market).await;
        was_silent(&market, 40, end - TimeDelta::minutes(4)).await;
        beats(&market).await;
        assert_eq!(closes_at(&market, &lot).await, end - TimeDelta::minutes(2) + WINDOW);
        beats(&market).await;
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "extended_for_outage").len(), 1, "an outage counts once");
    }
}

on_both! {
    /// A restart of some seconds is noted, and too short for a lot whose rules say thirty.
    async fn a_short_silence_changes_nothing(market) {
        let (lot, end) = almost_over(&market).await;
        was_silent(&market, 20, end - TimeDelta::seconds(140)).await;
        beats(&market).await;
        assert_eq!(closes_at(&market, &lot).await, end);
        assert_eq!(outage::Entity::find().count(market.house().db.read()).await.unwrap(), 1);
    }
}

on_both! {
    /// By rounds, whoever could not seal his first offer before the opening has five minutes for it.
    async fn an_outage_before_first_offers_are_opened_moves_the_opening(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = announced_by_rounds(&market, &seller, "一种分轮竞价的技术", &[&one, &two]).await.lot;
        granted(&seal(&one.client, &lot, "1000.00").await, 200);
        let opens_at = instant(&lot_of(&market, &lot).await["opens_at"]);
        market.staff.move_clock(opens_at - TimeDelta::seconds(20)).await.unwrap();
        was_silent(&market, 40, opens_at - TimeDelta::seconds(60)).await;
        market.staff.move_clock(opens_at + TimeDelta::minutes(2)).await.unwrap();

        let seen = lot_of(&market, &lot).await;
        assert_eq!(seen["state"], "scheduled");
        let events = log(&market.stranger, &lot).await;
        let [told] = of_kind(&events, "extended_for_outage")[..] else { panic!("{events:?}") };
        assert_eq!(instant(&told["body"]["opens_at"]), instant(&told["body"]["ended_at"]) + WINDOW);
        assert_eq!(told["body"]["opens_at"], seen["opens_at"]);
        granted(&seal(&two.client, &lot, "1100.00").await, 200);

        market.staff.move_clock(instant(&seen["opens_at"]) + TimeDelta::seconds(10)).await.unwrap();
        let opened = lot_of(&market, &lot).await;
        assert_eq!(opened["book"]["offers"].as_array().unwrap().len(), 2, "{opened}");
        is_whole(&lot, &log(&market.stranger, &lot).await);
    }
}
