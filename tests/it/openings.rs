//! What the notices of a sale at a negotiated price withhold until a date, and how it is told once that has come.

use chrono::TimeDelta;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use zhepai::platform::keys::{hex, sha256};
use zhepai::play::{Party, instant, text};

use crate::authz::{erratum, officer};
use crate::common::Market;
use crate::common::fixtures::enterprise;
use crate::common::play::{at, cny};
use crate::negotiations::{accept, begun, conclude, decide, offer, public};
use crate::notices::{read, told};
use crate::on_both;

/// When what the result withholds opens: two years after Wednesday the 18th of March 2026 is a Saturday.
const OPENS: &str = "2028-03-20T16:00:00Z";

/// A sale whose result is public.
struct Quiet {
    seller: Party,
    /// The negotiation.
    place: String,
    /// The notice of its price.
    price: String,
    /// The notice of its result.
    result: String,
}

/// A sale of a private seller's at a negotiated price of 98 765.43, whose amount is to be kept secret and whose result was made public on
/// Wednesday the 18th of March 2026.
async fn quiet_sale(market: &Market) -> Quiet {
    let (seller, buyer) = (enterprise(market, "vendor", 1).await, enterprise(market, "buyer", 2).await);
    let place = begun(&seller, &buyer, "一种悄悄转让的技术", "120000.00").await;
    let mut counter = offer("98765.43");
    counter["terms"]["amount_confidential"] = json!(true);
    counter["terms"]["payment"] = json!("合同生效后一次性付清98765.43元");
    counter["terms"]["conditions"] = json!(["付清98,765.43元后办理变更登记"]);
    let made = buyer.client.create(&format!("{place}/offers"), counter).await.unwrap();
    assert!(made["offers"][1]["differences"].to_string().contains("/amount_confidential"), "the seller sees what he is asked for");
    accept(&seller.client, &place).await;
    decide(&seller.client, &place, None).await;
    conclude(market, &seller, &buyer, &place).await;
    let done = seller.client.get(&place).await.unwrap();
    Quiet { seller, place, price: text(&done["notice_id"]), result: text(&done["result_notice_id"]) }
}

/// A notice as everybody reads it.
async fn seen(market: &Market, notice: &str) -> Value {
    market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()
}

/// A page for people.
async fn page(market: &Market, notice: &str, language: &str) -> String {
    read(market, &format!("/notices/{notice}?lang={language}")).await.1
}

on_both! {
    /// The band gives way to the amount by itself, two years on and no second sooner, in a further version that says why.
    async fn a_price_that_is_withheld_is_told_at_its_date(market) {
        let Quiet { seller, price, result: notice, .. } = quiet_sale(&market).await;
        let place = format!("/v1/notices/{notice}");
        let before = seen(&market, &notice).await;
        let gap = &before["content"]["withheld"][0];
        assert_eq!((&gap["field"], &gap["shown_instead"]["below"]), (&json!("final_price"), &cny("100000.00")));
        assert!(!before["content_text"].to_string().contains("98765.43"), "{before}");
        assert_eq!(before["content"].get("base_price"), None, "nor what it could be guessed from");
        let opens = instant(&gap["opens_at"]);
        assert_eq!(opens, at(OPENS));
        assert!(page(&market, &notice, "zh").await.contains("届时公开") && page(&market, &notice, "en").await.contains("Opens"));
        let slip = text(&seller.client.create(&format!("{place}/errata"), erratum("一种更正的技术")).await.unwrap()["id"]);

        market.staff.move_clock(opens - TimeDelta::seconds(1)).await.unwrap();
        let still = seen(&market, &notice).await;
        assert_eq!((&still["state"], &still["content_text"]), (&json!("ended"), &before["content_text"]));
        market.staff.move_clock(opens).await.unwrap();
        let after = seen(&market, &notice).await;
        assert_eq!((&after["version"], &after["state"], &after["ends_at"]), (&json!(2), &still["state"], &still["ends_at"]));
        let content = &after["content"];
        assert_eq!((&content["final_price"], &content["base_price"]), (&cny("98765.43"), &cny("100000.00")));
        assert_eq!(content["withheld"], json!([]));
        assert_eq!(text(&after["sha256"]), hex(&sha256(text(&after["content_text"]).as_bytes())));
        assert_eq!(told(&market, &notice).await, ["notice.published", "notice.ended", "notice.final", "notice.opened"]);
        everybody_finds_why(&market, &notice, &after).await;
        let older = seen(&market, &price).await;
        assert_eq!((&older["version"], older["content"].get("intended_price")), (&json!(1), None), "its own notice tells a band");
        let gaps: Vec<_> = older["content"]["withheld"].as_array().unwrap().iter().map(|gap| text(&gap["field"])).collect();
        assert_eq!(gaps, ["intended_price", "payment", "conditions"]);

        // A slip that waited meanwhile is set right in what stands now.
        let (fresh, _) = officer(&market, "fresh-eyes", "publisher").await;
        fresh.act(&format!("/v1/notice-proposals/{slip}/publish")).await.unwrap();
        let last = seen(&market, &notice).await;
        assert_eq!((&last["version"], &last["content"]["title"]), (&json!(3), &json!("一种更正的技术")));
        assert_eq!(last["content"]["final_price"], cny("98765.43"));
    }
}

