//! Grants of rights to who made an achievement: from the proposal to the right, and what stops one on the way.

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant, text};

use crate::authz::{join, know_how, objection, offer as listing_offer, officer, person, right, tip};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{at, refused};
use crate::invariants::by_hand;
use crate::negotiations::{beginning, ends_at, paper, publish, shown_here, told_of_own_place};
use crate::notices::read;
use crate::on_both;

/// What a unit proposes about a right of an achievement: a right to use it for ten years.
pub fn use_right((achievement, asset): (&str, &str)) -> Value {
    json!({
        "achievement_id": achievement,
        "asset_ids": [asset],
        "kind": "long_term_use_right",
        "use_months": 120,
        "team": [{"name": "完成人甲", "share_bp": 10_000}],
        "declarations": {"secret_level_none": true, "no_dispute": true, "no_third_party_rights": true},
        "summary": "削减河岸带面源污染的方法，可用于小流域治理。"
    })
}

/// The same of a share of the ownership.
pub fn share(of: (&str, &str)) -> Value {
    let mut new = use_right(of);
    new["kind"] = "ownership_share".into();
    new["use_months"] = Value::Null;
    new["share_bp"] = json!(3_000);
    new
}

/// A grant that a unit proposed; its address.
pub async fn proposed(unit: &Party, title: &str, new: fn((&str, &str)) -> Value) -> String {
    let (achievement, asset) = right(unit, title).await;
    let made = unit.client.create("/v1/rights-grants", new((&achievement, &asset))).await.unwrap();
    format!("/v1/rights-grants/{}", text(&made["id"]))
}

/// What deciding on one takes.
pub async fn decision(unit: &Party) -> Value {
    json!({"decision_document_id": paper(unit, "校长办公会纪要").await})
}

/// What filing the agreement takes.
pub async fn agreement(unit: &Party) -> Value {
    json!({"agreement_document_id": paper(unit, "赋权协议").await})
}

/// Decided by `decider`, published, and shown in the unit's own place; its notice.
pub async fn noticed(market: &Market, unit: &Party, decider: &Client, place: &str) -> String {
    decider.create(&format!("{place}/decide"), decision(unit).await).await.unwrap();
    let published = publish(&market.staff.publisher, place).await;
    shown_here(market, unit, place).await;
    text(&published["notice_id"])
}

/// The agreement with the team is filed, once the notice is over.
pub async fn agreed(market: &Market, unit: &Party, decider: &Client, place: &str) -> Value {
    let notice = noticed(market, unit, decider, place).await;
    let end = ends_at(market, &notice).await;
    market.staff.move_clock(end).await.unwrap();
    decider.create(&format!("{place}/agree"), agreement(unit).await).await.unwrap()
}

