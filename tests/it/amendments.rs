//! A published listing is offered otherwise, and its dates move.

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, admit, instant, read_status, sign, text};

use crate::authz::{erratum, objection, officer, person};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, bid, cny, eventually, first_deal, granted, log, of_kind, refused};
use crate::negotiations::paper;
use crate::notices::read;
use crate::on_both;
use crate::timeline::draft;

/// A listing of the university's that is open to registration: its place, its right, and what it was published as.
async fn published(market: &Market, seller: &Party) -> (String, String, Value) {
    let (place, asset) = draft(seller).await;
    let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
    seller.client.act(&format!("{place}/submit")).await.unwrap();
    reviewer.act(&format!("{place}/take")).await.unwrap();
    reviewer.act(&format!("{place}/approve")).await.unwrap();
    let told = publisher.act(&format!("{place}/publish")).await.unwrap();
    (place, asset, told)
}

/// How a listing is to be offered, changed as told.
pub async fn amendment(seller: &Party, place: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut offer = seller.client.get(place).await.unwrap()["offer"].clone();
    change(&mut offer);
    json!({"offer": offer, "reason": "经重新评估调整", "decision_document_id": paper(seller, "关于调整挂牌内容的决定").await})
}

/// Proposes a change of a listing and has it published; the amendment afterwards.
pub async fn amended(publisher: &Client, seller: &Party, place: &str, change: impl FnOnce(&mut Value)) -> Value {
    let new = amendment(seller, place, change).await;
    let proposed = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
    publish(publisher, &proposed).await
}

async fn publish(publisher: &Client, proposed: &Value) -> Value {
    let place = format!("/v1/listing-amendments/{}", text(&proposed["id"]));
    let read = publisher.get(&place).await.unwrap();
    assert_eq!(read["allowed_deeds"], json!(["publish_listing_amendment", "refuse_listing_amendment"]));
    publisher.create(&format!("{place}/publish"), json!({"drafted_sha256": read["drafted_sha256"]})).await.unwrap()
}

/// Where an organisation's registrations stand, by the lots they are for.
async fn registered(buyer: &Party) -> Vec<(String, String)> {
    let mine = buyer.client.get("/v1/admissions").await.unwrap();
    mine["items"].as_array().unwrap().iter().map(|one| (text(&one["lot_id"]), text(&one["state"]))).collect()
}

