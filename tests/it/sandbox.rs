//! Sandbox time: kept in the database, moved on command, never back; what falls due on the way is done.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::auctions::{LotState, lot_event};
use entity::ids::LotId;
use entity::money::Money;
use entity::platform::{event, timer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::platform::config::Config;
use zhepai::play::{instant, text};

use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, lot, open_lot, rehearsal, university};
use crate::common::play::{at, bid, granted, log, of_kind, person, refused, start, through, within_a_second};
use crate::common::{Base, Market, config, monday};
use crate::on_both;

const GRACE: TimeDelta = TimeDelta::milliseconds(300);

async fn set(caller: &Client, setting: Value) -> Reply {
    caller.post("/v1/sandbox/clock", setting).send().await.unwrap()
}

async fn clock(reader: &Client) -> DateTime<Utc> {
    instant(&reader.get("/v1/sandbox/clock").await.unwrap()["now"])
}

on_both! {
    async fn time_stands_still_or_runs_at_a_factor(market) {
        let staff = &market.staff;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(clock(&market.stranger).await, monday());

        let begun = std::time::Instant::now();
        staff.run_clock(3_600).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        staff.stop_clock().await.unwrap();
        let (passed, real) = (clock(&market.stranger).await - monday(), TimeDelta::from_std(begun.elapsed()).unwrap());
        assert!(passed >= TimeDelta::minutes(12) && passed <= real * 3_600, "{passed} in {real}");

        let standing = clock(&market.stranger).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(clock(&market.stranger).await, standing);
    }
}

on_both! {
    async fn the_time_says_by_how_much_it_may_be_off(market) {
        let told = market.stranger.get("/v1/time").await.unwrap();
        let off = told["uncertainty_ms"].as_i64().unwrap();
        assert!((1..60_000).contains(&off), "{told}");
    }
}

on_both! {
    async fn time_never_goes_back(market) {
        let security = &market.staff.security;
        let back = set(security, json!({"to": monday() - TimeDelta::microseconds(1)})).await;
        assert_eq!(instant(&refused(&back, 422, "clock_backwards")["now"]), monday());
        granted(&set(security, json!({"to": monday()})).await, 200);
        assert_eq!(clock(&market.stranger).await, monday());
    }
}

on_both! {
    async fn only_the_security_administrator_moves_time_and_says_one_thing(market) {
        let later = json!({"to": monday() + TimeDelta::days(1)});
        refused(&set(&market.stranger, later.clone()).await, 401, "not_signed_in");
        refused(&set(&market.staff.reviewer, later.clone()).await, 403, "forbidden");
        let security = &market.staff.security;
        for odd in [json!({}), json!({"to": monday(), "factor": 1}), json!({"factor": -1}), json!({"factor": 100_001}), json!({"by": 1})] {
            refused(&set(security, odd).await, 422, "invalid");
        }
        assert_eq!(clock(&market.stranger).await, monday());
    }
}

/// When an event of a kind happened in a lot.
async fn happened(market: &Market, lot: &str, kind: &str) -> DateTime<Utc> {
    let events = log(&market.stranger, lot).await;
    instant(&of_kind(&events, kind).first().unwrap_or_else(|| panic!("no {kind} in {events:?}"))["at"])
}

on_both! {
    /// One move over the ends of two lots: each opens, is extended and closes at its own time.
    async fn a_move_does_everything_due_each_at_its_own_time(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let soft = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&buyer]).await;
        let opens = clock(&market.stranger).await + TimeDelta::hours(3);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["auction"]["closing_mode"] = "hard_close".into();
        let hard = lot(&market, &seller, "ZL201510958772.0", offer).await;
        zhepai::play::admit(&buyer, &market.staff, &hard.lot).await.unwrap();

        let end = instant(&market.stranger.get(&format!("/v1/lots/{}", soft.lot)).await.unwrap()["closes_at"]);
        market.staff.move_clock(end - TimeDelta::minutes(1)).await.unwrap();
        let extended = end + TimeDelta::minutes(4);
        assert_eq!(instant(&granted(&bid(&buyer.client, &soft.lot, "10000.00").await, 201)["closes_at"]), extended);

        let from = clock(&market.stranger).await;
        let to = from + TimeDelta::days(3);
        market.staff.move_clock(to).await.unwrap();
        // What they caused is done when the move is answered.
        assert_eq!(market.stranger.get(&format!("/v1/listings/{}", soft.listing)).await.unwrap()["state"], "sold");
        assert_eq!(market.stranger.get(&format!("/v1/listings/{}", hard.listing)).await.unwrap()["state"], "failed");
        assert_eq!(happened(&market, &soft.lot, "sold").await, extended + GRACE);
        assert_eq!(happened(&market, &hard.lot, "opened").await, opens);
        assert_eq!(happened(&market, &hard.lot, "unsold").await, opens + TimeDelta::days(1) + GRACE);
        every_timer_fired_when_it_was_due(&market, from, to).await;
        events_were_told_in_the_order_of_time(&market, from).await;
    }
}

