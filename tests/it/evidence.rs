//! Evidence: what shows that the procedure of a listing was followed, as one file that anybody checks.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, text};

use crate::authz::{announced, objection, officer, question};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::refused;
use crate::common::program::program;
use crate::on_both;

/// A listing with a slip set right, an objection that was dismissed, and a question that was answered; who had a hand in it.
async fn procedure(market: &Market, seller: &Party, firm: &Party, curious: &Client) -> String {
    let listing = announced(market, seller, "一种经得起查验的技术", &[firm]).await.listing;
    let notice = text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]);
    let asked = firm.client.create(&format!("/v1/listings/{listing}/questions"), question()).await.unwrap();
    let place = format!("/v1/questions/{}", text(&asked["id"]));
    seller.client.create(&format!("{place}/answer"), json!({"answer": "可以"})).await.unwrap();
    market.staff.reviewer.act(&format!("{place}/publish")).await.unwrap();
    // An officer is nobody but who objects here.
    let objected = curious.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
    let (handler, _) = officer(market, "h-andles", "reviewer").await;
    handler.create(&format!("/v1/objections/{}/refuse", text(&objected["id"])), json!({"reason": "不属于异议范围"})).await.unwrap();
    let slip = json!({"reason": "英文标题有误", "changes": [{"pointer": "/title_en", "value": "A better title"}]});
    let proposed = seller.client.create(&format!("/v1/notices/{notice}/errata"), slip).await.unwrap();
    market.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]))).await.unwrap();
    market.pass(0).await;
    listing
}

/// What `zhepai verify evidence` says of a file, and whether it passes.
pub fn checked(file: &Value, keys: &Value) -> (bool, String) {
    checked_text(&file.to_string(), keys)
}

fn checked_text(file: &str, keys: &Value) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let (at, of) = (folder.path().join("evidence.json"), folder.path().join("keys.json"));
    fs::write(&at, file).unwrap();
    fs::write(&of, keys.to_string()).unwrap();
    let done = Command::new(program()).args(["verify", "evidence"]).arg(&at).arg("--keys").arg(&of).output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

on_both! {
    /// The file tells what was published, what was held against it and asked, and who did what when; it does not tell who asked or objected.
    async fn whoever_has_the_file_checks_it(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (curious, objector) = officer(&market, "c-urious", "reviewer").await;
        let listing = procedure(&market, &seller, &firm, &curious).await;
        let place = format!("/v1/listings/{listing}/evidence");
        let file = seller.client.get(&place).await.unwrap();
        let content = &file["content"];
        assert_eq!((&content["format"], &content["listing"]["id"]), (&json!("zhepai-evidence/1"), &json!(listing)));
        let notice = &content["notices"][0];
        let versions: Vec<_> = notice["versions"].as_array().unwrap().iter().map(|version| version["kind"].clone()).collect();
        assert_eq!(versions, [json!("first"), json!("erratum")]);
        assert!(!notice["proposals"][0]["decided_by"].is_null() && notice["proposals"][0]["decided_by"] != notice["proposals"][0]["proposed_by"]);
        assert_eq!(content["objections"][0]["reasons"], "不属于异议范围");
        assert_eq!(content["questions"][0]["answer"], "可以");
        let deeds = content["deeds"].as_array().unwrap();
        let done = |operation: &str| deeds.iter().find(|deed| deed["operation"] == operation).unwrap_or_else(|| panic!("{operation}"));
        for (operation, side) in [("submit_listing", "seller"), ("approve_listing", "platform"), ("publish_listing", "platform"), ("submit_objection", "other"), ("ask_question", "other"), ("publish_notice_proposal", "platform")] {
            let deed = done(operation);
            assert_eq!((&deed["side"], deed["person_id"].is_null()), (&json!(side), side == "other"), "{deed}");
        }
        let positions: Vec<_> = deeds.iter().map(|deed| deed["position"].as_i64().unwrap()).collect();
        assert!(positions.is_sorted() && *positions.last().unwrap() <= content["trail"]["position"].as_i64().unwrap());
        let who = text(&firm.client.get("/v1/me").await.unwrap()["person"]["id"]);
        for hidden in [&who, &objector, &firm.organisation, &text(&objection()["statement"])] {
            assert!(!file.to_string().contains(hidden), "{hidden}");
        }

        let keys = market.stranger.get("/v1/receipt-keys").await.unwrap();
        let (passes, said) = checked(&file, &keys);
        assert!(passes && said.contains("2 texts"), "{said}");
        let mut forged = file.clone();
        forged["content"]["objections"] = json!([]);
        let twice = file.to_string().replacen("{\"content\":{", "{\"content\":{\"deeds\":[],", 1);
        assert!(!checked_text(&twice, &keys).0, "two readers would read it differently");
        assert_eq!(checked(&forged, &keys), (false, "WRONG   the content is not what was signed\n".to_owned()));

        assert_eq!(market.staff.supervisor.get(&place).await.unwrap()["content"]["notices"].as_array().unwrap().len(), 1);
        refused(&firm.client.look(&place).await.unwrap(), 403, "forbidden");
        refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
    }
}
