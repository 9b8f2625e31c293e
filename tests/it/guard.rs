//! Accounts under guard: passwords by 等保三级, officers' sessions that rest, hashes made anew, sign-ins by the hundred, and an
//! owner whose account others guess at.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::{device_letter, person as account, refresh_token};
use entity::ids::{PersonId, SessionId};
use entity::notifications::mail;
use entity::platform::audit;
use futures_util::future::{join, join_all};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::house::House;
use zhepai::identity::second_factor::{code_at, recovery_code};
use zhepai::identity::{authenticate, flows, store};
use zhepai::platform::config::{Config, PasswordCost, PasswordProfile};
use zhepai::platform::db::Ending;
use zhepai::platform::http::limits::LimitConfig;
use zhepai::play::parties::invented_uscc;
use zhepai::play::text;
use zhepai::server::Server;

use crate::accounts::{attacked, bare, sign_in};
use crate::authz::{address, person};
use crate::common::database::at_rest;
use crate::common::play::{PASSWORD, granted, refused, start, through};
use crate::common::post::{decoded, letter, with_post};
use crate::common::{Market, config, http, monday};
use crate::on_both;

/// Passwords that either profile takes.
const MIXED: &str = "Kx7#pq2mvR4 mixed";
const OTHER: &str = "Wm5!tz8bnQ2 other";

async fn id_of(client: &Client) -> PersonId {
    text(&client.get("/v1/me").await.unwrap()["person"]["id"]).parse().unwrap()
}

async fn row(house: &House, id: PersonId) -> account::Model {
    account::Entity::find_by_id(id).one(house.db.read()).await.unwrap().unwrap()
}

/// The operations the trail names for changes of a kind of thing, in order.
async fn noted(house: &House, kind: &str) -> Vec<String> {
    let found = audit::Entity::find().filter(audit::Column::ObjectKind.eq(kind)).order_by_asc(audit::Column::Seq);
    found.all(house.db.read()).await.unwrap().into_iter().map(|row| row.operation).collect()
}

async fn change_password(client: &Client, from: &str, to: &str) -> Reply {
    let change = json!({"current_password": from, "new_password": to});
    client.ask(Method::PUT, "/v1/me/password").body(change).send().await.unwrap()
}

// ---- 等保三级 ----

/// A market on the same kind of database that is run under 等保三级.
async fn graded(like: &Market) -> Market {
    Market::set_up(like.base(), monday(), |config| Config { password_profile: PasswordProfile::Mlps3, ..config }).await
}

async fn register(market: &Market, key: &str, password: &str) -> Reply {
    let new = json!({"email": address(key), "name": "张某", "password": password});
    market.stranger.post("/v1/persons", new).send().await.unwrap()
}

/// Somebody who has registered with [`MIXED`]: signed in, and the refresh token.
async fn newcomer(market: &Market, key: &str) -> (Client, Value) {
    granted(&register(market, key, MIXED).await, 201);
    let signed_in = sign_in(&market.stranger, json!({"email": address(key), "password": MIXED})).await;
    let tokens = granted(&signed_in, 201);
    (market.stranger.with_token(&text(&tokens["access_token"])), tokens["refresh_token"].clone())
}

on_both! {
    async fn under_mlps3_a_password_is_mixed_and_none_of_the_last(market) {
        let market = graded(&market).await;
        // Two kinds of characters, again two, too few, and one that everybody takes.
        for weak in [PASSWORD, "kx7pq2mvr4", "Kx7#pq2mv", "Password123"] {
            let reply = register(&market, "m-ixed", weak).await;
            assert_eq!(refused(&reply, 422, "invalid")["errors"][0]["pointer"], "/password", "{weak}");
        }
        let (client, _) = newcomer(&market, "m-ixed").await;
        let comes_back = async |current: &str| {
            let reply = change_password(&client, current, MIXED).await;
            assert_eq!(refused(&reply, 422, "invalid")["errors"][0]["code"], "password_repeated");
        };
        comes_back(MIXED).await;
        granted(&change_password(&client, MIXED, OTHER).await, 204);
        comes_back(OTHER).await;
    }
}

