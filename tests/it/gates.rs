//! The gates of a sale: all that is missing is told at once, a person decides about what only warns, who may not buy neither registers nor
//! bids, and what goes on between approval and confirmation is seen.

use entity::money::Money;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, text};

use crate::authz::{announced, newest, offer, right, settled};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{granted, refused};
use crate::negotiations::paper;
use crate::on_both;

/// A clause of the kind that nobody may challenge the right.
pub const NO_CHALLENGE: &str = "受让方不得质疑本专利的有效性";
/// A technology that may not leave without a licence.
pub const CATHODE: &str = "一种磷酸铁锂正极材料的制备方法";

/// A draft of a rehearsal of a seller's under a title, changed as told; its address.
pub async fn drafted(market: &Market, seller: &Party, title: &str, change: impl FnOnce(&mut Value)) -> String {
    let (achievement, asset) = right(seller, title).await;
    let mut offer = offer(market, title).await;
    offer["achievement_id"] = achievement.into();
    offer["asset_ids"] = json!([asset]);
    change(&mut offer);
    format!("/v1/listings/{}", text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]))
}

/// Hands a draft in and has it taken for review.
pub async fn taken(reviewer: &Client, seller: &Client, place: &str) {
    seller.act(&format!("{place}/submit")).await.unwrap();
    reviewer.act(&format!("{place}/take")).await.unwrap();
}

/// What a seller declares for the gates: open to foreign parties, and this of the catalogue.
pub fn abroad(entries: &[&str]) -> Value {
    json!({"admits_foreign": true, "export_entries": entries, "keywords": ["工业制备"]})
}

/// Declares for the gates of a listing.
pub async fn declared(seller: &Client, place: &str, new: Value) -> Value {
    seller.create(&format!("{place}/gate-declarations"), new).await.unwrap()
}

/// The findings at a gate of a listing.
pub async fn findings(reader: &Client, place: &str, gate: &str) -> Vec<Value> {
    let told = reader.get(&format!("{place}/gates")).await.unwrap();
    let of_gate = told["gates"].as_array().unwrap().iter().find(|one| one["gate"] == gate).cloned().unwrap();
    of_gate["findings"].as_array().unwrap().clone()
}

/// What a reviewer decides about a finding.
pub fn decision(finding: &Value, decision: &str) -> Value {
    json!({"finding_sha256": finding["finding_sha256"], "decision": decision, "reason": "已对照核实"})
}

/// Decides so about everything a gate warns of.
pub async fn decided(reviewer: &Client, place: &str, gate: &str, what: &str) {
    for finding in findings(reviewer, place, gate).await {
        reviewer.create(&format!("{place}/gates/{gate}/acknowledgements"), decision(&finding, what)).await.unwrap();
    }
}

/// What a foreign party declares of itself.
pub fn foreign() -> Value {
    json!({"established": "foreign", "foreign_control": true, "foreign_beneficial_bp": 10_000, "data_leaves": true})
}

/// What a domestic one does.
pub fn domestic() -> Value {
    json!({"established": "mainland", "foreign_control": false, "foreign_beneficial_bp": 0, "data_leaves": false})
}

/// What is declared of a party.
pub fn of(party: &Party, what: &str) -> String {
    format!("/v1/organisations/{}/{what}", party.organisation)
}

/// A relation to another party.
pub fn related_to(other: &Party) -> Value {
    json!({"organisation_id": other.organisation, "kind": "same_controller"})
}

/// A restriction that is in force for good.
pub fn restriction(scope: &str) -> Value {
    json!({"scope": scope, "source_number": "国科监罚〔2026〕3号", "from_day": "2026-01-01"})
}

/// A letter of intent of a party's, with a document of its own.
pub async fn letter(party: &Party) -> Value {
    let document = paper(party, "技术出口许可意向书").await;
    json!({"kind": "letter_of_intent", "number": "浙技出意〔2026〕12号", "valid_until": "2027-03-01", "document_id": document})
}

/// A public lot of restricted technology that foreign parties may buy; its listing's address and the lot.
pub async fn restricted_lot(market: &Market, seller: &Party) -> (String, String) {
    let place = drafted(market, seller, CATHODE, |_| {}).await;
    declared(&seller.client, &place, abroad(&["252604X"])).await;
    let reviewer = &market.staff.reviewer;
    taken(reviewer, &seller.client, &place).await;
    decided(reviewer, &place, "export", "accepted").await;
    reviewer.act(&format!("{place}/approve")).await.unwrap();
    let published = market.staff.publisher.act(&format!("{place}/publish")).await.unwrap();
    (place, text(&published["lot_id"]))
}

/// Applies for a lot.
async fn applies(buyer: &Party, lot: &str) -> Reply {
    buyer.client.post(&format!("/v1/lots/{lot}/admissions"), json!({})).send().await.unwrap()
}

