//! Open licences: what a patentee lets everybody have, from the draft to its withdrawal, and what is not offered beside it.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::codes::patent_check_digit;
use zhepai::play::{self, NewAsset, Party, instant, text};

use crate::authz::{objection, offer as listing_offer, officer, person, tip};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{at, cny, refused};
use crate::invariants::by_hand;
use crate::negotiations::{beginning, paper, publish};
use crate::notices::read;
use crate::on_both;

/// What is declared of a patent: ten thousand a year, for five years.
pub fn declaration(asset: &str) -> Value {
    json!({
        "asset_id": asset,
        "fee": {"kind": "per_year", "amount": cny("10000.00")},
        "payment": "每年第一季度支付",
        "term_from": "2026-04-01",
        "term_until": "2031-04-01",
        "declarations": {
            "no_exclusive_licence": true,
            "not_suspended": true,
            "annuities_paid": true,
            "no_other_obstacle": true
        }
    })
}

/// The number of a patent that was filed in 2018; its kind is the digit after the year.
pub fn number(kind: u32, serial: u32) -> String {
    let body = format!("2018{kind}{serial:07}");
    format!("ZL{body}.{}", patent_check_digit(&body).unwrap())
}

/// A granted invention of a party's, which stands until June 2038; its achievement and its id.
pub async fn patent(owner: &Party, serial: u32) -> (String, String) {
    register(owner, fixtures::patent_numbered(owner, &number(1, serial))).await
}

/// A utility model of a party's, which stands until June 2028; its id.
pub async fn utility_model(owner: &Party, serial: u32) -> String {
    let mut model = fixtures::patent_numbered(owner, &number(2, serial));
    model.body["details"]["kind"] = "utility_model".into();
    register(owner, model).await.1
}

async fn register(owner: &Party, right: NewAsset) -> (String, String) {
    let (achievement, assets) = play::register(owner, fixtures::achievement(), &[right]).await.unwrap();
    (achievement, assets[0].clone())
}

/// An open licence that is drafted; its address.
pub async fn drafted(by: &Client, new: Value) -> String {
    format!("/v1/open-licences/{}", text(&by.create("/v1/open-licences", new).await.unwrap()["id"]))
}

/// One of a patent of its own that is handed in.
pub async fn submitted(patentee: &Party, serial: u32) -> String {
    let place = drafted(&patentee.client, declaration(&patent(patentee, serial).await.1)).await;
    patentee.client.act(&format!("{place}/submit")).await.unwrap();
    place
}

/// One that is announced.
pub async fn announced(market: &Market, patentee: &Party, serial: u32) -> String {
    let place = submitted(patentee, serial).await;
    publish(&market.staff.publisher, &place).await;
    place
}

/// Writes one anew.
pub async fn replaced(by: &Client, place: &str, new: Value) -> Value {
    let version = by.get(place).await.unwrap()["version"].as_i64().unwrap();
    by.ask(Method::PUT, place).body(new).on_version(version).send().await.unwrap().ok().unwrap()
}

/// What the patent office announced.
pub fn entry() -> Value {
    json!({"number": "KF2026330000123", "announced_on": "2026-03-02"})
}

/// A licence in a mode, for a year.
fn licence(mode: &str) -> Value {
    json!({"mode": mode, "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": false})
}

