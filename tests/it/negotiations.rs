//! Sales at a negotiated price, from the first offer to the evidence that the procedure was followed.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, instant, text};

use crate::authz::{join, objection, offer as listing_offer, officer, person, right};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{at, cny, refused};
use crate::notices::read;
use crate::on_both;

/// What a party proposes.
pub fn offer(price: &str) -> Value {
    json!({"terms": {"transfer": {"mode": "assignment"}, "price": cny(price), "payment": "合同生效后30日内一次性付清"}})
}

/// A paper of a party.
pub async fn paper(party: &Party, title: &str) -> String {
    let made = party.client.upload(title, "paper.txt", "private", "text/plain", title.into()).await.unwrap();
    text(&made["id"])
}

/// What a seller begins with, about a right of an achievement.
pub async fn beginning(seller: &Party, buyer: &Party, (achievement, asset): (&str, &str), price: &str) -> Value {
    json!({
        "achievement_id": achievement,
        "asset_ids": [asset],
        "buyer_organisation_id": buyer.organisation,
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法，可用于小流域治理。",
        "base_price": cny("100000.00"),
        "base_price_basis": "appraisal",
        "basis_document_id": paper(seller, "评估报告").await,
        "secret_level_none": true,
        "offer": offer(price),
    })
}

/// A negotiation that was begun; its address.
pub async fn begun(seller: &Party, buyer: &Party, title: &str, price: &str) -> String {
    let (achievement, asset) = right(seller, title).await;
    let new = beginning(seller, buyer, (&achievement, &asset), price).await;
    format!("/v1/negotiations/{}", text(&seller.client.create("/v1/negotiations", new).await.unwrap()["id"]))
}

/// The hash of the last offer.
async fn last_hash(party: &Client, place: &str) -> String {
    text(&party.get(place).await.unwrap()["offers"].as_array().unwrap().last().unwrap()["terms_sha256"])
}

/// A party accepts the other's last offer.
pub async fn accept(party: &Client, place: &str) -> Value {
    party.create(&format!("{place}/accept"), json!({"terms_sha256": last_hash(party, place).await})).await.unwrap()
}

/// Somebody of the seller decides on what is agreed on.
pub async fn decide(by: &Client, place: &str, document: Option<String>) -> Value {
    let agreed = by.get(place).await.unwrap();
    let number = agreed["agreed_offer"].as_u64().unwrap_or(1);
    let sha256 = &agreed["offers"][usize::try_from(number - 1).unwrap()]["terms_sha256"];
    by.create(&format!("{place}/decide"), json!({"terms_sha256": sha256, "decision_document_id": document})).await.unwrap()
}

/// An officer publishes what was frozen for him.
pub async fn publish(publisher: &Client, place: &str) -> Value {
    let sha256 = publisher.get(place).await.unwrap()["drafted_sha256"].clone();
    publisher.create(&format!("{place}/publish"), json!({"drafted_sha256": sha256})).await.unwrap()
}

/// Offered, accepted, decided by `decider` and published.
pub async fn noticed(market: &Market, seller: &Party, buyer: &Party, decider: &Client, title: &str) -> String {
    let place = begun(seller, buyer, title, "100000.00").await;
    accept(&buyer.client, &place).await;
    decide(decider, &place, None).await;
    publish(&market.staff.publisher, &place).await;
    place
}

/// From the seller's decision to the public result, some weeks later, of technology no registry keeps.
pub async fn conclude(market: &Market, seller: &Party, buyer: &Party, place: &str) {
    conclude_of(market, seller, buyer, (place, "unregistered")).await;
}

/// The same of rights of a legal status.
pub async fn conclude_of(market: &Market, seller: &Party, buyer: &Party, (place, status): (&str, &str)) {
    let published = publish(&market.staff.publisher, place).await;
    shown_here(market, seller, place).await;
    let end = ends_at(market, &text(&published["notice_id"])).await;
    market.staff.move_clock(end).await.unwrap();
    for asset in seller.client.get(place).await.unwrap()["asset_ids"].as_array().unwrap() {
        play::read_status(seller, &text(asset), status).await.unwrap();
    }
    for party in [seller, buyer] {
        party.client.prove().await.unwrap();
        confirm(&party.client, place).await.ok().unwrap();
    }
    market.staff.publisher.act(&format!("{place}/publish-result")).await.unwrap();
}