/// The gates of a listing that do not pass, in their order.
fn stopped(told: &Value) -> Vec<String> {
    let gates = told["gates"].as_array().unwrap();
    gates.iter().filter(|gate| gate["verdict"] != "pass").map(|gate| text(&gate["gate"])).collect()
}

on_both! {
    /// One call tells the seller all that is missing, in both languages, and changes nothing; about what warns a reviewer decides; the run is kept.
    async fn one_call_tells_all_that_is_missing_with_its_cure(market) {
        let seller = university(&market).await;
        let reviewer = &market.staff.reviewer;
        let place = drafted(&market, &seller, "一种技术", |offer| {
            offer["conditions"] = json!([NO_CHALLENGE]);
            offer["declarations"]["no_other_encumbrances"] = false.into();
        })
        .await;
        let before = settled(&market).await;
        let told = seller.client.get(&format!("{place}/gates")).await.unwrap();
        assert_eq!((&told["passes"], told["gates"].as_array().unwrap().len()), (&json!(false), 12));
        assert_eq!(stopped(&told), ["encumbrances", "clauses"]);
        let clause = &told["gates"][11];
        assert_eq!((&clause["number"], &clause["verdict"], &clause["findings"][0]["in_the_way"]), (&json!("G12"), &json!("warn"), &json!(true)));
        for words in ["zh", "en", "cure_zh", "cure_en", "source", "rule"] {
            assert!(clause["findings"][0][words].as_str().is_some_and(|said| !said.is_empty()), "{words}: {clause}");
        }
        assert!(settled(&market).await == before, "asking changes nothing");
        refused(&market.stranger.look(&format!("{place}/gates")).await.unwrap(), 401, "not_signed_in");

        let place = drafted(&market, &seller, "一种技术", |offer| offer["conditions"] = json!([NO_CHALLENGE])).await;
        taken(reviewer, &seller.client, &place).await;
        let reply = reviewer.ask(Method::POST, &format!("{place}/approve")).send().await.unwrap();
        let problem = refused(&reply, 409, "gate_blocked");
        assert_eq!((&problem["gates"][0]["gate"], &problem["errors"][0]["code"]), (&json!("clauses"), &json!("clause")));
        assert!(problem["allowed"].is_array());
        decided(reviewer, &place, "clauses", "accepted").await;
        reviewer.act(&format!("{place}/approve")).await.unwrap();
        let told = seller.client.get(&format!("{place}/gates")).await.unwrap();
        let run = &told["runs"][0];
        assert_eq!((&run["stage"], &run["findings"][0]["code"]), (&json!("approval"), &json!("clause")));
        assert_eq!(told["acknowledgements"][0]["reason"], "已对照核实");
    }
}

on_both! {
    /// What a person confirms to be as was feared blocks.
    async fn a_clause_that_is_confirmed_blocks(market) {
        let seller = university(&market).await;
        let reviewer = &market.staff.reviewer;
        let place = drafted(&market, &seller, "一种技术", |_| {}).await;
        declared(&seller.client, &place, json!({"admits_foreign": false, "clauses": "受让方须一并购买转让方的生产设备", "clause_kinds": ["tie_in"]})).await;
        taken(reviewer, &seller.client, &place).await;
        assert_eq!(findings(reviewer, &place, "clauses").await.len(), 2, "by its words, and as the seller says");
        decided(reviewer, &place, "clauses", "confirmed").await;
        let reply = reviewer.ask(Method::POST, &format!("{place}/approve")).send().await.unwrap();
        assert!(refused(&reply, 409, "gate_blocked")["gates"].as_array().unwrap().iter().all(|one| one["verdict"] == "block"));
    }
}

on_both! {
    /// Restricted technology: a foreign party registers once its letter of intent is verified; a domestic one needs none.
    async fn a_foreign_party_registers_with_its_letter(market) {
        let seller = university(&market).await;
        let (abroad_firm, home_firm) = (enterprise(&market, "abroad", 1).await, enterprise(&market, "home", 2).await);
        abroad_firm.client.create(&of(&abroad_firm, "facts"), foreign()).await.unwrap();
        home_firm.client.create(&of(&home_firm, "facts"), domestic()).await.unwrap();
        let standing = abroad_firm.client.get(&of(&abroad_firm, "standing")).await.unwrap();
        assert_eq!((&standing["foreign"], standing["foreign_signs"].as_array().unwrap().len()), (&json!(true), 4));

        let (place, lot) = restricted_lot(&market, &seller).await;
        granted(&applies(&home_firm, &lot).await, 201);
        refused(&applies(&abroad_firm, &lot).await, 403, "export_letter_missing");
        let papers = format!("{place}/export-papers");
        let paper = abroad_firm.client.create(&papers, letter(&abroad_firm).await).await.unwrap();
        refused(&applies(&abroad_firm, &lot).await, 403, "export_letter_missing");
        let listed = market.staff.reviewer.get("/v1/export-papers").await.unwrap();
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["allowed_deeds"]), (&paper["id"], &json!(["decide_export_paper"])));
        assert!(home_firm.client.get("/v1/export-papers").await.unwrap()["items"].as_array().unwrap().is_empty(), "nobody else is told");
        let decide = format!("/v1/export-papers/{}/decide", text(&paper["id"]));
        market.staff.reviewer.create(&decide, json!({"verified": true, "reason": "与省商务厅核对一致"})).await.unwrap();
        granted(&applies(&abroad_firm, &lot).await, 201);

        // What nobody opened to foreign parties is not.
        let closed = announced(&market, &seller, "一种不开放的技术", &[]).await.lot;
        refused(&applies(&abroad_firm, &closed).await, 403, "foreign_not_admitted");
    }
}

