//! Accounts: the second factor, sessions, passwords, and what a security administrator does to them.

use chrono::TimeDelta;
use entity::identity::{session, sign_in_attempt, token_key};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::identity::second_factor::{code_at, unspelled};
use zhepai::platform::db::Ending;
use zhepai::play::text;

use crate::authz::{address, person};
use crate::common::database::has_postgres;
use crate::common::play::{PASSWORD, eventually, granted, refused, through, within_a_second};
use crate::common::{Base, Market};
use crate::on_both;

/// Signs in with what is given.
pub(crate) async fn sign_in(stranger: &Client, given: Value) -> Reply {
    stranger.post("/v1/sessions", given).send().await.unwrap()
}

/// The bare token of a client: it proves nothing by itself.
pub(crate) fn bare(client: &Client) -> Client {
    client.with_token(client.token().unwrap())
}

/// The code of a secret so many steps from now, by the market's real time.
fn code(market: &Market, secret: &str, steps: i64) -> String {
    let second = market.house().world.real_now().timestamp() + 30 * steps;
    code_at(&unspelled(secret).unwrap(), u64::try_from(second).unwrap()).unwrap()
}

/// Enrols an authenticator with the code of the step before this one; its secret and recovery codes.
async fn enrol(market: &Market, client: &Client) -> (String, Value) {
    let secret = text(&client.create("/v1/me/second-factor", json!({"password": PASSWORD})).await.unwrap()["secret"]);
    let confirmed = json!({"code": code(market, &secret, -1)});
    let codes = client.create("/v1/me/second-factor/confirm", confirmed).await.unwrap();
    (secret, codes["recovery_codes"].clone())
}

on_both! {
    async fn a_code_counts_once(market) {
        let somebody = bare(&person(&market, "n-ew").await);
        let (secret, _) = enrol(&market, &somebody).await;
        let given = |code: String| json!({"email": address("n-ew"), "password": PASSWORD, "code": code});

        let now = code(&market, &secret, 0);
        granted(&sign_in(&market.stranger, given(now.clone())).await, 201);
        refused(&sign_in(&market.stranger, given(now)).await, 401, "second_factor_wrong");
        // Nor does one of a step before the last that was used.
        refused(&sign_in(&market.stranger, given(code(&market, &secret, -1))).await, 401, "second_factor_wrong");
        granted(&sign_in(&market.stranger, given(code(&market, &secret, 1))).await, 201);
    }
}

on_both! {
    async fn a_recovery_code_stands_in_once(market) {
        let somebody = bare(&person(&market, "l-ost").await);
        let (_, codes) = enrol(&market, &somebody).await;
        assert_eq!(codes.as_array().unwrap().len(), 10);
        let given = json!({"email": address("l-ost"), "password": PASSWORD, "code": codes[3]});
        granted(&sign_in(&market.stranger, given.clone()).await, 201);
        refused(&sign_in(&market.stranger, given).await, 401, "second_factor_wrong");
    }
}

on_both! {
    async fn an_officer_is_none_before_the_second_factor(market) {
        let officer = bare(&person(&market, "o-fficer").await);
        market.staff.security.create("/v1/staff", json!({"email": address("o-fficer"), "role": "reviewer"})).await.unwrap();
        refused(&officer.look("/v1/organisations").await.unwrap(), 403, "second_factor_required");
        assert_eq!(officer.get("/v1/me").await.unwrap()["staff_role"], "reviewer");
        enrol(&market, &officer).await;
        granted(&officer.look("/v1/organisations").await.unwrap(), 200);
    }
}

/// Lets the proof of a session's second factor be as old as that.
async fn age_proof(market: &Market, client: &Client, age: TimeDelta) {
    let sessions = client.get("/v1/sessions").await.unwrap();
    let current = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    let id: entity::ids::SessionId = text(&current["id"]).parse().unwrap();
    let proved_at = market.house().world.real_now() - age;
    let aged = market.house().db.transact(move |tx| async move {
        session::Entity::update_many()
            .col_expr(session::Column::ProvedAt, Expr::value(Some(proved_at)))
            .filter(session::Column::Id.eq(id))
            .exec(&*tx)
            .await?;
        Ok(Ending::Commit(()))
    });
    aged.await.unwrap();
}

