//! The audit trail as officers read it, and the program that checks it.

use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::config::Config;
use zhepai::play::text;

use crate::authz::join;
use crate::common::play::{granted, refused};
use crate::common::{fixtures, program};
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
        for wrong in ["operation=", "from=9999-01-01T00:00:00Z", "cursor=x", "outcome=allowed"] {
            assert_eq!(officer.look(&format!("/v1/audit?{wrong}")).await.unwrap().status, 422, "{wrong}");
        }
        refused(&officer.ask(Method::DELETE, "/v1/audit").send().await.unwrap(), 405, "method_not_allowed");
        refused(&seller.client.look("/v1/audit").await.unwrap(), 403, "forbidden");
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
