//! The spine: from a patent to a published deal.

use chrono::TimeDelta;
use entity::money::{Money, chinese_capitals};
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::keys::{hex, sha256};
use zhepai::play::market::patent;
use zhepai::play::parties::invented_uscc;
use zhepai::play::{Party, Published, admit, instant, sign, text};

use crate::common::database::has_postgres;
use crate::common::fixtures::{achievement, enterprise, lot, open_lot, rehearsal, university};
use crate::common::play::{
    Watch, at, bid, books_balance, cny, first_deal, give_roles, granted, is_whole, log, member, membership, of_kind, person, prices_rise,
    refused, through,
};
use crate::common::{Base, Market};
use crate::notices::read;
use crate::on_both;

/// An organisation with the people who act for it, each in a role of his own.
struct Firm {
    id: String,
    name: String,
    /// Owner and operator.
    owner: Client,
    signatory: Client,
    bidder: Client,
}

on_both! {
    /// The whole story over HTTP, under the rules of a university.
    async fn the_whole_story(market) {
        let seller = firm(&market, "zju", "university", "state", "浙江大学", "12100000470095016Q").await;
        let mut buyers = Vec::new();
        for (number, name) in (1..).zip(["杭州甲新材料有限公司", "杭州乙环保科技有限公司", "杭州丙贸易有限公司"]) {
            buyers.push(firm(&market, &format!("firm-{number}"), "enterprise", "private", name, &invented_uscc(number)).await);
        }
        let [winner, loser, outsider] = buyers.as_slice() else { panic!("three buyers") };

        let (offer, asset) = a_right_is_registered(&seller).await;
        let listing = it_is_reviewed_and_published(&market, &seller, offer).await;
        let lot = text(&listing["lot_id"]);
        buyers_are_admitted_on_their_deposit(&market, &lot, winner, loser, outsider).await;
        bidding_opens_by_itself(&market, &listing, winner, outsider).await;
        bids_are_judged(&market, &lot, winner, loser, outsider).await;
        it_closes_by_itself(&market, &listing, winner, loser).await;
        let deal = both_sides_sign(&market, &seller, &asset, winner).await;
        the_result_is_published(&market, &listing, &deal, winner).await;
        losers_have_their_money_back(&market, winner, loser).await;

        let sold = market.stranger.get(&listing_path(&listing)).await.unwrap();
        assert_eq!(sold["state"], "sold");
        books_balance(&market.staff.finance).await;
    }
}

fn listing_path(listing: &Value) -> String {
    format!("/v1/listings/{}", text(&listing["id"]))
}

/// Its owner registers the organisation, an officer verifies it, colleagues are invited and accept.
async fn firm(market: &Market, key: &str, kind: &str, ownership: &str, name: &str, uscc: &str) -> Firm {
    let owner = person(&market.stranger, &format!("{key}-owner@test.example")).await;
    let registered =
        owner.create("/v1/organisations", json!({"kind": kind, "ownership": ownership, "name": name, "uscc": uscc})).await.unwrap();
    assert_eq!((&registered["state"], &registered["uscc_standing"]), (&json!("registered"), &json!("valid")));
    let id = text(&registered["id"]);
    give_roles(&owner, &membership(&owner).await, &["owner", "operator"]).await;
    let hasty = owner.post("/v1/achievements", achievement()).send().await.unwrap();
    refused(&hasty, 403, "organisation_not_verified");

    let verified = market.staff.reviewer.act(&format!("/v1/organisations/{id}/verify")).await.unwrap();
    assert_eq!(verified["state"], "verified");
    let signatory = member(&market.stranger, &owner, &id, &format!("{key}-signatory@test.example"), &["signatory"]).await;
    let bidder = member(&market.stranger, &owner, &id, &format!("{key}-bidder@test.example"), &["bidder"]).await;
    Firm { id, name: name.into(), owner, signatory, bidder }
}