on_both! {
    /// What is prohibited is open to no foreign party, and what public money paid for goes abroad with approval.
    async fn what_may_not_leave_is_not_offered_abroad(market) {
        let seller = university(&market).await;
        let reviewer = &market.staff.reviewer;
        let place = drafted(&market, &seller, "一种稀土萃取分离工艺", |_| {}).await;
        declared(&seller.client, &place, abroad(&["rare_earth_refining"])).await;
        taken(reviewer, &seller.client, &place).await;
        let reply = reviewer.ask(Method::POST, &format!("{place}/approve")).send().await.unwrap();
        assert_eq!(refused(&reply, 409, "gate_blocked")["gates"][0]["code"], "export_prohibited");

        let mut funded = fixtures::achievement();
        funded["state_funded"] = true.into();
        let (achievement, assets) = play::register(&seller, funded, &[crate::authz::know_how(&seller, "一种技术")]).await.unwrap();
        let place = drafted(&market, &seller, "一种技术", |offer| {
            offer["achievement_id"] = achievement.into();
            offer["asset_ids"] = json!(assets);
        })
        .await;
        declared(&seller.client, &place, abroad(&[])).await;
        assert_eq!(findings(&seller.client, &place, "state_funding").await[0]["code"], "funding_approval_missing");
        let mut approved = abroad(&[]);
        approved["funding_approval_document_id"] = paper(&seller, "项目管理机构批复").await.into();
        assert_eq!(declared(&seller.client, &place, approved).await["version"], 2);
        assert!(findings(&seller.client, &place, "state_funding").await.is_empty());
    }
}

on_both! {
    /// Who is related to the seller does not register; who turns out to be, does not bid any more.
    async fn who_is_related_to_the_seller_stands_aside(market) {
        let seller = university(&market).await;
        let [sister, cousin, rival] =
            [enterprise(&market, "sister", 1).await, enterprise(&market, "cousin", 2).await, enterprise(&market, "rival", 3).await];
        seller.client.create(&of(&seller, "relations"), related_to(&sister)).await.unwrap();
        let lot = announced(&market, &seller, "一种技术", &[&cousin, &rival]).await.lot;
        refused(&applies(&sister, &lot).await, 403, "conflict_of_interest");
        refused(&applies(&seller, &lot).await, 403, "own_lot");
        market.pass(2).await;
        play::bid(&cousin, &lot, Money::fen(100_000)).await.unwrap();

        // One telephone for both, as each declares it by itself.
        for (party, phone) in [(&seller, "0571-88000000"), (&cousin, "0571-88 000000")] {
            let mut facts = domestic();
            facts["phone"] = phone.into();
            party.client.create(&of(party, "facts"), facts).await.unwrap();
        }
        settled(&market).await;
        let bid = json!({"price": Money::fen(120_000), "confirmed": true});
        let reply = cousin.client.post(&format!("/v1/lots/{lot}/bids"), bid).send().await.unwrap();
        refused(&reply, 403, "conflict_of_interest");
        play::bid(&rival, &lot, Money::fen(120_000)).await.unwrap();
    }
}

on_both! {
    /// Who may not trade neither sells nor buys; another restriction of a seller is shown, and a person decides.
    async fn who_breaks_trust_is_kept_from_trading(market) {
        let seller = university(&market).await;
        let (kept, reviewer) = (enterprise(&market, "kept", 1).await, &market.staff.reviewer);
        let entered = reviewer.create(&of(&kept, "restrictions"), restriction("trading")).await.unwrap();
        let lot = announced(&market, &seller, "一种技术", &[]).await.lot;
        refused(&applies(&kept, &lot).await, 403, "trade_restricted");
        reviewer.create(&format!("/v1/restrictions/{}/lift", text(&entered["id"])), json!({"reason": "已整改"})).await.unwrap();
        granted(&applies(&kept, &lot).await, 201);

        reviewer.create(&of(&seller, "restrictions"), restriction("award")).await.unwrap();
        let place = drafted(&market, &seller, "另一种技术", |_| {}).await;
        taken(reviewer, &seller.client, &place).await;
        refused(&reviewer.ask(Method::POST, &format!("{place}/approve")).send().await.unwrap(), 409, "gate_blocked");
        decided(reviewer, &place, "integrity", "accepted").await;
        reviewer.act(&format!("{place}/approve")).await.unwrap();
    }
}