on_both! {
    /// A lower price: a further version of the notice, a whole period, another lot, everybody told; who stays bids, who withdraws has his
    /// deposit back.
    async fn what_others_decide_by_is_announced_anew(market) {
        let seller = university(&market).await;
        let [winner, loser, leaver] = [enterprise(&market, "winner", 1).await, enterprise(&market, "loser", 2).await, enterprise(&market, "leaver", 3).await];
        let (place, asset, before) = published(&market, &seller).await;
        let (lot, notice) = (text(&before["lot_id"]), format!("/v1/notices/{}", text(&before["notice_id"])));
        for buyer in [&winner, &loser, &leaver] {
            admit(buyer, &market.staff, &lot).await.unwrap();
        }
        market.staff.move_clock(at("2026-03-09T02:00:00Z")).await.unwrap();
        read_status(&seller, &asset, "granted").await.unwrap();
        let slip = seller.client.create(&format!("{notice}/errata"), erratum("一种河岸带减污的方法")).await.unwrap();
        market.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&slip["id"]))).await.unwrap();
        let cheaper = |offer: &mut Value| {
            offer["base_price"] = cny("180000.00");
            offer["deposit"] = cny("20000.00");
        };
        let done = amended(&market.staff.publisher, &seller, &place, cheaper).await;

        let after = market.stranger.get(&place).await.unwrap();
        assert_eq!((&done["state"], &done["lot_id"]), (&json!("published"), &after["lot_id"]));
        assert_ne!(after["lot_id"], before["lot_id"]);
        assert_eq!(instant(&after["registration_closes_at"]), at("2026-03-23T16:00:00Z"), "ten working days from the 9th");
        assert!(instant(&after["auction_opens_at"]) > instant(&before["auction_opens_at"]) + TimeDelta::days(6));
        let shown = market.stranger.get(&notice).await.unwrap();
        assert_eq!((&shown["version"], &shown["ends_at"]), (&json!(3), &after["registration_closes_at"]));
        assert_eq!(shown["content"]["title"], "一种河岸带减污的方法", "what was set right stays right");
        let versions = market.stranger.get(&format!("{notice}/versions")).await.unwrap();
        assert_eq!((&versions["items"][2]["kind"], &versions["items"][2]["reason"]), (&json!("revision"), &json!("经重新评估调整")));
        let differs = market.stranger.get(&format!("{notice}/difference")).await.unwrap();
        assert!(differs["changes"].as_array().unwrap().iter().any(|one| one["pointer"].as_str().unwrap().starts_with("/price/base_price")));
        for (language, words) in [
            ("zh", ["价格 · 基准价（底价）", "200,000.00 元", "180,000.00 元", "经重新评估调整"]),
            ("en", ["Price · Base price", "CNY 200,000.00", "CNY 180,000.00", "经重新评估调整"]),
        ] {
            let (_, page) = read(&market, &format!("{}?lang={language}", notice.strip_prefix("/v1").unwrap())).await;
            let [place, was, is, reason] = words;
            let changed = format!("<dt>{place}</dt><dd><dl><dt>{}</dt><dd><del><p>{was}</p></del>", if language == "zh" { "原文" } else { "Before" });
            assert!(page.contains(&changed) && page.contains(&format!("<ins><p>{is}</p></ins>")) && page.contains(reason), "{page}");
            // The slip before it is told with both texts too.
            let chinese = if language == "zh" { "" } else { " lang=\"zh\"" };
            let slip = [format!("<del><p{chinese}>一种河岸带减污方法</p></del>"), format!("<ins><p{chinese}>一种河岸带减污的方法</p></ins>")];
            assert!(slip.iter().all(|told| page.contains(told)), "{page}");
        }
        let old = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!(old["state"], "aborted");

        let lot = text(&after["lot_id"]);
        for buyer in [&winner, &loser, &leaver] {
            assert_eq!(registered(buyer).await, [(lot.clone(), "admitted".to_owned())], "whoever is registered stays so");
            let is_told = async || {
                let inbox = buyer.client.get("/v1/inbox").await.unwrap();
                inbox["items"].as_array().unwrap().iter().any(|item| item["kind"] == "notice.revised")
            };
            eventually(is_told).await;
        }
        let admission = text(&leaver.client.get("/v1/admissions").await.unwrap()["items"][0]["id"]);
        leaver.client.act(&format!("/v1/admissions/{admission}/withdraw")).await.unwrap();
        assert_eq!(leaver.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len(), 1, "with his deposit");

        let evidence = seller.client.get(&format!("{place}/evidence")).await.unwrap()["content"].clone();
        assert_eq!(evidence["amendments"][0]["drafted_sha256"], shown["sha256"], "the text that was read is the one that stands");
        assert_eq!(evidence["lots"].as_array().unwrap().len(), 2);
        // The timers of the dates that were do nothing.
        market.staff.move_clock(instant(&before["auction_opens_at"]) + TimeDelta::days(1)).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "published");
        market.staff.move_clock(instant(&after["auction_opens_at"])).await.unwrap();
        granted(&bid(&loser.client, &lot, "180000.00").await, 201);
        granted(&bid(&winner.client, &lot, "182000.00").await, 201);
        market.staff.move_clock(instant(&after["auction_opens_at"]) + TimeDelta::hours(25)).await.unwrap();
        let deal = text(&first_deal(&winner.client).await["id"]);
        read_status(&seller, &asset, "granted").await.unwrap();
        sign(&deal, &[&winner.client, &seller.client]).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "sold");
    }
}

