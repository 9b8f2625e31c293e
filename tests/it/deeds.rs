//! What a caller is told he may do to a thing: exactly this, by his rights and by where the thing stands.
//!
//! That it would be done as it is told is tried in `timeline`, of listings, admissions, deals and what an organisation has.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use entity::money::Money;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, text};

use crate::authz::{
    Operation, address, announced, arrange, document, draft_session, join, lot, newest, offer, officer, operations, person, right,
};
use crate::bank::{Books, Sheet};
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{PASSWORD, import_ended};
use crate::on_both;

/// Every operation of the document.
static KNOWN: LazyLock<Vec<Operation>> = LazyLock::new(|| operations(&document()));

/// What somebody is told he may do to a thing; `None` where he may not read it.
type Told = Option<&'static [&'static str]>;

const NOTHING: Told = Some(&[]);

/// Those who look at a thing, by what they are.
type Eyes<'a, const N: usize> = [(&'static str, &'a Client); N];

/// The deeds a thing tells of; each is an operation.
fn deeds(thing: &Value) -> Vec<&str> {
    let told = thing["allowed_deeds"].as_array().unwrap_or_else(|| panic!("no deeds: {thing}"));
    let told: Vec<_> = told.iter().map(|deed| deed.as_str().unwrap()).collect();
    for deed in &told {
        assert!(KNOWN.iter().any(|operation| operation.id == *deed), "{deed} is no operation");
    }
    told
}

/// A single thing tells each who reads it exactly this.
async fn tells<const N: usize>(place: &str, eyes: Eyes<'_, N>, due: [Told; N]) {
    for ((who, client), due) in eyes.into_iter().zip(due) {
        let seen = client.look(place).await.unwrap();
        assert!(matches!(seen.status, 200 | 401 | 403 | 404), "{who}: {}", seen.body);
        let told = (seen.status == 200).then(|| deeds(&seen.body));
        assert_eq!(told.as_deref(), due, "{who} reads {place}");
    }
}