/// What the register shows from today on.
pub async fn entry(market: &Market) -> Value {
    let today = (market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive();
    json!({"registry_date": today, "registry_document": "2026042000123450"})
}

async fn agree(by: &Client, unit: &Party, place: &str) -> Reply {
    by.post(&format!("{place}/agree"), agreement(unit).await).send().await.unwrap()
}

async fn state(by: &Client, place: &str) -> String {
    text(&by.get(place).await.unwrap()["state"])
}

on_both! {
    /// A university gives who made an achievement the right to use it for ten years: decided by another, fifteen days in both places, an
    /// objection on the fifth that was wrong, the agreement, and the right.
    async fn a_right_to_use_is_granted_for_ten_years(market) {
        let unit = university(&market).await;
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let mut achievement = fixtures::achievement();
        achievement["completers"] = json!(["完成人甲", "完成人乙"]);
        achievement["title_en"] = "A way to keep river banks clean".into();
        let (achievement, assets) = play::register(&unit, achievement, &[know_how(&unit, "一种赋权的技术")]).await.unwrap();
        let mut new = use_right((&achievement, &assets[0]));
        new["team"] = json!([{"name": "完成人甲", "share_bp": 6_000}, {"name": "完成人乙", "share_bp": 4_000}]);
        new["summary_en"] = "Keeps river banks clean.".into();

        // Nine years are too few, and parts that are not the whole are none.
        let mut short = new.clone();
        short["use_months"] = json!(108);
        let problem = unit.client.post("/v1/rights-grants", short).send().await.unwrap();
        let told = refused(&problem, 422, "outside_rule");
        assert_eq!((&told["name"], &told["min"]), (&json!("rights_grant_least_use"), &json!("120mo")));
        let mut less = new.clone();
        less["team"][1]["share_bp"] = json!(3_999);
        let problem = unit.client.post("/v1/rights-grants", less).send().await.unwrap();
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/team");

        let mut long = new.clone();
        long["title_en"] = "x".repeat(301).into();
        let problem = unit.client.post("/v1/rights-grants", long).send().await.unwrap();
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/title_en");

        let made = unit.client.create("/v1/rights-grants", new).await.unwrap();
        let place = format!("/v1/rights-grants/{}", text(&made["id"]));
        assert_eq!((&made["state"], &made["allowed_deeds"]), (&json!("proposed"), &json!(["withdraw_rights_grant"])));
        assert_eq!((&made["summary_en"], made.get("title_en")), (&json!("Keeps river banks clean."), None));
        let own = unit.client.post(&format!("{place}/decide"), decision(&unit).await).send().await.unwrap();
        refused(&own, 403, "same_person");

        // Who decides freezes the text; who publishes names it; everybody reads whom it is for.
        let decided = decider.create(&format!("{place}/decide"), decision(&unit).await).await.unwrap();
        assert_eq!((&decided["state"], decided["drafted_sha256"].is_string()), (&json!("decided"), true));
        let drafted = text(&market.staff.publisher.get(&place).await.unwrap()["drafted_text"]);
        let published = publish(&market.staff.publisher, &place).await;
        let notice = text(&published["notice_id"]);
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["kind"], &seen["content_text"], &seen["rights_grant_id"]), (&json!("rights_grant"), &json!(drafted), &made["id"]));
        let content = &seen["content"];
        assert_eq!((&content["title"], &content["unit"]["name"]), (&json!("一种河岸带减污方法"), &json!("测试机构 zju")));
        assert_eq!((&content["granted"]["months"], &content["team"]), (&json!(120), &published["team"]));
        let page = read(&market, &format!("/notices/{notice}?lang=zh")).await.1;
        assert!(["完成人乙", "长期使用权", "本单位"].iter().all(|word| page.contains(word)), "{page}");
        let page = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
        let said = ["<span>A way to keep river banks clean</span> · Grant of rights</h1>", "<p>Keeps river banks clean.</p>"];
        assert!(said.iter().all(|said| page.contains(said)), "{page}");
        let listed = market.stranger.get(&format!("/v1/notices?rights_grant_id={}", text(&made["id"]))).await.unwrap();
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &seen["id"]));
        // Published on Monday the 2nd of March 2026: the fifteenth day after it is Tuesday the 17th, to 24:00.
        let end = ends_at(&market, &notice).await;
        assert_eq!(end, at("2026-03-17T16:00:00Z"));
        let shown = shown_here(&market, &unit, &place).await;
        told_of_own_place(&market, &notice, &shown, ("2026-03-02", end)).await;

        // On the fifth day somebody objects; it is looked into, and was wrong.
        market.staff.move_clock(at("2026-03-07T02:00:00Z")).await.unwrap();
        let made = person(&market, "o-bjects").await.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        assert_eq!((&made["listing_id"], &made["rights_grant_id"]), (&Value::Null, &published["id"]));
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{against}/accept")).await.unwrap();
        let problem = agree(&decider, &unit, &place).await;
        let waits = refused(&problem, 409, "notice_not_over")["waits_for"].clone();
        let whats: Vec<_> = waits.as_array().unwrap().iter().map(|one| text(&one["what"])).collect();
        assert_eq!(whats, ["notice", "unit_notice", "objections"]);
        handler.create(&format!("{against}/decide"), json!({"outcome": "dismissed", "reasons": "完成人名单与登记材料一致"})).await.unwrap();
        market.staff.move_clock(end - TimeDelta::seconds(1)).await.unwrap();
        refused(&agree(&decider, &unit, &place).await, 409, "notice_not_over");

        market.staff.move_clock(end).await.unwrap();
        let done = agree(&decider, &unit, &place).await.ok().unwrap();
        assert_eq!((&done["state"], &done["allowed_deeds"], &done["waits_for"]), (&json!("effective"), &json!([]), &json!([])));
        let late = unit.client.post(&format!("{place}/withdraw"), json!({"reason": "反悔"})).send().await.unwrap();
        refused(&late, 409, "wrong_state");
        market.pass(0).await;
        let heard = unit.client.get("/v1/inbox").await.unwrap();
        for kind in ["rights_grant.decided", "rights_grant.noticed", "rights_grant.effective", "objection.submitted", "notice.published"] {
            assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind), "{kind}: {heard}");
        }
    }
}

