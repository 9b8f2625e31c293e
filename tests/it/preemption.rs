//! Rights of pre-emption, from the listing to the published course.

use chrono::TimeDelta;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::auctions::rules::verify::{hold_sealed, verify};
use zhepai::client::Reply;
use zhepai::play::{Party, Published, admit, instant, register, text};

use crate::common::Market;
use crate::common::database::at_rest;
use crate::common::fixtures::{achievement, enterprise, lot, patent_numbered, rehearsal, university};
use crate::common::play::{bid, cny, course, first_deal, granted, is_by_the_rules, is_whole, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;
use crate::sealed::{runs_out, seal, sealed, told_to_all};

const START: Money = Money::fen(1_000_000);
/// The number of the right that is sold.
pub const NUMBER: &str = "ZL201610200331.9";

/// An offer that opens in a minute and names these holders with their ranks.
async fn offer(market: &Market, variant: &str, holders: &[(&str, i64)]) -> Value {
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let mut offer = rehearsal(START, opens);
    let named: Vec<_> =
        holders.iter().map(|(organisation, rank)| json!({"organisation_id": organisation, "basis": "合作开发者", "rank": rank})).collect();
    offer["auction"]["preemption"] = json!({"variant": variant, "holders": named});
    offer["declarations"]["encumbrances"] = json!([{"kind": "preemption", "description": "合作开发者享有优先受让权"}]);
    offer
}

/// A lot open for bids with everybody admitted, the first of them a holder of the first rank and the second of the second.
async fn opened(market: &Market, seller: &Party, number: &str, variant: &str, bidders: &[&Party]) -> Published {
    opened_to(market, seller, number, variant, &[1, 2], bidders).await
}

/// The same where the first of the bidders are holders of these ranks.
async fn opened_to(market: &Market, seller: &Party, number: &str, variant: &str, ranks: &[i64], bidders: &[&Party]) -> Published {
    let holders: Vec<_> = bidders.iter().zip(ranks).map(|(bidder, rank)| (bidder.organisation.as_str(), *rank)).collect();
    let published = lot(market, seller, number, offer(market, variant, &holders).await).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    published
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// The admission of a party to its only lot.
async fn admission(party: &Party) -> Value {
    party.client.get("/v1/admissions").await.unwrap()["items"][0].clone()
}

on_both! {
    /// A holder bids the price that stands and has the lot, since nobody goes higher.
    async fn a_holder_wins_at_the_price_another_bid(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let other = enterprise(&market, "other", 3).await;
        let Published { lot, listing, .. } = opened(&market, &university(&market).await, NUMBER, "parity", &[&first, &second, &other]).await;
        assert_eq!(admission(&first).await["preemption_rank"], 1);
        assert_eq!(admission(&other).await.get("preemption_rank"), None);

        granted(&bid(&other.client, &lot, "10000.00").await, 201);
        granted(&bid(&second.client, &lot, "10000.00").await, 201);
        refused(&bid(&other.client, &lot, "10000.00").await, 422, "too_low");
        granted(&bid(&first.client, &lot, "10000.00").await, 201);
        refused(&bid(&second.client, &lot, "10000.00").await, 422, "too_low");
        granted(&bid(&other.client, &lot, "10100.00").await, 201);
        granted(&bid(&first.client, &lot, "10100.00").await, 201);
        let seen = lot_of(&market, &lot).await;
        assert_eq!((&seen["price"], &seen["leader_priority"]), (&cny("10100.00"), &json!(1)));
        assert_eq!(seen["bids"][0]["priority"], 1);
        assert_eq!(seen["bids"][1].get("priority"), None);

        market.pass(25 * 60).await;
        assert_eq!(lot_of(&market, &lot).await["state"], "closed_sold");
        let deal = first_deal(&first.client).await;
        assert_eq!((&deal["price"], &deal["buyer_organisation_id"]), (&cny("10100.00"), &json!(first.organisation)));
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "bid_placed").len(), 5);
        is_by_the_rules(&market.stranger, &lot).await;
        row_follows_from_log(&market, &lot).await;

        // The public was told of rights and ranks, never of whom they belong to.
        let shown = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
        assert_eq!(shown["offer"]["auction"]["preemption"]["holders"][0], json!({"basis": "合作开发者", "rank": 1}));
        let notice = market.stranger.get(&format!("/v1/notices/{}", text(&shown["notice_id"]))).await.unwrap();
        assert_eq!(notice["content"]["preemption"]["holders"][1], json!({"basis": "合作开发者", "rank": 2}));
        for said in [shown.to_string(), notice.to_string(), json!(events).to_string()] {
            assert!(!said.contains(&first.organisation) && !said.contains(&second.organisation), "{said}");
        }
    }
}