on_both! {
    /// Who was judged by another deposit or other conditions registers again, and has his deposit back.
    async fn who_registered_under_another_deposit_registers_again(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (place, _, before) = published(&market, &seller).await;
        let lot = text(&before["lot_id"]);
        admit(&buyer, &market.staff, &lot).await.unwrap();
        let done = amended(&market.staff.publisher, &seller, &place, |offer| offer["deposit"] = cny("30000.00")).await;
        assert_eq!(registered(&buyer).await, [(lot.clone(), "not_admitted".to_owned())]);
        assert_eq!(buyer.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len(), 1);
        for kind in ["notice.revised", "admission.announced_anew"] {
            let is_told = async || {
                let inbox = buyer.client.get("/v1/inbox").await.unwrap();
                inbox["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind)
            };
            eventually(is_told).await;
        }
        admit(&buyer, &market.staff, &text(&done["lot_id"])).await.unwrap();
        let again = buyer.client.post(&format!("/v1/lots/{lot}/admissions"), json!({"documents": []})).send().await.unwrap();
        assert_eq!(again.status, 409, "{}", again.body);
    }
}

on_both! {
    /// Two people, one text: whoever publishes had no hand in it and means what he read; a refusal leaves the listing as it was.
    async fn a_second_person_publishes_what_he_read(market) {
        let seller = university(&market).await;
        let (place, _, before) = published(&market, &seller).await;
        let new = amendment(&seller, &place, |offer| offer["base_price"] = cny("180000.00")).await;
        let mut same = new.clone();
        same["offer"] = seller.client.get(&place).await.unwrap()["offer"].clone();
        let said = seller.client.post(&format!("{place}/amendments"), same).send().await.unwrap();
        assert_eq!(refused(&said, 422, "invalid")["errors"][0]["code"], "same");
        let mut undecided = new.clone();
        undecided["decision_document_id"] = Value::Null;
        let said = seller.client.post(&format!("{place}/amendments"), undecided).send().await.unwrap();
        assert_eq!(refused(&said, 422, "invalid")["errors"][0]["pointer"], "/decision_document_id");
        let mut other = new.clone();
        other["offer"]["contact"]["office"] = "另一部门".into();
        let said = seller.client.post(&format!("{place}/amendments"), other).send().await.unwrap();
        assert_eq!(refused(&said, 422, "invalid")["errors"][0]["pointer"], "/offer/contact");

        let proposed = seller.client.create(&format!("{place}/amendments"), new.clone()).await.unwrap();
        assert_eq!(proposed["allowed_deeds"], json!(["refuse_listing_amendment"]), "its seller takes it back");
        let at = format!("/v1/listing-amendments/{}", text(&proposed["id"]));
        refused(&market.stranger.look(&at).await.unwrap(), 401, "not_signed_in");
        let another = market.staff.publisher.post(&format!("{at}/publish"), json!({"drafted_sha256": "0".repeat(64)})).send().await.unwrap();
        assert_eq!(refused(&another, 422, "invalid")["errors"][0]["code"], "another_text");
        seller.client.create(&format!("{at}/refuse"), json!({"reason": "尚需论证"})).await.unwrap();
        let after = market.stranger.get(&place).await.unwrap();
        assert_eq!((&after["lot_id"], &after["registration_closes_at"]), (&before["lot_id"], &before["registration_closes_at"]));
        let again = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        let listed = market.staff.reviewer.get(&format!("{place}/amendments")).await.unwrap();
        let states: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| text(&one["state"])).collect();
        assert_eq!(states, ["open", "refused"]);
        publish(&market.staff.publisher, &again).await;
    }
}

on_both! {
    /// What an objection was right about is put right by an amendment: the lot announced with it stands still until somebody says so.
    async fn what_was_objected_to_is_put_right_by_an_amendment(market) {
        let (seller, objector) = (university(&market).await, person(&market, "o-bjects").await);
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        let (place, asset, before) = published(&market, &seller).await;
        let notice = text(&before["notice_id"]);
        let objected = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let at = format!("/v1/objections/{}", text(&objected["id"]));
        handler.act(&format!("{at}/accept")).await.unwrap();
        let new = amendment(&seller, &place, |offer| offer["base_price"] = cny("180000.00")).await;
        let proposed = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        let path = format!("/v1/listing-amendments/{}/publish", text(&proposed["id"]));
        let early = market.staff.publisher.post(&path, json!({"drafted_sha256": proposed["drafted_sha256"]})).send().await.unwrap();
        refused(&early, 409, "objection_open");
        handler.create(&format!("{at}/decide"), json!({"outcome": "upheld", "reasons": "价格依据不足"})).await.unwrap();
        market.staff.move_clock(instant(&market.stranger.get(&at).await.unwrap()["due_at"])).await.unwrap();
        read_status(&seller, &asset, "granted").await.unwrap();

        let done = publish(&market.staff.publisher, &proposed).await;
        let lot = format!("/v1/lots/{}", text(&done["lot_id"]));
        assert_eq!(market.stranger.get(&lot).await.unwrap()["state"], "paused", "it is not put right before the handler says so");
        handler.create(&format!("{at}/settle"), json!({"settlement": "已更正价格并重新公告"})).await.unwrap();
        market.staff.host.create(&format!("{lot}/resume"), json!({"reason": "异议已办结"})).await.unwrap();
        assert_eq!(market.stranger.get(&lot).await.unwrap()["state"], "scheduled");
    }
}