/// Hands a listing of a right in, as a licence in a mode.
pub async fn listed(market: &Market, seller: &Party, (achievement, asset): (&str, &str), mode: &str) -> Reply {
    let mut offer = listing_offer(market, "一种许可的技术").await;
    offer["achievement_id"] = json!(achievement);
    offer["asset_ids"] = json!([asset]);
    offer["terms"] = licence(mode);
    let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
    seller.client.ask(Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap()
}

on_both! {
    /// A university declares it of a patent: without praise, sent back once, written anew, published by an officer who names what he read. The
    /// notice has no end.
    async fn a_patent_is_open_to_everybodys_licence(market) {
        let unit = university(&market).await;
        let (_, asset) = patent(&unit, 1).await;
        let mut praised = declaration(&asset);
        praised["other"] = "本专利技术国际领先".into();
        let problem = unit.client.post("/v1/open-licences", praised).send().await.unwrap();
        let fault = &refused(&problem, 422, "invalid")["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/other"), &json!("promotional")));

        let place = drafted(&unit.client, declaration(&asset)).await;
        let author = json!(["replace_open_licence", "submit_open_licence", "withdraw_open_licence"]);
        assert_eq!(unit.client.get(&place).await.unwrap()["allowed_deeds"], author);
        refused(&market.stranger.look(&place).await.unwrap(), 404, "not_found");
        unit.client.act(&format!("{place}/submit")).await.unwrap();
        let back = market.staff.reviewer.create(&format!("{place}/return"), json!({"reason": "许可费标准不明确"})).await.unwrap();
        assert_eq!((&back["state"], &back["drafted_text"]), (&json!("returned"), &Value::Null));
        assert_eq!(unit.client.get(&place).await.unwrap()["return_reason"], "许可费标准不明确");
        let mut better = declaration(&asset);
        better["fee"] = json!({"kind": "royalty", "rate_bp": 300, "entry_fee": cny("50000.00"), "base": "许可产品的净销售额"});
        let again = replaced(&unit.client, &place, better.clone()).await;
        assert_eq!((&again["state"], &again["fee"], &again["return_reason"]), (&json!("drafted"), &better["fee"], &Value::Null));

        // Whoever publishes names the text that was frozen; nobody of the unit may.
        unit.client.act(&format!("{place}/submit")).await.unwrap();
        let deeds = unit.client.get(&format!("/v1/assets/{asset}")).await.unwrap()["allowed_deeds"].to_string();
        assert!(!deeds.contains("amend_asset"), "what is declared does not change");
        let drafted = text(&market.staff.publisher.get(&place).await.unwrap()["drafted_text"]);
        let published = publish(&market.staff.publisher, &place).await;
        let notice = text(&published["notice_id"]);
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["kind"], &seen["content_text"], &seen["open_licence_id"]), (&json!("open_licence"), &json!(drafted), &published["id"]));
        assert_eq!((&seen["state"], &seen["ends_at"], &seen["period"]), (&json!("published"), &Value::Null, &Value::Null));
        let content = &seen["content"];
        assert_eq!((&content["title"], &content["patentee"]["name"]), (&json!("一种河岸带减污方法"), &json!("测试机构 zju")));
        assert_eq!((&content["fee"]["rate_bp"], &content["term"]["to"]), (&json!(300), &json!("2031-04-01")));

        let (_, page) = read(&market, &format!("/notices/{notice}?lang=zh")).await;
        for words in ["年费减免", "虚假材料的责任", "开放许可公告", "专利权人", "入门费", "许可产品的净销售额", "撤回前已给予的许可不受影响", "公告撤回之日"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let (_, feed) = read(&market, "/v1/notices/feed.json?kind=open_licence").await;
        assert!(feed.contains(&notice) && feed.contains("测试机构 zju"), "{feed}");
        for list in [format!("/v1/notices?open_licence_id={}", text(&published["id"])), format!("/v1/open-licences?asset_id={asset}")] {
            assert_eq!(market.stranger.get(&list).await.unwrap()["items"].as_array().unwrap().len(), 1, "{list}");
        }
        // Years later it stands.
        market.staff.move_clock(at("2028-03-02T01:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["state"], "published");
        let made = person(&market, "o-bjects").await.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        assert_eq!((&made["listing_id"], &made["open_licence_id"]), (&Value::Null, &published["id"]));
    }
}

on_both! {
    /// Beside it nobody has the patent alone; others may be licensed too. Withdrawn, it stays readable, and the patent is free again.
    async fn nobody_is_licensed_alone_beside_it(market) {
        let (unit, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (achievement, asset) = patent(&unit, 1).await;
        let right = (achievement.as_str(), asset.as_str());
        let place = drafted(&unit.client, declaration(&asset)).await;
        unit.client.act(&format!("{place}/submit")).await.unwrap();
        let published = publish(&market.staff.publisher, &place).await;
        let (id, notice) = (&published["id"], text(&published["notice_id"]));

        for mode in ["exclusive_licence", "sole_licence"] {
            let problem = listed(&market, &unit, right, mode).await;
            assert_eq!(refused(&problem, 409, "asset_held")["open_licence_id"], *id, "{mode}");
        }
        let mut sale = beginning(&unit, &buyer, right, "100000.00").await;
        sale["offer"]["terms"]["transfer"] = licence("exclusive_licence");
        let problem = unit.client.post("/v1/negotiations", sale.clone()).send().await.unwrap();
        assert_eq!(refused(&problem, 409, "asset_held")["open_licence_id"], *id);
        sale["offer"]["terms"]["transfer"] = licence("non_exclusive_licence");
        unit.client.create("/v1/negotiations", sale).await.unwrap();
        assert_eq!(listed(&market, &unit, right, "non_exclusive_licence").await.ok().unwrap()["state"], "submitted");
        let twice = drafted(&unit.client, declaration(&asset)).await;
        let problem = unit.client.ask(Method::POST, &format!("{twice}/submit")).send().await.unwrap();
        assert_eq!(refused(&problem, 409, "asset_held")["open_licence_id"], *id);

        let told = unit.client.create(&format!("{place}/cnipa"), entry()).await.unwrap();
        assert_eq!((&told["state"], &told["cnipa"]), (&json!("announced"), &entry()));
        let insider = unit.client.get(&place).await.unwrap();
        let deeds = json!(["record_cnipa_announcement", "record_cnipa_decision", "withdraw_open_licence"]);
        assert_eq!(insider["allowed_deeds"], deeds);
        assert!(insider["declarations"].is_object() && market.stranger.get(&place).await.unwrap()["declarations"].is_null());

        unit.client.create(&format!("{place}/withdraw"), json!({"reason": "专利权拟转让"})).await.unwrap();
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["state"], &seen["withdrawal_reason"]), (&json!("withdrawn"), &json!("专利权拟转让")));
        let seen = market.stranger.get(&place).await.unwrap();
        assert_eq!((&seen["state"], &seen["withdrawal_reason"]), (&json!("withdrawn"), &json!("专利权拟转让")));
        assert_eq!(listed(&market, &unit, right, "exclusive_licence").await.ok().unwrap()["state"], "submitted");
        market.pass(0).await;
        let heard = unit.client.get("/v1/inbox").await.unwrap();
        for kind in ["open_licence.announced", "open_licence.withdrawn", "notice.published", "notice.withdrawn"] {
            assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind), "{kind}: {heard}");
        }
    }
}

