//! Patents that public money paid for and nobody uses: the list, what their owners say, what an officer decides, and what takes one away.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, text};

use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{at, cny, refused};
use crate::invariants::by_hand;
use crate::licences::{entered, new, scope};
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::number;

/// A patent of a party's that public money paid for, granted on a day; its id.
async fn granted_on(owner: &Party, serial: u32, day: &str) -> String {
    let mut achievement = fixtures::achievement();
    achievement["state_funded"] = json!(true);
    let mut right = fixtures::patent_numbered(owner, &number(1, serial));
    right.body["details"]["granted_on"] = json!(day);
    play::register(owner, achievement, &[right]).await.unwrap().1.remove(0)
}

/// One that was granted in June 2020, and is on the list since June 2023; its id.
pub async fn unused(owner: &Party, serial: u32) -> String {
    granted_on(owner, serial, "2020-06-01").await
}

/// Where one is read.
pub fn address(asset: &str) -> String {
    format!("/v1/open-implementation/{asset}")
}

/// What an owner says of why one should not be on the list.
pub async fn claim(by: &Party) -> Value {
    json!({"claim": "exploited", "statement": "本单位已在中试基地自行实施", "document_id": paper(by, "实施证明").await})
}

/// What an owner lets others use it for.
pub fn terms() -> Value {
    json!({"method": "non_exclusive_licence", "fee": {"kind": "one_off", "amount": cny("20000.00")}})
}

/// Says how others may use one; the answer.
pub async fn set(by: &Client, asset: &str, terms: Value) -> Reply {
    by.ask(Method::PUT, &address(asset)).body(terms).send().await.unwrap()
}

/// The ids on the list, as everybody reads it.
async fn listed(market: &Market, query: &str) -> Vec<String> {
    let page = market.stranger.get(&format!("/v1/open-implementation?{query}")).await.unwrap();
    page["items"].as_array().unwrap().iter().map(|item| text(&item["asset_id"])).collect()
}

on_both! {
    /// Three years after its grant a patent is on the list for everybody, with the method and the fee that its owner sets.
    async fn a_patent_that_nobody_uses_is_on_the_list(market) {
        let unit = university(&market).await;
        let asset = unused(&unit, 1).await;
        let early = granted_on(&unit, 2, "2024-01-15").await;
        let private = unused(&enterprise(&market, "firm-1", 1).await, 3).await;
        assert_eq!(listed(&market, "").await, std::slice::from_ref(&asset));
        for (query, found) in [
            ("city=100000", true), ("city=330000", false), ("field=07", true), ("field=06", false),
            ("due_before=2023-06-02", true), ("due_before=2023-06-01", false),
        ] {
            assert_eq!(listed(&market, query).await.len(), usize::from(found), "{query}");
        }
        refused(&market.stranger.look("/v1/open-implementation?city=33").await.unwrap(), 422, "invalid");

        let seen = market.stranger.get(&address(&asset)).await.unwrap();
        assert_eq!((&seen["open_implementation_due"], &seen["owner"]), (&json!("2023-06-01"), &json!(unit.name)));
        assert_eq!((&seen["is_listed"], &seen["allowed_deeds"]), (&json!(true), &json!([])));
        for hidden in [&early, &private] {
            refused(&market.stranger.look(&address(hidden)).await.unwrap(), 404, "not_found");
        }
        let own = unit.client.get(&address(&early)).await.unwrap();
        assert_eq!((&own["is_listed"], &own["open_implementation_due"]), (&json!(false), &json!("2027-01-15")));
        assert_eq!(own["allowed_deeds"], json!(["set_implementation_terms", "claim_implementation"]));

        let told = set(&unit.client, &asset, terms()).await.ok().unwrap();
        assert_eq!((&told["method"], &told["version"]), (&json!("non_exclusive_licence"), &json!(1)));
        let item = market.stranger.get("/v1/open-implementation").await.unwrap()["items"][0].clone();
        assert_eq!((&item["method"], &item["fee"]), (&terms()["method"], &terms()["fee"]));
    }
}

