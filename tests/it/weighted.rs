//! Lots where the price is one indicator among others.

use chrono::TimeDelta;
use entity::platform::timer;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::auctions::flows::CLOSE;
use zhepai::auctions::rules::sealed::receipt;
use zhepai::auctions::rules::verify::{Wrong, hold_sealed, verify};
use zhepai::client::{Client, Reply};
use zhepai::platform::db::{self, Ending};
use zhepai::play::{self, Party, instant, text};

use crate::authz::{offer, right};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{cny, course, first_deal, granted, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::next_bidder::answers;
use crate::on_both;
use crate::sealed::seal;

/// Judged by the price (60 %), a table (25 %) and five experts (15 %).
pub fn format() -> Value {
    let level = |name: &str, points: &str| json!({"name": name, "points": points});
    let table = json!({"kind": "table", "levels": [level("优", "100.00"), level("良", "80.00"), level("中", "50.00")]});
    json!({
        "kind": "weighted",
        "price_weight_bp": 6_000,
        "criteria": [
            {"name": "转化方案", "weight_bp": 2_500, "scored": table},
            {"name": "转化能力", "weight_bp": 1_500, "scored": {"kind": "experts", "count": 5}},
        ]
    })
}

/// A lot that is judged so, announced from 1000.00 on, with the bidders admitted. It
/// opens in a minute for an hour; should the winner default the next by total is asked.
pub async fn announced(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> String {
    let mut offer = offer(market, title).await;
    offer["auction"]["closing_mode"] = "hard_close".into();
    offer["auction"]["free_period_seconds"] = 3_600.into();
    offer["auction"]["format"] = format();
    offer["auction"]["next_bidder_rule"] = true.into();
    let (achievement, asset) = right(seller, title).await;
    let lot = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
    for bidder in bidders {
        play::admit(bidder, &market.staff, &lot).await.unwrap();
    }
    lot
}

/// Scores as they are recorded.
pub fn scores(level: &str, points: [&str; 5]) -> Value {
    json!([
        {"kind": "level", "criterion": "转化方案", "level": level},
        {"kind": "experts", "criterion": "转化能力", "points": points},
    ])
}

/// The admission of a bidder to a lot.
pub async fn admission(bidder: &Party, lot: &str) -> String {
    let own = bidder.client.get("/v1/admissions").await.unwrap();
    let found = own["items"].as_array().unwrap().iter().find(|one| one["lot_id"] == lot);
    text(&found.unwrap()["id"])
}

fn body(admission: &str, scores: &Value) -> Value {
    json!({"admission_id": admission, "scores": scores, "protocol": "评审记录 2026-017"})
}

/// Records scores; the answer, whatever it is.
pub async fn score(officer: &Client, lot: &str, admission: &str, scores: Value) -> Reply {
    officer.post(&format!("/v1/lots/{lot}/scores"), body(admission, &scores)).send().await.unwrap()
}

/// The same, by an officer who saw this version of the lot.
async fn score_seeing(officer: &Client, (lot, version): (&str, i64), admission: &str, scores: Value) -> Reply {
    officer.post(&format!("/v1/lots/{lot}/scores"), body(admission, &scores)).on_version(version).send().await.unwrap()
}

/// What the public is told of a lot, but for what is said anew each time.
async fn told(market: &Market, lot: &str) -> (Value, Vec<Value>) {
    let mut seen = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    seen["server_time"].take();
    (seen, log(&market.stranger, lot).await)
}

/// Every look that is armed for the end of a lot has been, and found nothing to do.
async fn its_end_was_looked_for(market: &Market, lot: &str) {
    let (lot, now) = (lot.parse::<uuid::Uuid>().unwrap(), market.staff.now().await.unwrap());
    let house = market.house();
    let armed = timer::Entity::find().filter(timer::Column::SubjectId.eq(lot)).filter(timer::Column::FiredAt.is_null());
    for row in armed.filter(timer::Column::Kind.eq(CLOSE)).all(house.db.read()).await.unwrap() {
        let fired = timer::Model { fired_at: Some(now), ..row };
        let done = house.db.transact(move |tx| {
            let fired = fired.clone();
            async move {
                db::update(&*tx, fired).await?;
                Ok(Ending::Commit(()))
            }
        });
        done.await.unwrap();
    }
}

/// A step of a lot's timeline as the public reads it.
async fn step(market: &Market, lot: &str, code: &str) -> Value {
    let timeline = market.stranger.get(&format!("/v1/lots/{lot}/timeline")).await.unwrap();
    timeline["steps"].as_array().unwrap().iter().find(|step| step["step"] == code).unwrap().clone()
}

on_both! {
    /// Scores come from officers who know no price; without them nothing is opened, and the highest price does not win.
    async fn the_highest_total_wins_once_everybody_is_scored(market) {
        let seller = university(&market).await;
        let (one, two, three) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await, enterprise(&market, "three", 3).await);
        let lot = announced(&market, &seller, "一种权重报价的技术", &[&one, &two, &three]).await;
        let (first, second, third) = (admission(&one, &lot).await, admission(&two, &lot).await, admission(&three, &lot).await);
        let (host, place) = (&market.staff.host, format!("/v1/lots/{lot}/scores"));
        let middling = || scores("中", ["60.00", "70.00", "70.00", "75.00", "99.00"]);
        let excellent = || scores("优", ["91.00", "88.00", "20.00", "92.00", "90.00"]);
        refused(&score(host, &lot, &first, middling()).await, 409, "wrong_state");

        market.pass(2).await;
        assert_eq!(host.get(&format!("/v1/lots/{lot}")).await.unwrap()["allowed_deeds"], json!(["pause_lot", "extend_lot", "record_scores"]));
        let mut receipts = Vec::new();
        for (bidder, price) in [(&one, "2000.00"), (&two, "1800.00")] {
            receipts.extend(receipt::read(&granted(&seal(&bidder.client, &lot, price).await, 201).to_string()));
        }
        let before = told(&market, &lot).await;
        assert_eq!(granted(&score(host, &lot, &first, middling()).await, 201)["revision"], 1);
        // Neither what was sealed nor what was scored has made another version of the lot; that it opened has.
        let version = before.0["version"].as_i64().unwrap();
        refused(&score_seeing(host, (lot.as_str(), version - 1), &second, middling()).await, 412, "stale");
        assert_eq!(granted(&score_seeing(host, (lot.as_str(), version), &second, middling()).await, 201)["revision"], 1);
        assert_eq!(told(&market, &lot).await, before, "what is given is nobody's business before the opening");
        refused(&score(&market.staff.reviewer, &lot, &third, middling()).await, 403, "same_person");
        refused(&seller.client.look(&place).await.unwrap(), 403, "forbidden");

        // An hour later nothing is opened, since the third bidder, who sealed nothing, is not scored.
        market.staff.move_clock(instant(&before.0["closes_at"]) + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!((&told(&market, &lot).await.0["state"], step(&market, &lot, "bidding_ends").await["state"].clone()), (&json!("open_free"), json!("done")));
        let waits = step(&market, &lot, "bidders_scored").await;
        assert!(waits["state"] == "next" && waits["notes"].as_array().unwrap().iter().any(|note| note["code"] == "waits_for_scores"), "{waits}");
        refused(&seal(&three.client, &lot, "5000.00").await, 409, "closed");
        let seen = market.staff.supervisor.get(&place).await.unwrap();
        assert_eq!((&seen["complete"], &seen["waits"]), (&json!(false), &json!(true)));
        let versions: Vec<_> = seen["items"].as_array().unwrap().iter().map(|one| one["versions"].as_array().unwrap().len()).collect();
        assert_eq!((versions.iter().sum::<usize>(), versions.len()), (2, 3), "all who are admitted, whoever has sealed a bid");

        let without = score(host, &lot, &second, excellent()).await;
        assert_eq!(refused(&without, 422, "invalid")["errors"][0]["pointer"], "/reason");
        let corrected = json!({"admission_id": second, "scores": excellent(), "protocol": "评审记录 2026-017", "reason": "录入错误"});
        assert_eq!(host.create(&place, corrected).await.unwrap()["revision"], 2);
        assert_eq!(told(&market, &lot).await.1, before.1);
        granted(&score(host, &lot, &third, scores("良", ["50.00"; 5])).await, 201);

        // 54 + 25 + 13.45 against 60 + 12.5 + 10.75.
        let (seen, events) = told(&market, &lot).await;
        let opened = of_kind(&events, "bids_opened")[0]["body"].clone();
        let totals: Vec<_> = opened["weighing"]["totals"].as_array().unwrap().iter().map(|one| text(&one["total"])).collect();
        assert_eq!(totals, ["92.4500", "83.2500"]);
        assert_eq!(opened["weighing"]["totals"][0]["scores"], excellent());
        assert_eq!((&seen["state"], &seen["price"], &seen["leader"]), (&json!("closed_sold"), &cny("1800.00"), &json!(receipts[1].statement.bidder)));
        let deal = first_deal(&two.client).await;
        assert_eq!((&deal["price"], step(&market, &lot, "bidders_scored").await["state"].clone()), (&cny("1800.00"), json!("done")));
        refused(&score(host, &lot, &third, middling()).await, 409, "wrong_state");

        // The winner does not sign: the next by total is asked at his own price, the higher one.
        market.staff.move_clock(instant(&deal["confirm_by"])).await.unwrap();
        let asked = one.client.get("/v1/admissions").await.unwrap()["items"][0].clone();
        assert_eq!((&asked["state"], &asked["next_bidder_offer"]["price"]), (&json!("admitted"), &cny("2000.00")));
        assert_eq!(granted(&answers(&one, &lot, true).await, 200)["state"], "won");
        assert_eq!(first_deal(&one.client).await["price"], cny("2000.00"));

        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &receipts, |_| {})), (Ok(()), Ok(())));
        let mut forged = course.clone();
        let event = forged.events.iter_mut().find(|event| event.body_text.contains("bids_opened")).unwrap();
        event.body_text = event.body_text.replace("\"88.00\"", "\"98.00\"");
        assert_eq!(verify(&forged, &[], |_| {}).unwrap_err().wrong, Wrong::EventChanged);
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// A server whose clock is ahead may have looked for the end before the last scores were there, and found them missing.
    async fn scores_that_race_the_close_close_the_lot_all_the_same(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await);
        let lot = announced(&market, &seller, "一种权重报价的技术", &[&one, &two]).await;
        market.pass(2).await;
        granted(&seal(&one.client, &lot, "2000.00").await, 201);
        for bidder in [&one, &two] {
            its_end_was_looked_for(&market, &lot).await;
            granted(&score(&market.staff.host, &lot, &admission(bidder, &lot).await, scores("中", ["60.00"; 5])).await, 201);
        }
        let closes_at = instant(&told(&market, &lot).await.0["closes_at"]);
        market.staff.move_clock(closes_at + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!(told(&market, &lot).await.0["state"], "closed_sold");
    }
}