/// The further version with what it changed and why, in the list of versions, in the feed and on the page; nobody decided on it.
async fn everybody_finds_why(market: &Market, notice: &str, after: &Value) {
    let (place, opens) = (format!("/v1/notices/{notice}"), at(OPENS));
    let versions = market.stranger.get(&format!("{place}/versions")).await.unwrap();
    let made = &versions["items"][1];
    assert_eq!((&made["kind"], &made["stands"], instant(&made["published_at"])), (&json!("opening"), &json!(true), opens));
    assert_eq!(made["reason"], "依规则到期公开 Opened by rule at its date");
    let difference = market.stranger.get(&format!("{place}/difference")).await.unwrap();
    let places: Vec<_> = difference["changes"].as_array().unwrap().iter().map(|one| text(&one["pointer"])).collect();
    assert_eq!(places, ["/base_price", "/final_price", "/withheld/0"]);

    let feed: Value = serde_json::from_str(&read(market, "/v1/notices/feed.json?kind=deal_result").await.1).unwrap();
    let fed = &feed["items"][0];
    assert_eq!((&fed["content_text"], instant(&fed["date_modified"])), (&after["content_text"], opens));
    let chinese = page(market, notice, "zh").await;
    let (text, course) = chinese.split_once("id=\"versions\"").unwrap();
    assert!(text.contains("98,765.43 元") && !text.contains("届时公开"), "{text}");
    let told = ["依规则到期公开", "<del><p>（无）</p></del>", "<ins><p>98,765.43 元</p></ins>"];
    assert!(
        told.iter().all(|told| course.contains(told)) && course.contains("届时公开"),
        "what was withheld stands among what was changed: {course}"
    );

    let proposals = market.staff.publisher.get(&format!("{place}/proposals")).await.unwrap();
    let opening = proposals["items"].as_array().unwrap().iter().find(|one| one["kind"] == "opening").unwrap();
    assert_eq!((&opening["state"], &opening["made_version"]), (&json!("published"), &json!(2)));
    assert_eq!((&opening["decided_by"], &opening["allowed_deeds"]), (&Value::Null, &json!([])));
}

on_both! {
    /// Nothing that is public, no event and no file of evidence tells the amount; nor, before its date, by what hash it could be tried.
    async fn a_price_that_is_withheld_is_told_nowhere_else(market) {
        let sale = quiet_sale(&market).await;
        market.pass(0).await;
        let mut said = public(&market, &sale.price).await;
        said.extend(public(&market, &sale.result).await);
        let events = entity::platform::event::Entity::find().all(market.house().db.read()).await.unwrap();
        said.extend(events.into_iter().map(|event| event.body));
        let evidence = format!("{}/evidence", sale.place);
        let file = sale.seller.client.get(&evidence).await.unwrap();
        assert_eq!(file["content"]["negotiation"]["offers"][1].get("terms_sha256"), None);
        said.push(file.to_string());
        for amount in ["98765.43", "98,765.43", "9876543"] {
            assert!(said.iter().all(|said| !said.contains(amount)), "{amount} is public");
        }
        market.staff.move_clock(at(OPENS)).await.unwrap();
        let file = market.staff.publisher.get(&evidence).await.unwrap();
        assert!(file["content"]["negotiation"]["offers"][1]["terms_sha256"].is_string());
    }
}

on_both! {
    /// What was withdrawn opens no more.
    async fn what_stands_no_more_opens_no_more(market) {
        let notice = quiet_sale(&market).await.result;
        let reason = json!({"reason": "成交被依法撤销"});
        let proposed = market.staff.reviewer.create(&format!("/v1/notices/{notice}/withdrawal"), reason).await.unwrap();
        let (fresh, _) = officer(&market, "fresh-eyes", "publisher").await;
        fresh.act(&format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]))).await.unwrap();
        market.staff.move_clock(at(OPENS)).await.unwrap();
        let withdrawn = seen(&market, &notice).await;
        assert_eq!((&withdrawn["state"], &withdrawn["version"]), (&json!("withdrawn"), &json!(1)));
        assert!(!told(&market, &notice).await.contains(&"notice.opened".to_owned()));
    }
}

on_both! {
    /// What opens while its page is away is read once that is back, and so is what stood before.
    async fn what_is_away_opens_all_the_same(market) {
        let notice = quiet_sale(&market).await.result;
        let (place, publisher) = (format!("/v1/notices/{notice}"), &market.staff.publisher);
        publisher.create(&format!("{place}/take-down"), json!({"reason": "复核是否涉密"})).await.unwrap();
        market.staff.move_clock(at(OPENS)).await.unwrap();
        publisher.act(&format!("{place}/restore")).await.unwrap();
        let back = seen(&market, &notice).await;
        assert_eq!((&back["version"], &back["content"]["final_price"]), (&json!(2), &cny("98765.43")));
        let first = market.stranger.get(&format!("{place}/versions/1")).await.unwrap();
        assert_eq!(first["content"]["withheld"][0]["field"], "final_price");
    }
}