/// The seller shows that his own notice stands since today.
pub async fn shown_here(market: &Market, seller: &Party, place: &str) -> Value {
    let today = (market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive();
    let new = json!({"document_id": paper(seller, "公示栏照片").await, "published_on": today, "place": "科研院公示栏"});
    seller.client.create(&format!("{place}/unit-notice"), new).await.unwrap()
}

/// A party confirms the last offer; the answer, whatever it is.
pub async fn confirm(party: &Client, place: &str) -> zhepai::client::Reply {
    let sha256 = last_hash(party, place).await;
    party.ask(Method::POST, &format!("{place}/confirm")).body(json!({"terms_sha256": sha256})).send().await.unwrap()
}

async fn state(party: &Client, place: &str) -> String {
    text(&party.get(place).await.unwrap()["state"])
}

/// When the notice of a negotiation ends.
pub async fn ends_at(market: &Market, notice: &str) -> DateTime<Utc> {
    instant(&market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["ends_at"])
}

/// An objection of somebody who shows a document of his own: both as he is answered.
async fn objected_with_evidence(objector: &Client, notice: &str) -> (Value, Value) {
    let evidence = objector.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
    let mut raised = objection();
    raised["evidence"] = json!([evidence["id"]]);
    let made = objector.create(&format!("/v1/notices/{notice}/objections"), raised).await.unwrap();
    assert_eq!(made["inside"]["evidence"][0]["sha256"], evidence["content"]["sha256"]);
    (made, evidence)
}

/// Who a client is.
async fn own_id(of: &Client) -> String {
    text(&of.get("/v1/me").await.unwrap()["person"]["id"])
}

/// Sees that everybody is told where the seller put a notice up himself and since when, by the hash of what shows it and not by its title,
/// also on its page, and that its paper says none of it; that hash.
pub async fn told_of_own_place(market: &Market, notice: &str, shown: &Value, (on, until): (&str, DateTime<Utc>)) -> String {
    let told = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["unit_notice"].clone();
    assert_eq!((&told["place"], &told["published_on"]), (&json!("科研院公示栏"), &json!(on)));
    assert_eq!((&told["sha256"], instant(&told["ends_at"])), (&shown["unit_notice"]["document"]["sha256"], until));
    let page = read(market, &format!("/notices/{notice}?lang=zh")).await.1;
    for said in ["<dt>本单位公示</dt>", "<p>科研院公示栏</p>", &format!("<p>{on}</p>"), &text(&told["sha256"])] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let english = read(market, &format!("/notices/{notice}?lang=en")).await.1;
    assert!(english.contains("s own place</dt>") && english.contains("<p lang=\"zh\">科研院公示栏</p>"), "{english}");
    assert!([told.to_string(), page, english].iter().all(|said| !said.contains("公示栏照片")), "what the file is called");
    text(&told["sha256"])
}

/// Sees that a file of evidence has both decisions and both notices of the seller, each with its day, its hash and who it was of.
fn has_both_rounds(content: &Value, (seller, decider, publisher): (&str, &str, &str), (days, photographs): (&[String; 2], &[String; 2])) {
    let (price, sale) = (&content["notices"][0], &content["negotiation"]);
    let list = |of: &Value| of.as_array().unwrap().clone();
    let shown = list(&price["unit_notices"]);
    assert_eq!(shown.len(), 2, "{price}");
    for (place, one) in shown.iter().enumerate() {
        assert_eq!((&one["published_on"], &one["document"]["sha256"]), (&json!(days[place]), &json!(photographs[place])));
        assert_eq!((&one["notice_version"], &one["shown_by"], one["shown_at"].is_string()), (&json!(place + 1), &json!(seller), true));
    }
    let decisions = list(&sale["decisions"]);
    let told: Vec<_> =
        decisions.iter().map(|one| (text(&one["document"]["title"]), one["offer"].clone(), one["notice_version"].clone())).collect();
    assert_eq!(told, [(String::from("校长办公会纪要"), json!(2), json!(1)), (String::from("补充纪要"), json!(3), json!(2))]);
    let minutes: Vec<_> = decisions.iter().map(|one| text(&one["document"]["sha256"])).collect();
    assert!(minutes[0] != minutes[1] && minutes.iter().all(|sha256| sha256.len() == 64), "{minutes:?}");
    for (one, version) in decisions.iter().zip(list(&price["versions"])) {
        assert_eq!((&one["drafted_sha256"], &one["decided_by"]), (&version["sha256"], &json!(decider)));
        assert_eq!(&version["published_by"], publisher);
        assert!(
            instant(&one["agreed_at"]) <= instant(&one["decided_at"]) && instant(&one["decided_at"]) <= instant(&version["published_at"])
        );
    }
    assert!(instant(&decisions[0]["decided_at"]) < instant(&decisions[1]["decided_at"]));
    assert_eq!(sale["decision_document"], decisions[1]["document"], "the last is what stands");
    let hashed: Vec<_> = list(&sale["offers"]).iter().map(|one| one["terms_sha256"].is_string()).collect();
    assert_eq!(hashed, [false, true, true], "both that were announced");
}

/// What is announced first, as it says; the notice.
async fn announced(market: &Market, notice: &str, drafted: &str) -> Value {
    let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
    assert_eq!((&seen["kind"], &seen["content_text"]), (&json!("negotiated_price"), &json!(drafted)));
    let content = &seen["content"];
    assert_eq!((&content["intended_price"], &content["buyer_name"]), (&cny("100000.00"), &json!("测试机构 buyer")));
    assert_eq!((&content["buyer_related"]["related"], &content["buyer_related"]["kind"]), (&json!(true), &json!("shareholding")));
    assert_eq!(content["attachments"].as_array().unwrap().len(), 2, "by their hashes");
    let said = ["/title", "/summary", "/mode/code", "/mode/zh", "/seller/name", "/price/basis", "/payment"]
        .map(|place| text(&content.pointer(place).cloned().unwrap_or_default()));
    assert_eq!(said[..4], ["一种河岸带减污方法", "削减河岸带面源污染的方法，可用于小流域治理。", "assignment", "转让"].map(String::from));
    assert_eq!(said[4..], [text(&seen["seller_name"]), "appraisal".into(), "合同生效后30日内一次性付清".into()]);
    assert_eq!(content["buyer_related"]["note"], "第二完成人持有受让方30%股权");
    assert_eq!(content["price"]["base_price"], cny("100000.00"));
    let objections = &content["objections"];
    assert_eq!(objections["zh"], "公示期内任何人可实名向本平台提出异议；异议办结前，双方不得确认成交");
    assert!(text(&objections["channel"]["zh"]).contains("POST /v1/notices/{id}/objections"));
    assert_eq!((objections["grounds"].as_array().unwrap().len(), &objections["deadlines"][0]["period"]), (9, &json!("3wd")));
    seen
}

/// What is announced anew, and how it differs from what was announced first; the notice.
async fn announced_anew(market: &Market, notice: &str) -> Value {
    let again = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
    assert_eq!((&again["version"], &again["state"], again["revised_at"].is_null()), (&json!(2), &json!("published"), false));
    let versions = market.stranger.get(&format!("/v1/notices/{notice}/versions")).await.unwrap();
    assert_eq!((&versions["items"][1]["kind"], versions["items"][1]["reason"].is_null()), (&json!("revision"), false));
    let differs = market.stranger.get(&format!("/v1/notices/{notice}/difference")).await.unwrap();
    assert!(differs["changes"].as_array().unwrap().iter().any(|change| change["pointer"] == "/payment"), "{differs}");
    for (language, mark) in [("zh", ""), ("en", " lang=\"zh\"")] {
        let (_, page) = read(market, &format!("/notices/{notice}?lang={language}")).await;
        for (change, days) in [("del", 30), ("ins", 10)] {
            let told = format!("<{change}><p{mark}>合同生效后{days}日内一次性付清</p></{change}>");
            assert!(page.contains(&told), "{told} in {page}");
        }
    }
    assert_eq!(again.get("unit_notice"), None, "what stood there was of what had been agreed before");
    again
}

/// Whether a file tells of every deed of the story, and passes.
async fn every_deed_is_there(market: &Market, file: &Value) {
    let deeds: Vec<_> = file["content"]["deeds"].as_array().unwrap().iter().map(|deed| text(&deed["operation"])).collect();
    for deed in [
        "start_negotiation",
        "accept_offer",
        "decide_negotiation",
        "publish_negotiation",
        "submit_objection",
        "settle_objection",
        "confirm_negotiation",
        "publish_negotiation_result",
    ] {
        assert!(deeds.iter().any(|done| done == deed), "{deed}");
    }
    let keys = market.stranger.get("/v1/receipt-keys").await.unwrap();
    let (passes, said) = crate::evidence::checked(file, &keys);
    assert!(passes && said.contains("3 texts"), "{said}");
}

on_both! {
    /// A university sells a patent: fifteen days, an objection on the ninth, what was agreed anew shown for fifteen days again,
    /// confirmation, result, and one file that shows it all.
    async fn a_patent_is_sold_at_a_negotiated_price(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let objector = person(&market, "o-bjects").await;
        let (achievement, assets) = play::register(&seller, fixtures::achievement(), &[fixtures::patent(&seller)]).await.unwrap();
        let new = beginning(&seller, &buyer, (&achievement, &assets[0]), "120000.00").await;
        let place = format!("/v1/negotiations/{}", text(&seller.client.create("/v1/negotiations", new).await.unwrap()["id"]));

        // A counter-offer tells in what it differs, and is accepted by its hash.
        let mut counter = offer("100000.00");
        counter["relation"] = json!({"kind": "shareholding", "note": "第二完成人持有受让方30%股权"});
        let made = buyer.client.create(&format!("{place}/offers"), counter).await.unwrap();
        let differs = made["offers"][1]["differences"].as_array().unwrap();
        let told: Vec<_> = differs.iter().map(|one| [&one["pointer"], &one["before"], &one["after"]].map(text)).collect();
        assert_eq!(told, [["/price/amount", "120000.00", "100000.00"].map(String::from)]);
        let agreed = accept(&seller.client, &place).await;
        assert_eq!((&agreed["state"], &agreed["agreed_offer"]), (&json!("agreed"), &json!(2)));

        // Who negotiated does not decide; who decides sees what will be published before an officer does it.
        let own = json!({"terms_sha256": last_hash(&seller.client, &place).await});
        refused(&seller.client.post(&format!("{place}/decide"), own).send().await.unwrap(), 403, "same_person");
        decide(&decider, &place, Some(paper(&seller, "校长办公会纪要").await)).await;
        let drafted = text(&market.staff.publisher.get(&place).await.unwrap()["drafted_text"]);
        let published = publish(&market.staff.publisher, &place).await;
        let notice = text(&published["notice_id"]);
        let seen = announced(&market, &notice, &drafted).await;
        // Published on Monday the 2nd of March 2026: the fifteenth day after it is Tuesday the 17th, to 24:00.
        assert_eq!(ends_at(&market, &notice).await, at("2026-03-17T16:00:00Z"));
        let paper_before = read(&market, &format!("/notices/{notice}/pdf?lang=zh")).await;
        assert_eq!(seen.get("unit_notice"), None);
        let shown = shown_here(&market, &seller, &place).await;
        let first_photograph = told_of_own_place(&market, &notice, &shown, ("2026-03-02", at("2026-03-17T16:00:00Z"))).await;
        assert_eq!(read(&market, &format!("/notices/{notice}/pdf?lang=zh")).await, paper_before, "the frozen text is what is printed");

        // On the ninth day somebody objects, and it is accepted.
        market.staff.move_clock(at("2026-03-11T02:00:00Z")).await.unwrap();
        let (made, evidence) = objected_with_evidence(&objector, &notice).await;
        assert_eq!((&made["listing_id"], &made["negotiation_id"]), (&Value::Null, &published["id"]));
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        let shown = format!("/v1/documents/{}/content", text(&evidence["id"]));
        assert_eq!(handler.download(&shown).await.unwrap(), "内容".as_bytes(), "who handles it reads what shows it");
        refused(&seller.client.look(&shown).await.unwrap(), 404, "not_found");
        handler.act(&format!("{against}/accept")).await.unwrap();
        market.staff.move_clock(at("2026-03-17T16:00:00Z")).await.unwrap();
        let problem = confirm(&seller.client, &place).await;
        assert_eq!(refused(&problem, 409, "notice_not_over")["waits_for"], json!([{"what": "objections"}]));
        handler.create(&format!("{against}/decide"), json!({"outcome": "partly_upheld", "reasons": "付款期限应当缩短"})).await.unwrap();
        let review_by = instant(&market.stranger.get(&against).await.unwrap()["due_at"]);
        market.staff.move_clock(review_by).await.unwrap();
        refused(&confirm(&seller.client, &place).await, 409, "notice_not_over");

        // What the parties agree anew is announced anew, for fifteen days.
        let mut better = offer("100000.00");
        better["terms"]["payment"] = "合同生效后10日内一次性付清".into();
        seller.client.create(&format!("{place}/offers"), better).await.unwrap();
        play::read_status(&seller, &assets[0], "granted").await.unwrap();
        accept(&buyer.client, &place).await;
        refused(&confirm(&seller.client, &place).await, 409, "wrong_state");
        decide(&decider, &place, Some(paper(&seller, "补充纪要").await)).await;
        publish(&market.staff.publisher, &place).await;
        handler.create(&format!("{against}/settle"), json!({"settlement": "已缩短付款期限并重新公示"})).await.unwrap();
        let again = announced_anew(&market, &notice).await;
        let end = ends_at(&market, &notice).await;
        assert!(end > review_by + TimeDelta::days(15), "the clock began again: {end}");
        market.pass(0).await;
        let heard = buyer.client.get("/v1/inbox").await.unwrap();
        assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == "notice.revised"), "{heard}");

        // Both notices have to be over; then both parties confirm.
        market.staff.move_clock(end).await.unwrap();
        let problem = confirm(&seller.client, &place).await;
        assert_eq!(refused(&problem, 409, "notice_not_over")["waits_for"], json!([{"what": "unit_notice"}]));
        let shown = shown_here(&market, &seller, &place).await;
        let waits = seller.client.get(&place).await.unwrap()["waits_for"].clone();
        let days = ["2026-03-02".to_owned(), text(&shown["unit_notice"]["published_on"])];
        let photographs = [first_photograph, told_of_own_place(&market, &notice, &shown, (&days[1], instant(&waits[0]["until"]))).await];
        market.staff.move_clock(instant(&waits[0]["until"])).await.unwrap();
        let stale = confirm(&seller.client, &place).await;
        assert_eq!(refused(&stale, 409, "listing_not_ready")["reason"], "legal_status_stale");
        play::read_status(&seller, &assets[0], "granted").await.unwrap();
        confirm(&seller.client, &place).await.ok().unwrap();
        refused(&confirm(&seller.client, &place).await, 409, "already_signed");
        let both = confirm(&buyer.client, &place).await.ok().unwrap();
        assert_eq!((&both["state"], both["confirmations"].as_array().unwrap().len()), (&json!("confirmed"), 2));
        refused(&buyer.client.post(&format!("{place}/withdraw"), json!({"reason": "反悔"})).send().await.unwrap(), 409, "wrong_state");
        let done = market.staff.publisher.act(&format!("{place}/publish-result")).await.unwrap();
        assert!(market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["final_at"].is_string());
        let result = market.stranger.get(&format!("/v1/notices/{}", text(&done["result_notice_id"]))).await.unwrap();
        assert_eq!((&result["content"]["final_price"], &result["content"]["format"]["code"]), (&cny("100000.00"), &json!("negotiated_pricing")));
        assert_eq!(result["content"]["price_notice"]["sha256"], again["sha256"]);

        market.pass(0).await;
        let file = seller.client.get(&format!("{place}/evidence")).await.unwrap();
        let content = &file["content"];
        assert_eq!((&content["negotiation"]["id"], &file["statement"]["negotiation_id"]), (&done["id"], &done["id"]));
        assert_eq!(content["notices"].as_array().unwrap().len(), 2);
        assert_eq!(content["notices"][0]["versions"].as_array().unwrap().len(), 2);
        assert_eq!(content["objections"][0]["settlement"], "已缩短付款期限并重新公示");
        let who = [own_id(&seller.client).await, own_id(&decider).await, own_id(&market.staff.publisher).await];
        has_both_rounds(content, (&who[0], &who[1], &who[2]), (&days, &photographs));
        every_deed_is_there(&market, &file).await;
    }
}

