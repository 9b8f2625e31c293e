//! Everything that changes leaves its row in the trail, and everything that is denied (P1).
//!
//! One story does every deed the document names; the clients in it keep what they were answered. Each success is then held
//! against the rows with its request's id: there is one, or those declared here, of that operation and in the name of whoever
//! sent the token. So is each denial, brought about for every operation by strangers, by somebody without any right, and
//! with a token that is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use base64::Engine;
use chrono::TimeDelta;
use entity::ids::PersonId;
use entity::money::Money;
use entity::notifications::mail_preference;
use entity::platform::{AuditOutcome, audit};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Heard, Reply};
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::{self, Party, Staff, text};

use crate::authz::{
    Operation, Who, address, announced, announced_by_rounds, document, erratum, join, newest, objection, offer, officer, operations,
    person, question, right, session, tip,
};
use crate::bank::Books;
use crate::common::play::{PASSWORD, bid_in_turn, cny, first_deal, give_roles, granted, import_ended, membership, seal};
use crate::common::post::{decoded, letter, prove_addresses, with_post};
use crate::common::{Market, fixtures};
use crate::imports::{HEADER, good};
use crate::next_bidder::{answers, offered};
use crate::{
    amendments, certificates, data_rooms, encumbrances, gates, licences, negotiations, on_both, open_implementation,
    open_licence_acceptance, open_licences, preemption, recordals, rights_grants, sealed, weighted,
};

// ---- What a deed writes down ----

/// What a deed writes down where it is more than one row: the kinds of things of which there is just one, and those of which
/// there may be any number, or none.
struct Rows {
    operation: &'static str,
    once: &'static [&'static str],
    also: &'static [&'static str],
}

