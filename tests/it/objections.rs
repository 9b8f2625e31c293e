//! Objections: what the public sees of one, and that what it is about really waits.

use chrono::TimeDelta;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, instant, sign, text};

use crate::authz::{announced, objection, officer, person};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, bid, eventually, first_deal, granted, is_by_the_rules, refused};
use crate::common::post::{decoded, prove_addresses, with_post};
use crate::notices::public_result;
use crate::on_both;
use crate::refusals::listings::insider;

/// A listing whose notice runs: its lot, and the objection somebody has to it.
async fn disputed(market: &Market, seller: &Party, objector: &Client, buyers: &[&Party]) -> (String, String) {
    let published = announced(market, seller, "一种有异议的技术", buyers).await;
    let listing = seller.client.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
    let place = format!("/v1/notices/{}/objections", text(&listing["notice_id"]));
    let made = objector.create(&place, objection()).await.unwrap();
    (published.lot, format!("/v1/objections/{}", text(&made["id"])))
}

async fn state(market: &Market, place: &str) -> String {
    text(&market.stranger.get(place).await.unwrap()["state"])
}

on_both! {
    /// Everybody sees that there is one, on what ground and what came of it; who objects and what he wrote only who has to know.
    async fn the_public_sees_what_came_of_it_and_not_who_objected(market) {
        let (seller, notice) = public_result(&market).await;
        let firm = enterprise(&market, "o-bjector", 3).await;
        let paper = firm.client.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        let words = "完成人名单遗漏，见附件";
        let new = json!({"ground": "ownership", "statement": words, "evidence": [paper["id"]]});
        let made = firm.client.create(&format!("/v1/notices/{notice}/objections"), new).await.unwrap();
        let place = format!("/v1/objections/{}", text(&made["id"]));
        // Handed in on Thursday the 19th: three working days.
        assert_eq!((&made["state"], instant(&made["due_at"])), (&json!("submitted"), at("2026-03-24T16:00:00Z")));
        assert_eq!(made["inside"]["evidence"][0]["sha256"], paper["content"]["sha256"]);

        let (supervisor, (handler, _)) = (&market.staff.supervisor, officer(&market, "h-andles", "reviewer").await);
        for (client, knows) in [(&market.stranger, false), (&enterprise(&market, "other", 4).await.client, false), (&seller.client, true), (&firm.client, true), (supervisor, true)] {
            let seen = client.get(&place).await.unwrap();
            assert_eq!(seen["inside"]["statement"] == words, knows, "{seen}");
            assert_eq!(seen.to_string().contains(words), knows);
            let listed = client.get(&format!("/v1/objections?notice_id={notice}")).await.unwrap();
            assert_eq!((listed["items"][0]["ground"].clone(), listed.to_string().contains(words)), (json!("ownership"), false));
        }
        assert_eq!(firm.client.get("/v1/objections?mine=true").await.unwrap()["items"].as_array().unwrap().len(), 1);
        assert_eq!(supervisor.get("/v1/objections?mine=true").await.unwrap()["items"].as_array().unwrap().len(), 0);
        refused(&market.stranger.look("/v1/objections?mine=true").await.unwrap(), 401, "not_signed_in");

        assert_eq!(handler.get(&place).await.unwrap()["allowed_deeds"], json!(["accept_objection", "refuse_objection"]));
        assert_eq!(market.staff.reviewer.get(&place).await.unwrap()["allowed_deeds"], json!([]), "who reviewed the listing handles none to it");
        assert_eq!(firm.client.get(&place).await.unwrap()["allowed_deeds"], json!(["withdraw_objection"]));
        let accepted = handler.act(&format!("{place}/accept")).await.unwrap();
        assert_eq!(instant(&accepted["due_at"]), at("2026-04-02T16:00:00Z"), "ten working days");
        let decision = json!({"outcome": "dismissed", "reasons": "经查，名单与登记材料一致"});
        let decided = handler.create(&format!("{place}/decide"), decision).await.unwrap();
        assert_eq!(instant(&decided["due_at"]), at("2026-03-26T16:00:00Z"), "five working days to ask for a review");
        let seen = market.stranger.get(&place).await.unwrap();
        assert_eq!((&seen["outcome"], &seen["reasons"]), (&json!("dismissed"), &json!("经查，名单与登记材料一致")));
        market.staff.move_clock(at("2026-03-26T16:00:00Z")).await.unwrap();
        assert_eq!((state(&market, &place).await.as_str(), &market.stranger.get(&place).await.unwrap()["holds_up"]), ("final", &json!(false)));
        let told = firm.client.get("/v1/me/data").await.unwrap();
        assert_eq!(told["objections"][0]["statement"], words);
    }
}

