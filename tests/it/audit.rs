//! The audit trail as officers read it, and the program that checks it.

use std::process::Command;
use std::time::Duration;

use entity::money::Money;
use entity::platform::audit as audit_row;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::audit::retention;
use zhepai::platform::config::Config;
use zhepai::play::text;

use crate::authz::join;
use crate::common::database::at_rest;
use crate::common::play::{bid, granted, refused};
use crate::common::{Base, Market, fixtures, monday, program};
use crate::on_both;

/// The rows an officer finds, once there is one.
async fn rows(officer: &Client, query: &str) -> Vec<Value> {
    for _ in 0..100 {
        let page = officer.get(&format!("/v1/audit?{query}")).await.unwrap();
        let found = page["items"].as_array().unwrap();
        if !found.is_empty() {
            return found.clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing was written down: {query}");
}

/// The program as a process, on the market's database; how it ended and what it said.
fn audit(config: &Config, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(program::shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into()));
    command.args(["audit", "--sandbox", "--database", &config.database]).args(arguments);
    let run = command.env("ZHEPAI_MASTER_KEY_FILE", &config.master_key_file).output().unwrap();
    (run.status.success(), String::from_utf8(run.stderr).unwrap())
}

on_both! {
    /// Whoever asks for a person, a thing, an operation or a refusal finds just that, page by page.
    async fn officers_find_what_was_done(market) {
        let officer = &market.staff.supervisor;
        let seller = fixtures::university(&market).await;
        let (member, place) = join(&market, &seller, "m-ember", &["viewer"]).await;
        let me = text(&member.get("/v1/me").await.unwrap()["person"]["id"]);
        let tried = member.post("/v1/achievements", fixtures::achievement()).send().await.unwrap();
        refused(&tried, 403, "forbidden");
        let denied = rows(officer, &format!("person_id={me}&outcome=denied")).await;
        assert_eq!((denied.len(), &denied[0]["detail"], &denied[0]["role"]), (1, &json!("POST /v1/achievements"), &json!("viewer")));
        assert_eq!(denied[0]["operation"], "create_achievement");
        assert_eq!(denied[0]["request_id"], tried.header("x-request-id").unwrap());

        let invited = rows(officer, &format!("object_id={place}&operation=invite_member")).await;
        assert_eq!((&invited[0]["outcome"], &invited[0]["organisation_id"]), (&json!("changed"), &json!(seller.organisation)));
        assert!(invited[0].get("before_sha256").is_none() && invited[0]["after_sha256"].is_string(), "{}", invited[0]);

        // Every page follows on the one before, and nothing is on two.
        let mut positions = Vec::new();
        let mut query = "limit=3".to_owned();
        while positions.len() < 12 {
            let page = officer.get(&format!("/v1/audit?{query}")).await.unwrap();
            positions.extend(page["items"].as_array().unwrap().iter().map(|row| row["position"].as_i64().unwrap()));
            query = format!("limit=3&cursor={}", text(&page["next_cursor"]));
        }
        assert!(positions.windows(2).all(|two| two[0] == two[1] + 1), "{positions:?}");
        let none = officer.get("/v1/audit?from=2999-01-01T00:00:00Z").await.unwrap();
        assert_eq!(none, json!({"items": []}));
        for wrong in ["operation=", "from=9999-01-01T00:00:00Z", "cursor=x", "outcome=allowed", "network=", "network=here", "network=203.0.0.0/16"] {
            assert_eq!(officer.look(&format!("/v1/audit?{wrong}")).await.unwrap().status, 422, "{wrong}");
        }
        // A place nobody was given leads nowhere, however well it is spelled: this one is before position 5.
        let given = text(&officer.get("/v1/audit?limit=3").await.unwrap()["next_cursor"]);
        for made_up in ["AAAAAAAAAAU".to_owned(), format!("AAAAAAAAAAU{}", &given[11..])] {
            refused(&officer.look(&format!("/v1/audit?cursor={made_up}")).await.unwrap(), 422, "cursor_invalid");
        }
        refused(&officer.ask(Method::DELETE, "/v1/audit").send().await.unwrap(), 405, "method_not_allowed");
        refused(&seller.client.look("/v1/audit").await.unwrap(), 403, "forbidden");
    }
}

on_both! {
    /// A bid is written down like every other change: who bid, for whom, on what, from where.
    async fn a_bid_is_in_the_trail(market) {
        let (seller, buyer) = (fixtures::university(&market).await, fixtures::enterprise(&market, "buyer", 1).await);
        let lot = fixtures::open_lot(&market, &seller, "ZL201610200331.9", Money::fen(100_000), &[&buyer]).await.lot;
        granted(&bid(&buyer.client, &lot, "1000.00").await, 201);
        let me = buyer.client.get("/v1/me").await.unwrap();
        let bids = rows(&market.staff.auditor, "operation=place_bid&outcome=changed").await;
        assert_eq!(bids.len(), 1, "{bids:?}");
        assert_eq!((&bids[0]["person_id"], &bids[0]["organisation_id"]), (&me["person"]["id"], &json!(buyer.organisation)));
        assert_eq!((&bids[0]["object_id"], &bids[0]["network"]), (&json!(lot), &json!("127.0.0.0/24")));
    }
}

/// A caller behind the proxy at 127.0.0.1, as the proxy says.
async fn calls_from(market: &Market, token: Option<&str>, from: &str) -> reqwest::Response {
    let call = crate::common::http().post(format!("{}/v1/achievements", market.server.url())).header("x-forwarded-for", from);
    let call = if let Some(token) = token { call.bearer_auth(token) } else { call };
    call.header("idempotency-key", "from-somewhere-else").json(&fixtures::achievement()).send().await.unwrap()
}

/// A market behind a proxy.
pub(crate) async fn behind_a_proxy(base: Base) -> Market {
    let proxy = vec!["127.0.0.0/8".parse().unwrap()];
    Market::set_up(base, monday(), |config| Config { trusted_proxies: proxy, ..config }).await
}

on_both! {
    /// A row keeps the network a call came from, never the whole address, also of what was refused; what the platform
    /// does by itself comes from none.
    async fn a_row_tells_the_network(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let officer = &market.staff.auditor;
        let seller = fixtures::university(&market).await;
        let token = seller.client.token().unwrap().to_owned();
        assert_eq!(calls_from(&market, Some(&token), "203.0.113.77").await.status(), 201);
        assert_eq!(calls_from(&market, None, "2001:db8:1:2ff::1").await.status(), 401);
        let done = rows(officer, "operation=create_achievement&outcome=changed").await;
        assert_eq!(done[0]["network"], "203.0.113.0/24");
        let denied = rows(officer, "operation=create_achievement&outcome=denied").await;
        assert_eq!(denied[0]["network"], "2001:db8:1:200::/56");
        for asked in ["203.0.113.0/24", "203.0.113.9", "203.0.113.200/24", "203.0.113.7/32"] {
            assert_eq!(rows(officer, &format!("network={asked}")).await, done, "{asked}");
        }
        assert_eq!(rows(officer, "network=2001:db8:1:200::/56").await, denied);
        let none = officer.get("/v1/audit?network=198.51.100.0/24").await.unwrap();
        assert_eq!(none, json!({"items": []}));
        at_rest(market.house()).await;
        let all = audit_row::Entity::find().all(market.house().db.read()).await.unwrap();
        let by_itself: Vec<_> = all.iter().filter(|row| row.role.as_deref() == Some("system")).collect();
        assert!(!by_itself.is_empty() && by_itself.iter().all(|row| row.network.is_none()), "{by_itself:?}");
        assert!(!format!("{all:?}").contains("203.0.113.77"), "a whole address is kept");
        // Its own network is told to whoever asks what is held of him.
        let told = seller.client.get("/v1/me/data").await.unwrap();
        assert!(told["deeds"].as_array().unwrap().iter().any(|deed| deed["network"] == "203.0.113.0/24"), "{told}");
    }
}

on_both! {
    /// Rows from before networks were kept and rows with one stand in one chain; a network that is changed, taken away
    /// or put in breaks it.
    async fn a_changed_network_breaks_the_chain(market) {
        fixtures::university(&market).await;
        at_rest(market.house()).await;
        let db = market.house().db.read();
        let whole = retention::verify(db, |_| ()).await.unwrap();
        assert!(whole.is_ok(), "{whole:?}");
        let all = audit_row::Entity::find().order_by_asc(audit_row::Column::Position).all(db).await.unwrap();
        let place = |has: bool| all.iter().find(|row| row.network.is_some() == has).and_then(|row| row.position).unwrap();
        let (with, without) = (place(true), place(false));
        let hand = Database::connect(market.config.database.as_str()).await.unwrap();
        let sqlite = market.house().db.is_sqlite();
        let off = if sqlite { "DROP TRIGGER keep_audit_update" } else { "ALTER TABLE audit DISABLE TRIGGER ALL" };
        hand.execute_unprepared(off).await.unwrap();
        let put = async |position: i64, network: &str| {
            let sql = format!("UPDATE audit SET network = {network} WHERE position = {position}");
            hand.execute_unprepared(&sql).await.unwrap();
            retention::verify(market.house().db.read(), |_| ()).await.unwrap()
        };
        for other in ["NULL", "'198.51.100.0/24'"] {
            assert_eq!(put(with, other).await, Err(with), "{other}");
        }
        assert_eq!(put(with, "'127.0.0.0/24'").await, whole);
        assert_eq!(put(without, "'127.0.0.0/24'").await, Err(without));
        assert_eq!(put(without, "NULL").await, whole);
    }
}

on_both! {
    /// The program finds the chain whole and an end noted earlier where it was, and says so where it is another.
    async fn the_program_checks_the_chain(market) {
        let seller = fixtures::university(&market).await;
        let head = market.staff.supervisor.get("/v1/audit/head").await.unwrap();
        let noted = format!("{}:{}", head["position"], text(&head["hash"]));
        granted(&seller.client.post("/v1/achievements", fixtures::achievement()).send().await.unwrap(), 201);
        market.server.stop().await;
        let (sound, said) = audit(&market.config, &["verify", "--noted", &noted]);
        assert!(sound && said.contains("the chain is whole") && said.contains("stands as it was noted"), "{said}");
        let other = format!("{}:{}", head["position"], "0".repeat(64));
        let (sound, said) = audit(&market.config, &["verify", "--noted", &other]);
        assert!(!sound && said.contains("is not what was noted"), "{said}");
        let (sound, said) = audit(&market.config, &["verify", "--noted", "rubbish"]);
        assert!(!sound && said.contains("64 hexadecimal digits"), "{said}");
        let (sound, said) = audit(&market.config, &["retain"]);
        assert!(sound && said.contains("0 rows removed"), "{said}");
    }
}
