//! Evidence: what shows that the procedure of a listing was followed, as one file that anybody checks.

use std::fs;
use std::process::Command;

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, text};

use crate::authz::{announced, join, objection, officer, person, question};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::refused;
use crate::common::program::program;
use crate::negotiations::{ends_at, paper, publish, shown_here};
use crate::{on_both, open_licences, rights_grants};

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

/// Sees that each of these was done on this side, and that those on no side have no name.
#[track_caller]
fn were_done(content: &Value, deeds: &[(&str, &str)]) {
    let all = content["deeds"].as_array().unwrap();
    for (operation, side) in deeds {
        let deed = all.iter().find(|deed| deed["operation"] == *operation).unwrap_or_else(|| panic!("{operation} is not in {all:?}"));
        assert_eq!((&deed["side"], deed["person_id"].is_null()), (&json!(side), *side == "other"), "{deed}");
    }
}

/// Sees that a file of one text is found right, that it speaks of nothing but the thing its statement names by this member, and that it is
/// not found right once it names another.
fn holds(file: &Value, named: &str, keys: &Value) {
    let thing = named.trim_end_matches("_id");
    assert_eq!(file["content"][thing]["id"], file["statement"][named]);
    let (passes, said) = checked(file, keys);
    assert!(passes && said.contains("1 texts"), "{said}");
    let mut another = file.clone();
    another["statement"][named] = json!("00000000-0000-7000-8000-000000000001");
    assert_eq!(checked(&another, keys), (false, "WRONG   the content is not what was signed\n".to_owned()));
}