const fn rows(operation: &'static str, once: &'static [&'static str], also: &'static [&'static str]) -> Rows {
    Rows { operation, once, also }
}

/// Every deed that does several things at once. Each thing has its row; all others write one.
const SEVERAL: &[Rows] = &[
    // With a password go the other sessions, with an authenticator or an account all of them and the keys.
    rows("end_other_sessions", &[], &["session"]),
    rows("change_password", &["password"], &["session"]),
    rows("reset_password", &["password"], &["session", "api_key"]),
    rows("confirm_second_factor", &["second_factor", "session"], &[]),
    rows("reset_second_factor", &["second_factor"], &["session", "api_key"]),
    rows("suspend_person", &["person"], &["session"]),
    rows("close_my_account", &[], &["person", "membership", "session", "api_key", "second_factor"]),
    rows("close_person", &[], &["person", "data_request", "membership", "session", "api_key", "second_factor"]),
    rows("export_personal_data", &["personal_data", "data_request"], &[]),
    // A founder has a place, a member roles, and who is removed loses his keys.
    rows("create_organisation", &["organisation", "membership"], &[]),
    rows("change_member_roles", &["membership_roles", "membership"], &[]),
    rows("remove_member", &["membership"], &["api_key"]),
    // The key that was, and the next.
    rows("rotate_api_key", &[], &["api_key"]),
    rows("upload_document", &["document", "document_version"], &[]),
    rows("add_document_version", &["document", "document_version"], &[]),
    rows("submit_objection", &["objection"], &["document"]),
    rows("start_negotiation", &["negotiation", "negotiation_offer"], &[]),
    rows("make_offer", &["negotiation", "negotiation_offer"], &[]),
    rows("decide_negotiation", &["negotiation", "negotiation_decision"], &[]),
    rows("show_unit_notice", &["negotiation", "unit_notice"], &[]),
    rows("publish_negotiation", &["negotiation"], &["notice", "notice_version", "notice_proposal"]),
    rows("confirm_negotiation", &["negotiation"], &["notice", "notice_version"]),
    rows("publish_negotiation_result", &["negotiation", "notice"], &[]),
    rows("withdraw_negotiation", &["negotiation"], &["notice", "notice_proposal"]),
    rows("publish_rights_grant", &["rights_grant"], &["notice", "notice_version"]),
    rows("show_rights_grant_notice", &["rights_grant", "unit_notice"], &[]),
    rows("withdraw_rights_grant", &["rights_grant"], &["notice", "notice_proposal"]),
    rows("record_licence", &[], &["licence"]),
    rows("terminate_licence", &[], &["licence"]),
    // A right that passes does so with what is said of it, its licences and what was declared of it.
    rows("confirm_registration", &["recordal"], &["asset", "achievement", "licence", "open_licence", "notice", "notice_proposal"]),
    rows("rescind_transfer", &["recordal"], &["asset", "licence", "deal", "negotiation", "notice", "notice_proposal"]),
    rows("record_patent_grant", &["asset", "legal_status"], &["licence"]),
    // The next takes the place of the last.
    rows("issue_certificate", &[], &["certificate"]),
    rows("publish_open_licence", &["open_licence"], &["notice", "notice_version"]),
    rows("withdraw_open_licence", &["open_licence"], &["notice", "notice_proposal", "open_licence_acceptance"]),
    rows("record_cnipa_decision", &["open_licence"], &["notice", "notice_proposal", "open_licence_acceptance"]),
    rows("take_open_licence", &[], &["open_licence_acceptance", "licence"]),
    rows("confirm_open_licence_payment", &["open_licence_acceptance"], &["licence"]),
    rows("refute_open_licence_payment", &["open_licence_acceptance"], &["licence"]),
    rows("put_data_room_nda", &["data_room", "data_room_nda"], &[]),
    rows("approve_listing", &["listing", "notice", "notice_version", "gate_run"], &[]),
    rows("publish_listing", &["listing", "lot", "admission_call", "notice"], &[]),
    // One lot in the place of another, and whoever was registered with the one.
    rows(
        "publish_listing_amendment",
        &["listing", "listing_amendment", "notice", "notice_version", "gate_run"],
        &["notice_proposal", "lot", "admission_call", "admission", "refund", "ledger_transfer", "ledger_account"],
    ),
    rows(
        "terminate_listing",
        &["listing"],
        &["notice", "notice_proposal", "lot", "admission_call", "admission", "refund", "ledger_transfer", "ledger_account"],
    ),
    // Where money moves, every transfer has its row, and every account that is opened for it.
    rows("simulate_bank_credit", &["admission", "bank_credit", "bank_entry"], &["ledger_transfer", "ledger_account"]),
    rows("record_bank_credit", &["admission", "bank_credit", "bank_entry"], &["ledger_transfer", "ledger_account"]),
    rows("import_bank_statement", &["bank_statement"], &["bank_line", "bank_entry", "ledger_transfer", "ledger_account"]),
    rows("decide_bank_line", &["bank_line"], &["bank_return", "ledger_transfer", "ledger_account"]),
    rows("create_payment_file", &["payment_file"], &["payment_item", "ledger_account"]),
    rows("cancel_payment_file", &["payment_file"], &["payment_item", "ledger_account"]),
    rows("pay_refund", &["refund", "bank_entry"], &["ledger_transfer", "ledger_account"]),
    // What is done to a session is done to each of its lots.
    rows("publish_lot_session", &["lot_session"], &["lot"]),
    rows("advance_lot_session", &["lot_session", "lot"], &[]),
    rows("pause_lot_session", &["lot_session"], &["lot"]),
    rows("resume_lot_session", &["lot_session"], &["lot"]),
    rows("extend_lot_session", &["lot_session"], &["lot"]),
    // Nobody has it, so that every deposit goes back.
    rows("abort_lot", &["lot"], &["admission_call", "admission", "refund", "ledger_transfer", "ledger_account"]),
    // The last signature runs the gates once more and drafts the notice of the result.
    rows("sign_deal", &["deal", "deal_signature"], &["notice", "notice_version", "gate_run"]),
    rows("publish_result", &["deal", "notice"], &[]),
    rows("take_down_notice", &["notice", "notice_takedown"], &[]),
    rows("restore_notice", &["notice", "notice_takedown"], &[]),
    // An erratum makes a version.
    rows("publish_notice_proposal", &["notice_proposal", "notice"], &["notice_version"]),
    // Who takes it has a deal, who does not his deposit.
    rows("answer_next_bidder_offer", &["admission"], &["award", "deal", "refund", "ledger_transfer", "ledger_account"]),
    // The clock is taken, and let go.
    rows("set_sandbox_clock", &[], &["sandbox_clock"]),
];

/// What is wrong with the kinds of the rows an operation wrote, if anything is.
fn kinds_are_wrong(operation: &str, kinds: &[&str]) -> Option<String> {
    let Some(declared) = SEVERAL.iter().find(|rows| rows.operation == operation) else {
        return (kinds.len() != 1).then(|| format!("one row is due: {kinds:?}"));
    };
    let once = declared.once.iter().all(|kind| kinds.iter().filter(|known| *known == kind).count() == 1);
    let known = kinds.iter().all(|kind| declared.once.contains(kind) || declared.also.contains(kind));
    (!once || !known).then(|| format!("{:?} and perhaps {:?} are due: {kinds:?}", declared.once, declared.also))
}

// ---- The story ----

/// A market whose clients keep what they are answered.
struct Kept {
    market: Market,
    letters: Arc<Mutex<Vec<String>>>,
    heard: Heard,
    /// The last row before anything was kept.
    since: i64,
}

impl Kept {
    /// A market with a post office, like another.
    async fn like(other: &Market) -> Self {
        let (mut market, letters) = with_post(other, false).await;
        let heard = Heard::default();
        let last = audit::Entity::find().order_by_desc(audit::Column::Seq).one(market.house().db.read()).await.unwrap();
        market.stranger = market.stranger.noting(&heard);
        market.staff = Staff::of_sandbox(&market.stranger, SANDBOX_PASSWORD).await.unwrap();
        Self { market, letters, heard, since: last.map_or(0, |row| row.seq) }
    }
}

/// What is done by letter, and about letters.
async fn by_letter(kept: &Kept, seller: &Party) {
    let Kept { market, letters, .. } = kept;
    let stranger = &market.stranger;
    stranger.create("/v1/registrations", json!({"email": address("w-rites")})).await.unwrap();
    let said = decoded(&letter(letters, 1).await);
    let token = said.split_whitespace().find(|word| word.starts_with("zrg_")).unwrap();
    stranger.create("/v1/registrations/use", json!({"token": token, "name": "张某", "password": PASSWORD})).await.unwrap();
    stranger.create("/v1/device-letters", json!({"email": address("w-rites")})).await.unwrap();
    change(&seller.client, Method::PUT, "/v1/me/mail-preferences", json!({"choice": "everything"})).await;
    let chosen = mail_preference::Entity::find().one(market.house().db.read()).await.unwrap().unwrap();
    stranger.ask(Method::POST, &format!("/v1/mail-stops/{}", chosen.stop_id)).send().await.unwrap().ok().unwrap();
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

async fn id_of(client: &Client) -> String {
    text(&client.get("/v1/me").await.unwrap()["person"]["id"])
}

/// A change of a thing at the version it has.
async fn change(client: &Client, method: Method, thing: &str, body: Value) {
    let version = client.get(thing).await.unwrap()["version"].as_i64().unwrap();
    client.ask(method, thing).body(body).on_version(version).send().await.unwrap().ok().unwrap();
}

async fn remove(client: &Client, thing: &str) {
    client.ask(Method::DELETE, thing).send().await.unwrap().ok().unwrap();
}

/// Sessions, passwords, second factors; what a security administrator does to accounts.
async fn accounts(market: &Market) {
    let (stranger, security) = (&market.stranger, &market.staff.security);
    let somebody = person(market, "k-eeps").await;
    let account = json!({"email": address("k-eeps"), "password": PASSWORD});
    somebody.prove().await.unwrap();
    somebody.prove().await.unwrap();
    remove(&somebody, "/v1/me/second-factor").await;
    let tokens = stranger.create("/v1/sessions", account).await.unwrap();
    stranger.create("/v1/sessions/refresh", json!({"refresh_token": tokens["refresh_token"]})).await.unwrap();
    stranger.sign_in(&address("k-eeps"), PASSWORD).await.unwrap();
    let sessions = somebody.get("/v1/sessions").await.unwrap();
    let other = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    somebody.act(&format!("/v1/sessions/{}/end", text(&other["id"]))).await.unwrap();
    remove(&somebody, "/v1/sessions").await;
    let new = json!({"current_password": PASSWORD, "new_password": "another phrase of mine"});
    somebody.ask(Method::PUT, "/v1/me/password").body(new).send().await.unwrap().ok().unwrap();
    remove(&somebody, "/v1/sessions/current").await;

    stranger.create("/v1/password-resets", json!({"email": address("k-eeps")})).await.unwrap();
    let forgetful = person(market, "f-orgets").await;
    let id = id_of(&forgetful).await;
    let reset = security.act(&format!("/v1/persons/{id}/password-reset")).await.unwrap();
    let set = json!({"reset_token": reset["reset_token"], "new_password": "another phrase of mine"});
    stranger.create("/v1/password-resets/use", set).await.unwrap();
    security.create(&format!("/v1/persons/{id}/suspend"), reason()).await.unwrap();
    security.act(&format!("/v1/persons/{id}/reinstate")).await.unwrap();
    security.create(&format!("/v1/persons/{id}/export"), reason()).await.unwrap();
    security.create(&format!("/v1/persons/{id}/close"), reason()).await.unwrap();
    let lost = person(market, "l-ost").await;
    lost.prove().await.unwrap();
    security.act(&format!("/v1/persons/{}/reset-second-factor", id_of(&lost).await)).await.unwrap();
    let leaver = person(market, "l-eaves").await;
    leaver.create("/v1/me/close", json!({"password": PASSWORD})).await.unwrap();

    let (_, id) = officer(market, "o-fficer", "reviewer").await;
    remove(security, &format!("/v1/staff/{id}")).await;
    security.create("/v1/token-keys/rotate", json!({"at_once": false})).await.unwrap();
    let before = market.house().world.real_now() - TimeDelta::days(200);
    security.create("/v1/retention/sessions/purge", json!({"before": before})).await.unwrap();
}

/// An organisation with a doubtful code; the members of another.
async fn organisations(market: &Market, seller: &Party) {
    let (reviewer, owner) = (&market.staff.reviewer, person(market, "f-ounds").await);
    let doubtful = json!({"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": "91350211M0000XUF46"});
    let organisation = text(&owner.create("/v1/organisations", doubtful).await.unwrap()["id"]);
    let paper = owner.upload("证书", "a.txt", "private", "text/plain", b"certificate".to_vec()).await.unwrap();
    let place = format!("/v1/organisations/{organisation}");
    reviewer.create(&format!("{place}/resolve-uscc"), json!({"document_id": paper["id"]})).await.unwrap();
    reviewer.act(&format!("{place}/verify")).await.unwrap();
    reviewer.create(&format!("{place}/refuse"), reason()).await.unwrap();

    let (member, place) = join(market, seller, "m-ember", &["viewer"]).await;
    let place = format!("/v1/memberships/{place}");
    seller.client.act(&format!("{place}/suspend")).await.unwrap();
    seller.client.act(&format!("{place}/reinstate")).await.unwrap();
    give_roles(&seller.client, &membership(&member).await, &["bidder"]).await;
    seller.client.act(&format!("{place}/remove")).await.unwrap();
}

/// Documents, rights, and an offer that is returned once and rejected in the end.
async fn offers(market: &Market, seller: &Party) {
    let (client, reviewer) = (&seller.client, &market.staff.reviewer);
    let paper = client.upload("说明", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
    let versions = format!("/v1/documents/{}/versions?file_name=y.txt", text(&paper["id"]));
    client.send_file(&versions, "text/plain", "新内容".into()).await.unwrap().ok().unwrap();

    let (achievement, asset) = right(seller, "一种起草中的技术").await;
    change(client, Method::PATCH, &format!("/v1/achievements/{achievement}"), json!({"title": "另一名称"})).await;
    change(client, Method::PATCH, &format!("/v1/assets/{asset}"), json!({"title": "另一名称"})).await;
    let mut offer = offer(market, "一种起草中的技术").await;
    offer["achievement_id"] = achievement.into();
    offer["asset_ids"] = json!([asset]);
    let place = format!("/v1/listings/{}", text(&client.create("/v1/listings", offer.clone()).await.unwrap()["id"]));
    change(client, Method::PUT, &place, offer).await;
    for outcome in ["return", "reject"] {
        client.act(&format!("{place}/submit")).await.unwrap();
        reviewer.act(&format!("{place}/take")).await.unwrap();
        reviewer.create(&format!("{place}/{outcome}"), reason()).await.unwrap();
    }
}

/// A lot from its call to its published result, with everything a host does to it and its bidders.
async fn a_sale(market: &Market, seller: &Party, buyer: &Party) {
    let staff = &market.staff;
    let payer = fixtures::enterprise(market, "payer", 2).await;
    let other = fixtures::enterprise(market, "other", 3).await;
    let published = announced(market, seller, "一种在售的技术", &[buyer]).await;
    let lot = format!("/v1/lots/{}", published.lot);
    let applied = async |party: &Party| {
        let admission = party.client.create(&format!("{lot}/admissions"), json!({})).await.unwrap();
        format!("/v1/admissions/{}", text(&admission["id"]))
    };
    let withdrawn = applied(&other).await;
    other.client.act(&format!("{withdrawn}/withdraw")).await.unwrap();
    let third = fixtures::enterprise(market, "third", 4).await;
    let refused = applied(&third).await;
    staff.reviewer.create(&format!("{refused}/refuse"), reason()).await.unwrap();
    let qualified = staff.reviewer.act(&format!("{}/qualify", applied(&payer).await)).await.unwrap();
    let credit = json!({
        "bank_reference": "BANK-1",
        "deposit_reference": qualified["deposit"]["reference"],
        "amount": qualified["deposit"]["amount"],
        "payer_name": payer.name
    });
    staff.finance.create("/v1/bank-credits", credit).await.unwrap();
    market.pass(2).await;

    let admission = format!("/v1/admissions/{}", newest(&payer.client, "/v1/admissions").await);
    for deed in [format!("{admission}/suspend"), format!("{admission}/reinstate"), format!("{lot}/pause"), format!("{lot}/resume")] {
        staff.host.create(&deed, reason()).await.unwrap();
    }
    staff.host.create(&format!("{lot}/extend"), json!({"seconds": 60, "reason": "理由"})).await.unwrap();
    play::bid(buyer, &published.lot, Money::fen(100_000)).await.unwrap();
    market.pass(24 * 60 + 10).await;
    let deal = text(&first_deal(&buyer.client).await["id"]);
    play::sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
    let public = staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
    let notice = format!("/v1/notices/{}", text(&public["result_notice_id"]));
    staff.publisher.create(&format!("{notice}/take-down"), reason()).await.unwrap();
    staff.publisher.act(&format!("{notice}/restore")).await.unwrap();
    for (kind, body, decision) in [
        ("errata", erratum("一种更正的技术"), "publish"),
        ("errata", erratum("一种不更正的技术"), "refuse"),
        ("withdrawal", reason(), "publish"),
    ] {
        let proposal = text(&staff.reviewer.create(&format!("{notice}/{kind}"), body).await.unwrap()["id"]);
        let place = format!("/v1/notice-proposals/{proposal}/{decision}");
        match decision {
            "publish" => staff.publisher.act(&place).await.unwrap(),
            _ => staff.publisher.create(&place, reason()).await.unwrap(),
        };
    }
}

/// A listing that is to be offered otherwise: refused once, then published.
async fn an_amendment(market: &Market, seller: &Party) {
    let place = format!("/v1/listings/{}", announced(market, seller, "一种更正的挂牌", &[]).await.listing);
    for (summary, decision) in [("一种说明", "refuse"), ("另一说明", "publish")] {
        let new = amendments::amendment(seller, &place, |offer| offer["summary"] = summary.into()).await;
        let proposed = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        let body = if decision == "publish" { json!({"drafted_sha256": proposed["drafted_sha256"]}) } else { reason() };
        let at = format!("/v1/listing-amendments/{}/{decision}", text(&proposed["id"]));
        market.staff.publisher.create(&at, body).await.unwrap();
    }
}

/// A winner who does not sign, and a runner-up who takes the lot.
async fn a_default(market: &Market, seller: &Party) {
    let winner = fixtures::enterprise(market, "w-inner", 5).await;
    let next = fixtures::enterprise(market, "n-ext", 6).await;
    let lot = offered(market, seller, &winner, &next).await.lot;
    answers(&next, &lot, true).await.ok().unwrap();
}

/// A holder of a right of pre-emption who takes the lot.
async fn a_right_used(market: &Market, seller: &Party) {
    let first = fixtures::enterprise(market, "h-older", 7).await;
    let second = fixtures::enterprise(market, "h-eir", 8).await;
    let lot = preemption::asked(market, seller, "ZL201710710472.X", &[&first, &second]).await.lot;
    preemption::answers(&first, &lot, true).await.ok().unwrap();
}

/// Objections to notices that run: one that is refused, one withdrawn, one decided, decided again, and put right.
async fn objections(market: &Market, seller: &Party) {
    let (handler, another) = (officer(market, "h-andles", "reviewer").await.0, officer(market, "r-eviews", "reviewer").await.0);
    let objector = person(market, "o-bjects").await;
    // Letters are sent here, so that his address has to be his.
    prove_addresses(market.house()).await;
    let raised = async |title: &str| {
        let listing = announced(market, seller, title, &[]).await.listing;
        let notice = text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]);
        let made = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
        format!("/v1/objections/{}", text(&made["id"]))
    };
    let listing = announced(market, seller, "一种有线索的技术", &[]).await.listing;
    let notice = text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]);
    granted(&market.stranger.post(&format!("/v1/notices/{notice}/tips"), tip()).send().await.unwrap(), 200);
    handler.create(&format!("{}/refuse", raised("一种有异议的技术").await), reason()).await.unwrap();
    objector.act(&format!("{}/withdraw", raised("另一种有异议的技术").await)).await.unwrap();
    let place = raised("一种有争议的技术").await;
    let decision = json!({"outcome": "partly_upheld", "reasons": "理由"});
    handler.act(&format!("{place}/accept")).await.unwrap();
    handler.act(&format!("{place}/extend")).await.unwrap();
    handler.create(&format!("{place}/decide"), decision.clone()).await.unwrap();
    objector.create(&format!("{place}/request-review"), json!({"statement": "理由"})).await.unwrap();
    another.create(&format!("{place}/decide-review"), decision).await.unwrap();
    another.create(&format!("{place}/settle"), json!({"settlement": "已改正"})).await.unwrap();
}

