//! An auction in the sense of the law has a notice of its own, which says where its lot is shown and runs until bidding opens.

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use entity::platform::timer;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use zhepai::play::{Party, admit, instant, publish, text};

use crate::amendments::amended;
use crate::authz::{right, session};
use crate::common::Market;
use crate::common::fixtures::{enterprise, rehearsal, university};
use crate::common::play::{at, bid, eventually, granted, is_by_the_rules, log, of_kind, refused};
use crate::notices::{read, told};
use crate::on_both;
use crate::outages::{beats, was_silent};
use crate::timeline::draft;

/// Thursday at ten in Shanghai.
const OPENS: &str = "2026-03-19T02:00:00Z";

fn licence() -> Value {
    json!({"enterprise": "某拍卖有限公司", "auctioneer_licence": "PM-1"})
}

/// What makes an offer an auction in the sense of the law, shown on two days before.
fn exhibited(offer: &mut Value) {
    offer["auction"]["auction_licence"] = licence();
    offer["auction"]["exhibition"] =
        json!({"from": "2026-03-10T01:00:00Z", "to": "2026-03-11T09:00:00Z", "place": "校友楼资料室", "media": "某日报"});
    offer["schedule"]["auction_opens_at"] = json!(OPENS);
}

/// Writes a draft anew, changed as told.
async fn rewritten(seller: &Party, place: &str, change: impl FnOnce(&mut Value)) {
    let stands = seller.client.get(place).await.unwrap();
    let mut offer = stands["offer"].clone();
    change(&mut offer);
    let call = seller.client.ask(Method::PUT, place).body(offer).on_version(stands["version"].as_i64().unwrap());
    granted(&call.send().await.unwrap(), 200);
}

/// Takes a draft through review to publication; what it was published as.
async fn published(market: &Market, seller: &Party, place: &str) -> Value {
    let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
    seller.client.act(&format!("{place}/submit")).await.unwrap();
    reviewer.act(&format!("{place}/take")).await.unwrap();
    reviewer.act(&format!("{place}/approve")).await.unwrap();
    publisher.act(&format!("{place}/publish")).await.unwrap()
}

/// An auction of the university's that is open to registration: its place, and what it was published as.
async fn auction(market: &Market, seller: &Party) -> (String, Value) {
    let (place, _) = draft(seller).await;
    rewritten(seller, &place, exhibited).await;
    let told = published(market, seller, &place).await;
    (place, told)
}

/// The notices of a listing and of its auction, as a stranger reads them.
async fn notices(market: &Market, listing: &Value) -> [Value; 2] {
    let mut found = Vec::new();
    for member in ["notice_id", "auction_notice_id"] {
        found.push(market.stranger.get(&format!("/v1/notices/{}", text(&listing[member]))).await.unwrap());
    }
    found.try_into().unwrap()
}

on_both! {
    /// Nobody hands an auction in that is not shown; of one that is, both notices say when bidding opens, and its own ends then.
    async fn an_auction_is_shown_before_and_its_notice_ends_as_bidding_opens(market) {
        let seller = university(&market).await;
        let buyers = [enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await];
        let (place, _) = draft(&seller).await;
        rewritten(&seller, &place, |offer| offer["auction"]["auction_licence"] = licence()).await;
        let said = seller.client.ask(Method::POST, &format!("{place}/submit")).send().await.unwrap();
        let errors = refused(&said, 422, "invalid")["errors"].as_array().unwrap();
        let missing: Vec<_> = errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect();
        let both = ["/auction/exhibition", "/schedule/auction_opens_at"].map(|pointer| (pointer.to_owned(), "missing_field".to_owned()));
        assert_eq!(missing, both);

        rewritten(&seller, &place, exhibited).await;
        let listing = published(&market, &seller, &place).await;
        let [of_listing, of_auction] = notices(&market, &listing).await;
        assert_eq!((&of_listing["kind"], &of_auction["kind"]), (&json!("listing"), &json!("auction")));
        for notice in [&of_listing, &of_auction] {
            assert_eq!(notice["state"], "published");
            assert_eq!(instant(&notice["content"]["schedule"]["auction_opens_at"]), at(OPENS));
        }
        let period = &of_auction["period"];
        assert_eq!((&period["rule"], &period["value"], &period["end_reason"]), (&json!("auction_notice"), &json!("7d"), &json!("opening")));
        assert_eq!((&of_auction["ends_at"], instant(&of_auction["ends_at"])), (&listing["auction_opens_at"], at(OPENS)));

        let [listed, id] = [&of_listing, &of_auction].map(|notice| text(&notice["id"]));
        let (_, page) = read(&market, &format!("/notices/{id}?lang=zh")).await;
        for words in ["拍卖公告", "校友楼资料室", "某日报", "某拍卖有限公司", "PM-1"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let (_, feed) = read(&market, "/v1/notices/feed.json?kind=auction").await;
        assert!(feed.contains(&id) && !feed.contains(&listed), "{feed}");

        for buyer in &buyers {
            admit(buyer, &market.staff, &text(&listing["lot_id"])).await.unwrap();
        }
        market.staff.move_clock(at(OPENS) - TimeDelta::seconds(1)).await.unwrap();
        let [of_listing, of_auction] = notices(&market, &listing).await;
        assert_eq!((&of_listing["state"], &of_auction["state"]), (&json!("ended"), &json!("published")));
        market.staff.move_clock(at(OPENS)).await.unwrap();
        assert_eq!(notices(&market, &listing).await[1]["state"], "ended");
        assert_eq!(market.stranger.get(&format!("/v1/lots/{}", text(&listing["lot_id"]))).await.unwrap()["state"], "open_free");
    }
}

on_both! {
    /// An auction for which nobody registers is announced no more once that is known, and is told to have ended then.
    async fn the_notice_of_an_auction_ends_with_a_listing_that_fails(market) {
        let seller = university(&market).await;
        let (place, listing) = auction(&market, &seller).await;
        let closes = instant(&listing["registration_closes_at"]);
        market.staff.move_clock(closes).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "failed");
        market.staff.move_clock(at(OPENS)).await.unwrap();
        let [_, of_auction] = notices(&market, &listing).await;
        assert_eq!((&of_auction["state"], instant(&of_auction["ends_at"])), (&json!("ended"), closes));
        assert_eq!(of_auction["period"]["end_reason"], "opening");
    }
}

