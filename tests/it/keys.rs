//! Keys for programs: each does what it says, for whom it says, and nothing else.

use std::time::Duration;

use chrono::TimeDelta;
use entity::platform::{AuditOutcome, audit, idempotency};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::platform::keys::hex;
use zhepai::play::{Party, text};

use crate::authz::{join, lot, person};
use crate::common::database::fingerprint;
use crate::common::play::{Watch, bid, granted, refused};
use crate::common::{Market, fixtures};
use crate::on_both;

/// Everything a key can be for.
const EVERY_SCOPE: [&str; 6] = ["listings:read", "listings:write", "bids:read", "bids:place", "admissions:write", "deals:read"];

/// Asks for a key.
async fn ask(owner: &Client, key: Value) -> Reply {
    owner.prove().await.unwrap();
    owner.post("/v1/api-keys", key).send().await.unwrap()
}

/// A key with these scopes.
pub async fn key(owner: &Client, scopes: &[&str]) -> Value {
    granted(&ask(owner, json!({"name": "程序", "scopes": scopes})).await, 201).clone()
}

/// A program that calls with a key.
pub fn program(market: &Market, key: &Value) -> Client {
    market.stranger.with_token(key["secret"].as_str().unwrap())
}

pub fn place_of(key: &Value) -> String {
    format!("/v1/api-keys/{}", text(&key["key"]["id"]))
}

async fn looks(client: &Client, path: &str) -> Reply {
    client.look(path).await.unwrap()
}