/// Lets somebody's password be as old as that.
async fn age_password(house: &House, id: PersonId, age: TimeDelta) {
    let since = house.world.real_now() - age;
    let aged = house.db.transact(move |tx| async move {
        account::Entity::update_many()
            .col_expr(account::Column::PasswordChangedAt, Expr::value(Some(since)))
            .filter(account::Column::Id.eq(id))
            .exec(&*tx)
            .await?;
        Ok(Ending::Commit(()))
    });
    aged.await.unwrap();
}

/// Does what only somebody can do whose password has not reached its age.
async fn founds(client: &Client, number: u32) -> Reply {
    let firm = json!({"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": invented_uscc(number)});
    client.post("/v1/organisations", firm).send().await.unwrap()
}

on_both! {
    /// A password that has reached its age signs in to be changed and to nothing else; under ASVS it never does.
    async fn under_mlps3_an_outworn_password_is_changed_first(market) {
        let graded = graded(&market).await;
        let (client, _) = newcomer(&graded, "o-utworn").await;
        let id = id_of(&client).await;
        age_password(graded.house(), id, TimeDelta::days(89)).await;
        granted(&founds(&client, 1).await, 201);
        age_password(graded.house(), id, TimeDelta::days(90)).await;
        refused(&founds(&client, 2).await, 403, "password_outworn");
        granted(&client.look("/v1/me").await.unwrap(), 200);
        let again = bare(&graded.stranger.sign_in(&address("o-utworn"), MIXED).await.unwrap());
        refused(&founds(&again, 2).await, 403, "password_outworn");
        granted(&change_password(&again, MIXED, OTHER).await, 204);
        granted(&founds(&again, 2).await, 201);

        let (client, _) = newcomer(&market, "o-utworn").await;
        age_password(market.house(), id_of(&client).await, TimeDelta::days(900)).await;
        granted(&founds(&client, 1).await, 201);
    }
}

/// Lets the session a client is signed in with have rested for so long.
async fn rest(market: &Market, client: &Client, age: TimeDelta) {
    let sessions = client.get("/v1/sessions").await.unwrap();
    let current = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    let id: SessionId = text(&current["id"]).parse().unwrap();
    let renewed = market.house().world.real_now() - age;
    let rested = market.house().db.transact(move |tx| async move {
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::CreatedAt, Expr::value(renewed))
            .filter(refresh_token::Column::SessionId.eq(id))
            .exec(&*tx)
            .await?;
        Ok(Ending::Commit(()))
    });
    rested.await.unwrap();
}

async fn renew(market: &Market, refresh_token: &Value) -> Reply {
    market.stranger.post("/v1/sessions/refresh", json!({"refresh_token": refresh_token})).send().await.unwrap()
}

on_both! {
    /// An officer's session that has rested for half an hour is over under 等保三级: for its tokens and for what it has open.
    /// Other people's go on, and so do officers' under ASVS.
    async fn under_mlps3_an_officers_session_does_not_rest_for_long(market) {
        let graded = graded(&market).await;
        for (market, appointed, ends) in [(&graded, true, true), (&graded, false, false), (&market, true, false)] {
            let key = format!("r-ests-{appointed}");
            let (client, refresh_token) = newcomer(market, &key).await;
            if appointed {
                market.staff.security.create("/v1/staff", json!({"email": address(&key), "role": "auditor"})).await.unwrap();
            }
            let house = market.house();
            let (actor, _) = authenticate::actor(house, client.token().unwrap()).await.unwrap();
            rest(market, &client, TimeDelta::minutes(29)).await;
            granted(&client.look("/v1/me").await.unwrap(), 200);
            assert!(authenticate::lives(house, &actor).await.unwrap());

            rest(market, &client, TimeDelta::minutes(30)).await;
            assert_eq!(authenticate::lives(house, &actor).await.unwrap(), !ends);
            let (looked, renewed) = (client.look("/v1/me").await.unwrap(), renew(market, &refresh_token).await);
            if ends {
                refused(&looked, 401, "token_invalid");
                refused(&renewed, 401, "refresh_invalid");
            } else {
                granted(&looked, 200);
                granted(&renewed, 201);
            }
        }
    }
}

// ---- Hashes made anew ----

/// The market's database at a server where hashes cost more, and a stranger there. The market's own server has stopped.
async fn where_hashes_cost_more(config: &Config) -> (Server, Client) {
    let passwords = PasswordCost { memory_kib: 16, passes: 2, ..config.passwords };
    let server = start(&Config { passwords, ..config.clone() }).await.unwrap();
    let stranger = Client::new(&server.url()).unwrap();
    (server, stranger)
}