/// The achievement, the patent in it, its legal status and the paper the base price rests on; the offer of it.
async fn a_right_is_registered(seller: &Firm) -> (Value, String) {
    let minutes = "校长办公会纪要：同意以二十万元为底价公开挂牌转让。".as_bytes();
    let paper = seller.owner.upload("底价集体决策纪要", "纪要.txt", "private", "text/plain", minutes.to_vec()).await.unwrap();
    assert_eq!(paper["content"]["sha256"], hex(&sha256(minutes)));

    let registered = seller.owner.create("/v1/achievements", achievement()).await.unwrap();
    let achievement = text(&registered["id"]);
    let right = patent("一种河岸带减污方法", "ZL 2016 1 0200331.9", &seller.name);
    let asset = seller.owner.create(&format!("/v1/achievements/{achievement}/assets"), right).await.unwrap();
    assert_eq!(asset["identifier"]["number"], "201610200331.9");
    let asset = text(&asset["id"]);
    read_status(&seller.owner, &asset).await;

    let offer = json!({
        "achievement_id": achievement,
        "asset_ids": [asset],
        "title": "一种河岸带减污方法",
        "title_en": "A method of reducing pollution along river banks",
        "summary": "好方法。",
        "terms": {"mode": "assignment"},
        "base_price": cny("200000.00"),
        "base_price_basis": "collective_decision",
        "basis_document_id": paper["id"],
        "auction": {"closing_mode": "soft_close"},
        "conditions": ["中国境内依法设立的企业"],
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "BM-2026-017", "no_other_encumbrances": true},
        "contact": {"office": "技术转移中心", "phone": "0571-88000000"}
    });
    (offer, asset)
}

/// Reads the registry as of now.
async fn read_status(seller: &Client, asset: &str) {
    let now = seller.get("/v1/time").await.unwrap();
    let reading = json!({"status": "granted", "as_of": now["now"], "source": "registry"});
    seller.create(&format!("/v1/assets/{asset}/legal-statuses"), reading).await.unwrap();
}

/// Submitted, taken, returned once with a reason, written anew, submitted again, approved by the
/// reviewer and published by the publisher; the listing.
async fn it_is_reviewed_and_published(market: &Market, seller: &Firm, mut offer: Value) -> Value {
    let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
    let draft = seller.owner.create("/v1/listings", offer.clone()).await.unwrap();
    let path = listing_path(&draft);
    let step = async |client: &Client, deed: &str| client.act(&format!("{path}/{deed}")).await.unwrap()["state"].clone();
    refused(&market.stranger.look(&path).await.unwrap(), 404, "not_found");

    assert_eq!(step(&seller.owner, "submit").await, "submitted");
    assert_eq!(step(reviewer, "take").await, "under_review");
    let returned = reviewer.create(&format!("{path}/return"), json!({"reason": "简介过于笼统"})).await.unwrap();
    assert_eq!((&returned["state"], &returned["state_reason"]), (&json!("returned"), &json!("简介过于笼统")));

    offer["summary"] = "削减河岸带面源污染的方法，可用于小流域治理。".into();
    let version = returned["version"].as_i64().unwrap();
    let rewritten = seller.owner.ask(reqwest::Method::PUT, &path).body(offer).on_version(version).send().await.unwrap();
    granted(&rewritten, 200);
    assert_eq!(step(&seller.owner, "submit").await, "submitted");
    assert_eq!(step(reviewer, "take").await, "under_review");
    assert_eq!(step(reviewer, "approve").await, "approved");
    let premature = reviewer.ask(reqwest::Method::POST, &format!("{path}/publish")).send().await.unwrap();
    refused(&premature, 403, "forbidden");

    let listing = publisher.act(&format!("{path}/publish")).await.unwrap();
    assert_eq!(listing["state"], "published");
    // Published on Monday the 2nd: ten working days, one to prepare, then ten in the morning.
    assert_eq!(instant(&listing["registration_closes_at"]), at("2026-03-16T16:00:00Z"));
    assert_eq!(instant(&listing["auction_opens_at"]), at("2026-03-18T02:00:00Z"));
    assert_eq!(market.stranger.get(&path).await.unwrap()["state"], "published");
    listing
}