on_both! {
    /// An officer decides on what an owner says: it stays, with a reason; or it is on the list no more.
    async fn an_officer_decides_whether_it_stays(market) {
        let unit = university(&market).await;
        let asset = unused(&unit, 1).await;
        let place = address(&asset);
        let said = unit.client.create(&format!("{place}/claim"), claim(&unit).await).await.unwrap();
        assert_eq!((&said["state"], &said["allowed_deeds"]), (&json!("claimed"), &json!(["set_implementation_terms"])));
        assert_eq!(listed(&market, "").await, std::slice::from_ref(&asset), "until that is decided it stays");
        assert!(market.stranger.get(&place).await.unwrap()["statement"].is_null(), "what is said is for the owner and officers");
        let refusal = json!({"accepted": false, "reason": "证明材料不足"});
        let stays = market.staff.reviewer.create(&format!("{place}/decide"), refusal).await.unwrap();
        assert_eq!((&stays["state"], &stays["decision"]["reason"]), (&json!("listed"), &json!("证明材料不足")));
        unit.client.create(&format!("{place}/claim"), claim(&unit).await).await.unwrap();
        market.staff.reviewer.create(&format!("{place}/decide"), json!({"accepted": true, "reason": "属实"})).await.unwrap();
        assert!(listed(&market, "").await.is_empty());
        refused(&market.stranger.look(&place).await.unwrap(), 404, "not_found");
        assert_eq!(unit.client.get(&place).await.unwrap()["state"], "excused");
        market.pass(0).await;
        let inbox = unit.client.get("/v1/inbox").await.unwrap();
        assert!(inbox["items"].as_array().unwrap().iter().any(|item| item["kind"] == "open_implementation.decided"));
    }
}

on_both! {
    /// What somebody is licensed is used, and what is lost is nobody's to use.
    async fn what_is_licensed_or_lost_is_not_on_the_list(market) {
        let unit = university(&market).await;
        let (licensed, lost) = (unused(&unit, 1).await, unused(&unit, 2).await);
        assert_eq!(listed(&market, "").await.len(), 2);
        entered(&unit.client, &new(&unit, &licensed, "non_exclusive", scope(&["06"], &["all"], 2030)).await).await;
        market.pass(1).await;
        play::read_status(&unit, &lost, "ceased_nonpayment").await.unwrap();
        assert!(listed(&market, "").await.is_empty());
        market.pass(1).await;
        play::read_status(&unit, &lost, "granted").await.unwrap();
        assert_eq!(listed(&market, "").await, [lost], "what is restored is back");
    }
}

on_both! {
    /// Half a year before, its owner is reminded, and again nobody has to put it on the list.
    async fn the_owner_is_reminded_half_a_year_before(market) {
        let unit = university(&market).await;
        let asset = granted_on(&unit, 1, "2023-12-01").await;
        let used = granted_on(&unit, 2, "2023-12-01").await;
        entered(&unit.client, &new(&unit, &used, "non_exclusive", scope(&["06"], &["all"], 2030)).await).await;
        let reminders = async || {
            let inbox = unit.client.get("/v1/inbox").await.unwrap();
            let items = inbox["items"].as_array().unwrap().clone();
            items.into_iter().filter(|item| item["kind"] == "open_implementation.due_soon").count()
        };
        market.staff.move_clock(at("2026-05-31T15:59:00Z")).await.unwrap();
        assert_eq!(reminders().await, 0);
        market.staff.move_clock(at("2026-05-31T16:01:00Z")).await.unwrap();
        market.pass(0).await;
        assert_eq!(reminders().await, 1, "of what is used nobody is reminded");
        assert!(listed(&market, "").await.is_empty());
        market.staff.move_clock(at("2026-11-30T16:00:00Z")).await.unwrap();
        assert_eq!(listed(&market, "").await, [asset]);
    }
}

on_both! {
    /// The walls behind the rules.
    async fn the_database_keeps_what_the_rules_of_the_list_say(market) {
        let unit = university(&market).await;
        let asset = unused(&unit, 1).await;
        set(&unit.client, &asset, terms()).await.ok().unwrap();
        unit.client.create(&format!("{}/claim", address(&asset)), claim(&unit).await).await.unwrap();
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE open_implementation SET fee = NULL", "ck_open_implementation_terms"),
            ("UPDATE open_implementation SET document = NULL", "ck_open_implementation_claim"),
            ("UPDATE open_implementation SET state = 'excused'", "ck_open_implementation_decided"),
            (
                "UPDATE open_implementation SET state = 'excused', decided_by = claimed_by, decided_at = claimed_at, decision_reason = 'x'",
                "ck_open_implementation_second",
            ),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
    }
}