on_both! {
    /// The first sign-in after hashes have come to cost more makes a new one, which is no change of the password.
    async fn a_sign_in_hashes_the_password_anew_where_hashes_cost_more(market) {
        let id = id_of(&person(&market, "h-ashed").await).await;
        let before = row(market.house(), id).await;
        assert!(before.password_hash.contains("m=8,t=1"), "{}", before.password_hash);
        market.server.stop().await;
        let (server, stranger) = where_hashes_cost_more(&market.config).await;
        let house = &server.house;
        let given = json!({"email": address("h-ashed"), "password": PASSWORD});

        refused(&sign_in(&stranger, json!({"email": address("h-ashed"), "password": "not the password"})).await, 401, "credentials_wrong");
        assert_eq!(row(house, id).await, before);
        // Of several at once each is let in.
        for reply in join_all((0..4).map(|_| sign_in(&stranger, given.clone()))).await {
            granted(&reply, 201);
        }
        let after = row(house, id).await;
        assert!(after.password_hash.contains("m=16,t=2"), "{}", after.password_hash);
        assert_eq!(account::Model { password_hash: before.password_hash.clone(), ..after.clone() }, before);
        granted(&sign_in(&stranger, given).await, 201);
        assert_eq!(row(house, id).await, after);
        assert_eq!(noted(house, "password_hash").await, ["sign_in"]);

        // A hash that stands there no more is replaced by none.
        let late = house.db.transact(move |tx| {
            let old = before.password_hash.clone();
            async move { Ok(Ending::Commit(store::rehash(&*tx, id, &old, "a hash that comes late").await?)) }
        });
        assert!(!late.await.unwrap());
        assert_eq!(row(house, id).await, after);
        server.stop().await;
    }
}

on_both! {
    /// Whoever changes his password while it is hashed anew has changed it.
    async fn a_password_changed_while_it_is_hashed_anew_is_changed(market) {
        let client = person(&market, "c-hanges").await;
        market.server.stop().await;
        let (server, stranger) = where_hashes_cost_more(&market.config).await;
        let (client, old) = (through(&stranger, &client), json!({"email": address("c-hanges"), "password": PASSWORD}));
        let crowd = join_all((0..3).map(|_| sign_in(&stranger, old.clone())));
        let (changed, signed_in) = join(change_password(&client, PASSWORD, "another phrase of mine"), crowd).await;
        granted(&changed, 204);
        assert!(signed_in.iter().all(|reply| [201, 401].contains(&reply.status)), "{signed_in:?}");
        refused(&sign_in(&stranger, old).await, 401, "credentials_wrong");
        granted(&sign_in(&stranger, json!({"email": address("c-hanges"), "password": "another phrase of mine"})).await, 201);
        server.stop().await;
    }
}

// ---- Sign-ins by the hundred ----