/// Three apply; one is refused with a reason, two are qualified and pay.
async fn buyers_are_admitted_on_their_deposit(market: &Market, lot: &str, winner: &Firm, loser: &Firm, outsider: &Firm) {
    let reviewer = &market.staff.reviewer;
    let mut applied = Vec::new();
    for firm in [winner, loser, outsider] {
        let admission = firm.owner.create(&format!("/v1/lots/{lot}/admissions"), json!({})).await.unwrap();
        assert_eq!((&admission["state"], &admission["deposit"]["amount"]), (&json!("applied"), &cny("20000.00")));
        applied.push(text(&admission["id"]));
    }
    let twice = winner.owner.post(&format!("/v1/lots/{lot}/admissions"), json!({})).send().await.unwrap();
    refused(&twice, 409, "already_applied");
    let unknown = loser.owner.look(&format!("/v1/admissions/{}", applied[0])).await.unwrap();
    refused(&unknown, 404, "not_found");

    let refusal = json!({"reason": "不符合受让条件"});
    reviewer.create(&format!("/v1/admissions/{}/refuse", applied[2]), refusal).await.unwrap();
    let told = outsider.owner.get(&format!("/v1/admissions/{}", applied[2])).await.unwrap();
    assert_eq!((&told["state"], &told["reason"]), (&json!("refused"), &json!("不符合受让条件")));
    refused(&pay(outsider, &told, &cny("20000.00")).await, 409, "wrong_state");

    for (firm, id) in [(winner, &applied[0]), (loser, &applied[1])] {
        let qualified = reviewer.act(&format!("/v1/admissions/{id}/qualify")).await.unwrap();
        assert_eq!((&qualified["state"], &qualified["pseudonym"]), (&json!("qualified"), &Value::Null));
        let short = pay(firm, &qualified, &cny("19999.99")).await;
        assert_eq!(refused(&short, 422, "amount_mismatch")["expected"], cny("20000.00"));
        let paid = pay(firm, &qualified, &cny("20000.00")).await;
        let admitted = granted(&paid, 201);
        assert_eq!((&admitted["state"], &admitted["deposit"]["received"]), (&json!("admitted"), &json!(true)));
        assert!(admitted["pseudonym"].is_string());
    }
    books_balance(&market.staff.finance).await;
}

/// The simulated bank pays.
async fn pay(firm: &Firm, admission: &Value, amount: &Value) -> zhepai::client::Reply {
    let payment = json!({"deposit_reference": admission["deposit"]["reference"], "amount": amount});
    firm.owner.post("/v1/sandbox/bank-credits", payment).send().await.unwrap()
}

/// Registration closes and bidding opens at their times, without anybody's deed.
async fn bidding_opens_by_itself(market: &Market, listing: &Value, winner: &Firm, outsider: &Firm) {
    let (path, lot) = (listing_path(listing), text(&listing["lot_id"]));
    market.staff.move_clock(instant(&listing["registration_closes_at"])).await.unwrap();
    assert_eq!(market.stranger.get(&path).await.unwrap()["state"], "registration_closed");
    let late = outsider.owner.post(&format!("/v1/lots/{lot}/admissions"), json!({})).send().await.unwrap();
    refused(&late, 409, "registration_closed");
    refused(&bid(&winner.bidder, &lot, "200000.00").await, 409, "not_open");

    market.staff.move_clock(instant(&listing["auction_opens_at"])).await.unwrap();
    assert_eq!(market.stranger.get(&path).await.unwrap()["state"], "bidding");
    let open = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    assert_eq!((&open["state"], &open["next_price"]), (&json!("open_free"), &cny("200000.00")));
    assert_eq!(open["terms"]["step"]["amount"], cny("2000.00"));
    assert_eq!(open["suggested_prices"], json!([cny("200000.00"), cny("202000.00"), cny("204000.00")]));
}