on_both! {
    /// A share is theirs from the day on which the register shows it. Meanwhile nobody else is offered the right alone, nor does it change.
    async fn a_share_is_effective_once_the_register_shows_it(market) {
        let (unit, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let (achievement, asset) = right(&unit, "一种共有的技术").await;
        let made = unit.client.create("/v1/rights-grants", share((&achievement, &asset))).await.unwrap();
        let place = format!("/v1/rights-grants/{}", text(&made["id"]));
        noticed(&market, &unit, &decider, &place).await;

        let offered = beginning(&unit, &buyer, (&achievement, &asset), "100000.00").await;
        let problem = unit.client.post("/v1/negotiations", offered).send().await.unwrap();
        assert_eq!(refused(&problem, 409, "asset_held")["rights_grant_id"], made["id"]);
        let mut listed = listing_offer(&market, "一种独家转让的技术").await;
        listed["achievement_id"] = json!(achievement);
        listed["asset_ids"] = json!([asset]);
        let listing = text(&unit.client.create("/v1/listings", listed).await.unwrap()["id"]);
        let submit = unit.client.ask(Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
        assert_eq!(refused(&submit, 409, "asset_held")["rights_grant_id"], made["id"]);
        let deeds = unit.client.get(&format!("/v1/assets/{asset}")).await.unwrap()["allowed_deeds"].to_string();
        assert!(!deeds.contains("amend_asset"), "what is being granted does not change");

        let notice = text(&unit.client.get(&place).await.unwrap()["notice_id"]);
        market.staff.move_clock(ends_at(&market, &notice).await).await.unwrap();
        let waits = agree(&decider, &unit, &place).await.ok().unwrap();
        assert_eq!((&waits["state"], &waits["kind"]), (&json!("agreed"), &json!("ownership_share")));
        let early = json!({"registry_date": "2026-03-02", "registry_document": "2026042000123450"});
        let problem = unit.client.post(&format!("{place}/register"), early).send().await.unwrap();
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/registry_date");
        let today = entry(&market).await;
        let done = unit.client.create(&format!("{place}/register"), today.clone()).await.unwrap();
        assert_eq!((&done["state"], &done["register_entry"]["registry_date"]), (&json!("effective"), &today["registry_date"]));
        play::read_status(&unit, &asset, "unregistered").await.unwrap();
        let offered = beginning(&unit, &buyer, (&achievement, &asset), "100000.00").await;
        unit.client.create("/v1/negotiations", offered).await.unwrap();
    }
}

on_both! {
    /// A notice goes with its grant, and says why; so it does where an objection ends it. The rights are free again.
    async fn who_withdraws_a_grant_takes_the_notice_with_it(market) {
        let (unit, other) = (university(&market).await, enterprise(&market, "other", 1).await);
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let place = proposed(&unit, "一种撤回的技术", use_right).await;
        let notice = noticed(&market, &unit, &decider, &place).await;
        let asset = text(&unit.client.get(&place).await.unwrap()["asset_ids"][0]);
        unit.client.create(&format!("{place}/withdraw"), json!({"reason": "团队放弃"})).await.unwrap();
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["state"], &seen["withdrawal_reason"]), (&json!("withdrawn"), &json!("团队放弃")));
        let deeds = unit.client.get(&format!("/v1/assets/{asset}")).await.unwrap()["allowed_deeds"].to_string();
        assert!(deeds.contains("amend_asset"), "it is free again");

        let place = proposed(&unit, "一种有争议的技术", share).await;
        let notice = noticed(&market, &unit, &decider, &place).await;
        let made = person(&market, "o-bjects").await.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{against}/accept")).await.unwrap();
        handler.create(&format!("{against}/decide"), json!({"outcome": "upheld", "reasons": "完成人有遗漏"})).await.unwrap();
        market.staff.move_clock(instant(&market.stranger.get(&against).await.unwrap()["due_at"])).await.unwrap();
        handler.create(&format!("{against}/settle"), json!({"settlement": "终止本次赋权", "ends": true})).await.unwrap();
        market.pass(0).await;
        assert_eq!(state(&unit.client, &place).await, "ended");
        assert_eq!(market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["state"], "withdrawn");

        // It is between the unit and its officers; the public reads notices only.
        refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
        refused(&other.client.look(&place).await.unwrap(), 404, "not_found");
        assert_eq!(other.client.get("/v1/rights-grants").await.unwrap()["items"], json!([]));
        let ended = market.staff.supervisor.get("/v1/rights-grants?state=ended").await.unwrap();
        assert_eq!(ended["items"].as_array().unwrap().len(), 2);
    }
}

on_both! {
    /// The walls behind the rules: a second person, what each state needs, and one thing that a notice or a tip is about.
    async fn the_database_keeps_what_the_rules_of_grants_say(market) {
        let unit = university(&market).await;
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let place = proposed(&unit, "一种赋权的技术", share).await;
        let notice = noticed(&market, &unit, &decider, &place).await;
        market.stranger.post(&format!("/v1/notices/{notice}/tips"), tip()).send().await.unwrap().ok().unwrap();
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE rights_grant SET published_by = decided_by", "ck_rights_grant_second"),
            ("UPDATE rights_grant SET published_by = created_by", "ck_rights_grant_second"),
            ("UPDATE rights_grant SET notice_id = NULL", "ck_rights_grant_noticed"),
            ("UPDATE rights_grant SET state = 'agreed'", "ck_rights_grant_agreed"),
            ("UPDATE rights_grant SET use_months = 120", "ck_rights_grant_terms"),
            ("UPDATE rights_grant SET share_bp = 10000", "ck_rights_grant_share"),
            ("UPDATE notice SET rights_grant_id = NULL", "append_only"),
            ("UPDATE unit_notice SET shown_by = shown_by", "append_only: unit_notice"),
            ("DELETE FROM unit_notice", "append_only: unit_notice"),
            ("UPDATE tip SET rights_grant_id = NULL", "ck_tip_matter"),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
    }
}