on_both! {
    /// A wrong id would cost its holder the right.
    async fn only_organisations_that_are_here_are_named(market) {
        let seller = university(&market).await;
        let (achievement, assets) = register(&seller, achievement(), &[patent_numbered(&seller, NUMBER)]).await.unwrap();
        for holder in [seller.organisation.as_str(), "018f0000-0000-7000-8000-000000000000"] {
            let mut offer = offer(&market, "parity", &[(holder, 1)]).await;
            (offer["achievement_id"], offer["asset_ids"]) = (json!(achievement), json!(assets));
            let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
            let answer = seller.client.ask(reqwest::Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
            let problem = refused(&answer, 422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/auction/preemption/holders/0/organisation_id");
        }
    }
}

/// Whether a party that is asked takes the lot.
pub async fn answers(party: &Party, lot: &str, takes: bool) -> Reply {
    party.client.post(&format!("/v1/lots/{lot}/preemption-answer"), json!({"takes": takes})).send().await.unwrap()
}

/// A lot whose bidding has ended at 10000.00 with the last of these leading; the first of them is asked.
pub async fn asked(market: &Market, seller: &Party, number: &str, bidders: &[&Party]) -> Published {
    let published = opened(market, seller, number, "ask_after", bidders).await;
    granted(&bid(&bidders.last().unwrap().client, &published.lot, "10000.00").await, 201);
    market.staff.move_clock(instant(&lot_of(market, &published.lot).await["closes_at"]) + TimeDelta::seconds(1)).await.unwrap();
    published
}

on_both! {
    /// The first holder lets his time pass, the second takes the lot from the highest bidder.
    async fn holders_are_asked_one_after_another(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let other = enterprise(&market, "other", 3).await;
        let Published { lot, listing, .. } = asked(&market, &university(&market).await, NUMBER, &[&first, &second, &other]).await;
        let seen = first.client.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!((&seen["state"], seen.get("next_price")), (&json!("preemption_ask"), Some(&Value::Null)));
        assert_eq!(seen["allowed_deeds"], json!(["answer_preemption"]));
        let names = [admission(&first).await["pseudonym"].clone(), admission(&second).await["pseudonym"].clone()];
        assert_eq!(seen["asking"]["holders"], json!([{"bidder": names[0], "rank": 1}, {"bidder": names[1], "rank": 2}]));
        assert_eq!(instant(&seen["closes_at"]) - instant(&seen["asking"]["asked_at"]), TimeDelta::minutes(5));
        assert_eq!(market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap()["state"], "bidding");

        refused(&answers(&second, &lot, true).await, 409, "wrong_state");
        refused(&bid(&other.client, &lot, "10100.00").await, 409, "closed");
        row_follows_from_log(&market, &lot).await;
        // The time to answer stands while the lot is paused.
        let host = &market.staff.host;
        host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
        market.pass(60).await;
        host.create(&format!("/v1/lots/{lot}/resume"), json!({"reason": "网络已恢复"})).await.unwrap();
        let until = instant(&lot_of(&market, &lot).await["closes_at"]);
        market.staff.move_clock(until).await.unwrap();
        refused(&answers(&first, &lot, true).await, 409, "closed");
        market.staff.move_clock(until + TimeDelta::seconds(1)).await.unwrap();

        let answer = answers(&second, &lot, true).await;
        assert_eq!(granted(&answer, 200)["leader"], names[1]);
        refused(&answers(&second, &lot, false).await, 409, "wrong_state");
        market.pass(1).await;
        let sold = lot_of(&market, &lot).await;
        assert_eq!((&sold["state"], &sold["price"], &sold["leader"]), (&json!("closed_sold"), &cny("10000.00"), &names[1]));
        let deal = first_deal(&second.client).await;
        assert_eq!((&deal["price"], &deal["buyer_organisation_id"]), (&cny("10000.00"), &json!(second.organisation)));
        assert_eq!(admission(&other).await["state"], "lost");

        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!((of_kind(&events, "preemption_asked").len(), of_kind(&events, "preemption_answered").len()), (2, 1));
        is_by_the_rules(&market.stranger, &lot).await;
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// Whoever is suspended while another is asked is not asked after him, and anybody can recompute that.
    async fn a_holder_suspended_before_his_turn_is_passed_over(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let other = enterprise(&market, "other", 3).await;
        let lot = asked(&market, &university(&market).await, NUMBER, &[&first, &second, &other]).await.lot;
        let id = text(&admission(&second).await["id"]);
        market.staff.host.create(&format!("/v1/admissions/{id}/suspend"), json!({"reason": "涉嫌串通"})).await.unwrap();
        market.pass(6).await;
        let sold = lot_of(&market, &lot).await;
        assert_eq!((&sold["state"], &sold["leader"]), (&json!("closed_sold"), &admission(&other).await["pseudonym"]));
        let events = log(&market.stranger, &lot).await;
        assert_eq!((of_kind(&events, "bidder_suspended").len(), of_kind(&events, "preemption_asked").len()), (1, 1));
        is_by_the_rules(&market.stranger, &lot).await;
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// Before the bidding has ended nobody is told who holds a right; where nobody uses it the highest bidder has the lot.
    async fn where_nobody_takes_it_the_highest_bidder_has_it(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let other = enterprise(&market, "other", 3).await;
        let lot = opened(&market, &university(&market).await, NUMBER, "ask_after", &[&first, &second, &other]).await.lot;
        granted(&bid(&other.client, &lot, "10000.00").await, 201);
        granted(&bid(&second.client, &lot, "10100.00").await, 201);
        let names = [admission(&first).await["pseudonym"].clone(), admission(&second).await["pseudonym"].clone()];
        let (seen, events) = (lot_of(&market, &lot).await, log(&market.stranger, &lot).await);
        assert!(seen.get("leader_priority").is_none() && seen.get("asking").is_none(), "{seen}");
        assert!(!json!(events).to_string().contains("rank"), "{events:?}");
        assert!(!json!(events).to_string().contains(names[0].as_str().unwrap()), "who has not bid is not told of: {events:?}");

        market.staff.move_clock(instant(&seen["closes_at"]) + TimeDelta::seconds(1)).await.unwrap();
        // The highest bidder is of the second rank, so only the first is asked.
        let asking = lot_of(&market, &lot).await["asking"]["holders"].clone();
        assert_eq!(asking, json!([{"bidder": names[0], "rank": 1}]));
        granted(&answers(&first, &lot, false).await, 200);
        market.pass(1).await;
        let sold = lot_of(&market, &lot).await;
        assert_eq!((&sold["state"], &sold["leader"]), (&json!("closed_sold"), &names[1]));
        assert_eq!(first_deal(&second.client).await["price"], cny("10100.00"));
        is_by_the_rules(&market.stranger, &lot).await;
        row_follows_from_log(&market, &lot).await;
    }
}

/// A lot whose bidding is like this from 10000.00 on, open with everybody admitted; the first two are holders who are asked after it.
async fn opened_as(market: &Market, seller: &Party, number: &str, mut bidding: Value, bidders: &[&Party]) -> String {
    let holders = [(bidders[0].organisation.as_str(), 1), (bidders[1].organisation.as_str(), 2)];
    let mut offer = offer(market, "ask_after", &holders).await;
    bidding["preemption"] = offer["auction"]["preemption"].take();
    offer["auction"] = bidding;
    let published = lot(market, seller, number, offer).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    published.lot
}

/// The lot once bidding has ended and the first holder is asked about this price.
async fn asked_about(market: &Market, lot: &str, price: &str) -> Value {
    market.staff.move_clock(instant(&lot_of(market, lot).await["closes_at"]) + TimeDelta::seconds(1)).await.unwrap();
    let seen = lot_of(market, lot).await;
    assert_eq!((&seen["state"], &seen["price"]), (&json!("preemption_ask"), &cny(price)));
    let events = log(&market.stranger, lot).await;
    assert_eq!(events.last().unwrap()["body"]["price"], cny(price));
    seen
}

/// The lot was sold to whoever has this name, once, for this price; anybody can recompute how.
async fn sold_to(market: &Market, lot: &str, buyer: &Party, name: &Value, price: &str) {
    market.pass(1).await;
    let sold = lot_of(market, lot).await;
    assert_eq!((&sold["state"], &sold["price"], &sold["leader"]), (&json!("closed_sold"), &cny(price), name));
    let deal = first_deal(&buyer.client).await;
    assert_eq!((&deal["price"], &deal["buyer_organisation_id"]), (&cny(price), &json!(buyer.organisation)));
    is_whole(lot, &log(&market.stranger, lot).await);
    is_by_the_rules(&market.stranger, lot).await;
    row_follows_from_log(market, lot).await;
}

on_both! {
    /// Sealed bids are opened, once, and a clock has stopped before a holder is asked; he has the lot for what would have been paid.
    async fn holders_are_asked_about_the_price_that_a_format_finds(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let (other, seller) = (enterprise(&market, "other", 3).await, university(&market).await);
        let bidders = [&first, &second, &other];

        let vickrey = json!({"closing_mode": "hard_close", "free_period_seconds": 86_400, "min_bidders": 1, "format": {"kind": "vickrey"}});
        let lot = opened_as(&market, &seller, NUMBER, vickrey, &bidders).await;
        granted(&seal(&other.client, &lot, "12000.00").await, 201);
        granted(&seal(&second.client, &lot, "11000.00").await, 201);
        let holders = asked_about(&market, &lot, "11000.00").await["asking"]["holders"].clone();
        refused(&seal(&other.client, &lot, "13000.00").await, 409, "closed");
        granted(&answers(&first, &lot, false).await, 200);
        market.pass(1).await;
        granted(&answers(&second, &lot, true).await, 200);
        sold_to(&market, &lot, &second, &holders[1]["bidder"], "11000.00").await;
        let events = log(&market.stranger, &lot).await;
        assert_eq!((of_kind(&events, "bids_opened").len(), of_kind(&events, "preemption_asked").len()), (1, 2));

        let format = json!({"kind": "dutch", "floor": cny("6000.00"), "decrement": cny("500.00")});
        let clock = json!({"closing_mode": "hard_close", "min_bidders": 1, "format": format});
        let lot = opened_as(&market, &seller, "ZL200810027800.7", clock, &bidders).await;
        let price = text(&granted(&bid(&other.client, &lot, "10000.00").await, 201)["price"]["amount"]);
        let holders = asked_about(&market, &lot, &price).await["asking"]["holders"].clone();
        granted(&answers(&first, &lot, true).await, 200);
        sold_to(&market, &lot, &first, &holders[0]["bidder"], &price).await;
    }
}

on_both! {
    /// Two of one rank take the lot, and seal one more bid each, of which nobody learns before both are opened.
    async fn several_of_one_rank_who_take_it_seal_one_more_bid(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let (third, other) = (enterprise(&market, "third", 3).await, enterprise(&market, "other", 4).await);
        let seller = university(&market).await;
        let lot = opened_to(&market, &seller, NUMBER, "ask_after", &[1, 1, 2], &[&first, &second, &third, &other]).await.lot;
        let preemption = json!({"variant": "ask_after", "answer_seconds": 300, "round_seconds": 300});
        assert_eq!(lot_of(&market, &lot).await["terms"]["preemption"], preemption);
        granted(&bid(&other.client, &lot, "10000.00").await, 201);
        runs_out(&market, &lot).await;

        let place = format!("/v1/lots/{lot}");
        for (holder, deeds) in [(&first, json!(["answer_preemption"])), (&second, json!(["answer_preemption"])), (&third, json!([]))] {
            assert_eq!(holder.client.get(&place).await.unwrap()["allowed_deeds"], deeds, "all of the first rank are asked at once");
        }
        refused(&answers(&third, &lot, true).await, 409, "wrong_state");
        refused(&seal(&first.client, &lot, "10000.00").await, 409, "wrong_format");
        let until = lot_of(&market, &lot).await["closes_at"].clone();
        granted(&answers(&second, &lot, true).await, 200);
        let waiting = lot_of(&market, &lot).await;
        assert_eq!((&waiting["closes_at"], &waiting["asking"]["answers"][0]["takes"]), (&until, &json!(true)), "the other is waited for");
        granted(&answers(&first, &lot, true).await, 200);
        market.pass(1).await;

        let names = [admission(&first).await["pseudonym"].clone(), admission(&second).await["pseudonym"].clone()];
        let seen = first.client.get(&place).await.unwrap();
        assert_eq!((&seen["state"], &seen["allowed_deeds"]), (&json!("preemption_ask"), &json!(["place_sealed_bid"])));
        assert_eq!(seen["asking"]["round"], json!({"bidders": [names[1], names[0]], "at_least": cny("10000.00")}));
        refused(&answers(&first, &lot, false).await, 409, "wrong_state");
        refused(&seal(&third.client, &lot, "10500.00").await, 409, "not_in_tie_round");
        assert_eq!(refused(&seal(&first.client, &lot, "9999.99").await, 422, "too_low")["at_least"], cny("10000.00"));

        at_rest(market.house()).await;
        let before = told_to_all(&market, &lot, &[&seller, &second, &third, &other]).await;
        let mut receipts = vec![sealed(&first.client, &lot, "10700.00").await, sealed(&first.client, &lot, "10500.00").await];
        at_rest(market.house()).await;
        assert_eq!(told_to_all(&market, &lot, &[&seller, &second, &third, &other]).await, before, "something tells that somebody has bid");
        receipts.push(sealed(&second.client, &lot, "10300.00").await);
        assert!(receipts.iter().all(|receipt| receipt.statement.round == 3));
        row_follows_from_log(&market, &lot).await;

        runs_out(&market, &lot).await;
        sold_to(&market, &lot, &first, &names[0], "10500.00").await;
        let events = log(&market.stranger, &lot).await;
        assert_eq!((of_kind(&events, "preemption_round").len(), of_kind(&events, "bids_opened").len()), (1, 1));
        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &receipts, |_| {})), (Ok(()), Ok(())));
    }
}