/// Every refusal says why, every bid counts from the moment it is acknowledged, a late one extends.
async fn bids_are_judged(market: &Market, lot: &str, winner: &Firm, loser: &Firm, outsider: &Firm) {
    refused(&bid(&outsider.bidder, lot, "200000.00").await, 403, "not_admitted");
    refused(&bid(&winner.owner, lot, "200000.00").await, 403, "forbidden");
    let low = bid(&winner.bidder, lot, "199999.99").await;
    assert_eq!(refused(&low, 422, "too_low")["at_least"], cny("200000.00"));

    granted(&bid(&winner.bidder, lot, "200000.00").await, 201);
    refused(&bid(&winner.bidder, lot, "202000.00").await, 422, "already_leading");
    let low = bid(&loser.bidder, lot, "201999.99").await;
    assert_eq!(refused(&low, 422, "too_low")["at_least"], cny("202000.00"));
    let odd = bid(&loser.bidder, lot, "203000.00").await;
    assert_eq!(refused(&odd, 422, "not_a_step")["step"], cny("2000.00"));
    let early = bid(&loser.bidder, lot, "202000.00").await;
    assert_eq!(instant(&granted(&early, 201)["closes_at"]), at("2026-03-19T02:00:00Z"));

    market.staff.move_clock(at("2026-03-19T01:59:00Z")).await.unwrap();
    let late = bid(&winner.bidder, lot, "204000.00").await;
    assert_eq!(instant(&granted(&late, 201)["closes_at"]), at("2026-03-19T02:04:00Z"), "five minutes after the bid");
}