on_both! {
    /// What the seller says in English is announced and shown; what he does not say is shown in Chinese, which says so, until an erratum
    /// says it.
    async fn what_is_announced_is_read_in_english(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let (achievement, asset) = right(&seller, "一种双语公示的技术").await;
        let mut new = beginning(&seller, &buyer, (&achievement, &asset), "100000.00").await;
        for (member, longest) in [("title_en", 300), ("summary_en", 5_000)] {
            let mut long = new.clone();
            long[member] = "x".repeat(longest + 1).into();
            let problem = seller.client.post("/v1/negotiations", long).send().await.unwrap();
            assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], format!("/{member}"));
        }
        new["title_en"] = "A way to keep river banks clean".into();
        let made = seller.client.create("/v1/negotiations", new).await.unwrap();
        assert_eq!((&made["title_en"], made.get("summary_en")), (&json!("A way to keep river banks clean"), None));
        let place = format!("/v1/negotiations/{}", text(&made["id"]));
        accept(&buyer.client, &place).await;
        decide(&decider, &place, None).await;
        let notice = text(&publish(&market.staff.publisher, &place).await["notice_id"]);
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["title_en"], &seen["content"]["title_en"]), (&made["title_en"], &made["title_en"]));

        let english = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
        for said in ["<span>A way to keep river banks clean</span> · Negotiated price</h1>", "<p lang=\"zh\">削减河岸带面源污染的方法"] {
            assert!(english.contains(said), "{said}: {english}");
        }
        let chinese = read(&market, &format!("/notices/{notice}?lang=zh")).await.1;
        assert!(chinese.contains("<span>一种河岸带减污方法</span>") && !chinese.contains("lang=\"zh\""), "{chinese}");
        let list = read(&market, "/notices?kind=negotiated_price&lang=en").await.1;
        assert!(list.contains(&format!("<a href=\"/notices/{notice}?lang=en\">A way to keep river banks clean</a>")), "{list}");
        let papers = [read(&market, &format!("/notices/{notice}/pdf?lang=en")).await, read(&market, &format!("/notices/{notice}/pdf?lang=zh")).await];
        assert!(papers.iter().all(|(media, file)| media == "application/pdf" && file.starts_with("%PDF-1.")));

        let slip = json!({"reason": "补充英文简介", "changes": [{"pointer": "/summary_en", "value": "Keeps river banks clean."}]});
        let proposed = seller.client.create(&format!("/v1/notices/{notice}/errata"), slip).await.unwrap();
        market.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]))).await.unwrap();
        let differs = market.stranger.get(&format!("/v1/notices/{notice}/difference")).await.unwrap();
        let change = &differs["changes"][0];
        assert_eq!((&change["pointer"], &change["zh"], &change["en"]), (&json!("/summary_en"), &json!("简介（英文）"), &json!("Summary (English)")));
        let english = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
        assert!(["<p>Keeps river banks clean.</p>", "<dt>Summary (English)</dt>"].iter().all(|said| english.contains(said)), "{english}");
        assert!(!english.contains("<p lang=\"zh\">削减河岸带面源污染的方法"), "{english}");
    }
}