/// A thing that is read in a list alone tells each who reads the list exactly this; `None` where it is not in his.
async fn tells_in<const N: usize>(list: &str, (name, id): (&str, &str), eyes: Eyes<'_, N>, due: [Told; N]) {
    for ((who, client), due) in eyes.into_iter().zip(due) {
        let page = client.look(list).await.unwrap();
        let told = page.body["items"].as_array().into_iter().flatten().find(|one| one[name] == id).map(deeds);
        assert_eq!(told.as_deref(), due, "{who} reads {list}");
    }
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

// ---- Lots and sessions of them ----

const ARRANGE: Told = Some(&["arrange_lot_session"]);
const PUBLISH: Told = Some(&["arrange_lot_session", "publish_lot_session"]);
const WAITS: Told = Some(&["pause_lot_session", "extend_lot_session"]);
const ADVANCE: Told = Some(&["advance_lot_session", "pause_lot_session", "extend_lot_session"]);
const RESUME: Told = Some(&["resume_lot_session", "extend_lot_session"]);

on_both! {
    /// From a draft without lots to an interruption of the whole.
    async fn a_session_of_lots_tells_who_puts_it_together_and_who_conducts_it(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "bidder", 1).await);
        let waiting = announced(&market, &seller, "一种在专场的技术", &[&bidder]).await.lot;
        let host = &market.staff.host;
        let eyes = [
            ("the host", host),
            ("the publisher", &market.staff.publisher),
            ("the reviewer", &market.staff.reviewer),
            ("a bidder", &bidder.client),
            ("a stranger", &market.stranger),
        ];
        let session = draft_session(host, "hosted").await;
        let place = format!("/v1/lot-sessions/{session}");
        tells(&place, eyes, [ARRANGE, ARRANGE, NOTHING, None, None]).await;
        arrange(host, &session, &[&waiting]).await;
        tells(&place, eyes, [PUBLISH, PUBLISH, NOTHING, None, None]).await;
        host.act(&format!("{place}/publish")).await.unwrap();
        tells(&place, eyes, [WAITS, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        market.pass(2).await;
        tells(&place, eyes, [ADVANCE, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        host.act(&format!("{place}/advance")).await.unwrap();
        tells(&place, eyes, [WAITS, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        host.create(&format!("{place}/pause"), reason()).await.unwrap();
        tells(&place, eyes, [RESUME, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        // Its lot goes on with it and not by itself.
        let alone: Told = Some(&["extend_lot"]);
        tells(&format!("/v1/lots/{waiting}"), eyes, [alone, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        market.pass(24 * 60).await;
        host.create(&format!("{place}/resume"), reason()).await.unwrap();
        market.pass(24 * 60 + 1).await;
        tells(&place, eyes, [NOTHING; 5]).await;
    }
}

on_both! {
    async fn a_lot_tells_its_host_and_those_who_bid(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "bidder", 1).await);
        let other = enterprise(&market, "other", 2).await;
        let lot = announced(&market, &seller, "一种在竞价的技术", &[&bidder]).await.lot;
        let (place, host) = (format!("/v1/lots/{lot}"), &market.staff.host);
        let eyes = [
            ("the host", host),
            ("the reviewer", &market.staff.reviewer),
            ("a bidder", &bidder.client),
            ("another", &other.client),
            ("the seller", &seller.client),
            ("a stranger", &market.stranger),
        ];
        let (runs, apply, bid): (Told, Told, Told) =
            (Some(&["pause_lot", "extend_lot"]), Some(&["apply_for_lot"]), Some(&["place_bid"]));
        tells(&place, eyes, [runs, NOTHING, NOTHING, apply, NOTHING, NOTHING]).await;
        market.pass(2).await;
        tells(&place, eyes, [runs, NOTHING, bid, NOTHING, NOTHING, NOTHING]).await;
        host.create(&format!("{place}/pause"), reason()).await.unwrap();
        let still: Told = Some(&["resume_lot", "extend_lot"]);
        tells(&place, eyes, [still, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING]).await;
        host.create(&format!("{place}/resume"), reason()).await.unwrap();
        market.pass(24 * 60 + 1).await;
        tells(&place, eyes, [NOTHING; 6]).await;
    }
}

// ---- Papers and notices ----

on_both! {
    async fn a_document_tells_who_adds_to_it(market) {
        let (seller, other) = (university(&market).await, enterprise(&market, "other", 1).await);
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let eyes = [
            ("the operator", &seller.client),
            ("a viewer", &viewer),
            ("the reviewer", &market.staff.reviewer),
            ("finance", &market.staff.finance),
            ("another", &other.client),
        ];
        let add: Told = Some(&["add_document_version"]);
        for (level, others) in [("private", None), ("public", NOTHING)] {
            let content = || "内容".as_bytes().to_vec();
            let paper = seller.client.upload("说明", "note.txt", level, "text/plain", content()).await.unwrap();
            let place = format!("/v1/documents/{}", text(&paper["id"]));
            tells(&place, eyes, [add, NOTHING, NOTHING, others, others]).await;
            let sent = seller.client.send_file(&format!("{place}/versions?file_name=b.txt"), "text/plain", content()).await.unwrap();
            sent.ok().unwrap();
            tells(&place, eyes, [add, NOTHING, NOTHING, others, others]).await;
        }
    }
}

on_both! {
    /// A draft's listing tells who publishes it; the page of what is public is taken away and put back by whoever looks after it.
    async fn a_notice_tells_whose_page_it_is(market) {
        let (seller, other) = (university(&market).await, enterprise(&market, "other", 1).await);
        let (achievement, asset) = right(&seller, "一种待公告的技术").await;
        let mut offered = offer(&market, "一种待公告的技术").await;
        offered["achievement_id"] = achievement.into();
        offered["asset_ids"] = json!([asset]);
        let listing = text(&seller.client.create("/v1/listings", offered).await.unwrap()["id"]);
        seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await.unwrap();
        let approved = market.staff.reviewer.act(&format!("/v1/listings/{listing}/approve")).await.unwrap();
        let place = format!("/v1/notices/{}", text(&approved["notice_id"]));
        let eyes = [("the seller", &seller.client), ("the publisher", &market.staff.publisher), ("another", &other.client)];
        tells(&place, eyes, [NOTHING, NOTHING, None]).await;
        market.staff.publisher.act(&format!("/v1/listings/{listing}/publish")).await.unwrap();
        let proposes: Told = Some(&["propose_erratum"]);
        tells(&place, eyes, [proposes, Some(&["take_down_notice", "propose_erratum"]), NOTHING]).await;
        market.staff.publisher.create(&format!("{place}/take-down"), json!({"reason": "复核"})).await.unwrap();
        let [seller, publisher, _] = eyes;
        tells(&place, [seller, publisher], [proposes, Some(&["restore_notice", "propose_erratum"])]).await;
    }
}

// ---- Keys, webhooks, the inbox, imports ----

on_both! {
    async fn a_key_tells_who_rotates_and_who_revokes_it(market) {
        let seller = university(&market).await;
        let (member, _) = join(&market, &seller, "m-ember", &["operator"]).await;
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let made = member.create("/v1/api-keys", json!({"name": "程序", "scopes": ["listings:read"]})).await.unwrap();
        let place = format!("/v1/api-keys/{}", text(&made["key"]["id"]));
        let eyes = [
            ("the member", &member),
            ("the owner", &seller.client),
            ("security", &market.staff.security),
            ("the auditor", &market.staff.auditor),
            ("a colleague", &viewer),
        ];
        let (both, revoke): (Told, Told) = (Some(&["rotate_api_key", "revoke_api_key"]), Some(&["revoke_api_key"]));
        tells(&place, eyes, [both, revoke, revoke, NOTHING, None]).await;
        let program = market.stranger.with_token(made["secret"].as_str().unwrap());
        tells("/v1/api-keys/current", [("the program", &program)], [NOTHING]).await;
        member.create(&format!("{place}/rotate"), json!({"at_once": false})).await.unwrap();
        tells(&place, eyes, [revoke, revoke, revoke, NOTHING, None]).await;
        member.create(&format!("{place}/revoke"), reason()).await.unwrap();
        tells(&place, eyes, [NOTHING, NOTHING, NOTHING, NOTHING, None]).await;
    }
}

on_both! {
    async fn a_webhook_and_the_inbox_tell_those_who_keep_them(market) {
        let (seller, other) = (university(&market).await, enterprise(&market, "other", 1).await);
        let (operator, _) = join(&market, &seller, "o-perator", &["operator"]).await;
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let eyes = [("the owner", &seller.client), ("an operator", &operator), ("a viewer", &viewer), ("another", &other.client)];
        let new = json!({"url": "https://hooks.example/zhepai", "kinds": ["lot.closed"], "signing": "ed25519"});
        let made = seller.client.create("/v1/webhooks", new).await.unwrap();
        let place = format!("/v1/webhooks/{}", text(&made["id"]));
        let awake: Told = Some(&["pause_webhook", "rotate_webhook_secret", "remove_webhook", "replay_webhook", "test_webhook"]);
        tells(&place, eyes, [awake, awake, None, None]).await;
        seller.client.act(&format!("{place}/pause")).await.unwrap();
        let rests: Told = Some(&["resume_webhook", "rotate_webhook_secret", "remove_webhook", "replay_webhook"]);
        tells(&place, eyes, [rests, rests, None, None]).await;

        market.pass(0).await;
        let item = newest(&seller.client, "/v1/inbox").await;
        let read: Told = Some(&["read_inbox_item"]);
        tells_in("/v1/inbox", ("id", &item), eyes, [read, read, read, None]).await;
        viewer.act(&format!("/v1/inbox/{item}/read")).await.unwrap();
        tells_in("/v1/inbox", ("id", &item), eyes, [NOTHING, NOTHING, NOTHING, None]).await;
    }
}

on_both! {
    /// One that broke off with the right of whoever began it, and then is cancelled.
    async fn an_import_tells_who_resumes_and_cancels_it(market) {
        let (seller, other) = (university(&market).await, enterprise(&market, "other", 1).await);
        let (clerk, membership) = join(&market, &seller, "c-lerk", &["operator"]).await;
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let file = format!("title,kind\n{}", "x,software\n".repeat(3_000));
        let sent = clerk.send_file("/v1/imports?kind=assets&file_name=x.csv", "text/csv", file.into_bytes()).await.unwrap();
        let id = text(&sent.ok().unwrap()["id"]);
        seller.client.act(&format!("/v1/memberships/{membership}/suspend")).await.unwrap();
        assert_eq!(import_ended(&seller.client, &id).await["state"], "failed");
        let place = format!("/v1/imports/{id}");
        let eyes = [
            ("an operator", &seller.client),
            ("a viewer", &viewer),
            ("the supervisor", &market.staff.supervisor),
            ("another", &other.client),
        ];
        let broken: Told = Some(&["cancel_import", "resume_import"]);
        tells(&place, eyes, [broken, NOTHING, NOTHING, None]).await;
        seller.client.act(&format!("{place}/cancel")).await.unwrap();
        tells(&place, eyes, [NOTHING, NOTHING, NOTHING, None]).await;
    }
}

// ---- The bank ----

on_both! {
    /// A refund that is owed, in a payment file, and paid; the file, a statement and its line.
    async fn what_moves_at_the_bank_tells_finance(market) {
        let seller = university(&market).await;
        let (winner, loser) = (enterprise(&market, "winner", 1).await, enterprise(&market, "loser", 2).await);
        let sold = lot(&market, &seller, "一种已售出的技术", &[&winner, &loser]).await;
        play::bid(&winner, &sold.lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let finance = &market.staff.finance;
        let eyes =
            [("finance", finance), ("the supervisor", &market.staff.supervisor), ("the payee", &loser.client), ("another", &winner.client)];
        let refund = newest(finance, "/v1/refunds").await;
        let owed = async |due: Told| tells_in("/v1/refunds", ("id", &refund), eyes, [due, NOTHING, NOTHING, None]).await;
        let pay: Told = Some(&["pay_refund"]);
        owed(pay).await;
        let books = Books::keep(&market).await;
        owed(NOTHING).await;

        let (statement, file) = (format!("/v1/bank-statements/{}", books.statement), format!("/v1/payment-files/{}", books.file));
        tells(&statement, eyes, [NOTHING, NOTHING, None, None]).await;
        tells(&file, eyes, [Some(&["cancel_payment_file"]), NOTHING, None, None]).await;
        finance.act(&format!("{file}/cancel")).await.unwrap();
        tells(&file, eyes, [NOTHING, NOTHING, None, None]).await;
        owed(pay).await;
        finance.create(&format!("/v1/refunds/{refund}/pay"), json!({"bank_reference": "OUT-1"})).await.unwrap();
        owed(NOTHING).await;

        let line = format!("/v1/bank-lines/{}", books.line);
        tells(&line, eyes, [Some(&["decide_bank_line"]), NOTHING, None, None]).await;
        let decision = json!({"decision": "return", "reason": "不明来款，退回原账户"});
        finance.create(&format!("{line}/decide"), decision).await.unwrap();
        tells(&line, eyes, [NOTHING, NOTHING, None, None]).await;
        tells(&statement, eyes, [NOTHING, NOTHING, None, None]).await;
    }
}

// ---- Accounts and offices ----

on_both! {
    async fn a_session_tells_whose_it_is(market) {
        let (here, other) = (person(&market, "t-wo").await, person(&market, "o-ther").await);
        market.stranger.sign_in(&address("t-wo"), PASSWORD).await.unwrap();
        let (eyes, end): (_, Told) = ([("its owner", &here), ("another", &other)], Some(&["end_session"]));
        let there = newest(&here, "/v1/sessions").await;
        tells_in("/v1/sessions", ("id", &there), eyes, [end, None]).await;
        here.act(&format!("/v1/sessions/{there}/end")).await.unwrap();
        tells_in("/v1/sessions", ("id", &there), eyes, [None, None]).await;
        let this = newest(&here, "/v1/sessions").await;
        tells_in("/v1/sessions", ("id", &this), eyes, [end, None]).await;
    }
}

on_both! {
    /// Nobody dismisses himself.
    async fn a_staff_place_tells_who_dismisses(market) {
        let first = &market.staff.security;
        let own = text(&first.get("/v1/me").await.unwrap()["person"]["id"]);
        let (second, id) = officer(&market, "s-econd", "security_admin").await;
        let (auditor, finance) = (&market.staff.auditor, &market.staff.finance);
        let eyes = [("the first", first), ("the second", &second), ("the auditor", auditor), ("finance", finance)];
        let dismiss: Told = Some(&["dismiss_staff"]);
        tells_in("/v1/staff", ("person_id", &id), eyes, [dismiss, NOTHING, NOTHING, None]).await;
        tells_in("/v1/staff", ("person_id", &own), eyes, [NOTHING, dismiss, NOTHING, None]).await;
        first.ask(Method::DELETE, &format!("/v1/staff/{id}")).send().await.unwrap().ok().unwrap();
        tells_in("/v1/staff", ("person_id", &own), eyes, [NOTHING, None, NOTHING, None]).await;
    }
}

on_both! {
    /// What an officer purges; everything else goes by itself or stays.
    async fn kinds_of_records_tell_who_purges_them(market) {
        for (client, purges) in [(&market.staff.security, true), (&market.staff.auditor, false)] {
            let kept = client.get("/v1/retention").await.unwrap();
            for class in kept["classes"].as_array().unwrap() {
                let due: &[&str] = if purges && class["end"] == "by_purge" { &["purge_records"] } else { &[] };
                assert_eq!(deeds(class), due, "{class}");
            }
        }
    }
}

// ---- Of everything ----

/// Whether the answers of a schema have a member.
fn has_member(document: &Value, schema: &Value, name: &str) -> bool {
    if let Some(place) = schema["$ref"].as_str() {
        return document.pointer(place.trim_start_matches('#')).is_some_and(|named| has_member(document, named, name));
    }
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    schema["properties"].get(name).is_some() || parts.any(|part| has_member(document, part, name))
}

/// Whatever is read by its id says in the document that it tells what may be done to it.
#[test]
fn every_single_thing_tells_what_may_be_done_to_it() {
    let document = document();
    let single = KNOWN.iter().filter(|operation| operation.is_question() && operation.place.ends_with("/{id}"));
    let (telling, silent): (Vec<_>, Vec<_>) = single
        .map(|operation| (&operation.id, &operation.said["responses"]["200"]["content"]["application/json"]["schema"]))
        // Pages are for people, as is what stops letters; a signal is read, and nothing is done to it.
        .filter(|(id, schema)| {
            !(schema.is_null() && ["read_mail_stop", "show_notice"].contains(&id.as_str())) && *id != "read_integrity_signal"
        })
        .partition(|(_, schema)| has_member(&document, schema, "allowed_deeds"));
    assert!(silent.is_empty(), "{silent:?}");
    assert!(telling.len() > 10);
}

/// Notes every deed an answer tells of, however deep in it.
fn note(answer: &Value, told: &mut BTreeSet<String>) {
    match answer {
        Value::Object(members) => {
            if members.get("allowed_deeds").is_some() {
                told.extend(deeds(answer).into_iter().map(ToOwned::to_owned));
            }
            members.values().for_each(|member| note(member, told));
        }
        Value::Array(items) => items.iter().for_each(|item| note(item, told)),
        _ => {}
    }
}

/// Somebody reads every list there is, and the first things of each; notes the deeds he is told of.
async fn reads_everything(client: &Client, told: &mut BTreeSet<String>) {
    let questions = || KNOWN.iter().filter(|operation| operation.is_question());
    // A feed tells of no deeds, and never ends.
    for list in questions().filter(|operation| !operation.place.contains('{') && !operation.place.ends_with("/stream")) {
        let page = client.look(&list.place).await.unwrap();
        note(&page.body, told);
        let single = format!("{}/{{id}}", list.place);
        if !questions().any(|operation| operation.place == single) {
            continue;
        }
        for item in page.body["items"].as_array().into_iter().flatten().take(3) {
            let seen = client.look(&format!("{}/{}", list.place, text(&item["id"]))).await.unwrap();
            assert!(seen.status != 200 || seen.body["allowed_deeds"].is_array(), "{} tells of no deeds", seen.asked);
            note(&seen.body, told);
        }
    }
}

on_both! {
    /// Whoever reads whatever there is: each deed he is told of is an operation.
    async fn no_deed_is_told_that_is_no_operation(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "bidder", 1).await);
        lot(&market, &seller, "一种在竞价的技术", &[&bidder]).await;
        seller.client.upload("说明", "note.txt", "private", "text/plain", "内容".as_bytes().to_vec()).await.unwrap();
        let now = market.staff.now().await.unwrap();
        Sheet::opening(0).credit(now, "STRAY-1", 100, "某公司", "来款").import(&market).await;
        let staff = &market.staff;
        let mut told = BTreeSet::new();
        for client in [&market.stranger, &seller.client, &bidder.client, &staff.reviewer, &staff.host, &staff.finance, &staff.security] {
            reads_everything(client, &mut told).await;
        }
        for deed in [
            "add_document_version", "amend_achievement", "change_member_roles", "decide_bank_line", "dismiss_staff", "end_session",
            "pause_lot", "place_bid", "purge_records", "read_inbox_item", "refuse_organisation",
        ] {
            assert!(told.contains(deed), "nobody was told of {deed}: {told:?}");
        }
    }
}