/// The end is exclusive; a second later the lot is closed, awarded and the listing sold.
async fn it_closes_by_itself(market: &Market, listing: &Value, winner: &Firm, loser: &Firm) {
    let lot = text(&listing["lot_id"]);
    let end = at("2026-03-19T02:04:00Z");
    market.staff.move_clock(end).await.unwrap();
    refused(&bid(&loser.bidder, &lot, "206000.00").await, 409, "closed");
    market.staff.move_clock(end + TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(market.stranger.get(&listing_path(listing)).await.unwrap()["state"], "sold");

    let closed = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    let admission = winner.owner.get("/v1/admissions").await.unwrap()["items"][0].clone();
    assert_eq!((&closed["state"], &closed["price"]), (&json!("closed_sold"), &cny("204000.00")));
    assert_eq!((&admission["state"], &admission["pseudonym"]), (&json!("won"), &closed["leader"]));
    assert_eq!(loser.owner.get("/v1/admissions").await.unwrap()["items"][0]["state"], "lost");

    let events = log(&market.stranger, &lot).await;
    is_whole(&lot, &events);
    prices_rise(&events);
    assert_eq!((of_kind(&events, "bid_placed").len(), of_kind(&events, "sold").len()), (3, 1));
}

/// The deal drew itself up; each side's signatory signs the very text he read; the deal.
async fn both_sides_sign(market: &Market, seller: &Firm, asset: &str, winner: &Firm) -> Value {
    let deal = first_deal(&winner.owner).await;
    assert_eq!((&deal["state"], &deal["price"]), (&json!("confirmation_generated"), &cny("204000.00")));
    assert_eq!((deal["seller_organisation_id"].as_str(), deal["buyer_organisation_id"].as_str()), (Some(&*seller.id), Some(&*winner.id)));
    assert_eq!(instant(&deal["confirm_by"]), at("2026-03-24T16:00:00Z"), "three working days");
    let path = format!("/v1/deals/{}", text(&deal["id"]));
    let confirmation = winner.signatory.get(&format!("{path}/confirmation")).await.unwrap();
    let said = confirmation["content_text"].as_str().unwrap();
    assert_eq!(confirmation["sha256"], hex(&sha256(said.as_bytes())));
    assert_eq!(confirmation["content"]["final_price_in_capitals"]["value"], chinese_capitals(Money::fen(20_400_000)));

    let sign = async |client: &Client, hash: &Value| {
        client.post(&format!("{path}/sign"), json!({"confirmation_sha256": hash})).send().await.unwrap()
    };
    let hash = &confirmation["sha256"];
    refused(&sign(&winner.owner, hash).await, 403, "forbidden");
    refused(&sign(&winner.signatory, &json!("0".repeat(64))).await, 422, "invalid");
    granted(&sign(&winner.signatory, hash).await, 200);
    refused(&sign(&winner.signatory, hash).await, 409, "already_signed");
    let stale = sign(&seller.signatory, hash).await;
    assert_eq!(refused(&stale, 409, "listing_not_ready")["asset_ids"], json!([asset]));

    read_status(&seller.owner, asset).await;
    let confirmed = sign(&seller.signatory, hash).await;
    assert_eq!(granted(&confirmed, 200)["state"], "confirmed");
    let early = market.staff.publisher.look(&format!("/v1/notices/{}", text(&confirmed.body["result_notice_id"]))).await.unwrap();
    assert_eq!(granted(&early, 200)["state"], "drafted");
    confirmed.body
}

/// A publisher publishes the notice that drafted itself; everybody reads it, newest first, and recomputes its hash.
async fn the_result_is_published(market: &Market, listing: &Value, deal: &Value, winner: &Firm) {
    let (path, notice) = (format!("/v1/deals/{}/publish-result", text(&deal["id"])), text(&deal["result_notice_id"]));
    refused(&market.stranger.look(&format!("/v1/notices/{notice}")).await.unwrap(), 404, "not_found");
    let other = market.staff.reviewer.ask(reqwest::Method::POST, &path).send().await.unwrap();
    refused(&other, 403, "forbidden");
    assert_eq!(market.staff.publisher.act(&path).await.unwrap()["state"], "result_published");

    let list = market.stranger.get("/v1/notices").await.unwrap();
    assert_eq!((&list["items"][0]["id"], &list["items"][1]["id"]), (&json!(notice), &listing["notice_id"]));
    let published = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
    let said = published["content_text"].as_str().unwrap();
    assert_eq!((&published["kind"], &published["version"]), (&json!("deal_result"), &json!(1)));
    assert_eq!(published["sha256"], hex(&sha256(said.as_bytes())));
    assert_eq!(list["items"][0]["sha256"], published["sha256"]);
    assert_eq!(serde_json::from_str::<Value>(said).unwrap(), published["content"]);

    let content = &published["content"];
    assert_eq!((&content["seller_name"], &content["buyer_name"]), (&json!("浙江大学"), &json!(winner.name)));
    assert_eq!((&content["final_price"], &content["premium_percent"]), (&cny("204000.00"), &json!("2.00")));
    assert_eq!((&content["number_of_bids"], &content["number_of_bidders"]), (&json!(3), &json!(2)));
    assert_eq!((&content["withheld"], &content["rehearsal"]), (&json!([]), &json!(false)));
    let title = "A method of reducing pollution along river banks";
    assert_eq!([&content["title_en"], &deal["title_en"], &list["items"][0]["title_en"]], [title; 3]);
    let page = read(market, &format!("/notices/{notice}?lang=en")).await.1;
    assert!(page.contains(&format!("<span>{title}</span> · Result of a deal</h1>")), "{page}");
}

/// The loser's deposit is owed back by the rule's date and then paid; the winner's stays.
async fn losers_have_their_money_back(market: &Market, winner: &Firm, loser: &Firm) {
    let due = at("2026-03-24T16:00:00Z");
    let refund = async || loser.owner.get("/v1/refunds").await.unwrap()["items"][0].clone();
    let owed = refund().await;
    assert_eq!((&owed["state"], &owed["amount"]), (&json!("due"), &cny("20000.00")));
    assert_eq!(instant(&owed["due_at"]), due, "three working days after the close");
    market.staff.move_clock(due - TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(refund().await["state"], "due");
    market.staff.move_clock(due).await.unwrap();
    assert_eq!(refund().await["state"], "paid");

    assert_eq!(winner.owner.get("/v1/refunds").await.unwrap()["items"], json!([]));
    let funds = async |firm: &Firm| firm.owner.get(&format!("/v1/organisations/{}/funds", firm.id)).await.unwrap()["balances"][0].clone();
    let (kept, returned) = (funds(winner).await, funds(loser).await);
    assert_eq!((&kept["held"], &kept["available"]), (&cny("20000.00"), &cny("0.00")));
    assert_eq!((&returned["held"], &returned["debited"], &returned["available"]), (&cny("0.00"), &cny("20000.00"), &cny("0.00")));
}

/// Bids alternate between two servers on one database; a watcher at the second sees one log, without
/// gap or double, also after he lost the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_conduct_one_auction() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let seller = university(&market).await;
    let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
    let lot = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&one, &two]).await.lot;
    let mut watch = Watch::open(&second.url(), &lot, None).await;
    for round in 0..10 {
        let bidder = if round % 2 == 0 { one.client.clone() } else { through(&door, &two.client) };
        granted(&bid(&bidder, &lot, &format!("{}.00", 10_000 + 100 * round)).await, 201);
    }
    // Scheduled, registration closed, opened, and the first two bids; then the line is cut.
    let mut seen = watch.take(5).await;
    drop(watch);
    let mut watch = Watch::open(&second.url(), &lot, seen.last().map(|said| said.id)).await;
    market.pass(24 * 60 + 1).await;
    seen.extend(watch.rest().await);

    let events = log(&market.stranger, &lot).await;
    is_whole(&lot, &events);
    assert_eq!(events.len(), 14, "scheduled, registration closed, opened, ten bids, sold");
    let said: Vec<_> = seen.iter().map(|said| (json!(said.id), said.data["hash"].clone())).collect();
    let kept: Vec<_> = events.iter().map(|event| (event["seq"].clone(), event["hash"].clone())).collect();
    assert_eq!(said, kept);
    for reader in [&market.stranger, &door] {
        let lot = reader.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!((&lot["state"], &lot["price"]), (&json!("closed_sold"), &cny("10900.00")));
    }
    assert_eq!(through(&door, &two.client).get("/v1/deals").await.unwrap()["items"].as_array().unwrap().len(), 1);
    second.stop().await;
}

