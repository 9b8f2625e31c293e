//! Registering by letter: only whoever reads the letters of an address learns whether it has an account.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::identity::registration_request;
use entity::notifications::mail;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::house::House;
use zhepai::identity::flows::registrations::forget_old;
use zhepai::platform::db::Ending;

use crate::authz::{address, person};
use crate::common::Market;
use crate::common::database::at_rest;
use crate::common::play::{PASSWORD, eventually, granted, refused};
use crate::common::post::{by_letter, decoded, letter, with_post};
use crate::on_both;

/// Somebody who has an account wherever a sandbox is.
const TAKEN: &str = "reviewer@sandbox.example";

fn account(email: &str) -> Value {
    json!({"email": email, "name": "张某", "password": PASSWORD})
}

/// Asks for a letter.
async fn ask(stranger: &Client, email: &str) -> Reply {
    stranger.post("/v1/registrations", json!({"email": email})).send().await.unwrap()
}

/// Asks for a letter; the token in it, which is the letter of this number.
async fn token(stranger: &Client, email: &str, letters: &Arc<Mutex<Vec<String>>>, count: usize) -> String {
    granted(&ask(stranger, email).await, 202);
    let said = decoded(&letter(letters, count).await);
    said.split_whitespace().find(|word| word.starts_with("zrg_")).unwrap().to_owned()
}

/// What is given with a token.
fn with_token(token: &str) -> Value {
    json!({"token": token, "name": "张某", "password": PASSWORD})
}

/// Uses a token.
async fn complete(stranger: &Client, token: &str) -> Reply {
    stranger.post("/v1/registrations/use", with_token(token)).send().await.unwrap()
}

/// Every request, the first first.
async fn requests(house: &House) -> Vec<registration_request::Model> {
    registration_request::Entity::find().order_by_asc(registration_request::Column::CreatedAt).all(house.db.read()).await.unwrap()
}

/// Lets every request be over since a moment ago, of which no limit counts any.
async fn age(market: &Market) {
    let house = market.house();
    let (over, asked) = (house.world.real_now() - TimeDelta::seconds(1), house.world.real_now() - TimeDelta::hours(25));
    let aged = house.db.transact(move |tx| async move {
        registration_request::Entity::update_many()
            .col_expr(registration_request::Column::ExpiresAt, Expr::value(over))
            .col_expr(registration_request::Column::CreatedAt, Expr::value(asked))
            .exec(&*tx)
            .await?;
        Ok(Ending::Commit(()))
    });
    aged.await.unwrap();
}

on_both! {
    async fn whoever_has_the_address_is_answered_alike(market) {
        let (market, letters) = by_letter(&market).await;
        let free = ask(&market.stranger, &address("n-ew")).await;
        let to_a_stranger = letter(&letters, 1).await;
        let taken = ask(&market.stranger, &TAKEN.to_uppercase()).await;
        let to_the_owner = letter(&letters, 2).await;
        assert_eq!((free.status, &free.body), (202, &Value::Null));
        assert_eq!((taken.status, &taken.body), (free.status, &free.body));
        for name in ["content-type", "content-length", "location", "cache-control"] {
            assert_eq!(taken.header(name), free.header(name), "{name}");
        }
        assert!(to_a_stranger.contains(&format!("RCPT TO:<{}>", address("n-ew"))), "{to_a_stranger}");
        assert!(decoded(&to_a_stranger).contains("zrg_"), "{to_a_stranger}");
        assert!(to_the_owner.contains(&format!("RCPT TO:<{TAKEN}>")), "{to_the_owner}");
        let said = decoded(&to_the_owner);
        assert!(said.contains("has one already") && !said.contains("zrg_"), "{said}");
        // Of the owner nothing is kept.
        let rows = requests(market.house()).await;
        assert!(rows[0].email.as_ref().unwrap().parts().is_some() && rows[0].token_hash.is_some());
        assert_eq!((&rows[1].email, &rows[1].token_hash), (&None, &None));
    }
}

on_both! {
    async fn a_letter_opens_an_account_once(market) {
        let (market, letters) = by_letter(&market).await;
        let token = token(&market.stranger, &address("n-ew").to_uppercase(), &letters, 1).await;
        let wrong = format!("{}AAAA", &token[..token.len() - 4]);
        refused(&complete(&market.stranger, &wrong).await, 401, "registration_invalid");
        // What cannot be an account leaves the token good.
        let short = json!({"token": token, "name": "张某", "password": "short"});
        refused(&market.stranger.post("/v1/registrations/use", short).send().await.unwrap(), 422, "invalid");
        let use_it = async || market.stranger.post("/v1/registrations/use", with_token(&token)).key("complete-once").send().await.unwrap();
        let first = use_it().await;
        let told = granted(&first, 201);
        assert_eq!((&told["email"], &told["name"]), (&json!(address("n-ew")), &json!("张某")));
        assert_eq!(first.header("location"), Some("/v1/me"));
        // The answer may be lost: the same call again is told the same, another one nothing.
        let again = use_it().await;
        assert_eq!((granted(&again, 201), again.header("idempotency-replayed")), (told, Some("true")));
        refused(&complete(&market.stranger, &token).await, 401, "registration_invalid");
        let me = market.stranger.sign_in(&address("n-ew"), PASSWORD).await.unwrap().get("/v1/me").await.unwrap();
        assert_eq!(&me["person"], told);
        let rows = requests(market.house()).await;
        assert_eq!((&rows[0].email, &rows[0].token_hash), (&None, &None), "what was given has gone where it belongs");
    }
}