on_both! {
    async fn a_sensitive_deed_needs_a_fresh_proof(market) {
        person(&market, "c-andidate").await;
        let security = bare(&market.staff.security);
        let appoint = async || security.post("/v1/staff", json!({"email": address("c-andidate"), "role": "finance"})).send().await.unwrap();
        age_proof(&market, &security, TimeDelta::minutes(5)).await;
        let reply = appoint().await;
        assert_eq!(refused(&reply, 403, "step_up_required")["within"], "5min");
        // What is not sensitive goes on.
        granted(&security.look("/v1/staff").await.unwrap(), 200);
        market.staff.security.prove().await.unwrap();
        granted(&appoint().await, 201);
    }
}

on_both! {
    async fn a_new_password_ends_every_other_session(market) {
        let here = bare(&person(&market, "m-oves").await);
        let there = bare(&market.stranger.sign_in(&address("m-oves"), PASSWORD).await.unwrap());
        let change = json!({"current_password": PASSWORD, "new_password": "another phrase of mine"});
        granted(&here.ask(Method::PUT, "/v1/me/password").body(change).send().await.unwrap(), 204);
        refused(&there.look("/v1/me").await.unwrap(), 401, "token_invalid");
        granted(&here.look("/v1/me").await.unwrap(), 200);
        refused(&sign_in(&market.stranger, json!({"email": address("m-oves"), "password": PASSWORD})).await, 401, "credentials_wrong");
        granted(&sign_in(&market.stranger, json!({"email": address("m-oves"), "password": "another phrase of mine"})).await, 201);
    }
}

on_both! {
    /// The answer to a change may be lost: the same call again has the same outcome, although the old password is
    /// none any more.
    async fn a_changed_password_is_changed_once(market) {
        let client = bare(&person(&market, "r-epeats").await);
        let change = json!({"current_password": PASSWORD, "new_password": "another phrase of mine"});
        for _ in 0..7 {
            let call = client.ask(Method::PUT, "/v1/me/password").body(change.clone()).key("changed-once");
            granted(&call.send().await.unwrap(), 204);
        }
        let again = client.ask(Method::PUT, "/v1/me/password").body(change).send().await.unwrap();
        refused(&again, 401, "credentials_wrong");
    }
}

on_both! {
    /// Who takes his authenticator away has proved nothing any more.
    async fn a_proof_does_not_outlive_its_authenticator(market) {
        let client = bare(&person(&market, "t-akes-away").await);
        enrol(&market, &client).await;
        granted(&client.ask(Method::DELETE, "/v1/me/second-factor").send().await.unwrap(), 204);
        market.staff.security.create("/v1/staff", json!({"email": address("t-akes-away"), "role": "reviewer"})).await.unwrap();
        refused(&client.look("/v1/organisations").await.unwrap(), 403, "second_factor_required");
    }
}

/// Lets an account have been guessed at from everywhere.
pub(crate) async fn attacked(market: &Market, email: &str) {
    let house = market.house();
    let (account, now) = (house.keys.blind("account", email.as_bytes()).to_vec(), house.world.real_now());
    let rows: Vec<_> = (0..100).map(|n| (house.world.id::<entity::ids::AttemptId>(), format!("10.0.{n}.0/24"))).collect();
    let noted = house.db.transact(move |tx| {
        let (rows, account) = (rows.clone(), account.clone());
        async move {
            for (id, origin) in rows {
                let row = sign_in_attempt::Model { id, account: account.clone(), origin, made_at: now };
                zhepai::platform::db::insert(&*tx, row).await?;
            }
            Ok(Ending::Commit(()))
        }
    });
    noted.await.unwrap();
}

on_both! {
    /// From then on only a known device, or the second factor proved first, opens the way to the password.
    async fn an_account_guessed_at_from_everywhere_is_closed_to_strangers(market) {
        let email = address("b-esieged");
        let client = bare(&person(&market, "b-esieged").await);
        attacked(&market, &email).await;
        let given = |code: Value| json!({"email": email, "password": PASSWORD, "code": code});
        refused(&sign_in(&market.stranger, given(Value::Null)).await, 429, "too_many_attempts");
        refused(&sign_in(&market.stranger, given(json!("0"))).await, 429, "too_many_attempts");
        let (secret, _) = enrol(&market, &client).await;
        refused(&sign_in(&market.stranger, given(json!("000000"))).await, 429, "too_many_attempts");
        granted(&sign_in(&market.stranger, given(json!(code(&market, &secret, 0)))).await, 201);
        // What somebody does who is signed in is not held up by strangers.
        granted(&client.post("/v1/me/step-up", json!({"code": code(&market, &secret, 1)})).send().await.unwrap(), 204);
    }
}