/// The admission a party holds.
async fn admission(party: &Party) -> Value {
    party.client.get("/v1/admissions").await.unwrap()["items"][0].clone()
}

/// The refunds a party is owed or was paid.
async fn refunds(party: &Party) -> Vec<Value> {
    party.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().clone()
}

on_both! {
    async fn a_confirmation_the_buyer_did_not_sign_lapses_into_his_default(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&buyer]).await.lot;
        granted(&bid(&buyer.client, &lot, "10000.00").await, 201);
        market.pass(24 * 60 + 1).await;
        let deal = first_deal(&buyer.client).await;
        let (id, due) = (text(&deal["id"]), instant(&deal["confirm_by"]));
        sign(&id, &[&seller.client]).await.unwrap();

        market.staff.move_clock(due - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(first_deal(&buyer.client).await["state"], "confirmation_generated");
        market.staff.move_clock(due).await.unwrap();
        assert_eq!(first_deal(&buyer.client).await["state"], "default_buyer");
        let late = json!({"confirmation_sha256": deal["confirmation_sha256"]});
        refused(&buyer.client.post(&format!("/v1/deals/{id}/sign"), late).send().await.unwrap(), 409, "wrong_state");

        // What was not sold after all is free again.
        let listings = seller.client.get("/v1/listings?mine=true").await.unwrap();
        assert_eq!((&listings["items"][0]["state"], listings["items"].as_array().unwrap().len()), (&json!("failed"), 1));

        assert_eq!(admission(&buyer).await["state"], "defaulted");
        assert_eq!(refunds(&buyer).await, Vec::<Value>::new(), "the deposit stays until its forfeiture is decided");
        let funds = buyer.client.get(&format!("/v1/organisations/{}/funds", buyer.organisation)).await.unwrap();
        assert_eq!(funds["balances"][0]["held"], cny("1000.00"));
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    async fn with_too_few_admitted_the_listing_fails_and_deposits_go_back(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["auction"]["min_bidders"] = 2.into();
        let published = lot(&market, &seller, "ZL201610200331.9", offer).await;
        admit(&buyer, &market.staff, &published.lot).await.unwrap();
        market.pass(2).await;

        let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!((&listing["state"], &listing["state_reason"]), (&json!("failed"), &json!("too_few_bidders")));
        assert_eq!(market.stranger.get(&format!("/v1/lots/{}", published.lot)).await.unwrap()["state"], "aborted");
        refused(&bid(&buyer.client, &published.lot, "10000.00").await, 409, "closed");
        it_pays_back(&market, &[&buyer]).await;
    }
}