on_both! {
    /// What is agreed on is held: nobody else agrees on it or lists it, until it comes to nothing.
    async fn what_was_agreed_on_is_offered_to_nobody_else(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let other = enterprise(&market, "other", 2).await;
        let (achievement, asset) = right(&seller, "一种只卖一次的技术").await;
        let mut places = Vec::new();
        for firm in [&buyer, &other] {
            let new = beginning(&seller, firm, (&achievement, &asset), "100000.00").await;
            places.push(format!("/v1/negotiations/{}", text(&seller.client.create("/v1/negotiations", new).await.unwrap()["id"])));
        }
        accept(&buyer.client, &places[0]).await;
        let second = json!({"terms_sha256": last_hash(&other.client, &places[1]).await});
        refused(&other.client.post(&format!("{}/accept", places[1]), second.clone()).send().await.unwrap(), 409, "asset_held");
        let mut listed = listing_offer(&market, "一种只卖一次的技术").await;
        listed["achievement_id"] = json!(achievement);
        listed["asset_ids"] = json!([asset]);
        let listing = text(&seller.client.create("/v1/listings", listed).await.unwrap()["id"]);
        let submit = seller.client.ask(Method::POST, &format!("/v1/listings/{listing}/submit"));
        refused(&submit.send().await.unwrap(), 409, "asset_held");
        let right = seller.client.get(&format!("/v1/assets/{asset}")).await.unwrap();
        assert!(!right["allowed_deeds"].to_string().contains("amend_asset"), "what was agreed on does not change");

        seller.client.create(&format!("{}/withdraw", places[0]), json!({"reason": "受让方资金未到位"})).await.unwrap();
        assert_eq!(state(&buyer.client, &places[0]).await, "ended");
        other.client.create(&format!("{}/accept", places[1]), second).await.unwrap();
    }
}