on_both! {
    /// However many sign in at once, whoever asks whether the server lives is answered: passwords are hashed beside all else, a few at
    /// a time, and who finds no place is sent away.
    async fn two_hundred_sign_ins_do_not_hold_up_a_probe(market) {
        let folder = tempfile::tempdir().unwrap();
        let config = config(market.base(), folder.path(), monday()).await;
        // As shipped, but that the address they all come from is not counted.
        let limits = Some(LimitConfig { stranger_per_minute: 0, ..LimitConfig::default() });
        let passwords = PasswordCost::default();
        let server = Server::start(Config { sandbox: false, sandbox_start: None, limits, passwords, ..config }).await.unwrap();
        let (http, url) = (http(), server.url());
        let guesses = (0..200).map(|n| {
            let given = json!({"email": format!("nobody-{n}@people.example"), "password": PASSWORD});
            let sent = http.post(format!("{url}/v1/sessions")).json(&given);
            async move { sent.send().await.unwrap().status().as_u16() }
        });
        let crowd = tokio::spawn(join_all(guesses));
        let mut probes = 0;
        while probes == 0 || !crowd.is_finished() {
            let probe = http.get(format!("{url}/livez")).timeout(Duration::from_secs(5)).send().await.unwrap();
            assert_eq!(probe.status().as_u16(), 200, "probe {probes}");
            probes += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let answers = crowd.await.unwrap();
        assert!(answers.iter().all(|status| [401, 503].contains(status)) && answers.contains(&401), "{answers:?}");
        server.stop().await;
    }
}

// ---- An owner whose account others guess at ----

/// Asks for a letter that lets a new device in; the answer is the same for everybody.
async fn ask(stranger: &Client, email: &str) {
    let reply = stranger.post("/v1/device-letters", json!({"email": email})).send().await.unwrap();
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
}

/// What a letter brings, once so many have come.
async fn brought(letters: &Arc<Mutex<Vec<String>>>, count: usize) -> String {
    let said = decoded(&letter(letters, count).await);
    said.split_whitespace().find(|word| word.starts_with("zdl_")).unwrap().to_owned()
}

/// How many letters to new devices were written once everything is done that there is to do.
async fn written(house: &House) -> usize {
    at_rest(house).await;
    let all = mail::Entity::find().all(house.db.read()).await.unwrap();
    all.iter().filter(|row| row.reason == "device_letter").count()
}

/// Lets every letter to a new device have been written, or have run out, so long ago.
async fn age_letters(house: &House, column: device_letter::Column, at: Timestamp) {
    let aged = house.db.transact(move |tx| async move {
        device_letter::Entity::update_many().col_expr(column, Expr::value(at)).exec(&*tx).await?;
        Ok(Ending::Commit(()))
    });
    aged.await.unwrap();
}

/// Credentials of an account on a device.
fn on_device(email: &str, password: &str, device_token: &str) -> Value {
    json!({"email": email, "password": password, "device_token": device_token})
}

on_both! {
    /// Whoever has neither a known device nor an authenticator comes in by a letter while strangers are kept out.
    async fn a_besieged_owner_comes_in_by_letter(market) {
        let none = market.stranger.post("/v1/device-letters", json!({"email": address("b-esieged")})).send().await.unwrap();
        refused(&none, 409, "no_mail");
        let (market, letters) = with_post(&market, false).await;
        let (stranger, email) = (&market.stranger, address("b-esieged"));
        person(&market, "b-esieged").await;
        attacked(&market, &email).await;
        refused(&sign_in(stranger, json!({"email": email, "password": PASSWORD})).await, 429, "too_many_attempts");
        ask(stranger, &email.to_uppercase()).await;
        let token = brought(&letters, 1).await;
        assert!(letters.lock().unwrap()[0].contains(&format!("RCPT TO:<{email}>")));

        // Without the password it lets nobody in, and a mistyped one does not use it up.
        refused(&sign_in(stranger, on_device(&email, "one of many guesses", &token)).await, 401, "credentials_wrong");
        let first = sign_in(stranger, on_device(&email, PASSWORD, &token)).await;
        let device = text(&granted(&first, 201)["device_token"]);
        assert!(device.starts_with("zdv_"), "{device}");
        // It is used once; the device it let in is known from now on.
        refused(&sign_in(stranger, on_device(&email, PASSWORD, &token)).await, 429, "too_many_attempts");
        granted(&sign_in(stranger, on_device(&email, PASSWORD, &device)).await, 201);
        assert_eq!(noted(market.house(), "device_letter").await, ["fire_timer", "sign_in"]);
    }
}

on_both! {
    /// What is looked at in the place of an authenticator that nobody has lets nobody in.
    async fn a_closed_account_without_an_authenticator_takes_no_code(market) {
        person(&market, "p-lain").await;
        let second = u64::try_from(market.house().world.real_now().timestamp()).unwrap();
        let codes = [code_at(&[0; 20], second).unwrap(), recovery_code([7; 16])];
        for email in [address("p-lain"), address("n-obody")] {
            attacked(&market, &email).await;
            for code in &codes {
                let given = json!({"email": email, "password": PASSWORD, "code": code});
                refused(&sign_in(&market.stranger, given).await, 429, "too_many_attempts");
            }
        }
    }
}

on_both! {
    /// A letter goes out where somebody is kept from an account, and nowhere else; the answer never tells.
    async fn only_who_is_kept_out_gets_a_letter(market) {
        let (market, letters) = with_post(&market, false).await;
        for key in ["q-uiet", "s-uspended", "s-hut-out"] {
            person(&market, key).await;
        }
        let suspended = id_of(&bare(&market.stranger.sign_in(&address("s-uspended"), PASSWORD).await.unwrap())).await;
        market.staff.security.create(&format!("/v1/persons/{suspended}/suspend"), json!({"reason": "账号被盗"})).await.unwrap();
        for email in [address("n-obody"), address("s-uspended")] {
            attacked(&market, &email).await;
            ask(&market.stranger, &email).await;
        }
        ask(&market.stranger, &address("q-uiet")).await;
        assert_eq!(written(market.house()).await, 0);
        // Five failures shut out the network they came from, and its owner with it.
        for _ in 0..5 {
            sign_in(&market.stranger, json!({"email": address("s-hut-out"), "password": "one of many guesses"})).await;
        }
        refused(&sign_in(&market.stranger, json!({"email": address("s-hut-out"), "password": PASSWORD})).await, 429, "too_many_attempts");
        ask(&market.stranger, &address("s-hut-out")).await;
        let token = brought(&letters, 1).await;
        granted(&sign_in(&market.stranger, on_device(&address("s-hut-out"), PASSWORD, &token)).await, 201);
    }
}

on_both! {
    /// However an account is flooded, with requests for letters too, its owner comes in by the one that stands.
    async fn a_flood_does_not_hinder_an_owner_with_a_letter(market) {
        let (market, letters) = with_post(&market, false).await;
        let (stranger, house, email) = (&market.stranger, market.house(), address("f-looded"));
        person(&market, "f-looded").await;
        attacked(&market, &email).await;
        ask(stranger, &email).await;
        let token = brought(&letters, 1).await;
        join_all((0..20).map(|_| ask(stranger, &email))).await;
        assert_eq!(written(house).await, 1, "a letter box is filled");
        for n in 0..8 {
            let made_up = format!("zdl_{}", n.to_string().repeat(43));
            refused(&sign_in(stranger, on_device(&email, "one of many guesses", &made_up)).await, 429, "too_many_attempts");
        }
        attacked(&market, &email).await;

        // Before the first runs out there is another, and both are good.
        age_letters(house, device_letter::Column::CreatedAt, house.world.real_now() - TimeDelta::minutes(16)).await;
        ask(stranger, &email).await;
        let second = brought(&letters, 2).await;
        granted(&sign_in(stranger, on_device(&email, PASSWORD, &token)).await, 201);
        granted(&sign_in(stranger, on_device(&email, PASSWORD, &second)).await, 201);
    }
}

on_both! {
    /// A letter is good for its own account, for a while, and for five tries; two that bring it at once are not both let in.
    async fn a_letter_is_good_for_one_account_and_one_sign_in(market) {
        let (market, letters) = with_post(&market, false).await;
        let (stranger, house) = (&market.stranger, market.house());
        let (one, two) = (address("o-ne"), address("t-wo"));
        for (key, email) in [("o-ne", &one), ("t-wo", &two)] {
            person(&market, key).await;
            attacked(&market, email).await;
        }
        ask(stranger, &one).await;
        let token = brought(&letters, 1).await;
        refused(&sign_in(stranger, on_device(&two, PASSWORD, &token)).await, 429, "too_many_attempts");
        let both = join_all((0..2).map(|_| sign_in(stranger, on_device(&one, PASSWORD, &token)))).await;
        assert_eq!(both.iter().filter(|reply| reply.status == 201).count(), 1, "{both:?}");

        ask(stranger, &two).await;
        let token = brought(&letters, 2).await;
        for _ in 0..5 {
            refused(&sign_in(stranger, on_device(&two, "one of many guesses", &token)).await, 401, "credentials_wrong");
        }
        refused(&sign_in(stranger, on_device(&two, PASSWORD, &token)).await, 429, "too_many_attempts");

        person(&market, "l-ate").await;
        attacked(&market, &address("l-ate")).await;
        ask(stranger, &address("l-ate")).await;
        let token = brought(&letters, 3).await;
        let now = house.world.real_now();
        age_letters(house, device_letter::Column::CreatedAt, now - TimeDelta::minutes(46)).await;
        age_letters(house, device_letter::Column::ExpiresAt, now - TimeDelta::minutes(16)).await;
        refused(&sign_in(stranger, on_device(&address("l-ate"), PASSWORD, &token)).await, 429, "too_many_attempts");
        // What no rule counts any more is not kept.
        flows::device_letters::forget_old(house).await.unwrap();
        assert!(device_letter::Entity::find().all(house.db.read()).await.unwrap().is_empty());
    }
}