/// The calls made with a key, once there are so many.
pub async fn calls(owner: &Client, key: &Value, many: usize) -> Vec<Value> {
    for _ in 0..100 {
        let page = owner.get(&format!("{}/calls", place_of(key))).await.unwrap();
        let found = page["items"].as_array().unwrap();
        if found.len() >= many {
            return found.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the calls were not written down");
}

/// Two lots open for bids, and an enterprise admitted to both.
async fn two_lots(market: &Market) -> (Party, [String; 2]) {
    let seller = fixtures::university(market).await;
    let buyer = fixtures::enterprise(market, "buyer", 1).await;
    let one = lot(market, &seller, "一种在竞价的技术", &[&buyer]).await;
    let two = lot(market, &seller, "另一种在竞价的技术", &[&buyer]).await;
    (buyer, [one.lot, two.lot])
}

on_both! {
    /// A bidding key bids on its lot, sees what everybody sees, and does nothing else.
    async fn a_key_for_one_lot_bids_there_and_nowhere_else(market) {
        let (buyer, [one, two]) = two_lots(&market).await;
        let asked = json!({"name": "竞价程序", "scopes": ["bids:place"], "lots": [one]});
        let key = granted(&ask(&buyer.client, asked).await, 201).clone();
        let bot = program(&market, &key);
        granted(&bid(&bot, &one, "1000.00").await, 201);
        assert_eq!(refused(&bid(&bot, &two, "1000.00").await, 403, "key_scope")["scope"], "bids:place");
        granted(&looks(&bot, &format!("/v1/lots/{two}")).await, 200);
        let current = looks(&bot, "/v1/api-keys/current").await;
        assert_eq!(granted(&current, 200)["organisation_id"], buyer.organisation.as_str());
        refused(&looks(&buyer.client, "/v1/api-keys/current").await, 409, "wrong_state");
        for hidden in ["/v1/me", "/v1/admissions", "/v1/deals", "/v1/achievements", "/v1/sessions", "/v1/api-keys"] {
            refused(&looks(&bot, hidden).await, 403, "key_scope");
        }
        let another = bot.post("/v1/api-keys", json!({"name": "x", "scopes": ["bids:place"]})).send().await.unwrap();
        refused(&another, 403, "key_scope");
        refused(&bot.ask(Method::DELETE, "/v1/sessions/current").send().await.unwrap(), 403, "key_scope");

        // The trail says who bid, and with what.
        let by_key = format!(" by {}", text(&key["key"]["prefix"]));
        let said = async |outcome| {
            let rows = audit::Entity::find().filter(audit::Column::Outcome.eq(outcome)).all(market.house().db.read()).await.unwrap();
            rows.into_iter().filter(|row| row.role.as_ref().is_some_and(|role| role.ends_with(&by_key))).collect::<Vec<_>>()
        };
        assert!(!said(AuditOutcome::Denied).await.is_empty());
        let bids = said(AuditOutcome::Changed).await;
        assert_eq!(bids.iter().map(|row| row.operation.as_str()).collect::<Vec<_>>(), ["place_bid"]);
    }
}

on_both! {
    /// What a key does not name is closed to it, and what it names is open as far as its owner may.
    async fn a_key_opens_what_it_names(market) {
        let seller = fixtures::university(&market).await;
        let draft = text(&seller.client.create("/v1/achievements", fixtures::achievement()).await.unwrap()["id"]);
        let reader = program(&market, &key(&seller.client, &["listings:read"]).await);
        let writer = program(&market, &key(&seller.client, &["listings:write"]).await);
        granted(&looks(&reader, &format!("/v1/achievements/{draft}")).await, 200);
        refused(&reader.post("/v1/achievements", fixtures::achievement()).send().await.unwrap(), 403, "key_scope");
        granted(&writer.post("/v1/achievements", fixtures::achievement()).send().await.unwrap(), 201);
        refused(&looks(&writer, &format!("/v1/achievements/{draft}")).await, 403, "key_scope");

        // A list that is open to all shows a key without the scope what it shows to all.
        let paper = seller.client.upload("说明", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        let paper = format!("/v1/documents/{}", text(&paper["id"]));
        granted(&looks(&reader, &paper).await, 200);
        refused(&looks(&writer, &paper).await, 404, "not_found");

        // All scopes together give no more than the owner has.
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let all = program(&market, &key(&viewer, &EVERY_SCOPE).await);
        granted(&looks(&all, &format!("/v1/achievements/{draft}")).await, 200);
        refused(&all.post("/v1/achievements", fixtures::achievement()).send().await.unwrap(), 403, "forbidden");
    }
}

on_both! {
    /// A key is told once; the database, the trail and every later answer hold nothing it could be made of.
    async fn a_key_is_told_once(market) {
        let seller = fixtures::university(&market).await;
        let made = key(&seller.client, &["listings:read"]).await;
        let secret = text(&made["secret"]);
        let tail = &secret[12..];
        for path in ["/v1/api-keys".to_owned(), place_of(&made)] {
            let said = seller.client.get(&path).await.unwrap().to_string();
            assert!(said.contains(&secret[..12]) && !said.contains(tail), "{said}");
        }
        program(&market, &made).get("/v1/api-keys/current").await.unwrap();
        calls(&seller.client, &made, 1).await;
        let trail = audit::Entity::find().all(market.house().db.read()).await.unwrap();
        let kept = fingerprint(market.house()).await.into_iter().chain([("audit".to_owned(), format!("{trail:?}"))]);
        // Bytes are told in hexadecimal.
        let bytes = hex(tail.as_bytes());
        for (table, content) in kept {
            assert!(!content.contains(tail) && !content.to_lowercase().contains(&bytes), "{table} holds the key");
        }
    }
}

on_both! {
    /// Whoever did not hear the answer asks again and has made one key, whose text is not told a second time.
    async fn the_same_call_makes_one_key(market) {
        let seller = fixtures::university(&market).await;
        seller.client.prove().await.unwrap();
        let again = async |path: &str, body: Value, name: &str| {
            let first = seller.client.post(path, body.clone()).key(name).send().await.unwrap();
            let made = granted(&first, 201).clone();
            let twin = seller.client.post(path, body).key(name).send().await.unwrap();
            assert_eq!(refused(&twin, 409, "secret_already_shown")["api_key_id"], made["key"]["id"]);
            assert!(!twin.body.to_string().contains("zpk_"), "{}", twin.body);
            made
        };
        let count = async || seller.client.get("/v1/api-keys").await.unwrap()["items"].as_array().unwrap().len();
        let made = again("/v1/api-keys", json!({"name": "程序", "scopes": ["listings:read"]}), "a-key-once").await;
        assert_eq!(count().await, 1);
        let next = again(&format!("{}/rotate", place_of(&made)), json!({"at_once": true}), "a-successor-once").await;
        assert_eq!(count().await, 2);
        // The records of the two calls tell which key was made, not its text.
        let records = idempotency::Entity::find().all(market.house().db.read()).await.unwrap();
        let kept = format!("{records:?}");
        for key in [&made, &next] {
            assert!(kept.contains(&text(&key["key"]["id"])) && !kept.contains(&text(&key["secret"])[12..]), "{kept}");
        }
    }
}

on_both! {
    /// A key is worth its owner's place: it falls with it at once, and a key of a member who left never comes back.
    async fn a_key_is_worth_its_owners_place(market) {
        let seller = fixtures::university(&market).await;
        let (member, place) = join(&market, &seller, "m-ember", &["operator"]).await;
        let made = key(&member, &["listings:read", "listings:write"]).await;
        let bot = program(&market, &made);
        let create = || async { bot.post("/v1/achievements", fixtures::achievement()).send().await.unwrap() };
        granted(&create().await, 201);
        let step = |step: &'static str| { let (owner, place) = (&seller.client, &place); async move { owner.act(&format!("/v1/memberships/{place}/{step}")).await.unwrap() } };
        step("suspend").await;
        refused(&create().await, 401, "token_invalid");
        step("reinstate").await;
        granted(&create().await, 201);

        let who = text(&member.get("/v1/me").await.unwrap()["person"]["id"]);
        let account = |step: &str| format!("/v1/persons/{who}/{step}");
        market.staff.security.create(&account("suspend"), json!({"reason": "疑似泄露"})).await.unwrap();
        refused(&create().await, 401, "token_invalid");
        market.staff.security.act(&account("reinstate")).await.unwrap();
        granted(&create().await, 201);

        step("remove").await;
        refused(&create().await, 401, "token_invalid");
        let kept = seller.client.get(&place_of(&made)).await.unwrap();
        assert_eq!((&kept["state"], &kept["revoked_why"]), (&json!("revoked"), &json!("the member was removed")));
    }
}

on_both! {
    /// Whoever had made himself a key in somebody's account loses it when the account is recovered.
    async fn a_key_ends_with_the_recovery_of_its_account(market) {
        let seller = fixtures::university(&market).await;
        let (member, _) = join(&market, &seller, "m-ember", &["viewer"]).await;
        let made = key(&member, &["listings:read"]).await;
        let who = text(&member.get("/v1/me").await.unwrap()["person"]["id"]);
        market.staff.security.act(&format!("/v1/persons/{who}/reset-second-factor")).await.unwrap();
        refused(&looks(&program(&market, &made), "/v1/achievements").await, 401, "token_invalid");
        assert_eq!(seller.client.get(&place_of(&made)).await.unwrap()["revoked_why"], "the account was recovered");
    }
}

on_both! {
    /// A revoked key is nobody's from the next call on, and what was opened with it ends.
    async fn a_revoked_key_is_nobodys(market) {
        let (buyer, [lot, _]) = two_lots(&market).await;
        let made = key(&buyer.client, &["bids:read"]).await;
        let bot = program(&market, &made);
        let request = crate::common::http().get(format!("{}/v1/lots/{lot}/stream", market.server.url()));
        let mut open = Watch::of(request.bearer_auth(text(&made["secret"]))).await;
        granted(&looks(&bot, "/v1/admissions").await, 200);
        let (stranger, foreign) = (person(&market, "s-tranger").await, fixtures::enterprise(&market, "foreign", 2).await);
        for (other, status, code) in [(&stranger, 403, "forbidden"), (&foreign.client, 404, "not_found")] {
            let tried = other.post(&format!("{}/revoke", place_of(&made)), json!({"reason": "理由"})).send().await.unwrap();
            refused(&tried, status, code);
        }
        let revoked = market.staff.security.create(&format!("{}/revoke", place_of(&made)), json!({"reason": "异常调用"})).await.unwrap();
        assert_eq!((&revoked["state"], &revoked["revoked_why"]), (&json!("revoked"), &json!("异常调用")));
        refused(&looks(&bot, "/v1/admissions").await, 401, "token_invalid");
        assert!(tokio::time::timeout(Duration::from_secs(3), open.rest()).await.is_ok(), "a revoked key still watches");
    }
}

on_both! {
    /// A key that was rotated is good beside its successor, unless it is to end at once; one that has expired is not.
    async fn keys_rotate_with_overlap_and_end(market) {
        let seller = fixtures::university(&market).await;
        let first = key(&seller.client, &["listings:read"]).await;
        let rotate = async |key: &Value, at_once: bool| {
            let asked = seller.client.post(&format!("{}/rotate", place_of(key)), json!({"at_once": at_once}));
            granted(&asked.send().await.unwrap(), 201).clone()
        };
        let works = async |key: &Value| program(&market, key).look("/v1/achievements").await.unwrap().status == 200;
        let second = rotate(&first, false).await;
        assert_eq!((&second["key"]["rotated_from"], &second["key"]["scopes"]), (&first["key"]["id"], &first["key"]["scopes"]));
        assert!(works(&first).await && works(&second).await);
        let twice = seller.client.post(&format!("{}/rotate", place_of(&first)), json!({"at_once": false})).send().await.unwrap();
        assert_eq!(refused(&twice, 409, "wrong_state")["state"], "rotated");
        let third = rotate(&second, true).await;
        assert!(!works(&second).await && works(&third).await);
        let again = seller.client.post(&format!("{}/rotate", place_of(&second)), json!({"at_once": false})).send().await.unwrap();
        assert_eq!(refused(&again, 409, "wrong_state")["state"], "expired");

        let soon = market.house().world.real_now() + TimeDelta::milliseconds(1500);
        let brief = json!({"name": "短期", "scopes": ["listings:read"], "expires_at": soon});
        let brief = granted(&ask(&seller.client, brief).await, 201).clone();
        assert!(works(&brief).await);
        tokio::time::sleep(Duration::from_millis(1600)).await;
        assert!(!works(&brief).await);
        assert_eq!(seller.client.get(&place_of(&brief)).await.unwrap()["state"], "expired");
    }
}

on_both! {
    /// Its owner sees what is called with a key, also what is tried with it from elsewhere; others see nothing.
    async fn what_is_called_with_a_key_is_told_to_its_owner(market) {
        let seller = fixtures::university(&market).await;
        let (member, _) = join(&market, &seller, "m-ember", &["operator"]).await;
        let made = key(&member, &["listings:read"]).await;
        let bot = program(&market, &made);
        let answered = looks(&bot, "/v1/achievements").await;
        refused(&looks(&bot, "/v1/deals").await, 403, "key_scope");
        let away = json!({"name": "内网程序", "scopes": ["listings:read"], "networks": ["203.0.113.7/24"]});
        let away = granted(&ask(&member, away).await, 201).clone();
        assert_eq!(away["key"]["networks"], json!(["203.0.113.0/24"]));
        refused(&looks(&program(&market, &away), "/v1/achievements").await, 401, "token_invalid");

        let told = calls(&member, &made, 2).await;
        let of = |call: &Value| (text(&call["method"]), text(&call["route"]), call["status"].as_i64().unwrap(), text(&call["code"]));
        assert_eq!(of(&told[0]), ("GET".into(), "/v1/deals".into(), 403, "key_scope".into()));
        assert_eq!((told[1]["status"].as_i64(), &told[1]["request_id"]), (Some(200), &json!(answered.header("x-request-id").unwrap())));
        assert_eq!(told[1]["made_from"], "127.0.0.0/24");
        assert_eq!(of(&calls(&member, &away, 1).await[0]).3, "token_invalid");
        let seen = member.get(&place_of(&made)).await.unwrap();
        assert!(seen["last_used_at"].is_string() && seen["last_used_from"] == "127.0.0.0/24", "{seen}");

        // The owner of the organisation sees it too, another member does not.
        let (other, _) = join(&market, &seller, "o-ther", &["viewer"]).await;
        assert_eq!(seller.client.get("/v1/api-keys").await.unwrap()["items"].as_array().unwrap().len(), 2);
        assert_eq!(other.get("/v1/api-keys").await.unwrap()["items"], json!([]));
        refused(&looks(&other, &format!("{}/calls", place_of(&made))).await, 403, "forbidden");
        let all = market.staff.supervisor.get(&format!("/v1/api-keys?organisation_id={}", seller.organisation)).await.unwrap();
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
    }
}

on_both! {
    /// A key in an address is refused wherever it stands, and written down without the key.
    async fn a_key_does_not_travel_in_addresses(market) {
        let seller = fixtures::university(&market).await;
        let made = key(&seller.client, &["listings:read"]).await;
        let secret = text(&made["secret"]);
        for path in [format!("/v1/achievements?key={secret}"), format!("/v1/{secret}"), format!("/v1/lots?x=%7Apk_{}", &secret[4..])] {
            refused(&looks(&market.stranger, &path).await, 400, "key_in_address");
        }
        let denied = audit::Entity::find().filter(audit::Column::Outcome.eq(AuditOutcome::Denied)).all(market.house().db.read()).await.unwrap();
        assert_eq!(denied.len(), 3);
        assert!(denied.iter().all(|row| !row.detail.as_ref().unwrap().contains(&secret[4..])));
    }
}

on_both! {
    /// Its owner asks for what was refused, for one operation or status, or for a while, and gets just that, page by page.
    async fn calls_are_found_by_what_became_of_them(market) {
        let seller = fixtures::university(&market).await;
        let made = key(&seller.client, &["listings:read"]).await;
        let bot = program(&market, &made);
        for _ in 0..3 {
            granted(&looks(&bot, "/v1/achievements").await, 200);
        }
        refused(&looks(&bot, &format!("/v1/achievements/{}", uuid::Uuid::new_v4())).await, 404, "not_found");
        for _ in 0..2 {
            refused(&looks(&bot, "/v1/deals").await, 403, "key_scope");
        }
        let told = calls(&seller.client, &made, 6).await;
        let of = |call: &Value| (text(&call["operation"]), call["status"].as_i64().unwrap());
        let (list, read, deals) = (("list_achievements", 200), ("read_achievement", 404), ("list_deals", 403));
        let due = [deals, deals, read, list, list, list].map(|(operation, status)| (operation.to_owned(), status));
        assert_eq!(told.iter().map(of).collect::<Vec<_>>(), due);

        let place = format!("{}/calls", place_of(&made));
        let page = async |query: &str| seller.client.get(&format!("{place}?{query}")).await.unwrap();
        let since = text(&told[3]["made_at"]);
        for (query, due) in [
            ("outcome=refused".to_owned(), &told[..3]),
            ("outcome=answered".to_owned(), &told[3..]),
            ("status=403".to_owned(), &told[..2]),
            ("operation=list_achievements".to_owned(), &told[3..]),
            ("operation=list_deals&outcome=answered".to_owned(), &told[..0]),
            ("operation=no_such_operation".to_owned(), &told[..0]),
            (format!("from={since}"), &told[..4]),
            (format!("until={since}"), &told[4..]),
            (format!("outcome=refused&status=404&operation=read_achievement&from={}", text(&told[5]["made_at"])), &told[2..3]),
        ] {
            assert_eq!(page(&query).await["items"].as_array().unwrap(), due, "{query}");
        }

        let first = page("outcome=refused&limit=2").await;
        let second = page(&format!("outcome=refused&limit=2&cursor={}", text(&first["next_cursor"]))).await;
        assert_eq!((first["items"].as_array().unwrap().as_slice(), second["items"].as_array().unwrap().as_slice()), (&told[..2], &told[2..3]));
        assert!(second.get("next_cursor").is_none(), "{second}");
        for wrong in ["outcome=maybe", "status=99", "status=600", "status=x", "operation=", "from=yesterday", "until=9999-01-01T00:00:00Z"] {
            refused(&looks(&seller.client, &format!("{place}?{wrong}")).await, 422, "invalid");
        }
    }
}