on_both! {
    /// Whoever ends the listing ends its auction, whose notice is told to have ended then.
    async fn both_notices_are_withdrawn_with_the_listing(market) {
        let seller = university(&market).await;
        let (place, listing) = auction(&market, &seller).await;
        seller.client.create(&format!("{place}/terminate"), json!({"reason": "权属发生争议"})).await.unwrap();
        for notice in notices(&market, &listing).await {
            assert_eq!((&notice["state"], &notice["withdrawal_reason"]), (&json!("withdrawn"), &json!("权属发生争议")));
        }
        let [_, of_auction] = notices(&market, &listing).await;
        assert_eq!(of_auction["ends_at"], of_auction["withdrawn_at"]);
        assert!(instant(&of_auction["ends_at"]) < at(OPENS));
    }
}

on_both! {
    /// Announced anew its notice has a further version; it is withdrawn with the licence, and another is published with the next.
    async fn an_auction_is_announced_anew_with_its_listing(market) {
        let (seller, publisher) = (university(&market).await, market.staff.publisher.clone());
        let (place, before) = auction(&market, &seller).await;
        amended(&publisher, &seller, &place, |offer| {
            offer["auction"]["exhibition"]["place"] = "图书馆资料室".into();
            offer["schedule"]["auction_opens_at"] = json!("2026-03-20T02:00:00Z");
        })
        .await;
        let after = market.stranger.get(&place).await.unwrap();
        assert_eq!(after["auction_notice_id"], before["auction_notice_id"]);
        let [of_listing, of_auction] = notices(&market, &after).await;
        for notice in [&of_listing, &of_auction] {
            assert_eq!((&notice["version"], &notice["content"]["exhibition"]["place"]), (&json!(2), &json!("图书馆资料室")));
        }
        assert_eq!((&of_auction["ends_at"], instant(&of_auction["ends_at"])), (&after["auction_opens_at"], at("2026-03-20T02:00:00Z")));

        amended(&publisher, &seller, &place, |offer| {
            offer["auction"]["auction_licence"] = Value::Null;
            offer["auction"]["exhibition"] = Value::Null;
        })
        .await;
        let none = market.stranger.get(&place).await.unwrap();
        assert_eq!(none.get("auction_notice_id"), None, "it is no auction any more");
        let [_, withdrawn] = notices(&market, &before).await;
        assert_eq!((&withdrawn["state"], &withdrawn["withdrawal_reason"]), (&json!("withdrawn"), &json!("经重新评估调整")));

        amended(&publisher, &seller, &place, exhibited).await;
        let again = market.stranger.get(&place).await.unwrap();
        assert_ne!(again["auction_notice_id"], before["auction_notice_id"]);
        let [_, of_auction] = notices(&market, &again).await;
        assert_eq!((&of_auction["state"], &of_auction["version"]), (&json!("published"), &json!(1)));
        assert_eq!(instant(&of_auction["ends_at"]), at(OPENS));
    }
}