on_both! {
    /// A notice goes with its negotiation, and says why; so it does where an objection ends it.
    async fn who_withdraws_takes_the_notice_with_him(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let place = noticed(&market, &seller, &buyer, &decider, "一种撤回的技术").await;
        let notice = text(&buyer.client.get(&place).await.unwrap()["notice_id"]);
        refused(&market.staff.reviewer.post(&format!("/v1/notices/{notice}/withdrawal"), json!({"reason": "x"})).send().await.unwrap(), 409, "wrong_state");
        buyer.client.create(&format!("{place}/withdraw"), json!({"reason": "董事会未通过"})).await.unwrap();
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["state"], &seen["withdrawal_reason"]), (&json!("withdrawn"), &json!("董事会未通过")));

        let place = noticed(&market, &seller, &buyer, &decider, "一种有争议的技术").await;
        let notice = text(&buyer.client.get(&place).await.unwrap()["notice_id"]);
        let made = person(&market, "o-bjects").await.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{against}/accept")).await.unwrap();
        handler.create(&format!("{against}/decide"), json!({"outcome": "upheld", "reasons": "权属有争议"})).await.unwrap();
        market.staff.move_clock(instant(&market.stranger.get(&against).await.unwrap()["due_at"])).await.unwrap();
        handler.create(&format!("{against}/settle"), json!({"settlement": "终止本次交易", "ends": true})).await.unwrap();
        market.pass(0).await;
        assert_eq!(state(&seller.client, &place).await, "ended");
        assert_eq!(market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["state"], "withdrawn");
    }
}