on_both! {
    /// A share of a right, from the proposal to the register: both notices, who objected to it in vain, the agreement by its hash alone.
    async fn a_grant_of_rights_shows_how_it_came_about(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let objector = person(&market, "o-bjects").await;
        let place = rights_grants::proposed(&unit, "一种经得起查验的赋权", rights_grants::share).await;
        decider.create(&format!("{place}/decide"), rights_grants::decision(&unit).await).await.unwrap();
        let notice = text(&publish(&market.staff.publisher, &place).await["notice_id"]);
        let today = (market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive();
        let first = json!({"document_id": paper(&unit, "一楼照片").await, "published_on": today, "place": "科研院公示栏一楼"});
        unit.client.create(&format!("{place}/unit-notice"), first).await.unwrap();
        shown_here(&market, &unit, &place).await;
        let objected = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        handler.create(&format!("/v1/objections/{}/refuse", text(&objected["id"])), json!({"reason": "不属于异议范围"})).await.unwrap();
        let end = ends_at(&market, &notice).await;
        market.staff.move_clock(end).await.unwrap();
        let agreement = rights_grants::agreement(&unit).await;
        decider.create(&format!("{place}/agree"), agreement.clone()).await.unwrap();
        let entry = rights_grants::entry(&market).await;
        unit.client.create(&format!("{place}/register"), entry.clone()).await.unwrap();
        market.pass(0).await;

        let file = unit.client.get(&format!("{place}/evidence")).await.unwrap();
        let (content, grant) = (&file["content"], &file["content"]["rights_grant"]);
        assert_eq!((&grant["state"], &grant["kind"], &grant["share_bp"]), (&json!("effective"), &json!("ownership_share"), &json!(3_000)));
        assert_eq!(grant["drafted_sha256"], content["notices"][0]["versions"][0]["sha256"], "the text that was frozen is the one that was published");
        assert_eq!((&grant["unit_notice"]["place"], &grant["register_entry"]["registry_document"]), (&json!("科研院公示栏"), &entry["registry_document"]));
        // What was shown first stays beside what was shown again.
        let shown = content["notices"][0]["unit_notices"].as_array().unwrap();
        assert_eq!((shown.len(), &shown[0]["place"], &shown[1]["place"]), (2, &json!("科研院公示栏一楼"), &json!("科研院公示栏")));
        assert_eq!((&shown[1]["document"], &shown[1]["notice_version"]), (&grant["unit_notice"]["document"], &json!(1)));
        let unit_member = text(&unit.client.get("/v1/me").await.unwrap()["person"]["id"]);
        assert!(shown.iter().all(|one| one["shown_by"] == json!(unit_member) && one["document"]["sha256"].is_string()), "{shown:?}");
        assert_eq!(grant["decided_by"], decider.get("/v1/me").await.unwrap()["person"]["id"]);
        let paper = unit.client.get(&format!("/v1/documents/{}", text(&agreement["agreement_document_id"]))).await.unwrap();
        assert_eq!(grant["agreement_sha256"], paper["versions"][0]["sha256"]);
        assert_eq!(content["objections"][0]["reasons"], "不属于异议范围");
        were_done(content, &[
            ("propose_rights_grant", "seller"),
            ("decide_rights_grant", "seller"),
            ("publish_rights_grant", "platform"),
            ("show_rights_grant_notice", "seller"),
            ("submit_objection", "other"),
            ("refuse_objection", "platform"),
            ("agree_rights_grant", "seller"),
            ("register_rights_grant", "seller"),
        ]);
        let who = text(&objector.get("/v1/me").await.unwrap()["person"]["id"]);
        for hidden in [who, text(&objection()["statement"]), text(&agreement["agreement_document_id"])] {
            assert!(!file.to_string().contains(&hidden), "{hidden}");
        }
        holds(&file, "rights_grant_id", &market.stranger.get("/v1/receipt-keys").await.unwrap());

        assert_eq!(market.staff.supervisor.get(&format!("{place}/evidence")).await.unwrap()["content"]["rights_grant"], *grant);
        refused(&firm.client.look(&format!("{place}/evidence")).await.unwrap(), 404, "not_found");
        refused(&market.stranger.look(&format!("{place}/evidence")).await.unwrap(), 401, "not_signed_in");
    }
}

on_both! {
    /// An open licence, from the draft to its withdrawal: what stood in its notice, what the patent office announced, and why it is no more.
    async fn an_open_licence_shows_how_it_came_about(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let place = open_licences::submitted(&unit, 1).await;
        refused(&unit.client.look(&format!("{place}/evidence")).await.unwrap(), 409, "wrong_state");
        refused(&firm.client.look(&format!("{place}/evidence")).await.unwrap(), 404, "not_found");
        publish(&market.staff.publisher, &place).await;
        unit.client.create(&format!("{place}/cnipa"), open_licences::entry()).await.unwrap();
        unit.client.create(&format!("{place}/withdraw"), json!({"reason": "专利权拟转让"})).await.unwrap();
        market.pass(0).await;

        let file = unit.client.get(&format!("{place}/evidence")).await.unwrap();
        let (content, licence) = (&file["content"], &file["content"]["open_licence"]);
        assert_eq!((&licence["state"], &licence["withdrawal_reason"]), (&json!("withdrawn"), &json!("专利权拟转让")));
        assert_eq!(licence["cnipa"], open_licences::entry());
        assert_eq!(licence["drafted_sha256"], content["notices"][0]["versions"][0]["sha256"], "the text that was frozen is the one that was published");
        assert_eq!((&content["notices"][0]["state"], &content["notices"][0]["withdrawal_reason"]), (&json!("withdrawn"), &json!("专利权拟转让")));
        were_done(content, &[
            ("draft_open_licence", "seller"),
            ("submit_open_licence", "seller"),
            ("publish_open_licence", "platform"),
            ("record_cnipa_announcement", "seller"),
            ("withdraw_open_licence", "seller"),
        ]);
        holds(&file, "open_licence_id", &market.stranger.get("/v1/receipt-keys").await.unwrap());
        assert_eq!(market.staff.supervisor.get(&format!("{place}/evidence")).await.unwrap()["content"]["open_licence"], *licence);
        refused(&firm.client.look(&format!("{place}/evidence")).await.unwrap(), 403, "forbidden");
        refused(&market.stranger.look(&format!("{place}/evidence")).await.unwrap(), 401, "not_signed_in");
    }
}