on_both! {
    /// What a host waits for is not over by an amendment; what is still proposed ends with its listing.
    async fn a_pause_goes_on_and_what_is_open_ends(market) {
        let seller = university(&market).await;
        let (place, _, before) = published(&market, &seller).await;
        let lot = format!("/v1/lots/{}", text(&before["lot_id"]));
        market.staff.host.create(&format!("{lot}/pause"), json!({"reason": "权属核查"})).await.unwrap();
        let done = amended(&market.staff.publisher, &seller, &place, |offer| offer["base_price"] = cny("180000.00")).await;
        let anew = market.stranger.get(&format!("/v1/lots/{}", text(&done["lot_id"]))).await.unwrap();
        assert_eq!((&anew["state"], &anew["pause"]["reason"]), (&json!("paused"), &json!("权属核查")));
        let new = amendment(&seller, &place, |offer| offer["base_price"] = cny("170000.00")).await;
        let open = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        seller.client.create(&format!("{place}/terminate"), json!({"reason": "不再转让"})).await.unwrap();
        let ended = seller.client.get(&format!("/v1/listing-amendments/{}", text(&open["id"]))).await.unwrap();
        assert_eq!((&ended["state"], &ended["decided_by"], &ended["allowed_deeds"]), (&json!("refused"), &Value::Null, &json!([])));
    }
}

on_both! {
    /// A day on which the page of its notice was away: registration closes a day later, and bidding opens so.
    async fn a_listing_makes_up_for_the_days_its_notice_was_away(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (place, _, before) = published(&market, &seller).await;
        let (lot, notice) = (text(&before["lot_id"]), format!("/v1/notices/{}", text(&before["notice_id"])));
        admit(&buyer, &market.staff, &lot).await.unwrap();
        market.staff.move_clock(at("2026-03-10T02:00:00Z")).await.unwrap();
        market.staff.publisher.create(&format!("{notice}/take-down"), json!({"reason": "复核是否涉密"})).await.unwrap();
        market.staff.move_clock(instant(&before["registration_closes_at"]) + TimeDelta::hours(1)).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "published", "nobody could read it");
        market.staff.publisher.act(&format!("{notice}/restore")).await.unwrap();
        let shown = market.stranger.get(&notice).await.unwrap();
        let follows = async || market.stranger.get(&place).await.unwrap()["registration_closes_at"] == shown["ends_at"];
        eventually(follows).await;
        let after = market.stranger.get(&place).await.unwrap();
        let moved = [&before, &after].map(|told| instant(&told["auction_opens_at"]) - instant(&told["registration_closes_at"]));
        assert!(instant(&after["registration_closes_at"]) > instant(&before["registration_closes_at"]));
        assert!(moved[1] >= moved[0], "{moved:?}");
        assert_eq!(after["lot_id"], before["lot_id"]);
        let told = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!(told["opens_at"], after["auction_opens_at"]);
        assert_eq!(of_kind(&log(&market.stranger, &lot).await, "postponed").len(), 1);
        // The days that were made up for are open to others.
        let late = enterprise(&market, "late", 2).await;
        admit(&late, &market.staff, &lot).await.unwrap();
        market.staff.move_clock(instant(&after["auction_opens_at"])).await.unwrap();
        granted(&bid(&late.client, &lot, "200000.00").await, 201);
    }
}

on_both! {
    /// A slip set right in the last two working days of a listing puts its end off by two more.
    async fn a_late_erratum_gives_everybody_two_more_days(market) {
        let seller = university(&market).await;
        let (place, _, before) = published(&market, &seller).await;
        let notice = format!("/v1/notices/{}", text(&before["notice_id"]));
        let closes = instant(&before["registration_closes_at"]);
        market.staff.move_clock(closes - TimeDelta::hours(20)).await.unwrap();
        let proposed = seller.client.create(&format!("{notice}/errata"), erratum("一种河岸带减污的方法")).await.unwrap();
        market.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]))).await.unwrap();
        let shown = market.stranger.get(&notice).await.unwrap();
        assert_eq!((&shown["version"], &shown["period"]["end_reason"]), (&json!(2), &json!("late_change")));
        assert!(instant(&shown["ends_at"]) >= closes + TimeDelta::days(2));
        let follows = async || market.stranger.get(&place).await.unwrap()["registration_closes_at"] == shown["ends_at"];
        eventually(follows).await;
        market.staff.move_clock(closes + TimeDelta::hours(1)).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "published");
        market.staff.move_clock(instant(&shown["ends_at"])).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "failed", "nobody registered");
    }
}
