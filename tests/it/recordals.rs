//! What is filed with registries: rights that pass with the day of the registry, or with their contract; licences filed in time; an application
//! that is sold, registered and granted, and one that is lost before.

use chrono::{NaiveDate, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::codes::patent_check_digit;
use zhepai::play::{self, NewAsset, Party, text};

use crate::authz::{join, offer, right};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{at, cny, refused};
use crate::licences::{entered, granted_to, new, scope};
use crate::negotiations::{accept, beginning, conclude, conclude_of, decide, paper};
use crate::on_both;
use crate::open_licences::{announced, patent};

/// The number of an application that was filed in 2018, and of the patent it becomes.
fn number(serial: u32) -> String {
    let body = format!("20181{serial:07}");
    format!("{body}.{}", patent_check_digit(&body).unwrap())
}

/// A published application of a party's; its achievement and its id.
pub async fn application(owner: &Party, serial: u32) -> (String, String) {
    let body = json!({
        "title": "一种河岸带减污方法",
        "identifier": number(serial),
        "details": {"kind": "patent_application", "filed_on": "2018-06-01", "ipc": ["E02B 3/12"], "inventors": ["发明人甲"]},
        "owners": [{"name": owner.name, "is_holder": true, "share_bp": 10_000}]
    });
    let right = NewAsset { body, status: "published".into() };
    let (achievement, assets) = play::register(owner, fixtures::achievement(), &[right]).await.unwrap();
    (achievement, assets[0].clone())
}

/// Today in Shanghai.
pub async fn today(market: &Market) -> NaiveDate {
    (market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive()
}

/// What is declared of rights that nothing is in the way of.
fn clear() -> Value {
    json!({"no_ownership_dispute": true, "no_preservation": true, "pledged": false})
}

/// A transfer by a contract made elsewhere, with a paper of the seller's.
pub fn sold(to: &Party, asset: &str, contract: &str) -> Value {
    json!({
        "kind": "transfer", "asset_ids": [asset], "counterparty": {"organisation_id": to.organisation}, "effective_on": "2026-03-02",
        "document_id": contract, "declarations": clear()
    })
}

/// The same, with a contract of its own.
pub async fn transfer(from: &Party, to: &Party, asset: &str) -> Value {
    sold(to, asset, &paper(from, "专利转让合同").await)
}

/// A licence that is filed, with a paper of a party's.
pub async fn filing(by: &Party, licence: &str) -> Value {
    json!({"kind": "licence", "licence_id": licence, "document_id": paper(by, "许可合同").await, "declarations": clear()})
}

/// A pledge of a right for a bank's loan.
pub async fn pledge(by: &Party, asset: &str) -> Value {
    json!({
        "kind": "pledge", "asset_ids": [asset], "counterparty": {"name": "某银行"}, "effective_on": "2026-03-02",
        "secured": {"amount": cny("1000000.00"), "until": "2028-03-02"}, "document_id": paper(by, "质押合同").await,
        "declarations": clear()
    })
}

/// Something that is drafted; its address.
pub async fn drafted(by: &Client, new: Value) -> String {
    format!("/v1/recordals/{}", text(&by.create("/v1/recordals", new).await.unwrap()["id"]))
}

/// It is handed in today.
pub async fn submitted(market: &Market, by: &Client, place: &str) {
    by.create(&format!("{place}/submit"), json!({"submitted_on": today(market).await})).await.unwrap();
}

/// The registry wants something mended within so many days.
pub async fn defect(market: &Market, by: &Party, place: &str, days: i64) {
    let reply_by = today(market).await + TimeDelta::days(days);
    let new = json!({"defect": "签章不一致", "reply_by": reply_by, "document_id": paper(by, "补正通知书").await});
    by.client.create(&format!("{place}/defect"), new).await.unwrap();
}

/// What the register shows.
pub fn entry(on: impl serde::Serialize, document: &str) -> Value {
    json!({"registration_date": on, "registry_number": "2026061000123450", "document_id": document})
}

/// One side enters what the register shows as of today, and somebody else confirms it.
pub async fn registered(market: &Market, by: &Party, confirmed_by: &Client, place: &str) -> Value {
    let shown = entry(today(market).await, &paper(by, "手续合格通知书").await);
    by.client.create(&format!("{place}/registration"), shown).await.unwrap();
    confirmed_by.act(&format!("{place}/confirm")).await.unwrap()
}

/// That an application was granted.
pub fn grant(on: impl serde::Serialize, number: &str, document: &str) -> Value {
    json!({
        "kind": "invention", "granted_on": on, "patent_number": number, "publication_number": "CN116911408B", "document_id": document
    })
}

/// An application is granted today.
pub async fn granted(market: &Market, owner: &Party, asset: &str, serial: u32) -> Value {
    let new = grant(today(market).await, &format!("ZL{}", number(serial)), &paper(owner, "专利证书").await);
    owner.client.create(&format!("/v1/assets/{asset}/grant"), new).await.unwrap()
}

/// A right that is agreed to be sold at a negotiated price, and decided on; its address.
async fn agreed(market: &Market, seller: &Party, buyer: &Party, of: (&str, &str)) -> String {
    let (decider, _) = join(market, seller, "d-ecides", &["signatory"]).await;
    let new = beginning(seller, buyer, of, "100000.00").await;
    let place = format!("/v1/negotiations/{}", text(&seller.client.create("/v1/negotiations", new).await.unwrap()["id"]));
    accept(&buyer.client, &place).await;
    decide(&decider, &place, None).await;
    place
}

/// A transfer of what was sold at a negotiated price, drafted by its buyer; its address.
async fn of_sale(buyer: &Party, sale: &str, asset: &str) -> String {
    let id = sale.rsplit('/').next().unwrap();
    let contract = paper(buyer, "转让合同").await;
    let new = json!({"kind": "transfer", "asset_ids": [asset], "negotiation_id": id, "document_id": contract, "declarations": clear()});
    drafted(&buyer.client, new).await
}

/// Somebody drafts an offer of a right; the answer.
async fn offers(market: &Market, seller: &Party, (achievement, asset): (&str, &str)) -> Reply {
    let mut offer = offer(market, "一种转手的技术").await;
    (offer["achievement_id"], offer["asset_ids"]) = (json!(achievement), json!([asset]));
    seller.client.post("/v1/listings", offer).send().await.unwrap()
}

/// Whose a right was.
async fn whose(by: &Client, asset: &str, query: &str) -> Value {
    by.get(&format!("/v1/assets/{asset}/titles{query}")).await.unwrap()
}

/// What somebody was told of that is of this kind.
async fn told(by: &Client, kind: &str) -> Vec<Value> {
    let inbox = by.get("/v1/inbox?limit=100").await.unwrap();
    inbox["items"].as_array().unwrap().iter().filter(|item| item["kind"] == kind).cloned().collect()
}

on_both! {
    /// Application right granted, patent granted later: the right in an application is sold and passes with the day of the registry, not
    /// before; its licence follows it to the buyer, and becomes a licence of the patent. What was announced of the sale keeps its text.
    async fn the_right_in_an_application_is_sold_registered_and_becomes_the_patent(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let holder = enterprise(&market, "firm-2", 2).await;
        let (achievement, asset) = application(&unit, 1).await;
        let licence = format!("/v1/licences/{}", granted_to(&unit, &asset, &holder).await);
        let sale = agreed(&market, &unit, &firm, (&achievement, &asset)).await;
        conclude_of(&market, &unit, &firm, (&sale, "published")).await;
        market.pass(1).await;
        let result = format!("/v1/notices/{}", text(&firm.client.get(&sale).await.unwrap()["result_notice_id"]));
        let announced = market.stranger.get(&result).await.unwrap()["content"].clone();
        assert_eq!(whose(&unit.client, &asset, "").await["organisation_id"], json!(unit.organisation), "both have confirmed, and it is his");

        // One side enters it, the other confirms.
        let place = of_sale(&firm, &sale, &asset).await;
        let again = json!({
            "kind": "transfer", "asset_ids": [asset], "negotiation_id": sale.rsplit('/').next().unwrap(),
            "document_id": paper(&unit, "转让合同").await, "declarations": clear()
        });
        refused(&unit.client.post("/v1/recordals", again).send().await.unwrap(), 409, "recordal_open");
        submitted(&market, &firm.client, &place).await;
        let day = today(&market).await;
        let shown = entry(day, &paper(&firm, "手续合格通知书").await);
        firm.client.create(&format!("{place}/registration"), shown).await.unwrap();
        refused(&firm.client.ask(Method::POST, &format!("{place}/confirm")).send().await.unwrap(), 403, "same_person");
        assert_eq!(unit.client.get(&place).await.unwrap()["state"], "submitted_to_registry");
        let done = unit.client.act(&format!("{place}/confirm")).await.unwrap();
        assert_eq!((&done["state"], &done["registration_date"]), (&json!("registered"), &json!(day)));

        // It is the buyer's from that day on, and was the seller's before.
        let bought = firm.client.get(&format!("/v1/assets/{asset}")).await.unwrap();
        assert_eq!((&bought["organisation_id"], &bought["owners"][0]["name"]), (&json!(firm.organisation), &json!(firm.name)));
        refused(&unit.client.look(&format!("/v1/assets/{asset}")).await.unwrap(), 404, "not_found");
        let before = day - TimeDelta::days(1);
        assert_eq!(whose(&unit.client, &asset, &format!("?on={before}")).await["organisation_id"], json!(unit.organisation));
        assert_eq!(whose(&unit.client, &asset, &format!("?on={day}")).await["organisation_id"], json!(firm.organisation));
        let history = whose(&firm.client, &asset, "").await["history"].clone();
        assert_eq!((&history[0]["basis"], &history[1]["basis"], &history[1]["since"]), (&json!("original"), &json!("recordal"), &json!(day)));
        assert_eq!(holder.client.get(&licence).await.unwrap()["licensor_id"], json!(firm.organisation));

        // Its seller offers it no more; its buyer does.
        let refusal = offers(&market, &unit, (&achievement, &asset)).await;
        assert_eq!(refused(&refusal, 422, "invalid")["errors"][0]["code"], "not_in_achievement");
        let within = text(&bought["achievement_id"]);
        assert_ne!(within, achievement);
        assert_eq!(offers(&market, &firm, (&within, &asset)).await.status, 201);

        // The patent is granted later.
        let granted = granted(&market, &firm, &asset, 1).await;
        assert_eq!((&granted["id"], &granted["details"]["kind"]), (&json!(asset), &json!("invention")));
        assert_eq!((&granted["expires_on"], &granted["legal_status"]["status"]), (&json!("2038-06-01"), &json!("granted")));
        let carried = holder.client.get(&licence).await.unwrap();
        assert_eq!((&carried["state"], &carried["asset_ids"]), (&json!("effective"), &json!([asset])));
        assert_eq!(whose(&firm.client, &asset, "").await["grant"]["kind"], "patent_application");
        market.pass(1).await;
        assert_eq!(told(&holder.client, "licence.carried_over").await.len(), 1);
        assert_eq!(market.stranger.get(&result).await.unwrap()["content"], announced, "what was announced keeps its text");
    }
}

on_both! {
    async fn what_no_registry_enters_passes_as_both_have_confirmed(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (achievement, asset) = right(&unit, "一种未登记的技术").await;
        let sale = agreed(&market, &unit, &firm, (&achievement, &asset)).await;
        conclude(&market, &unit, &firm, &sale).await;
        market.pass(1).await;
        let bought = firm.client.get(&format!("/v1/assets/{asset}")).await.unwrap();
        assert_eq!(bought["organisation_id"], json!(firm.organisation));
        let history = whose(&unit.client, &asset, "").await["history"].clone();
        assert_eq!((&history[1]["basis"], &history[1]["organisation_id"]), (&json!("negotiation"), &json!(firm.organisation)));
        assert_eq!(told(&firm.client, "asset.title_passed").await.len(), 1);
        // There is nothing to file, and what it was sold as can still be read.
        let new = json!({
            "kind": "transfer", "asset_ids": [asset], "negotiation_id": sale.rsplit('/').next().unwrap(),
            "document_id": paper(&firm, "转让合同").await, "declarations": clear()
        });
        let refusal = firm.client.post("/v1/recordals", new).send().await.unwrap();
        assert_eq!(refused(&refusal, 422, "invalid")["errors"][0]["code"], "not_of_kind");
        assert_eq!(unit.client.get(&sale).await.unwrap()["asset_ids"], json!([asset]));
    }
}

on_both! {
    /// SPC-TC art. 23: where the application was rejected before the transfer was registered the buyer rescinds, and the sale ends; where it
    /// was rejected after that he may not.
    async fn a_buyer_rescinds_what_was_lost_before_it_was_registered(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (achievement, asset) = application(&unit, 1).await;
        let sale = agreed(&market, &unit, &firm, (&achievement, &asset)).await;
        conclude_of(&market, &unit, &firm, (&sale, "published")).await;
        let place = of_sale(&firm, &sale, &asset).await;
        submitted(&market, &firm.client, &place).await;
        let why = json!({"reason": "申请在登记前被驳回", "document_id": paper(&firm, "驳回决定").await});
        let rescind = async |place: &str| firm.client.post(&format!("{place}/rescind"), why.clone()).send().await.unwrap();
        assert_eq!(refused(&rescind(&place).await, 422, "status_forbids")["errors"][0]["code"], "not_lost");
        market.pass(1).await;
        play::read_status(&unit, &asset, "rejected").await.unwrap();
        let read = firm.client.get(&place).await.unwrap();
        assert_eq!(read["loss"]["legal_status"], "rejected");
        assert!(read["allowed_deeds"].to_string().contains("rescind_transfer"));
        refused(&unit.client.post(&format!("{place}/rescind"), why.clone()).send().await.unwrap(), 403, "forbidden");
        let done = rescind(&place).await.ok().unwrap();
        assert_eq!(done["state"], "withdrawn");
        assert!(done["rescinded_at"].is_string());
        assert_eq!(firm.client.get(&sale).await.unwrap()["state"], "ended");

        // Another one is registered first, and lost a day later.
        let (_, later) = application(&unit, 2).await;
        let place = drafted(&unit.client, transfer(&unit, &firm, &later).await).await;
        submitted(&market, &unit.client, &place).await;
        registered(&market, &unit, &firm.client, &place).await;
        market.pass(24 * 60).await;
        play::read_status(&firm, &later, "rejected").await.unwrap();
        let refusal = rescind(&place).await;
        let problem = refused(&refusal, 422, "status_forbids");
        assert_eq!((&problem["errors"][0]["code"], problem["registration_date"].is_string()), (&json!("registered_before"), true));
    }
}

on_both! {
    /// What is not mended in time is deemed not filed and handed in again; an officer confirms what one side entered. With the right goes what
    /// its seller declared to everybody.
    async fn what_is_not_mended_in_time_is_filed_again(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let declaration = announced(&market, &unit, 1).await;
        let asset = text(&unit.client.get(&declaration).await.unwrap()["asset_id"]);
        let place = drafted(&unit.client, transfer(&unit, &firm, &asset).await).await;
        submitted(&market, &unit.client, &place).await;
        defect(&market, &unit, &place, 10).await;
        market.pass(10 * 24 * 60).await;
        assert_eq!(firm.client.get(&place).await.unwrap()["state"], "defect_notice", "the last day counts");
        market.pass(24 * 60).await;
        let late = firm.client.get(&place).await.unwrap();
        assert_eq!((&late["state"], &late["allowed_deeds"]), (&json!("deemed_not_filed"), &json!(["submit_recordal", "withdraw_recordal"])));
        assert_eq!(told(&unit.client, "recordal.deemed_not_filed").await.len(), 1);

        submitted(&market, &firm.client, &place).await;
        defect(&market, &firm, &place, 10).await;
        unit.client.create(&format!("{place}/resubmit"), json!({"resubmitted_on": today(&market).await})).await.unwrap();
        registered(&market, &unit, &market.staff.reviewer, &place).await;
        assert_eq!(firm.client.get(&format!("/v1/assets/{asset}")).await.unwrap()["organisation_id"], json!(firm.organisation));
        let lapsed = unit.client.get(&declaration).await.unwrap();
        assert_eq!(lapsed["state"], "ended");
        market.pass(11 * 24 * 60).await;
        assert_eq!(firm.client.get(&place).await.unwrap()["state"], "registered");
    }
}

on_both! {
    /// PLIR art. 15: three months from when its contract took effect. Its parties are told a month before and when it is over, unless it is filed.
    async fn a_licence_is_filed_in_time_or_its_parties_hear_of_it(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (_, asset) = patent(&unit, 1).await;
        let to_firm = async |fields: &[&str]| {
            let mut licence = new(&unit, &asset, "exclusive", scope(fields, &["all"], 2030)).await;
            licence["grantee"] = json!({"organisation_id": firm.organisation});
            entered(&unit.client, &licence).await
        };
        let (filed, forgotten) = (to_firm(&["06"]).await, to_firm(&["09"]).await);
        let place = drafted(&firm.client, filing(&firm, &filed).await).await;
        // From 1 June on.
        assert_eq!(firm.client.get(&place).await.unwrap()["due_on"], "2026-09-01");
        market.staff.move_clock(at("2026-06-10T01:00:00Z")).await.unwrap();
        submitted(&market, &firm.client, &place).await;
        registered(&market, &firm, &unit.client, &place).await;
        market.staff.move_clock(at("2026-08-10T01:00:00Z")).await.unwrap();
        for party in [&unit, &firm] {
            let reminded = told(&party.client, "licence.recordal_due").await;
            assert_eq!(reminded.len(), 1);
            assert!(reminded[0].to_string().contains(&forgotten), "only what nobody filed: {reminded:?}");
        }
        market.staff.move_clock(at("2026-09-02T01:00:00Z")).await.unwrap();
        assert_eq!(told(&firm.client, "licence.recordal_overdue").await.len(), 1);
        // It may be filed all the same; the same contract is not recorded twice.
        let late = drafted(&unit.client, filing(&unit, &forgotten).await).await;
        submitted(&market, &unit.client, &late).await;
        let twice = drafted(&unit.client, filing(&unit, &filed).await).await;
        let refusal = unit.client.post(&format!("{twice}/submit"), json!({"submitted_on": today(&market).await})).send().await.unwrap();
        assert_eq!(refused(&refusal, 422, "not_recordable")["errors"][0]["code"], "recorded_twice");
    }
}

on_both! {
    async fn what_is_pledged_is_filed_with_the_pledgees_consent_alone(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (_, asset) = patent(&unit, 1).await;
        let place = drafted(&unit.client, pledge(&unit, &asset).await).await;
        submitted(&market, &unit.client, &place).await;
        registered(&market, &unit, &market.staff.reviewer, &place).await;
        let mut licence = new(&unit, &asset, "non_exclusive", scope(&["06"], &["all"], 2030)).await;
        licence["grantee"] = json!({"organisation_id": firm.organisation});
        let licence = entered(&unit.client, &licence).await;
        market.staff.move_clock(at("2026-06-10T01:00:00Z")).await.unwrap();
        let day = json!({"submitted_on": today(&market).await});
        let place = drafted(&firm.client, filing(&firm, &licence).await).await;
        let refusal = firm.client.post(&format!("{place}/submit"), day.clone()).send().await.unwrap();
        let problem = refused(&refusal, 422, "not_recordable");
        assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]), (&json!("pledged"), &json!(format!("/assets/{asset}"))));
        firm.client.create(&format!("{place}/withdraw"), json!({"reason": "待质权人同意"})).await.unwrap();
        let mut agreed = filing(&firm, &licence).await;
        agreed["pledgee_consent_document_id"] = json!(paper(&firm, "质权人同意书").await);
        let place = drafted(&firm.client, agreed).await;
        firm.client.create(&format!("{place}/submit"), day).await.unwrap();
    }
}