on_both! {
    /// Where bidding opens later, since the notice of the listing was away for a day, the notice of the auction ends later.
    async fn the_notice_of_an_auction_ends_as_bidding_opens_also_where_that_is_put_off(market) {
        let (seller, publisher) = (university(&market).await, &market.staff.publisher);
        let (place, listing) = auction(&market, &seller).await;
        let [of_listing, id] = ["notice_id", "auction_notice_id"].map(|member| text(&listing[member]));
        for (key, number) in [("winner", 1), ("loser", 2)] {
            admit(&enterprise(&market, key, number).await, &market.staff, &text(&listing["lot_id"])).await.unwrap();
        }
        market.staff.move_clock(at("2026-03-10T02:00:00Z")).await.unwrap();
        publisher.create(&format!("/v1/notices/{of_listing}/take-down"), json!({"reason": "复核是否涉密"})).await.unwrap();
        market.staff.move_clock(at("2026-03-10T04:00:00Z")).await.unwrap();
        publisher.act(&format!("/v1/notices/{of_listing}/restore")).await.unwrap();
        let follows = async || {
            let moved = market.stranger.get(&place).await.unwrap()["auction_opens_at"].clone();
            instant(&moved) > at(OPENS) && market.stranger.get(&format!("/v1/notices/{id}")).await.unwrap()["ends_at"] == moved
        };
        eventually(follows).await;
        assert_eq!(told(&market, &id).await, ["notice.published", "notice.put_off"]);
        market.staff.move_clock(at(OPENS)).await.unwrap();
        assert_eq!(notices(&market, &listing).await[1]["state"], "published");
        let opens = instant(&market.stranger.get(&place).await.unwrap()["auction_opens_at"]);
        market.staff.move_clock(opens).await.unwrap();
        assert_eq!(notices(&market, &listing).await[1]["state"], "ended");
    }
}

/// Two buyers, admitted to a lot.
async fn buyers(market: &Market, lot: &str) -> [Party; 2] {
    let both = [enterprise(market, "one", 1).await, enterprise(market, "two", 2).await];
    for buyer in &both {
        admit(buyer, &market.staff, lot).await.unwrap();
    }
    both
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// The page of the notice of an auction is taken down.
async fn taken_down(market: &Market, listing: &Value) {
    let place = format!("/v1/notices/{}/take-down", text(&listing["auction_notice_id"]));
    market.staff.publisher.create(&place, json!({"reason": "复核是否涉密"})).await.unwrap();
}

/// How many times are set to warn the seller of a listing.
async fn warnings(market: &Market, listing: &str) -> usize {
    let timers = timer::Entity::find().all(market.house().db.read()).await.unwrap();
    timers.iter().filter(|timer| timer.kind == "listings.status_warning" && timer.subject_id.to_string() == listing).count()
}

/// The page of the notice of an auction is there again.
async fn put_back(market: &Market, listing: &Value) {
    let place = format!("/v1/notices/{}/restore", text(&listing["auction_notice_id"]));
    market.staff.publisher.act(&place).await.unwrap();
}

/// Lot, listing and the notice of an auction all say soon that bidding opens at an instant.
async fn comes_to_open(market: &Market, listing: &Value, opens_at: DateTime<Utc>) {
    let [lot, place, notice] = [("lots", "lot_id"), ("listings", "id"), ("notices", "auction_notice_id")]
        .map(|(kind, member)| format!("/v1/{kind}/{}", text(&listing[member])));
    let told = async || {
        let [lot, listed, notice] = [&lot, &place, &notice].map(|place| market.stranger.get(place));
        let (lot, listed, notice) = (lot.await.unwrap(), listed.await.unwrap(), notice.await.unwrap());
        [&lot["opens_at"], &listed["auction_opens_at"], &notice["ends_at"]].into_iter().all(|told| instant(told) == opens_at)
    };
    eventually(told).await;
}

on_both! {
    /// Of the days before the 19th only five could be read: it opens once two more could, and not on a Saturday. Registration ends as was told.
    async fn days_on_which_the_notice_of_an_auction_was_away_are_made_up_for(market) {
        let seller = university(&market).await;
        let (place, listing) = auction(&market, &seller).await;
        let lot = text(&listing["lot_id"]);
        let [buyer, _] = buyers(&market, &lot).await;
        market.staff.move_clock(at("2026-03-04T02:00:00Z")).await.unwrap();
        taken_down(&market, &listing).await;
        market.staff.move_clock(at("2026-03-14T02:00:00Z")).await.unwrap();
        put_back(&market, &listing).await;
        let opens = at("2026-03-23T02:00:00Z");
        comes_to_open(&market, &listing, opens).await;
        assert_eq!(market.stranger.get(&place).await.unwrap()["registration_closes_at"], listing["registration_closes_at"]);
        assert_eq!(warnings(&market, &text(&listing["id"])).await, 2, "the seller is warned of stale statuses before the new opening too");
        market.staff.move_clock(at(OPENS)).await.unwrap();
        refused(&bid(&buyer.client, &lot, "200000.00").await, 409, "not_open");
        market.staff.move_clock(opens).await.unwrap();
        assert_eq!(notices(&market, &listing).await[1]["state"], "ended");
        granted(&bid(&buyer.client, &lot, "200000.00").await, 201);
        assert_eq!(of_kind(&log(&market.stranger, &lot).await, "postponed").len(), 1);
        market.staff.move_clock(instant(&lot_of(&market, &lot).await["closes_at"]) + TimeDelta::minutes(1)).await.unwrap();
        is_by_the_rules(&market.stranger, &lot).await;
    }
}

on_both! {
    /// Nobody bids while nobody can read the notice, though all its days had passed: it opens the day after, once it is back.
    async fn nothing_opens_while_the_notice_of_an_auction_is_away(market) {
        let seller = university(&market).await;
        let (place, listing) = auction(&market, &seller).await;
        let lot = text(&listing["lot_id"]);
        let [buyer, _] = buyers(&market, &lot).await;
        market.staff.move_clock(at(OPENS) - TimeDelta::hours(1)).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "registration_closed");
        taken_down(&market, &listing).await;
        let [next, after_next] = [1, 2].map(|days| at(OPENS) + TimeDelta::days(days));
        for (opens, later) in [(at(OPENS), next), (next, at("2026-03-23T02:00:00Z"))] {
            market.staff.move_clock(opens).await.unwrap();
            let stands = lot_of(&market, &lot).await;
            assert_eq!((&stands["state"], instant(&stands["opens_at"])), (&json!("scheduled"), later), "not on a Saturday");
            refused(&bid(&buyer.client, &lot, "200000.00").await, 409, "not_open");
        }
        market.staff.move_clock(after_next).await.unwrap();
        put_back(&market, &listing).await;
        let opens = at("2026-03-23T02:00:00Z");
        comes_to_open(&market, &listing, opens).await;
        market.staff.move_clock(opens).await.unwrap();
        assert_eq!(lot_of(&market, &lot).await["state"], "open_free");
    }
}