on_both! {
    /// Accepted, it pauses the lot, which goes on once the objection is over, with all the time it had.
    async fn a_lot_waits_for_an_accepted_objection(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let objector = person(&market, "o-bjects").await;
        let (lot, place) = disputed(&market, &seller, &objector, &[&buyer]).await;
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        market.pass(2).await;
        granted(&bid(&buyer.client, &lot, "1000.00").await, 201);
        let before = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        handler.act(&format!("{place}/accept")).await.unwrap();
        market.pass(0).await;
        let paused = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!(paused["state"], "paused");
        refused(&bid(&buyer.client, &lot, "1010.00").await, 409, "paused");
        let host = &market.staff.host;
        let resume = format!("/v1/lots/{lot}/resume");
        assert_eq!(host.get(&format!("/v1/lots/{lot}")).await.unwrap()["allowed_deeds"], json!(["extend_lot", "abort_lot"]));
        refused(&host.post(&resume, json!({"reason": "继续"})).send().await.unwrap(), 409, "objection_open");
        market.pass(60).await;
        objector.act(&format!("{place}/withdraw")).await.unwrap();
        let goes_on = host.create(&resume, json!({"reason": "异议已撤回"})).await.unwrap();
        assert_eq!(instant(&goes_on["closes_at"]) - instant(&before["closes_at"]), TimeDelta::hours(1));
    }
}

on_both! {
    /// Nobody signs, and nobody is in default for it: once nothing holds it up there is as much time as there was.
    async fn a_deal_waits_for_an_objection_and_nobody_defaults(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let objector = person(&market, "o-bjects").await;
        let (lot, place) = disputed(&market, &seller, &objector, &[&buyer]).await;
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = first_deal(&buyer.client).await;
        let (id, confirm_by) = (text(&deal["id"]), instant(&deal["confirm_by"]));
        let deal = format!("/v1/deals/{id}");
        assert_eq!(buyer.client.get(&deal).await.unwrap()["allowed_deeds"], json!([]));
        market.staff.move_clock(confirm_by + TimeDelta::days(2)).await.unwrap();
        assert_eq!(buyer.client.get(&deal).await.unwrap()["state"], "confirmation_generated", "its time had come, but nobody could sign");

        let refuse = json!({"reason": "不属于异议范围"});
        officer(&market, "h-andles", "reviewer").await.0.create(&format!("{place}/refuse"), refuse).await.unwrap();
        market.pass(0).await;
        let opened = instant(&buyer.client.get(&deal).await.unwrap()["created_at"]);
        let now = market.staff.now().await.unwrap();
        let goes_on: Value = buyer.client.get(&deal).await.unwrap();
        assert_eq!(instant(&goes_on["confirm_by"]), confirm_by + (now - opened), "as long as it was held up");
        assert_eq!(goes_on["allowed_deeds"], json!(["sign_deal"]));
        sign(&id, &[&buyer.client, &seller.client]).await.unwrap();
        market.staff.move_clock(confirm_by + (now - opened) + TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(buyer.client.get(&deal).await.unwrap()["state"], "confirmed");
    }
}

on_both! {
    /// What an objection was right about ends: the deal lapses, and the buyer, who did nothing wrong, has his deposit back.
    async fn what_ends_for_an_objection_is_nobodys_fault(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let objector = person(&market, "o-bjects").await;
        let (lot, place) = disputed(&market, &seller, &objector, &[&buyer]).await;
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = format!("/v1/deals/{}", text(&first_deal(&buyer.client).await["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{place}/accept")).await.unwrap();
        handler.create(&format!("{place}/decide"), json!({"outcome": "upheld", "reasons": "权属有争议"})).await.unwrap();
        let review_by = instant(&market.stranger.get(&place).await.unwrap()["due_at"]);
        market.staff.move_clock(review_by).await.unwrap();
        assert_eq!((state(&market, &place).await.as_str(), text(&buyer.client.get(&deal).await.unwrap()["state"]).as_str()), ("final", "confirmation_generated"));
        handler.create(&format!("{place}/settle"), json!({"settlement": "终止本次交易", "ends": true})).await.unwrap();
        market.pass(0).await;
        assert_eq!(buyer.client.get(&deal).await.unwrap()["state"], "lapsed");
        let refunds = buyer.client.get("/v1/refunds").await.unwrap();
        assert_eq!(refunds["items"].as_array().unwrap().len(), 1, "{refunds}");
    }
}

on_both! {
    /// While an objection to a result is open, contract and payment wait; where it was right and that ends the deal, what all had signed is
    /// rescinded: its notice stands no more, the rights are free, and the buyer has his deposit back.
    async fn a_signed_deal_is_rescinded_for_an_objection_to_its_result(market) {
        let (seller, notice) = public_result(&market).await;
        let deal = first_deal(&seller.client).await;
        let (place, lot) = (format!("/v1/deals/{}", text(&deal["id"])), format!("/v1/lots/{}", text(&deal["lot_id"])));
        let step = async |of: &str, code: &str| {
            let timeline = seller.client.get(&format!("{of}/timeline")).await.unwrap();
            timeline["steps"].as_array().unwrap().iter().find(|step| step["step"] == code).cloned().unwrap_or_default()
        };
        assert!(step(&place, "contract_signed").await["due_at"].is_string());
        assert_eq!(seller.client.get(&place).await.unwrap()["waits_for_objection"], false);

        let objector = person(&market, "o-bjects").await;
        let made = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let against = format!("/v1/objections/{}", text(&made["id"]));
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.act(&format!("{against}/accept")).await.unwrap();
        assert_eq!(seller.client.get(&place).await.unwrap()["waits_for_objection"], true);
        for code in ["contract_signed", "price_paid"] {
            let waits = step(&place, code).await;
            assert_eq!((&waits["due_at"], &waits["notes"][1]["code"]), (&Value::Null, &json!("waits_for_objection")), "{waits}");
        }
        let refunds = async || market.staff.finance.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len();
        let before = refunds().await;

        handler.create(&format!("{against}/decide"), json!({"outcome": "upheld", "reasons": "串通属实"})).await.unwrap();
        let review_by = instant(&market.stranger.get(&against).await.unwrap()["due_at"]);
        market.staff.move_clock(review_by).await.unwrap();
        assert_eq!(seller.client.get(&place).await.unwrap()["state"], "result_published", "until it is said what comes of it");
        handler.create(&format!("{against}/settle"), json!({"settlement": "撤销成交", "ends": true})).await.unwrap();
        market.pass(0).await;

        let ended = seller.client.get(&place).await.unwrap();
        assert_eq!((&ended["state"], &ended["waits_for_objection"], &ended["allowed_deeds"]), (&json!("rescinded"), &json!(false), &json!([])));
        let gone = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        assert_eq!((&gone["state"], text(&gone["withdrawal_reason"]).contains("异议成立")), (&json!("withdrawn"), true), "{gone}");
        assert_eq!(gone["final_at"], Value::Null);
        let listing = seller.client.get(&format!("/v1/listings/{}", text(&deal["listing_id"]))).await.unwrap();
        assert_eq!((&listing["state"], &listing["state_reason"]), (&json!("failed"), &json!("deal_rescinded")));
        assert_eq!(refunds().await, before + 1, "the buyer, who did nothing wrong, has his deposit back");
        for (code, state) in [("confirmed", "done"), ("result_published", "done"), ("rescinded", "done"), ("contract_signed", "skipped")] {
            assert_eq!(step(&place, code).await["state"], state, "{code}");
        }
        assert_eq!(step(&lot, "result_published").await["state"], "done", "it was public");
        let heard = seller.client.get("/v1/inbox").await.unwrap();
        assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == "deal.rescinded"), "{heard}");
    }
}