/// Questions about a listing: one that is withdrawn, one refused, and one whose first answer is sent back.
async fn questions(market: &Market, seller: &Party) {
    let (asker, reviewer) = (person(market, "c-urious").await, &market.staff.reviewer);
    let listing = announced(market, seller, "一种有疑问的技术", &[]).await.listing;
    let ask = async || {
        let made = asker.create(&format!("/v1/listings/{listing}/questions"), question()).await.unwrap();
        format!("/v1/questions/{}", text(&made["id"]))
    };
    asker.act(&format!("{}/withdraw", ask().await)).await.unwrap();
    reviewer.create(&format!("{}/refuse", ask().await), reason()).await.unwrap();
    let place = ask().await;
    seller.client.create(&format!("{place}/answer"), json!({"answer": "见公告"})).await.unwrap();
    reviewer.create(&format!("{place}/return"), reason()).await.unwrap();
    seller.client.create(&format!("{place}/answer"), json!({"answer": "可以"})).await.unwrap();
    reviewer.act(&format!("{place}/publish")).await.unwrap();
}

/// Sales at a negotiated price: one from the first offer to the result, one that is withdrawn.
async fn sales_at_a_negotiated_price(market: &Market, seller: &Party, buyer: &Party) {
    let (decider, _) = join(market, seller, "n-decides", &["signatory"]).await;
    let dropped = negotiations::begun(seller, buyer, "一种未谈成的技术", "100000.00").await;
    buyer.client.create(&format!("{dropped}/withdraw"), reason()).await.unwrap();
    let place = negotiations::begun(seller, buyer, "一种谈成的技术", "120000.00").await;
    buyer.client.create(&format!("{place}/offers"), negotiations::offer("100000.00")).await.unwrap();
    negotiations::accept(&seller.client, &place).await;
    negotiations::decide(&decider, &place, None).await;
    negotiations::conclude(market, seller, buyer, &place).await;
}