on_both! {
    /// Ten days on which nobody could reach the market are told and made up for as soon as it runs again.
    async fn days_of_an_outage_are_made_up_for_too(market) {
        let seller = university(&market).await;
        let (_, listing) = auction(&market, &seller).await;
        market.staff.move_clock(at("2026-03-14T02:00:00Z")).await.unwrap();
        was_silent(&market, 40, at("2026-03-04T02:00:00Z")).await;
        beats(&market).await;
        comes_to_open(&market, &listing, at("2026-03-23T02:00:00Z")).await;
    }
}

on_both! {
    /// A host opens the next lot where the notice of the first is away, which opens the day after.
    async fn a_lot_whose_notice_is_away_holds_up_no_session(market) {
        let seller = university(&market).await;
        let (_, listing) = auction(&market, &seller).await;
        let (achievement, asset) = right(&seller, "第二种技术").await;
        let soon_after = at(OPENS) + TimeDelta::minutes(5);
        let offer = rehearsal(Money::fen(100_000), soon_after);
        let second = publish(&seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
        let first = text(&listing["lot_id"]);
        for buyer in &buyers(&market, &first).await {
            admit(buyer, &market.staff, &second).await.unwrap();
        }
        let host = &market.staff.host;
        let session = session(host, "hosted", &[&first, &second]).await;
        market.staff.move_clock(at(OPENS) - TimeDelta::hours(1)).await.unwrap();
        taken_down(&market, &listing).await;
        market.staff.move_clock(soon_after).await.unwrap();
        host.act(&format!("/v1/lot-sessions/{session}/advance")).await.unwrap();
        let states = async || {
            let [first, second] = [&first, &second].map(|lot| lot_of(&market, lot));
            [first.await, second.await].map(|lot| text(&lot["state"]))
        };
        assert_eq!(states().await, ["scheduled", "open_free"]);
        put_back(&market, &listing).await;
        let next = at(OPENS) + TimeDelta::days(1);
        comes_to_open(&market, &listing, next).await;
        // Its host is late, and so it opens by itself.
        market.staff.move_clock(next + TimeDelta::hours(1)).await.unwrap();
        assert_eq!(states().await[0], "open_free");
    }
}