on_both! {
    /// Offers are between the parties: others are told that there is no such thing, and the public reads notices only.
    async fn what_the_parties_offer_each_other_is_theirs(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let other = enterprise(&market, "other", 2).await;
        let place = begun(&seller, &buyer, "一种私下商谈的技术", "98765.43").await;
        refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
        refused(&other.client.look(&place).await.unwrap(), 404, "not_found");
        assert_eq!(other.client.get("/v1/negotiations").await.unwrap()["items"], json!([]));
        for party in [&seller.client, &buyer.client, &market.staff.supervisor] {
            let listed = party.get("/v1/negotiations?state=open").await.unwrap();
            assert_eq!((&listed["items"][0]["title"], listed["items"][0].get("offers")), (&json!("一种河岸带减污方法"), None));
        }
        let deeds = async |client: &Client| client.get(&place).await.unwrap()["allowed_deeds"].clone();
        assert_eq!(deeds(&buyer.client).await, json!(["make_offer", "accept_offer", "withdraw_negotiation"]));
        assert_eq!(deeds(&seller.client).await, json!(["make_offer", "withdraw_negotiation"]));
        assert_eq!(deeds(&market.staff.supervisor).await, json!([]));
        let another = json!({"terms_sha256": "0".repeat(64)});
        let problem = buyer.client.post(&format!("{place}/accept"), another).send().await.unwrap();
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/terms_sha256");
        let events = market.stranger.get("/v1/events").await;
        assert!(!format!("{events:?}").contains("98765"));
    }
}

