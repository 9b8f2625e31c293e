//! Questions and answers: who reads what, and when everybody does.

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, instant, text};

use crate::authz::{announced, person, question};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, eventually, refused};
use crate::common::post::{decoded, prove_addresses, with_post};
use crate::notices::read;
use crate::on_both;

/// A question somebody asks about a listing of the seller: the listing, and where the question is.
async fn asked(market: &Market, seller: &Party, asker: &Client, buyers: &[&Party]) -> (String, String) {
    let listing = announced(market, seller, "一种有疑问的技术", buyers).await.listing;
    let made = asker.create(&format!("/v1/listings/{listing}/questions"), question()).await.unwrap();
    (listing, format!("/v1/questions/{}", text(&made["id"])))
}

fn answer() -> Value {
    json!({"answer": "可以，须事先书面通知许可方。"})
}

async fn items(client: &Client, place: &str) -> Vec<Value> {
    client.get(place).await.unwrap()["items"].as_array().unwrap().clone()
}

on_both! {
    /// The seller is not told who asks, nobody else reads anything before an officer has looked at it, and then everybody reads both.
    async fn what_one_is_told_all_are_told_and_nobody_who_asked(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "a-sks", 3).await);
        let (listing, place) = asked(&market, &seller, &firm.client, &[&firm]).await;
        let (supervisor, reviewer) = (&market.staff.supervisor, &market.staff.reviewer);
        let other = enterprise(&market, "other", 4).await;

        let seen = firm.client.get(&place).await.unwrap();
        assert_eq!((&seen["state"], &seen["allowed_deeds"]), (&json!("asked"), &json!(["withdraw_question"])));
        let opens = text(&market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap()["auction_opens_at"]);
        assert_eq!(instant(&seen["due_at"]), at(&opens), "before the rule's two working days are over bidding opens");
        for (client, knows) in [(&firm.client, true), (supervisor, true), (&seller.client, false)] {
            let seen = client.get(&place).await.unwrap();
            assert_eq!((&seen["question"], seen["asker"].is_object()), (&question()["question"], knows), "{seen}");
            assert_eq!(seen.to_string().contains(&firm.organisation), knows);
        }
        for client in [&market.stranger, &other.client] {
            refused(&client.look(&place).await.unwrap(), 404, "not_found");
            assert!(items(client, &format!("/v1/questions?listing_id={listing}&state=asked")).await.is_empty());
        }
        for client in [&seller.client, supervisor] {
            let listed = items(client, &format!("/v1/questions?listing_id={listing}&state=asked")).await;
            assert_eq!((listed.len(), listed[0]["asker"].is_null()), (1, true));
        }
        assert_eq!(items(&firm.client, "/v1/questions?mine=true").await.len(), 1);
        refused(&market.stranger.look("/v1/questions?mine=true").await.unwrap(), 401, "not_signed_in");

        seller.client.create(&format!("{place}/answer"), json!({"answer": "不可以"})).await.unwrap();
        let waits = firm.client.get(&place).await.unwrap();
        assert_eq!((&waits["state"], waits["answer"].is_null()), (&json!("answered"), true), "he reads it when everybody does");
        reviewer.create(&format!("{place}/return"), json!({"reason": "与公告不符"})).await.unwrap();
        let back = seller.client.get(&place).await.unwrap();
        assert_eq!((&back["state"], &back["reason"], &back["answer"]), (&json!("asked"), &json!("与公告不符"), &json!("不可以")));
        assert!(firm.client.get(&place).await.unwrap()["reason"].is_null(), "that is between the seller and the officer");
        seller.client.create(&format!("{place}/answer"), answer()).await.unwrap();
        reviewer.act(&format!("{place}/publish")).await.unwrap();

        for client in [&market.stranger, &other.client, &seller.client] {
            let seen = client.get(&place).await.unwrap();
            assert_eq!((&seen["question"], &seen["answer"]), (&question()["question"], &answer()["answer"]));
            assert!(seen["asker"].is_null() && !seen.to_string().contains(&firm.organisation), "{seen}");
            assert_eq!(items(client, &format!("/v1/questions?listing_id={listing}")).await.len(), 1);
        }
        let offered = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
        assert_eq!((offered["asks_until"].is_string(), &offered["asks_until"]), (true, &offered["registration_closes_at"]));
        let notice = text(&offered["notice_id"]);
        let (_, page) = read(&market, &format!("/notices/{notice}?lang=zh")).await;
        assert!(page.contains("可以，须事先书面通知许可方。") && !page.contains(&firm.organisation), "{page}");
        assert!(page.contains("提问截至") && page.contains(&format!("POST /v1/listings/{listing}/questions")), "{page}");
        let told = firm.client.get("/v1/me/data").await.unwrap();
        assert_eq!(told["questions"][0]["question"], question()["question"]);
        market.pass(0).await;
        let heard: Vec<_> = items(&firm.client, "/v1/inbox").await.into_iter().map(|item| text(&item["kind"])).collect();
        assert!(heard.contains(&"question.published".to_owned()), "who has registered is told: {heard:?}");
        market.staff.move_clock(instant(&offered["registration_closes_at"])).await.unwrap();
        assert!(market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap()["asks_until"].is_null());
        let (_, page) = read(&market, &format!("/notices/{notice}?lang=en")).await;
        assert!(page.contains("Questions and answers") && !page.contains("anybody who is signed in may ask"), "{page}");
    }
}

on_both! {
    /// Whoever asked is written to once it was decided about his question, and not before.
    async fn who_asked_hears_by_letter(market) {
        let (market, letters) = with_post(&market, false).await;
        let (seller, asker) = (university(&market).await, person(&market, "a-sks").await);
        prove_addresses(market.house()).await;
        let (_, place) = asked(&market, &seller, &asker, &[]).await;
        let id = place.rsplit('/').next().unwrap();
        market.staff.reviewer.create(&format!("{place}/refuse"), json!({"reason": "与项目无关"})).await.unwrap();
        let about_it = || letters.lock().unwrap().iter().map(|letter| decoded(letter)).filter(|said| said.contains(id)).collect::<Vec<_>>();
        // Owners of the seller hear of what was asked; who asked hears of what was decided.
        let is_told = async || about_it().iter().any(|said| said.contains("您的提问"));
        eventually(is_told).await;
        assert_eq!(about_it().iter().filter(|said| said.contains("您的提问")).count(), 1);
        assert!(about_it().iter().all(|said| !said.contains("与项目无关")));
        assert_eq!(asker.get(&place).await.unwrap()["reason"], "与项目无关");
        refused(&market.stranger.look(&place).await.unwrap(), 404, "not_found");
    }
}

on_both! {
    /// Of many questions that somebody asks at once, no more are taken than the rule lets him have open.
    async fn nobody_has_more_open_questions_than_he_may(market) {
        let (seller, asker) = (university(&market).await, person(&market, "a-sks").await);
        let listing = announced(&market, &seller, "一种有疑问的技术", &[]).await.listing;
        let place = format!("/v1/listings/{listing}/questions");
        let ask = || async { asker.post(&place, question()).send().await.unwrap().status };
        let tried = futures_util::future::join_all((0..9).map(|_| ask())).await;
        assert_eq!(tried.iter().filter(|status| **status == 201).count(), 5, "{tried:?}");
        let mine = items(&asker, "/v1/questions?mine=true").await;
        asker.act(&format!("/v1/questions/{}/withdraw", text(&mine[0]["id"]))).await.unwrap();
        assert_eq!(ask().await, 201, "one that was withdrawn makes room");
    }
}
