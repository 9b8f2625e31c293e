//! Everybody bids for one lot as fast as he can, and no other lot waits for that.

mod leaving;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use serde_json::json;
use zhepai::client::Client;
use zhepai::platform::config::Config;
use zhepai::play::{Party, admit, instant};

use crate::common::fixtures::{enterprise, lot, rehearsal, university};
use crate::common::play::{Watch, bid, granted};
use crate::common::{Market, monday};
use crate::on_both;

/// How many clients bid without pause, and for how many bidders.
const CROWD: (usize, u32) = (48, 6);
/// Start price and step of the lots here, fen.
const START: i64 = 1_000_000;
const STEP: i64 = 10_000;
/// How long they have bid for the one lot when the other is due.
const BEFORE: TimeDelta = TimeDelta::seconds(2);
/// In which what arrived in time is still decided (`close_grace`), and how late a lot may close after that.
const GRACE: TimeDelta = TimeDelta::milliseconds(300);
const MOST_LATE: TimeDelta = TimeDelta::seconds(1);

/// A lot that ends a day after it opens and no later, whatever is bid, and those who may bid for it.
async fn hard_lot(market: &Market, seller: &Party, number: &str, opens: DateTime<Utc>, bidders: &[Party]) -> String {
    let mut offer = rehearsal(Money::fen(START), opens);
    offer["auction"]["closing_mode"] = "hard_close".into();
    let lot = lot(market, seller, number, offer).await.lot;
    for bidder in bidders {
        admit(bidder, &market.staff, &lot).await.unwrap();
    }
    lot
}

/// What the crowd shares.
struct Flood {
    lot: String,
    next_price: AtomicI64,
    is_over: AtomicBool,
}

/// Bids without pause until it is over; how many bids counted.
async fn bids_on(flood: Arc<Flood>, bidder: Client) -> usize {
    let (path, mut counted) = (format!("/v1/lots/{}/bids", flood.lot), 0);
    while !flood.is_over.load(Ordering::Acquire) {
        let price = Money::fen(flood.next_price.fetch_add(STEP, Ordering::AcqRel));
        let reply = bidder.post(&path, json!({"price": price, "confirmed": true})).send().await.unwrap();
        match (reply.status, reply.code()) {
            (201, _) => counted += 1,
            // Others were quicker, or there are too many of them at once.
            (422, "too_low" | "already_leading") | (503, "busy") => {}
            _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
        }
    }
    counted
}

on_both! {
    async fn a_lot_closes_in_time_while_everybody_bids_for_another(market) {
        let market = Market::set_up(market.base(), monday(), |config| Config { sandbox_factor: 1, ..config }).await;
        let seller = university(&market).await;
        let mut bidders = Vec::new();
        for number in 1..=CROWD.1 {
            bidders.push(enterprise(&market, &format!("firm-{number}"), number).await);
        }
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(30);
        let due_first = hard_lot(&market, &seller, "ZL201510958772.0", opens, &bidders[..1]).await;
        let opens = opens + TimeDelta::hours(1);
        let flooded = hard_lot(&market, &seller, "ZL201610200331.9", opens, &bidders).await;
        market.staff.move_clock(opens + TimeDelta::seconds(2)).await.unwrap();
        granted(&bid(&bidders[0].client, &due_first, "10000.00").await, 201);
        let due = instant(&market.stranger.get(&format!("/v1/lots/{due_first}")).await.unwrap()["closes_at"]);
        market.staff.move_clock(due - BEFORE).await.unwrap();

        let mut watch = Watch::newly(&market.server.url(), &due_first).await;
        let flood = Flood { lot: flooded, next_price: AtomicI64::new(START), is_over: AtomicBool::new(false) };
        let flood = Arc::new(flood);
        let clients = bidders.iter().map(|bidder| &bidder.client).cycle().take(CROWD.0);
        let crowd: Vec<_> = clients.map(|client| tokio::spawn(bids_on(flood.clone(), client.clone()))).collect();
        let sold = loop {
            let said = watch.next().await.expect("the feed ended early");
            if said.kind == "sold" {
                break said;
            }
        };
        let seen = market.house().world.now();
        flood.is_over.store(true, Ordering::Release);
        let mut counted = 0;
        for bidder in crowd {
            counted += bidder.await.unwrap();
        }

        eprintln!("{counted} bids counted for one lot while another was due, and it was seen closed {} after that", seen - due);
        assert!(counted > CROWD.0, "only {counted} bids counted: the lot was not flooded");
        assert!(instant(&sold.data["at"]) >= due + GRACE, "it closed before its grace was over");
        assert!(seen - due <= GRACE + MOST_LATE, "it was seen closed {} after it was due", seen - due);
    }
}