on_both! {
    /// Somebody who acts for nobody shows documents of his own: he alone reads them, and, once they show something, who handles that.
    async fn a_person_shows_documents_of_his_own(market) {
        let (seller, notice) = public_result(&market).await;
        let (objector, other) = (person(&market, "o-bjects").await, person(&market, "o-ther").await);
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        let paper = objector.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        let place = format!("/v1/documents/{}", text(&paper["id"]));
        let content = format!("{place}/content");
        let kept_from = async |clients: &[&Client]| {
            for client in clients {
                for place in [&place, &content] {
                    refused(&client.look(place).await.unwrap(), 404, "not_found");
                }
            }
        };
        let others = [&other, &seller.client, &market.stranger, &market.staff.publisher, &market.staff.supervisor];
        assert_eq!(objector.get(&place).await.unwrap()["allowed_deeds"], json!([]));
        kept_from(&others).await;
        kept_from(&[&handler]).await;

        let new = json!({"ground": "ownership", "statement": "见附件", "evidence": [paper["id"]]});
        let made = objector.create(&format!("/v1/notices/{notice}/objections"), new).await.unwrap();
        assert_eq!(made["inside"]["evidence"][0]["sha256"], paper["content"]["sha256"]);
        for reader in [&objector, &handler] {
            assert_eq!(reader.download(&content).await.unwrap(), "内容".as_bytes());
        }
        kept_from(&others).await;
        let id = text(&paper["id"]);
        for client in [&market.staff.supervisor, &seller.client] {
            assert!(!client.get("/v1/documents").await.unwrap().to_string().contains(&id), "nobody else lists it");
        }
        assert!(!market.stranger.get(&format!("/v1/objections?notice_id={notice}")).await.unwrap().to_string().contains(&id));
        assert_eq!(objector.get("/v1/me/data").await.unwrap()["objections"][0]["evidence"][0]["id"], paper["id"]);
    }
}