/// Grants of rights: one of a share that the register shows, one that is withdrawn.
async fn grants_of_rights(market: &Market, unit: &Party) {
    let (decider, _) = join(market, unit, "g-rants", &["signatory"]).await;
    let dropped = rights_grants::proposed(unit, "一种不再赋权的技术", rights_grants::use_right).await;
    unit.client.create(&format!("{dropped}/withdraw"), reason()).await.unwrap();
    let place = rights_grants::proposed(unit, "一种赋权的技术", rights_grants::share).await;
    rights_grants::agreed(market, unit, &decider, &place).await;
    unit.client.create(&format!("{place}/register"), rights_grants::entry(market).await).await.unwrap();
}

/// A patent that everybody may have a licence of: its declaration is sent back and written anew, announced here and by the patent office,
/// taken by somebody whose paper is false, and withdrawn. Another is paid, and not accepted by the patent office.
async fn an_open_licence(market: &Market, patentee: &Party, firm: &Party) {
    let client = &patentee.client;
    let place = open_licences::submitted(patentee, 1).await;
    market.staff.reviewer.create(&format!("{place}/return"), reason()).await.unwrap();
    let patent = text(&client.get(&place).await.unwrap()["asset_id"]);
    open_licences::replaced(client, &place, open_licences::declaration(&patent)).await;
    client.act(&format!("{place}/submit")).await.unwrap();
    negotiations::publish(&market.staff.publisher, &place).await;
    client.create(&format!("{place}/cnipa"), open_licences::entry()).await.unwrap();
    let taken = open_licence_acceptance::taken(firm, &place, "ICBC-1").await;
    firm.client.create(&format!("{taken}/recordal"), open_licence_acceptance::recordal()).await.unwrap();
    market.staff.reviewer.create(&format!("{taken}/refute"), reason()).await.unwrap();
    client.create(&format!("{place}/withdraw"), reason()).await.unwrap();

    let place = open_licences::announced(market, patentee, 30).await;
    let notice = open_licence_acceptance::take(&firm.client, &place, &open_licence_acceptance::notice()).await;
    client.act(&format!("{}/confirm", open_licence_acceptance::address(granted(&notice, 201)))).await.unwrap();
    client.create(&format!("{place}/cnipa-decision"), open_licence_acceptance::decision("not_accepted")).await.unwrap();
}