on_both! {
    /// A utility model needs its evaluation report, and no licence outlasts it; fees that are overdue close it to licences.
    async fn a_patent_that_is_not_sound_is_not_licensed_so(market) {
        let maker = enterprise(&market, "maker", 1).await;
        let asset = utility_model(&maker, 1).await;
        let problem = maker.client.post("/v1/open-licences", declaration(&asset)).send().await.unwrap();
        let fault = &refused(&problem, 422, "invalid")["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/term_until"), &json!("beyond_term")));
        let mut new = declaration(&asset);
        new["term_until"] = "2028-04-01".into();
        let place = drafted(&maker.client, new.clone()).await;
        let submit = async || maker.client.ask(Method::POST, &format!("{place}/submit")).send().await.unwrap();
        let problem = submit().await;
        assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["pointer"], "/evaluation_document_id");
        new["evaluation_document_id"] = json!(paper(&maker, "专利权评价报告").await);
        replaced(&maker.client, &place, new).await;

        market.pass(1).await;
        play::read_status(&maker, &asset, "annuity_grace").await.unwrap();
        let problem = submit().await;
        assert_eq!(refused(&problem, 422, "status_forbids")["legal_status"], "annuity_grace");
        market.pass(1).await;
        play::read_status(&maker, &asset, "granted").await.unwrap();
        submit().await.ok().unwrap();
        let published = publish(&market.staff.publisher, &place).await;
        let seen = market.stranger.get(&format!("/v1/notices/{}", text(&published["notice_id"]))).await.unwrap();
        assert_eq!(seen["content"]["attachments"][0]["kind"], "evaluation");
    }
}

on_both! {
    /// An objection that was right ends it, and its notice with it.
    async fn an_objection_ends_an_open_licence(market) {
        let unit = university(&market).await;
        let place = announced(&market, &unit, 1).await;
        let notice = text(&unit.client.get(&place).await.unwrap()["notice_id"]);
        let made = person(&market, "o-bjects").await.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{against}/accept")).await.unwrap();
        handler.create(&format!("{against}/decide"), json!({"outcome": "upheld", "reasons": "已有独占许可"})).await.unwrap();
        market.staff.move_clock(instant(&market.stranger.get(&against).await.unwrap()["due_at"])).await.unwrap();
        handler.create(&format!("{against}/settle"), json!({"settlement": "终止开放许可", "ends": true})).await.unwrap();
        market.pass(0).await;
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "ended");
        assert_eq!(market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["state"], "withdrawn");
    }
}

on_both! {
    /// The walls behind the rules: a second person, what each state needs, one open declaration of a patent, and one thing a notice is about.
    async fn the_database_keeps_what_the_rules_of_open_licences_say(market) {
        let unit = university(&market).await;
        let place = announced(&market, &unit, 1).await;
        let notice = text(&unit.client.get(&place).await.unwrap()["notice_id"]);
        market.stranger.post(&format!("/v1/notices/{notice}/tips"), tip()).send().await.unwrap().ok().unwrap();
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE open_licence SET published_by = created_by", "ck_open_licence_second"),
            ("UPDATE open_licence SET published_by = submitted_by", "ck_open_licence_second"),
            ("UPDATE open_licence SET notice_id = NULL", "ck_open_licence_announced"),
            ("UPDATE open_licence SET drafted = NULL", "ck_open_licence_submitted"),
            ("UPDATE open_licence SET state = 'drafted'", "ck_open_licence_noticed"),
            ("UPDATE open_licence SET state = 'withdrawn'", "ck_open_licence_withdrawn"),
            ("UPDATE open_licence SET term_until = term_from", "ck_open_licence_term"),
            ("UPDATE open_licence SET cnipa_number = '1'", "ck_open_licence_cnipa"),
            ("UPDATE notice SET open_licence_id = NULL", "append_only"),
            ("UPDATE tip SET open_licence_id = NULL", "ck_tip_matter"),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
        submitted(&unit, 2).await;
        let same = "UPDATE open_licence SET asset_id = (SELECT asset_id FROM open_licence WHERE state = 'announced') WHERE state = 'submitted'";
        let told = db.execute_unprepared(same).await.unwrap_err().to_string();
        assert!(told.to_lowercase().contains("unique"), "{told}");
    }
}