async fn every_timer_fired_when_it_was_due(market: &Market, from: DateTime<Utc>, to: DateTime<Utc>) {
    let due = timer::Entity::find().filter(timer::Column::DueAt.gt(from)).filter(timer::Column::DueAt.lte(to));
    let fired = due.order_by_asc(timer::Column::DueAt).all(market.house().db.read()).await.unwrap();
    assert!(fired.len() >= 3, "{fired:?}");
    for timer in fired {
        assert_eq!((timer.fired_at, timer.attempts), (Some(timer.due_at), 1), "{timer:?}");
    }
}

async fn events_were_told_in_the_order_of_time(market: &Market, from: DateTime<Utc>) {
    let told = event::Entity::find().filter(event::Column::OccurredAt.gt(from)).order_by_asc(event::Column::Position);
    let told = told.all(market.house().db.read()).await.unwrap();
    let times: Vec<_> = told.iter().map(|event| event.occurred_at).collect();
    assert!(times.len() >= 3 && times.is_sorted(), "{told:?}");
}

on_both! {
    /// The lot closes at the end of its grace, not before, and by itself.
    async fn nothing_closes_before_its_grace_is_over(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let id = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&buyer]).await.lot;
        let path = format!("/v1/lots/{id}");
        let end = instant(&market.stranger.get(&path).await.unwrap()["closes_at"]);
        market.staff.move_clock(end + GRACE - TimeDelta::microseconds(1)).await.unwrap();
        assert_eq!(text(&market.stranger.get(&path).await.unwrap()["state"]), LotState::OpenFree.code());
        market.staff.move_clock(end + GRACE).await.unwrap();
        assert_eq!(text(&market.stranger.get(&path).await.unwrap()["state"]), LotState::ClosedUnsold.code());
        let stored = lot_event::Entity::find().filter(lot_event::Column::LotId.eq(id.parse::<LotId>().unwrap()));
        assert_eq!(stored.all(market.house().db.read()).await.unwrap().len(), 4, "scheduled, registration closed, opened, unsold");
    }
}

on_both! {
    async fn time_survives_a_restart(market) {
        let later = monday() + TimeDelta::days(3) + TimeDelta::microseconds(7);
        market.staff.move_clock(later).await.unwrap();
        let config = market.config.clone();
        market.server.stop().await;
        let server = start(&config).await.unwrap();
        assert_eq!(clock(&Client::new(&server.url()).unwrap()).await, later);
        server.stop().await;
    }
}

on_both! {
    async fn a_server_without_sandbox_refuses_a_sandbox_database(market) {
        let real = Config { sandbox: false, sandbox_start: None, ..market.config.clone() };
        market.server.stop().await;
        let why = start(&real).await.err().expect("a real server runs on sandbox time");
        assert!(why.contains("this is a sandbox database"), "{why}");
    }
}

on_both! {
    async fn a_sandbox_server_refuses_a_database_in_real_use(market) {
        let base = if market.house().db.is_sqlite() { Base::Sqlite } else { Base::Postgres };
        let folder = tempfile::tempdir().unwrap();
        let sandbox = config(base, folder.path(), monday()).await;
        let server = start(&Config { sandbox: false, sandbox_start: None, ..sandbox.clone() }).await.unwrap();
        let stranger = Client::new(&server.url()).unwrap();
        person(&stranger, "somebody@play.example").await;
        refused(&stranger.look("/v1/sandbox/clock").await.unwrap(), 409, "sandbox_only");
        server.stop().await;
        let why = start(&sandbox).await.err().expect("a sandbox server runs on real deeds");
        assert!(why.contains("is no sandbox"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_have_one_time() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let (here, there) = (at("2026-03-05T06:07:08.000009Z"), at("2026-04-05T06:07:08Z"));
    market.staff.move_clock(here).await.unwrap();
    assert_eq!(clock(&door).await, here);
    assert!(within_a_second(async || instant(&door.get("/v1/time").await.unwrap()["now"]) == here).await);
    // Either server may move it on.
    granted(&set(&through(&door, &market.staff.security), json!({"to": there})).await, 200);
    assert_eq!(clock(&market.stranger).await, there);
    assert!(within_a_second(async || instant(&market.stranger.get("/v1/time").await.unwrap()["now"]) == there).await);
    refused(&set(&market.staff.security, json!({"to": here})).await, 422, "clock_backwards");
    second.stop().await;
}