on_both! {
    async fn a_letter_is_good_for_a_day(market) {
        let (market, letters) = by_letter(&market).await;
        let token = token(&market.stranger, &address("l-ate"), &letters, 1).await;
        forget_old(market.house()).await.unwrap();
        assert_eq!(requests(market.house()).await.len(), 1);
        age(&market).await;
        refused(&complete(&market.stranger, &token).await, 401, "registration_invalid");
        forget_old(market.house()).await.unwrap();
        assert!(requests(market.house()).await.is_empty());
        refused(&complete(&market.stranger, &token).await, 401, "registration_invalid");
    }
}

on_both! {
    /// Where registration is open a letter does as well, until the address is taken, be it by another letter.
    async fn an_address_is_taken_once(market) {
        let (market, letters) = with_post(&market, false).await;
        let late = token(&market.stranger, &address("b-oth"), &letters, 1).await;
        person(&market, "b-oth").await;
        refused(&complete(&market.stranger, &late).await, 401, "registration_invalid");
        let first = token(&market.stranger, &address("t-wice"), &letters, 2).await;
        let second = token(&market.stranger, &address("t-wice"), &letters, 3).await;
        granted(&complete(&market.stranger, &first).await, 201);
        refused(&complete(&market.stranger, &second).await, 401, "registration_invalid");
        assert!(requests(market.house()).await.iter().all(|row| row.email.is_none() && row.token_hash.is_none()));
    }
}

on_both! {
    /// Two letters to one address used at the same moment open one account.
    async fn two_letters_at_once_open_one_account(market) {
        let (market, letters) = by_letter(&market).await;
        let first = token(&market.stranger, &address("t-wo"), &letters, 1).await;
        let second = token(&market.stranger, &address("t-wo"), &letters, 2).await;
        let (one, other) = tokio::join!(complete(&market.stranger, &first), complete(&market.stranger, &second));
        let mut said = [one.status, other.status];
        said.sort_unstable();
        assert_eq!(said, [201, 401], "{} {}", one.body, other.body);
    }
}

on_both! {
    async fn where_it_is_by_letter_nothing_is_told_at_once(market) {
        let (market, _) = by_letter(&market).await;
        let before = at_rest(market.house()).await;
        let mut said = Vec::new();
        for email in [TAKEN, "nobody@people.example"] {
            let reply = market.stranger.post("/v1/persons", account(email)).send().await.unwrap();
            let problem = refused(&reply, 409, "registration_by_letter");
            assert!(problem["detail"].as_str().unwrap().contains("/v1/registrations"), "{problem}");
            said.push((problem["title"].clone(), problem["detail"].clone()));
        }
        assert_eq!(said[0], said[1]);
        // Not even what is wrong with the rest is looked at.
        let short = json!({"email": TAKEN, "name": "张某", "password": "x"});
        refused(&market.stranger.post("/v1/persons", short).send().await.unwrap(), 409, "registration_by_letter");
        assert_eq!(at_rest(market.house()).await, before);
    }
}

on_both! {
    /// Three letters a day to an address, whether it has an account or not; every request is answered alike.
    async fn nobodys_letter_box_is_filled(market) {
        let (market, letters) = by_letter(&market).await;
        for (round, email) in [address("n-ew"), TAKEN.to_owned()].iter().enumerate() {
            for count in 1..=3 {
                granted(&ask(&market.stranger, email).await, 202);
                letter(&letters, round * 3 + count).await;
            }
            granted(&ask(&market.stranger, email).await, 202);
            at_rest(market.house()).await;
        }
        let written = mail::Entity::find().all(market.house().db.read()).await.unwrap();
        assert_eq!(written.iter().filter(|row| row.reason == "registration").count(), 6);
        let rows = requests(market.house()).await;
        let last = rows.iter().filter(|row| row.letter_at.is_none()).collect::<Vec<_>>();
        assert!(last.len() == 2 && last.iter().all(|row| row.email.is_none()), "what no letter was written for is not kept");
    }
}

on_both! {
    /// What was given is sealed anew with all else, and a token goes on opening the account.
    async fn what_was_given_is_sealed_anew(market) {
        let (market, letters) = by_letter(&market).await;
        let token = token(&market.stranger, &address("w-aits"), &letters, 1).await;
        market.staff.security.create("/v1/data-keys/rotate", json!({})).await.unwrap();
        eventually(async || !market.staff.auditor.get("/v1/data-keys").await.unwrap()["keys"][0]["destroyed_at"].is_null()).await;
        let rows = requests(market.house()).await;
        assert_eq!(rows[0].email.as_ref().unwrap().parts().map(|(key, _)| key), Some(2));
        granted(&complete(&market.stranger, &token).await, 201);
    }
}

on_both! {
    /// Whoever asks for a copy is told when somebody asked for an account under his address; with the account it goes.
    async fn requests_are_told_to_whom_they_are_about_and_go_with_him(market) {
        let (market, letters) = with_post(&market, false).await;
        let somebody = person(&market, "o-wner").await;
        assert_eq!(somebody.get("/v1/me/data").await.unwrap()["registrations"], json!([]));
        granted(&ask(&market.stranger, &address("o-wner")).await, 202);
        letter(&letters, 1).await;
        assert_eq!(somebody.get("/v1/me/data").await.unwrap()["registrations"].as_array().unwrap().len(), 1);
        granted(&somebody.post("/v1/me/close", json!({"password": PASSWORD})).send().await.unwrap(), 200);
        assert!(requests(market.house()).await.is_empty());
    }
}