/// A patent that nobody uses: its owner says how others may, and why it should not be on the list.
async fn an_unused_patent(market: &Market, owner: &Party) {
    let asset = open_implementation::unused(owner, 31).await;
    let place = open_implementation::address(&asset);
    granted(&open_implementation::set(&owner.client, &asset, open_implementation::terms()).await, 200);
    owner.client.create(&format!("{place}/claim"), open_implementation::claim(owner).await).await.unwrap();
    market.staff.reviewer.create(&format!("{place}/decide"), json!({"accepted": true, "reason": "属实"})).await.unwrap();
}

/// A licence on trial that its holder buys, who has it certified and licenses another under it; the certificate is taken back, the licence said
/// not to be kept to, and ended.
async fn a_licence(market: &Market, patentee: &Party, firm: &Party) {
    let (_, asset) = open_licences::patent(patentee, 20).await;
    let mut trial = licences::new(patentee, &asset, "trial", licences::scope(&["06"], &["all"], 2027)).await;
    trial["grantee"] = json!({"organisation_id": firm.organisation});
    licences::entered(&patentee.client, &trial).await;
    (trial["mode"], trial["may_sublicense"]) = (json!("exclusive"), json!(true));
    let bought = licences::entered(&patentee.client, &trial).await;
    let place = format!("/v1/licences/{bought}");
    let certificate = certificates::place_of(&certificates::issued(&firm.client, &bought).await);
    market.staff.publisher.create(&format!("{certificate}/revoke"), reason()).await.unwrap();
    let contract = negotiations::paper(firm, "分许可合同").await;
    let under = json!({"scope": licences::scope(&["06"], &["330000"], 2027), "grantee": {"name": "某分许可企业"}, "document_id": contract});
    firm.client.create(&format!("{place}/sub-licences"), under).await.unwrap();
    firm.client.create(&format!("{place}/breach"), reason()).await.unwrap();
    let end = json!({"reason": "双方协议解除", "document_id": negotiations::paper(patentee, "解除协议").await});
    patentee.client.create(&format!("{place}/terminate"), end).await.unwrap();
}

/// Patents that are filed: one that is mended, entered and confirmed, one refused, one taken back; an application that is lost before its
/// transfer is registered, and one that is granted.
async fn recordals_of(market: &Market, owner: &Party, firm: &Party) {
    let draft = async |serial: u32| {
        let (_, asset) = open_licences::patent(owner, serial).await;
        recordals::drafted(&owner.client, recordals::transfer(owner, firm, &asset).await).await
    };
    let mended = draft(30).await;
    recordals::submitted(market, &owner.client, &mended).await;
    recordals::defect(market, owner, &mended, 10).await;
    owner.client.create(&format!("{mended}/resubmit"), json!({"resubmitted_on": recordals::today(market).await})).await.unwrap();
    recordals::registered(market, firm, &owner.client, &mended).await;
    let refused = draft(31).await;
    recordals::submitted(market, &owner.client, &refused).await;
    let end = json!({"reason": "不予登记", "document_id": negotiations::paper(owner, "不予登记通知").await});
    owner.client.create(&format!("{refused}/refuse"), end).await.unwrap();
    owner.client.create(&format!("{}/withdraw", draft(32).await), reason()).await.unwrap();

    let (_, asset) = recordals::application(owner, 33).await;
    let lost = recordals::drafted(&owner.client, recordals::transfer(owner, firm, &asset).await).await;
    market.pass(1).await;
    play::read_status(owner, &asset, "rejected").await.unwrap();
    let why = json!({"reason": "申请被驳回", "document_id": negotiations::paper(firm, "驳回决定").await});
    firm.client.create(&format!("{lost}/rescind"), why).await.unwrap();
    let (_, asset) = recordals::application(owner, 34).await;
    recordals::granted(market, owner, &asset, 34).await;
}