on_both! {
    /// What turns out between the award and the last signature stops the confirmation, until it is cured.
    async fn the_gates_are_asked_again_as_a_deal_is_confirmed(market) {
        let seller = university(&market).await;
        let buyer = enterprise(&market, "buyer", 1).await;
        let listing = announced(&market, &seller, "一种技术", &[&buyer]).await;
        market.pass(2).await;
        play::bid(&buyer, &listing.lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = newest(&buyer.client, "/v1/deals").await;
        for party in [&seller, &buyer] {
            party.client.prove().await.unwrap();
        }
        play::sign(&deal, &[&seller.client]).await.unwrap();
        let relation = buyer.client.create(&of(&buyer, "relations"), related_to(&seller)).await.unwrap();
        let before = settled(&market).await;
        let confirmation = buyer.client.get(&format!("/v1/deals/{deal}/confirmation")).await.unwrap();
        let signature = json!({"confirmation_sha256": confirmation["sha256"]});
        let reply = buyer.client.post(&format!("/v1/deals/{deal}/sign"), signature).send().await.unwrap();
        assert_eq!(refused(&reply, 409, "gate_blocked")["gates"][0]["code"], "related_buyer");
        assert!(settled(&market).await == before, "what is refused leaves nothing");

        let end = format!("/v1/relations/{}/end", text(&relation["id"]));
        market.staff.reviewer.create(&end, json!({"reason": "误报"})).await.unwrap();
        play::sign(&deal, &[&buyer.client]).await.unwrap();
        let told = seller.client.get(&format!("/v1/listings/{}/gates", listing.listing)).await.unwrap();
        assert_eq!((&told["runs"][0]["stage"], &told["runs"][0]["deal_id"]), (&json!("confirmation"), &json!(deal)));
    }
}

on_both! {
    /// Secrets are refused with nothing of them kept, be it an achievement, what is changed of one, or a document.
    async fn a_state_secret_leaves_no_trace(market) {
        let seller = university(&market).await;
        let (achievement, _) = right(&seller, "一种技术").await;
        let before = settled(&market).await;
        for level in ["secret", "confidential", "top_secret"] {
            let mut secret = fixtures::achievement();
            secret["secret_level"] = level.into();
            secret["summary"] = "金丝雀机密内容".into();
            let reply = seller.client.post("/v1/achievements", secret).send().await.unwrap();
            assert_eq!(refused(&reply, 422, "declaration_missing")["errors"][0]["pointer"], "/secret_level");
            let place = format!("/v1/documents?title=x&file_name=x.txt&confidentiality=private&secret_level={level}");
            let reply = seller.client.send_file(&place, "text/plain", "金丝雀机密内容".into()).await.unwrap();
            refused(&reply, 422, "declaration_missing");
            let change = json!({"summary": "金丝雀机密内容", "secret_level": level});
            let ask = seller.client.ask(Method::PATCH, &format!("/v1/achievements/{achievement}"));
            refused(&ask.body(change).on_version(1).send().await.unwrap(), 422, "declaration_missing");
        }
        assert!(settled(&market).await == before, "nothing is kept");
    }
}

on_both! {
    /// A listing that is approved today under one version of the catalogue is looked at under it.
    async fn what_may_be_in_the_catalogue_waits_for_a_person(market) {
        let seller = university(&market).await;
        let reviewer = &market.staff.reviewer;
        let place = drafted(&market, &seller, CATHODE, |_| {}).await;
        declared(&seller.client, &place, abroad(&[])).await;
        taken(reviewer, &seller.client, &place).await;
        let found = findings(reviewer, &place, "export").await;
        assert_eq!((&found[0]["code"], &found[0]["subject"]), (&json!("export_possible"), &json!("2025-28/252604X")));
        refused(&reviewer.ask(Method::POST, &format!("{place}/approve")).send().await.unwrap(), 409, "gate_blocked");
        // It is, so that it needs the review and the letter; nobody decides twice.
        decided(reviewer, &place, "export", "confirmed").await;
        let again = reviewer.post(&format!("{place}/gates/export/acknowledgements"), decision(&found[0], "accepted")).send().await.unwrap();
        refused(&again, 422, "invalid");
        let told = reviewer.get(&format!("{place}/gates")).await.unwrap();
        assert_eq!((&told["export_class"], &told["gates"][5]["findings"][0]["code"]), (&json!("restricted"), &json!("review_open")));
    }
}
