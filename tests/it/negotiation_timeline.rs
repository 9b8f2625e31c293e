//! What comes next of a sale at a negotiated price, and by when: what is told is what comes, on the timeline and in a calendar.

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, instant, text};

use crate::authz::{join, objection, officer, person};
use crate::common::fixtures::{enterprise, university};
use crate::common::http;
use crate::common::play::refused;
use crate::negotiations::{accept, begun, confirm, decide, ends_at, publish, shown_here};
use crate::on_both;
use crate::timeline::{awaited, done, due, step, told};

/// The file for calendars, as somebody signed in reads it.
async fn calendar(client: &Client, place: &str) -> String {
    let request = http().get(format!("{}{place}/timeline.ics", client.base())).bearer_auth(client.token().unwrap());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    answer.text().await.unwrap()
}

/// The codes of the notes at a step.
fn notes(timeline: &Value, code: &str) -> Vec<String> {
    let noted = step(timeline, code)["notes"].as_array().cloned().unwrap_or_default();
    noted.iter().map(|note| text(&note["code"])).collect()
}

on_both! {
    /// From the first offer to the end of the result's notice: every date told before is the one that comes, and both parties are told it.
    async fn every_date_of_a_negotiated_price_is_the_one_that_comes(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let place = begun(&seller, &buyer, "一种商谈有期的技术", "100000.00").await;
        let seen = seller.client.get(&place).await.unwrap();

        let offered = told(&buyer.client, &place).await;
        assert_eq!((&offered["state"], &offered["negotiation_id"], awaited(&offered)), (&json!("open"), &seen["id"], vec!["agreed".to_owned()]));
        assert_eq!(due(&offered, "agreed"), instant(&seen["offers"][0]["expires_at"]));
        let expires = step(&offered, "offer_expires");
        assert_eq!((&expires["state"], &expires["rule"]["name"]), (&json!("may_come"), &json!("negotiated_offer_validity")));
        accept(&buyer.client, &place).await;
        assert_eq!(awaited(&told(&seller.client, &place).await), ["decided"]);
        decide(&decider, &place, None).await;
        let planned = told(&seller.client, &place).await;
        assert_eq!((awaited(&planned), notes(&planned, "notice_period_ends")), (vec!["notice_published".to_owned()], vec!["provisional_on_publication".to_owned()]));

        let notice = text(&publish(&market.staff.publisher, &place).await["notice_id"]);
        let end = ends_at(&market, &notice).await;
        let published = told(&market.staff.supervisor, &place).await;
        assert_eq!((due(&published, "notice_period_ends"), due(&planned, "notice_period_ends")), (end, end), "as it was reckoned before");
        assert_eq!((awaited(&published), notes(&published, "confirmation_opens")), (vec!["unit_notice_shown".to_owned()], vec!["unit_notice_not_shown".to_owned()]));
        shown_here(&market, &seller, &place).await;
        let shown = told(&buyer.client, &place).await;
        assert_eq!((due(&shown, "unit_notice_period_ends"), due(&shown, "confirmation_opens")), (end, end));
        assert!(notes(&shown, "confirmation_opens").is_empty() && step(&shown, "confirmation_opens")["exact"] == true);

        // Who objects is not told of, by when it is decided is; until then nobody is told a day to confirm.
        let objector = person(&market, "o-bjects").await;
        let objected = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let held_up = told(&buyer.client, &place).await;
        assert_eq!(due(&held_up, "objection_accepted"), instant(&objected["due_at"]));
        assert_eq!((&step(&held_up, "confirmation_opens")["due_at"], notes(&held_up, "confirmation_opens")), (&Value::Null, vec!["waits_for_objection".to_owned()]));
        assert!(!held_up.to_string().contains(&text(&objection()["statement"])));
        let file = calendar(&buyer.client, &place).await;
        for code in ["notice_period_ends", "unit_notice_period_ends", "objection_accepted"] {
            assert!(file.contains(&format!("UID:{code}-")), "{file}");
        }
        assert_eq!(file.matches("BEGIN:VEVENT").count(), 3, "{file}");
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.create(&format!("/v1/objections/{}/refuse", text(&objected["id"])), json!({"reason": "不属于异议范围"})).await.unwrap();
        assert_eq!(due(&told(&buyer.client, &place).await, "confirmation_opens"), end);

        market.staff.move_clock(end).await.unwrap();
        let open = told(&buyer.client, &place).await;
        assert_eq!((awaited(&open), done(&open, "confirmation_opens")), (vec!["confirmed_by_seller".to_owned(), "confirmed_by_buyer".to_owned()], end));
        play::read_status(&seller, &text(&seen["asset_ids"][0]), "unregistered").await.unwrap();
        for party in [&seller, &buyer] {
            party.client.prove().await.unwrap();
            confirm(&party.client, &place).await.ok().unwrap();
        }
        let confirmed = told(&seller.client, &place).await;
        assert_eq!(awaited(&confirmed), ["result_published"]);
        let public = market.staff.publisher.act(&format!("{place}/publish-result")).await.unwrap();
        let last = told(&seller.client, &place).await;
        let result_ends = ends_at(&market, &text(&public["result_notice_id"])).await;
        assert_eq!((due(&last, "result_period_ends"), due(&confirmed, "result_period_ends")), (result_ends, result_ends));
        market.staff.move_clock(result_ends).await.unwrap();
        assert_eq!(done(&told(&seller.client, &place).await, "result_period_ends"), result_ends);
    }
}

on_both! {
    /// What is agreed anew is announced anew; what is withdrawn from goes no further. Nobody else is told either.
    async fn a_timeline_goes_back_and_ends_with_its_negotiation(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let other = enterprise(&market, "other", 2).await;
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let place = crate::negotiations::noticed(&market, &seller, &buyer, &decider, "一种重新商谈的技术").await;
        buyer.client.create(&format!("{place}/offers"), crate::negotiations::offer("110000.00")).await.unwrap();
        let offered = told(&seller.client, &place).await;
        for code in ["offer_expires", "agreed_anew"] {
            assert_eq!((&step(&offered, code)["state"], step(&offered, code)["due_at"].is_string()), (&json!("may_come"), true), "{code}");
        }
        accept(&seller.client, &place).await;
        let anew = told(&seller.client, &place).await;
        assert_eq!((awaited(&anew), &step(&anew, "notice_published_anew")["state"]), (vec!["decided".to_owned()], &json!("coming")));
        seller.client.create(&format!("{place}/withdraw"), json!({"reason": "不再转让"})).await.unwrap();
        let ended = told(&buyer.client, &place).await;
        done(&ended, "ended");
        assert!(ended["steps"].as_array().unwrap().iter().all(|step| ["done", "skipped"].contains(&step["state"].as_str().unwrap())), "{ended}");
        assert!(!calendar(&buyer.client, &place).await.contains("BEGIN:VEVENT"));
        for suffix in ["timeline", "timeline.ics"] {
            refused(&market.stranger.look(&format!("{place}/{suffix}")).await.unwrap(), 401, "not_signed_in");
            refused(&other.client.look(&format!("{place}/{suffix}")).await.unwrap(), 404, "not_found");
        }
    }
}