/// A data room: an agreement that is accepted, a document that is laid out, read and taken out, somebody who is let in and no more.
async fn a_data_room(market: &Market, owner: &Party, visitor: &Party) {
    let listing = announced(market, owner, "一种有资料室的技术", &[]).await.listing;
    let place = data_rooms::opened(&owner.client, json!({"listing_id": listing})).await;
    let document = data_rooms::laid_out(&owner.client, &place, "registered").await;
    data_rooms::accepted(&visitor.client, &place).await;
    visitor.client.get(&place).await.unwrap();
    let grant = owner.client.create(&format!("{place}/grants"), data_rooms::letting_in(market, visitor).await).await.unwrap();
    owner.client.act(&format!("/v1/data-room-grants/{}/revoke", text(&grant["id"]))).await.unwrap();
    owner.client.act(&format!("/v1/data-room-documents/{document}/remove")).await.unwrap();
    owner.client.create(&format!("{place}/close"), reason()).await.unwrap();
}

/// The gates: declared for, decided about, and what is known of an organisation for them.
async fn at_the_gates(market: &Market, seller: &Party, buyer: &Party) {
    let reviewer = &market.staff.reviewer;
    buyer.client.create(&gates::of(buyer, "facts"), gates::domestic()).await.unwrap();
    let sister = fixtures::enterprise(market, "sister", 7).await;
    let relation = seller.client.create(&gates::of(seller, "relations"), gates::related_to(&sister)).await.unwrap();
    reviewer.create(&format!("/v1/relations/{}/end", text(&relation["id"])), reason()).await.unwrap();
    let entered = reviewer.create(&gates::of(&sister, "restrictions"), gates::restriction("award")).await.unwrap();
    reviewer.create(&format!("/v1/restrictions/{}/lift", text(&entered["id"])), reason()).await.unwrap();
    let (place, _) = gates::restricted_lot(market, seller).await;
    let paper = sister.client.create(&format!("{place}/export-papers"), gates::letter(&sister).await).await.unwrap();
    let decision = json!({"verified": true, "reason": "理由"});
    reviewer.create(&format!("/v1/export-papers/{}/decide", text(&paper["id"])), decision).await.unwrap();
}

/// A right that two own and that is pledged: the pledge seen and lifted, a consent given and taken back, what the owners agreed on.
async fn burdens(market: &Market, owner: &Party) {
    let entered = encumbrances::entered(market, owner, 7).await;
    owner.client.create(&format!("/v1/encumbrance-consents/{}/withdraw", entered.consent), reason()).await.unwrap();
    let lifting = encumbrances::lifting(owner).await;
    owner.client.create(&format!("/v1/encumbrances/{}/lift", entered.burden), lifting).await.unwrap();
}

/// A lot that is bought at once.
async fn a_purchase(market: &Market, seller: &Party, buyer: &Party) {
    let (achievement, asset) = right(seller, "一种可直接购买的技术").await;
    let mut offer = offer(market, "一种可直接购买的技术").await;
    offer["auction"]["buy_now"] = json!({"amount": "2000.00", "currency": "CNY"});
    let lot = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
    play::admit(buyer, &market.staff, &lot).await.unwrap();
    market.pass(2).await;
    buyer.client.act(&format!("/v1/lots/{lot}/buy-now")).await.unwrap();
}

/// Refunds, a statement of the bank, a decision about its line, and a payment file that is cancelled. The loser of the sale
/// is owed his deposit, and so is who paid for a lot whose listing is ended.
async fn money(market: &Market, seller: &Party, buyer: &Party) {
    let finance = &market.staff.finance;
    let loser = newest(finance, "/v1/refunds").await;
    finance.create(&format!("/v1/refunds/{loser}/pay"), json!({"bank_reference": "OUT-1"})).await.unwrap();
    let ended = announced(market, seller, "一种不再出售的技术", &[buyer]).await;
    seller.client.create(&format!("/v1/listings/{}/terminate", ended.listing), reason()).await.unwrap();
    let books = Books::keep(market).await;
    let decision = json!({"decision": "return", "reason": "理由"});
    finance.create(&format!("/v1/bank-lines/{}/decide", books.line), decision).await.unwrap();
    finance.act(&format!("/v1/payment-files/{}/cancel", books.file)).await.unwrap();
}

/// A first offer and a bid of a turn, where a lot is bid for by rounds.
async fn bids_by_rounds(market: &Market, seller: &Party, buyer: &Party) {
    let lot = announced_by_rounds(market, seller, "一种分轮报价的技术", &[buyer]).await.lot;
    granted(&seal(&buyer.client, &lot, "1000.00").await, 200);
    market.pass(7).await;
    granted(&bid_in_turn(&buyer.client, &lot, "1100.00").await, 201);
}

/// A session of lots with a host.
async fn a_session(market: &Market, seller: &Party, buyer: &Party) {
    let host = &market.staff.host;
    let first = announced(market, seller, "第一种技术", &[buyer]).await.lot;
    let second = announced(market, seller, "第二种技术", &[buyer]).await.lot;
    let place = format!("/v1/lot-sessions/{}", session(host, "hosted", &[&first, &second]).await);
    market.pass(2).await;
    host.act(&format!("{place}/advance")).await.unwrap();
    host.create(&format!("{place}/pause"), reason()).await.unwrap();
    host.create(&format!("{place}/resume"), reason()).await.unwrap();
    host.create(&format!("{place}/extend"), json!({"seconds": 60, "reason": "理由"})).await.unwrap();
}

/// A lot that one host pauses and another gives up.
async fn a_fault(market: &Market, seller: &Party, buyer: &Party) {
    let place = format!("/v1/lots/{}", announced(market, seller, "一种中断的技术", &[buyer]).await.lot);
    market.staff.host.create(&format!("{place}/pause"), reason()).await.unwrap();
    let (other, _) = officer(market, "h-ost", "auction_host").await;
    other.create(&format!("{place}/abort"), reason()).await.unwrap();
}