on_both! {
    async fn sessions_are_listed_and_ended(market) {
        let here = bare(&person(&market, "t-wo").await);
        let there = bare(&market.stranger.sign_in(&address("t-wo"), PASSWORD).await.unwrap());
        let seen = here.get("/v1/sessions").await.unwrap()["items"].clone();
        let current: Vec<_> = seen.as_array().unwrap().iter().map(|one| one["current"].as_bool().unwrap()).collect();
        assert_eq!((current, &seen[0]["seen_from"]), (vec![false, true], &json!("127.0.0.0/24")));

        granted(&here.ask(Method::POST, &format!("/v1/sessions/{}/end", text(&seen[0]["id"]))).send().await.unwrap(), 204);
        refused(&there.look("/v1/me").await.unwrap(), 401, "token_invalid");
        // Another's session is nobody's business.
        let stranger = bare(&person(&market, "o-ther").await);
        refused(&stranger.ask(Method::POST, &format!("/v1/sessions/{}/end", text(&seen[1]["id"]))).send().await.unwrap(), 404, "not_found");

        let third = bare(&market.stranger.sign_in(&address("t-wo"), PASSWORD).await.unwrap());
        granted(&here.ask(Method::DELETE, "/v1/sessions").send().await.unwrap(), 204);
        refused(&third.look("/v1/me").await.unwrap(), 401, "token_invalid");
        granted(&here.look("/v1/me").await.unwrap(), 200);
    }
}

on_both! {
    async fn a_reset_sets_a_password_once(market) {
        let client = bare(&person(&market, "f-orgot").await);
        let id = text(&client.get("/v1/me").await.unwrap()["person"]["id"]);
        let reset = market.staff.security.act(&format!("/v1/persons/{id}/password-reset")).await.unwrap();
        let set = json!({"reset_token": reset["reset_token"], "new_password": "another phrase of mine"});
        granted(&market.stranger.post("/v1/password-resets/use", set.clone()).send().await.unwrap(), 204);
        refused(&market.stranger.post("/v1/password-resets/use", set).send().await.unwrap(), 401, "reset_invalid");
        refused(&client.look("/v1/me").await.unwrap(), 401, "token_invalid");
        granted(&sign_in(&market.stranger, json!({"email": address("f-orgot"), "password": "another phrase of mine"})).await, 201);
    }
}

on_both! {
    /// Whoever can set somebody's password does not take away his authenticator too, nor the other way round.
    async fn no_officer_recovers_an_account_alone(market) {
        let id_of = async |client: &Client| text(&client.get("/v1/me").await.unwrap()["person"]["id"]);
        let security = &market.staff.security;
        for (key, first, second) in
            [("l-ost-both", "password-reset", "reset-second-factor"), ("l-ost-more", "reset-second-factor", "password-reset")]
        {
            let client = bare(&person(&market, key).await);
            enrol(&market, &client).await;
            let id = id_of(&client).await;
            security.act(&format!("/v1/persons/{id}/{first}")).await.unwrap();
            let alone = security.ask(Method::POST, &format!("/v1/persons/{id}/{second}")).send().await.unwrap();
            refused(&alone, 403, "same_person");
        }
    }
}

on_both! {
    /// Whoever guesses at an account from everywhere locks out neither its owner's device nor whoever has the code.
    async fn nobody_locks_the_owner_out(market) {
        let email = address("t-arget");
        person(&market, "t-arget").await;
        let first = sign_in(&market.stranger, json!({"email": email, "password": PASSWORD})).await;
        let device = granted(&first, 201)["device_token"].clone();
        let wrong = json!({"email": email, "password": "one of many guesses"});
        for _ in 0..5 {
            refused(&sign_in(&market.stranger, wrong.clone()).await, 401, "credentials_wrong");
        }
        let limited = sign_in(&market.stranger, wrong).await;
        refused(&limited, 429, "too_many_attempts");
        assert!(limited.header("retry-after").is_some());
        refused(&sign_in(&market.stranger, json!({"email": email, "password": PASSWORD})).await, 429, "too_many_attempts");
        let known = json!({"email": email, "password": PASSWORD, "device_token": device});
        granted(&sign_in(&market.stranger, known).await, 201);
        // A device's token is good for its own account only.
        let other = json!({"email": address("n-obody"), "password": "x", "device_token": device});
        for _ in 0..5 {
            refused(&sign_in(&market.stranger, other.clone()).await, 401, "credentials_wrong");
        }
        refused(&sign_in(&market.stranger, other).await, 429, "too_many_attempts");
    }
}