on_both! {
    /// Who acts for nobody takes none of his documents away; those of the day before keep him from nothing.
    async fn papers_that_show_nothing_do_not_count_for_ever(market) {
        let collector = person(&market, "c-ollects").await;
        let upload = async || collector.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await;
        for _ in 0..20 {
            upload().await.unwrap();
        }
        assert!(upload().await.is_err());
        market.pass(24 * 60).await;
        upload().await.unwrap();
    }
}

/// An objection to a lot's notice was right, and what it is about ends before there is a deal: the bidder, who did nothing wrong, has his
/// deposit back. The listing afterwards.
async fn ends_before_a_deal(market: &Market, is_open: bool) -> Value {
    let (seller, buyer) = (university(market).await, enterprise(market, "buyer", 1).await);
    let (objector, (handler, _)) = (person(market, "o-bjects").await, officer(market, "h-andles", "reviewer").await);
    let (lot, place) = disputed(market, &seller, &objector, &[&buyer]).await;
    if is_open {
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
    }
    handler.act(&format!("{place}/accept")).await.unwrap();
    handler.create(&format!("{place}/decide"), json!({"outcome": "upheld", "reasons": "权属有争议"})).await.unwrap();
    market.pass(0).await;
    let lot_of = async || market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    assert_eq!(lot_of().await["state"], "paused");
    let review_by = instant(&market.stranger.get(&place).await.unwrap()["due_at"]);
    market.staff.move_clock(review_by).await.unwrap();
    handler.create(&format!("{place}/settle"), json!({"settlement": "终止本次交易", "ends": true})).await.unwrap();
    market.pass(0).await;

    let over = lot_of().await;
    assert_eq!(over["state"], "aborted", "{over}");
    let refunds = buyer.client.get("/v1/refunds").await.unwrap();
    assert_eq!(refunds["items"].as_array().unwrap().len(), 1, "{refunds}");
    seller.client.get(&format!("/v1/listings/{}", text(&over["listing_id"]))).await.unwrap()
}

on_both! {
    /// An offer that waits for its bidding is withdrawn with its notice.
    async fn an_offer_ends_for_an_objection_that_was_right(market) {
        let listing = ends_before_a_deal(&market, false).await;
        assert_eq!((&listing["state"], text(&listing["state_reason"]).contains("异议成立")), (&json!("terminated"), true), "{listing}");
        let notice = market.stranger.get(&format!("/v1/notices/{}", text(&listing["notice_id"]))).await.unwrap();
        assert_eq!((&notice["state"], text(&notice["withdrawal_reason"]).contains("异议成立")), (&json!("withdrawn"), true), "{notice}");
    }
}

on_both! {
    /// A lot that is being bid for is given up.
    async fn a_lot_ends_for_an_objection_that_was_right(market) {
        let listing = ends_before_a_deal(&market, true).await;
        assert_eq!((&listing["state"], &listing["state_reason"]), (&json!("failed"), &json!("lot_aborted")), "{listing}");
        is_by_the_rules(&market.stranger, &text(&listing["lot_id"])).await;
    }
}

on_both! {
    /// Who has a place with the buyer handles no objection to what it bought.
    async fn nobody_of_the_buyer_handles_an_objection_to_its_deal(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let objector = person(&market, "o-bjects").await;
        let (lot, place) = disputed(&market, &seller, &objector, &[&buyer]).await;
        let insider = insider(&market, &buyer, "i-nsider", "reviewer").await;
        let deeds = json!(["accept_objection", "refuse_objection"]);
        assert_eq!(insider.get(&place).await.unwrap()["allowed_deeds"], deeds, "nobody has bought it yet");
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        assert_eq!(insider.get(&place).await.unwrap()["allowed_deeds"], json!([]));
        refused(&insider.ask(reqwest::Method::POST, &format!("{place}/accept")).send().await.unwrap(), 403, "conflict_of_interest");
    }
}

on_both! {
    /// Whoever objects is written to when there is news of it, which he reads after signing in.
    async fn who_objects_hears_by_letter(market) {
        let (market, letters) = with_post(&market, false).await;
        let (seller, objector) = (university(&market).await, person(&market, "o-bjects").await);
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        prove_addresses(market.house()).await;
        let (_, place) = disputed(&market, &seller, &objector, &[]).await;
        let reason = json!({"reason": "不属于异议范围"});
        handler.create(&format!("{place}/refuse"), reason).await.unwrap();
        let id = place.rsplit('/').next().unwrap();
        let is_told = async || letters.lock().unwrap().iter().any(|letter| decoded(letter).contains(id));
        eventually(is_told).await;
        let of_it: Vec<_> = letters.lock().unwrap().iter().map(|letter| decoded(letter)).filter(|said| said.contains(id)).collect();
        assert_eq!(of_it.len(), 1, "once, and not when he handed it in");
        assert!(!of_it[0].contains("不属于异议范围"));
    }
}