on_both! {
    async fn without_a_bid_nothing_is_sold_and_every_deposit_goes_back(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let Published { listing, lot, .. } = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&one, &two]).await;
        market.pass(24 * 60 + 1).await;

        let listing = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
        assert_eq!((&listing["state"], &listing["state_reason"]), (&json!("failed"), &json!("unsold")));
        let events = log(&market.stranger, &lot).await;
        assert_eq!(events.last().unwrap()["body"]["reason"], "no_bid");
        assert_eq!(market.staff.supervisor.get("/v1/deals").await.unwrap()["items"], json!([]));
        it_pays_back(&market, &[&one, &two]).await;
    }
}

on_both! {
    async fn where_announced_the_runner_up_waits_until_the_deal_is_confirmed(market) {
        let seller = university(&market).await;
        let mut buyers = Vec::new();
        for number in 1..=3 {
            buyers.push(enterprise(&market, &format!("firm-{number}"), number).await);
        }
        let mut offer = rehearsal(Money::fen(1_000_000), market.staff.now().await.unwrap() + TimeDelta::minutes(1));
        offer["auction"]["next_bidder_rule"] = true.into();
        let lot = lot(&market, &seller, "ZL201610200331.9", offer).await.lot;
        for buyer in &buyers {
            admit(buyer, &market.staff, &lot).await.unwrap();
        }
        market.pass(2).await;
        for (buyer, price) in buyers.iter().zip(["10000.00", "10100.00", "10200.00"]) {
            granted(&bid(&buyer.client, &lot, price).await, 201);
        }
        market.pass(24 * 60 + 1).await;
        let [other, runner_up, winner] = buyers.as_slice() else { panic!("three buyers") };
        assert_eq!((admission(other).await["state"].clone(), refunds(other).await.len()), (json!("lost"), 1));
        assert_eq!((admission(runner_up).await["state"].clone(), refunds(runner_up).await.len()), (json!("admitted"), 0));

        sign(&text(&first_deal(&winner.client).await["id"]), &[&winner.client, &seller.client]).await.unwrap();
        market.pass(0).await;
        assert_eq!((admission(runner_up).await["state"].clone(), refunds(runner_up).await.len()), (json!("lost"), 1));
        assert_eq!((admission(winner).await["state"].clone(), refunds(winner).await.len()), (json!("won"), 0));
    }
}

/// Each has lost, is owed its deposit, and is paid when it falls due.
async fn it_pays_back(market: &Market, buyers: &[&Party]) {
    for buyer in buyers {
        assert_eq!(admission(buyer).await["state"], "lost");
        let owed = refunds(buyer).await;
        assert_eq!((owed.len(), &owed[0]["state"], &owed[0]["amount"]), (1, &json!("due"), &cny("1000.00")));
    }
    let due = instant(&refunds(buyers[0]).await[0]["due_at"]);
    market.staff.move_clock(due).await.unwrap();
    for buyer in buyers {
        assert_eq!(refunds(buyer).await[0]["state"], "paid");
        let funds = buyer.client.get(&format!("/v1/organisations/{}/funds", buyer.organisation)).await.unwrap();
        assert_eq!((&funds["balances"][0]["held"], &funds["balances"][0]["available"]), (&cny("0.00"), &cny("0.00")));
    }
    books_balance(&market.staff.finance).await;
}

/// The same with two servers on one PostgreSQL: the parties use one door, the officers the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_story_through_two_doors() {
    if !has_postgres() {
        return;
    }
    let mut market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    market.stranger = door;
    the_whole_story::run(market).await;
    second.stop().await;
}