/// Everything the public can read about a notice.
pub async fn public(market: &Market, notice: &str) -> Vec<String> {
    let mut said = Vec::new();
    for place in [
        format!("/v1/notices/{notice}"),
        format!("/v1/notices/{notice}/versions"),
        format!("/v1/notices/{notice}/difference"),
        format!("/notices/{notice}?lang=zh"),
        format!("/notices/{notice}?lang=en"),
        "/notices".into(),
        "/v1/notices".into(),
        "/v1/notices/feed.atom".into(),
        "/v1/notices/feed.json".into(),
    ] {
        let answer = crate::common::http().get(format!("{}{place}", market.stranger.base())).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{place}");
        said.push(answer.text().await.unwrap());
    }
    said
}

on_both! {
    /// What was offered and not agreed on, and the name a buyer asked to keep secret where the rules let him, are in nothing that is
    /// public, nor in events; a related buyer is named whatever he asks.
    async fn what_is_not_public_is_told_nowhere(market) {
        let (seller, buyer) = (enterprise(&market, "vendor", 1).await, enterprise(&market, "shy", 2).await);
        let sell = async |relation: Value| {
            let place = begun(&seller, &buyer, "一种悄悄转让的技术", "98765.43").await;
            let mut counter = offer("100000.00");
            counter["name_confidential"] = json!(true);
            counter["relation"] = relation;
            counter["terms"]["conditions"] = json!(["公开的条件"]);
            let mut refused = counter.clone();
            refused["terms"]["conditions"] = json!(["金丝雀条件"]);
            buyer.client.create(&format!("{place}/offers"), refused).await.unwrap();
            buyer.client.create(&format!("{place}/offers"), counter).await.unwrap();
            accept(&seller.client, &place).await;
            decide(&seller.client, &place, None).await;
            let notice = text(&publish(&market.staff.publisher, &place).await["notice_id"]);
            market.pass(0).await;
            (place, notice)
        };
        let (place, notice) = sell(Value::Null).await;
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["content"]["withheld"][0]["field"], seen["content"]["buyer_name"].is_null()), (&json!("buyer_name"), true));
        let mut said = public(&market, &notice).await;
        assert!(said.iter().any(|said| said.contains("公开的条件")));
        let events = entity::platform::event::Entity::find().all(market.house().db.read()).await.unwrap();
        let of_it = |kind: &str| ["negotiation.", "notice."].iter().any(|noun| kind.starts_with(noun));
        said.extend(events.into_iter().filter(|event| of_it(&event.kind)).map(|event| event.body));
        for word in ["98765", "金丝雀条件", "测试机构 shy", &buyer.organisation, "评估报告"] {
            assert!(said.iter().all(|said| !said.contains(word)), "{word} is public");
        }
        let evidence = seller.client.get(&format!("{place}/evidence")).await.unwrap().to_string();
        assert!(["98765", "金丝雀条件", "测试机构 shy"].iter().all(|word| !evidence.contains(word)), "{evidence}");

        let (_, notice) = sell(json!({"kind": "kin", "note": "双方控制人为亲属"})).await;
        let seen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&seen["content"]["buyer_name"], &seen["content"]["withheld"]), (&json!("测试机构 shy"), &json!([])));
    }
}