on_both! {
    async fn a_rotated_key_verifies_until_its_tokens_have_run_out(market) {
        let client = bare(&person(&market, "k-eeps").await);
        let before = market.stranger.get("/.well-known/jwks.json").await.unwrap();
        market.staff.security.create("/v1/token-keys/rotate", json!({"at_once": false})).await.unwrap();
        let after = market.stranger.get("/.well-known/jwks.json").await.unwrap();
        assert_eq!((before["keys"].as_array().unwrap().len(), after["keys"].as_array().unwrap().len()), (1, 2));
        granted(&client.look("/v1/me").await.unwrap(), 200);

        market.staff.security.create("/v1/token-keys/rotate", json!({"at_once": true})).await.unwrap();
        refused(&client.look("/v1/me").await.unwrap(), 401, "token_invalid");
        granted(&sign_in(&market.stranger, json!({"email": address("k-eeps"), "password": PASSWORD})).await, 201);
    }
}

on_both! {
    /// The overlap ends by itself: what the old key signed lets nobody in, and nobody is told of the key.
    async fn a_rotated_key_verifies_nothing_after_its_overlap(market) {
        let client = bare(&person(&market, "k-eeps").await);
        market.staff.security.create("/v1/token-keys/rotate", json!({"at_once": false})).await.unwrap();
        let both = market.stranger.get("/.well-known/jwks.json").await.unwrap();
        granted(&client.look("/v1/me").await.unwrap(), 200);

        let over = market.house().world.real_now() - TimeDelta::seconds(1);
        let aged = market.house().db.transact(move |tx| async move {
            token_key::Entity::update_many().col_expr(token_key::Column::SignsFrom, Expr::value(over)).exec(&*tx).await?;
            token_key::Entity::update_many()
                .col_expr(token_key::Column::RetiredAt, Expr::value(Some(over)))
                .filter(token_key::Column::RetiredAt.is_not_null())
                .exec(&*tx)
                .await?;
            Ok(Ending::Commit(()))
        });
        aged.await.unwrap();
        eventually(async || client.look("/v1/me").await.unwrap().status == 401).await;
        refused(&client.look("/v1/me").await.unwrap(), 401, "token_invalid");
        let left = market.stranger.get("/.well-known/jwks.json").await.unwrap();
        assert_eq!((both["keys"].as_array().unwrap().len(), &left["keys"]), (2, &json!([both["keys"][1]])));
        let next = bare(&market.stranger.sign_in(&address("k-eeps"), PASSWORD).await.unwrap());
        granted(&next.look("/v1/me").await.unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_security_administrator_ends_ends_at_every_server_within_a_second() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let client = bare(&person(&market, "s-uspended").await);
    let elsewhere = through(&door, &client);
    granted(&elsewhere.look("/v1/me").await.unwrap(), 200);
    let id = text(&client.get("/v1/me").await.unwrap()["person"]["id"]);
    market.staff.security.create(&format!("/v1/persons/{id}/suspend"), json!({"reason": "账号被盗"})).await.unwrap();
    refused(&client.look("/v1/me").await.unwrap(), 401, "token_invalid");
    assert!(within_a_second(async || elsewhere.look("/v1/me").await.unwrap().status == 401).await);
    refused(&sign_in(&market.stranger, json!({"email": address("s-uspended"), "password": PASSWORD})).await, 401, "credentials_wrong");
    market.staff.security.act(&format!("/v1/persons/{id}/reinstate")).await.unwrap();
    granted(&sign_in(&market.stranger, json!({"email": address("s-uspended"), "password": PASSWORD})).await, 201);

    // A key rotated at once is known everywhere as soon.
    let token = bare(&market.stranger.sign_in(&address("s-uspended"), PASSWORD).await.unwrap());
    market.staff.security.create("/v1/token-keys/rotate", json!({"at_once": true})).await.unwrap();
    assert!(within_a_second(async || through(&door, &token).look("/v1/me").await.unwrap().status == 401).await);
    second.stop().await;
}