/// An import that breaks off with the right of whoever began it, goes on, and is cancelled.
async fn an_import(market: &Market, seller: &Party) {
    let (clerk, place) = join(market, seller, "c-lerk", &["operator"]).await;
    let file: String = (1..=600).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
    let started = clerk.send_file("/v1/imports?kind=assets&file_name=rows.csv", "text/csv", file.into_bytes()).await.unwrap();
    let import = text(&started.ok().unwrap()["id"]);
    seller.client.act(&format!("/v1/memberships/{place}/suspend")).await.unwrap();
    assert_eq!(import_ended(&seller.client, &import).await["state"], "failed");
    seller.client.act(&format!("/v1/imports/{import}/resume")).await.unwrap();
    seller.client.act(&format!("/v1/imports/{import}/cancel")).await.unwrap();
}

/// The inbox, a webhook, a key, an event that is tried out, and the key of what is sealed.
async fn programs(market: &Market, seller: &Party) {
    let (client, security) = (&seller.client, &market.staff.security);
    let item = client.get("/v1/inbox").await.unwrap()["items"][0].clone();
    client.act(&format!("/v1/inbox/{}/read", text(&item["id"]))).await.unwrap();
    client.create("/v1/inbox/read-all", json!({"up_to": item["event_id"]})).await.unwrap();

    let hook = json!({"url": "https://hooks.example/zhepai", "kinds": ["lot.closed"], "signing": "hmac_sha256"});
    let hook = format!("/v1/webhooks/{}", text(&client.create("/v1/webhooks", hook).await.unwrap()["id"]));
    for deed in ["test", "pause", "rotate-secret"] {
        client.act(&format!("{hook}/{deed}")).await.unwrap();
    }
    client.create(&format!("{hook}/replay"), json!({})).await.unwrap();
    client.act(&format!("{hook}/resume")).await.unwrap();
    remove(client, &hook).await;

    let key = client.create("/v1/api-keys", json!({"name": "程序", "scopes": ["bids:read"]})).await.unwrap();
    let rotate = format!("/v1/api-keys/{}/rotate", text(&key["key"]["id"]));
    let next = client.create(&rotate, json!({"at_once": false})).await.unwrap();
    client.create(&format!("/v1/api-keys/{}/revoke", text(&next["key"]["id"])), reason()).await.unwrap();

    security.create("/v1/sandbox/events", json!({"kind": "lot.closed"})).await.unwrap();
    security.act("/v1/data-keys/rotate").await.unwrap();
}

/// Whoever is not meant asks for everything: a stranger, somebody without any right, and one with a token that is none.
async fn nobody_may(market: &Market) {
    let stranger = market.stranger.clone();
    let nobody = person(market, "n-obody").await;
    let nobody = stranger.with_token(nobody.token().unwrap());
    let forged = stranger.with_token("no.token.atall");
    for operation in operations(&document()) {
        let ways = operation.ways().unwrap();
        let is_for = |who: &Who| ways.iter().any(|way| way.who == *who);
        let place = operation
            .place
            .replace("{id}", &Uuid::new_v4().to_string())
            .replace("{class}", "sessions")
            .replace("{gate}", "clauses")
            .replace("{number}", "XK-0");
        let mut callers = vec![(&forged, 401, "token_invalid")];
        if !is_for(&Who::Anyone) {
            callers.push((&stranger, 401, "not_signed_in"));
            if !is_for(&Who::SignedIn) && !is_for(&Who::Alone) {
                callers.push((&nobody, 403, "forbidden"));
            }
        }
        for (caller, status, code) in callers {
            let reply = caller.ask(operation.method.clone(), &place).send().await.unwrap();
            assert_eq!((reply.status, reply.code()), (status, code), "{}: {}", reply.asked, reply.body);
        }
    }
}

// ---- What was answered, held against the trail ----

/// The trail, by request.
struct Trail {
    rows: BTreeMap<String, Vec<audit::Model>>,
}

impl Trail {
    async fn of(kept: &Kept) -> Self {
        let db = kept.market.house().db.read();
        let mut trail = Self { rows: BTreeMap::new() };
        for row in audit::Entity::find().filter(audit::Column::Seq.gt(kept.since)).all(db).await.unwrap() {
            // What timers do in somebody's name, and what runs by itself, is no call.
            if row.role.as_deref() != Some("system") && !row.request_id.starts_with("timer-") {
                trail.rows.entry(row.request_id.clone()).or_default().push(row);
            }
        }
        trail
    }

    /// What is wrong with what is written of a call, if anything is.
    fn is_wrong(&self, operation: &Operation, token: Option<&str>, reply: &Reply) -> Option<String> {
        let request = reply.header("x-request-id").unwrap_or_default();
        let rows = self.rows.get(request).map_or(&[][..], Vec::as_slice);
        let person = token.filter(|_| reply.code() != "token_invalid").and_then(owner);
        let is_theirs = rows.iter().all(|row| row.operation == operation.id && row.person_id == person);
        if !is_theirs {
            return Some(format!("{} by {person:?} is due: {rows:?}", operation.id));
        }
        let outcomes: BTreeSet<_> = rows.iter().map(|row| row.outcome).collect();
        if is_denial(reply) {
            let is_sound = rows.len() == 1 && outcomes == BTreeSet::from([AuditOutcome::Denied]) && rows[0].object_id == thing(reply);
            return (!is_sound).then(|| format!("one denial is due: {rows:?}"));
        }
        if reply.status >= 400 || operation.is_question() {
            // Of what is hidden, whoever may not know of it is denied too.
            let is_sound = rows.is_empty() || (reply.status == 404 && rows.len() == 1 && outcomes.contains(&AuditOutcome::Denied));
            return (!is_sound).then(|| format!("nothing was done: {rows:?}"));
        }
        if outcomes.contains(&AuditOutcome::Denied) {
            return Some(format!("it was done, and is written down as denied: {rows:?}"));
        }
        let kinds: Vec<_> = rows.iter().map(|row| row.object_kind.as_str()).collect();
        if kinds.is_empty() {
            return Some("nothing was written down".into());
        }
        kinds_are_wrong(&operation.id, &kinds)
    }
}

/// Whether an answer denies a right, or that somebody is who he says.
fn is_denial(reply: &Reply) -> bool {
    matches!(reply.status, 401 | 403) || matches!(reply.code(), "too_many_attempts" | "key_in_address")
}

/// Whose a token is.
fn owner(token: &str) -> Option<PersonId> {
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Value>(&claims).ok()?["sub"].as_str()?.parse().ok()
}

/// The thing an address names.
fn thing(reply: &Reply) -> Option<Uuid> {
    let address = reply.asked.split('?').next()?;
    address.split('/').filter_map(|part| part.parse().ok()).next_back()
}

/// The operation that was asked for.
fn asked_for<'a>(operations: &'a [Operation], asked: &str) -> Option<&'a Operation> {
    let (method, address) = asked.split_once(' ')?;
    let parts: Vec<_> = address.split('?').next()?.split('/').collect();
    let fits = |operation: &&Operation| {
        let place: Vec<_> = operation.place.split('/').collect();
        let same = |(known, part): (&&str, &&str)| known.starts_with('{') || known == part;
        operation.method == method && place.len() == parts.len() && place.iter().zip(&parts).all(same)
    };
    // An address of its own goes before one that takes anything in its place.
    operations.iter().filter(fits).min_by_key(|operation| operation.place.matches('{').count())
}

on_both! {
    async fn every_deed_and_every_denial_is_written_down_once(market) {
        let kept = Kept::like(&market).await;
        let market = &kept.market;
        let (seller, buyer) = (fixtures::university(market).await, fixtures::enterprise(market, "buyer", 1).await);
        by_letter(&kept, &seller).await;
        accounts(market).await;
        organisations(market, &seller).await;
        offers(market, &seller).await;
        a_sale(market, &seller, &buyer).await;
        money(market, &seller, &buyer).await;
        bids_by_rounds(market, &seller, &buyer).await;
        an_amendment(market, &seller).await;
        a_default(market, &seller).await;
        a_right_used(market, &seller).await;
        a_session(market, &seller, &buyer).await;
        a_fault(market, &seller, &buyer).await;
        an_import(market, &seller).await;
        programs(market, &seller).await;
        let judged = weighted::announced(market, &seller, "一种权重报价的技术", &[&buyer]).await;
        let lot = sealed::opened(market, &seller, "一种密封报价的技术", "first_price", &[&buyer]).await;
        buyer.client.create(&format!("/v1/lots/{lot}/sealed-bids"), json!({"price": cny("1000.00")})).await.unwrap();
        let bidder = weighted::admission(&buyer, &judged).await;
        granted(&weighted::score(&market.staff.host, &judged, &bidder, weighted::scores("优", ["80.00"; 5])).await, 201);
        a_purchase(market, &seller, &buyer).await;
        objections(market, &seller).await;
        questions(market, &seller).await;
        sales_at_a_negotiated_price(market, &seller, &buyer).await;
        grants_of_rights(market, &seller).await;
        an_open_licence(market, &seller, &buyer).await;
        an_unused_patent(market, &seller).await;
        a_licence(market, &seller, &buyer).await;
        recordals_of(market, &seller, &buyer).await;
        a_data_room(market, &seller, &buyer).await;
        at_the_gates(market, &seller, &buyer).await;
        burdens(market, &seller).await;
        nobody_may(market).await;

        let (trail, heard, document) = (Trail::of(&kept).await, kept.heard.all(), operations(&document()));
        let (mut wrong, mut called, mut denied) = (Vec::new(), BTreeMap::<&str, usize>::new(), BTreeSet::new());
        let mut requests = BTreeSet::new();
        for (token, reply) in &heard {
            let operation = asked_for(&document, &reply.asked).unwrap_or_else(|| panic!("{} is no operation", reply.asked));
            requests.insert(reply.header("x-request-id").unwrap_or_default().to_owned());
            if is_denial(reply) {
                denied.insert(operation.id.as_str());
            } else if reply.status < 300 && !operation.is_question() {
                *called.entry(&operation.id).or_default() += 1;
            }
            wrong.extend(trail.is_wrong(operation, token.as_deref(), reply).map(|fault| format!("{}: {fault}", reply.asked)));
        }

        // As many deeds are written down as were done, and nothing that nobody asked for.
        for (operation, done) in &called {
            let is_of_it = |row: &audit::Model| row.operation == *operation && row.outcome == AuditOutcome::Changed;
            let of_it = |rows: &&Vec<audit::Model>| rows.iter().any(is_of_it);
            let written = trail.rows.values().filter(of_it).count();
            if written != *done {
                wrong.push(format!("{operation}: done {done} times, written down {written} times"));
            }
        }
        let unasked: Vec<_> = trail.rows.iter().filter(|(request, _)| !requests.contains(*request)).collect();
        assert!(unasked.is_empty(), "nobody asked for this: {unasked:?}");
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));

        // Nothing is left out.
        let left_out = |one: &&Operation| !one.is_question() && !called.contains_key(one.id.as_str());
        let missing: Vec<_> = document.iter().filter(left_out).map(|one| &one.id).collect();
        assert!(missing.is_empty(), "the story does not do this: {missing:?}");
        let missing: Vec<_> = document.iter().filter(|one| !denied.contains(one.id.as_str())).map(|one| &one.id).collect();
        assert!(missing.is_empty(), "nobody is denied this: {missing:?}");
        println!("{} answers, {} deeds, {} operations denied", heard.len(), called.values().sum::<usize>(), denied.len());
    }
}

/// The table is about operations there are.
#[test]
fn the_deeds_that_do_several_things_are_deeds() {
    let document = operations(&document());
    let known: BTreeSet<&str> = document.iter().filter(|one| !one.is_question()).map(|one| one.id.as_str()).collect();
    let unknown: Vec<_> = SEVERAL.iter().map(|rows| rows.operation).filter(|operation| !known.contains(operation)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
