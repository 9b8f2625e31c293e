//! Objections: handed in, handled; and what waits for them.

use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::listings::insider;
use super::{Call, cases, try_all};
use crate::authz::{announced, objection, officer, person, session};
use crate::common::play::{first_deal, granted};
use crate::common::{Market, fixtures};
use crate::on_both;

/// Objections that wait, are looked into, are decided and asked to be reviewed; lots, a session and a deal that wait for one.
pub(super) struct Stage {
    market: Market,
    buyer: Party,
    objector: Client,
    handler: Client,
    another: Client,
    /// A reviewer who is a suspended member of the seller.
    insider: Client,
    /// Somebody who has uploaded as many documents of his own today as he may.
    collector: Client,
    /// The notice of a listing, and the objection to it that waits.
    notice: String,
    waits: String,
    investigated: String,
    decided: String,
    reviewed: String,
    /// A lot that is paused since an objection was accepted.
    paused: String,
    /// A session one of whose lots is objected to, paused.
    session: String,
    /// A deal whose listing is objected to.
    deal: String,
    confirmation: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let (handler, _) = officer(&market, "h-andles", "reviewer").await;
        let (another, _) = officer(&market, "r-eviews", "reviewer").await;
        let objector = person(&market, "o-bjects").await;
        let insider = insider(&market, &seller, "i-nsider", "reviewer").await;
        let raised = async |title: &str| {
            let published = announced(&market, &seller, title, &[&buyer]).await;
            let listing = seller.client.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
            let notice = text(&listing["notice_id"]);
            let made = objector.create(&format!("/v1/notices/{notice}/objections"), objection()).await.unwrap();
            (published.lot, notice, text(&made["id"]))
        };
        let handled = async |id: &str, steps: &[&str]| {
            for step in steps {
                let place = format!("/v1/objections/{id}/{step}");
                match *step {
                    "decide" => handler.create(&place, upheld()).await.unwrap(),
                    "request-review" => objector.create(&place, json!({"statement": "理由"})).await.unwrap(),
                    _ => handler.act(&place).await.unwrap(),
                };
            }
        };
        let (sold, ..) = raised("一种成交的技术").await;
        market.pass(2).await;
        play::bid(&buyer, &sold, entity::money::Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        buyer.client.prove().await.unwrap();
        let deal = text(&first_deal(&buyer.client).await["id"]);
        let confirmation = buyer.client.get(&format!("/v1/deals/{deal}/confirmation")).await.unwrap();

        let (_, notice, waits) = raised("一种待受理的技术").await;
        let (paused, _, investigated) = raised("一种调查中的技术").await;
        let (.., decided) = raised("一种已决定的技术").await;
        let (.., reviewed) = raised("一种复核中的技术").await;
        let (hosted, _, disputed) = raised("一种专场中的技术").await;
        handled(&investigated, &["accept"]).await;
        handled(&decided, &["accept", "decide"]).await;
        let session = session(&market.staff.host, "hosted", &[&hosted]).await;
        market.staff.host.create(&format!("/v1/lot-sessions/{session}/pause"), reason()).await.unwrap();
        handled(&disputed, &["accept"]).await;
        handled(&reviewed, &["accept", "decide", "request-review"]).await;
        let collector = person(&market, "c-ollects").await;
        for _ in 0..20 {
            collector.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        }
        Self {
            confirmation: text(&confirmation["sha256"]),
            market,
            buyer,
            objector,
            handler,
            another,
            insider,
            collector,
            notice,
            waits,
            investigated,
            decided,
            reviewed,
            paused,
            session,
            deal,
        }
    }

    fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }
}

/// A document that somebody uploads.
fn paper(by: &Client, confidentiality: &str) -> Call {
    let place = format!("/v1/documents?title=x&file_name=x.txt&confidentiality={confidentiality}");
    Call::act(by, place).carrying("text/plain", "内容")
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

fn upheld() -> Value {
    json!({"outcome": "upheld", "reasons": "经查属实"})
}

fn act(by: &Client, objection: &str, step: &str) -> Call {
    Call::act(by, format!("/v1/objections/{objection}/{step}"))
}

fn post(by: &Client, objection: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("/v1/objections/{objection}/{step}"), body)
}

fn submit(by: &Client, notice: &str, body: &Value) -> Call {
    Call::post(by, format!("/v1/notices/{notice}/objections"), body)
}

cases! {
    /// Objecting, handling what is objected, and going on meanwhile.
    OBJECTIONS of Stage;
    submit_objection, AlreadyObjected, "somebody objects to a notice once": |on| submit(&on.objector, &on.notice, &objection());
    submit_objection, Invalid, "an objection says what is wrong": |on|
        submit(&on.buyer.client, &on.notice, &json!({"ground": "procedure", "statement": " "}));
    submit_objection, Invalid, "a document shows it once": |on| {
        let twice = Uuid::new_v4();
        submit(&on.buyer.client, &on.notice, &json!({"ground": "procedure", "statement": "理由", "evidence": [twice, twice]}))
    };
    submit_objection, DocumentUnusable, "what shows it is a document of the objector's organisation": |on|
        submit(&on.buyer.client, &on.notice, &json!({"ground": "procedure", "statement": "理由", "evidence": [Uuid::new_v4()]}));
    submit_objection, DocumentUnusable, "nor does another's own document show it": |on| {
        let papers = on.objector.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        submit(&on.collector, &on.notice, &json!({"ground": "procedure", "statement": "理由", "evidence": [papers["id"]]}))
    };
    upload_document, TooManyDocuments, "nobody piles up documents of his own": |on| paper(&on.collector, "private");
    upload_document, Invalid, "what is somebody's own is private": |on| paper(&on.objector, "public");
    give_tip, Invalid, "a tip says something": |on|
        Call::post(&on.market.stranger, format!("/v1/notices/{}/tips", on.notice), &json!({"ground": "collusion", "statement": " "}));
    accept_objection, SamePerson, "who reviewed the listing accepts no objection to it": |on| act(on.reviewer(), &on.waits, "accept");
    refuse_objection, SamePerson, "who reviewed the listing refuses none": |on| post(on.reviewer(), &on.waits, "refuse", &reason());
    extend_objection, SamePerson, "who reviewed the listing extends none": |on| act(on.reviewer(), &on.investigated, "extend");
    decide_objection, SamePerson, "who reviewed the listing decides none": |on| post(on.reviewer(), &on.investigated, "decide", &upheld());
    decide_objection_review, SamePerson, "a review is another's": |on| post(&on.handler, &on.reviewed, "decide-review", &upheld());
    settle_objection, SamePerson, "who reviewed the listing settles none": |on|
        post(on.reviewer(), &on.reviewed, "settle", &json!({"settlement": "已改正"}));
    accept_objection, ConflictOfInterest, "nobody of the seller accepts": |on| act(&on.insider, &on.waits, "accept");
    refuse_objection, ConflictOfInterest, "nobody of the seller refuses": |on| post(&on.insider, &on.waits, "refuse", &reason());
    extend_objection, ConflictOfInterest, "nobody of the seller extends": |on| act(&on.insider, &on.investigated, "extend");
    decide_objection, ConflictOfInterest, "nobody of the seller decides": |on| post(&on.insider, &on.investigated, "decide", &upheld());
    decide_objection_review, ConflictOfInterest, "nobody of the seller reviews": |on|
        post(&on.insider, &on.reviewed, "decide-review", &upheld());
    settle_objection, ConflictOfInterest, "nobody of the seller settles": |on|
        post(&on.insider, &on.reviewed, "settle", &json!({"settlement": "已改正"}));
    accept_objection, WrongState, "an objection is accepted once": |on| act(&on.another, &on.investigated, "accept");
    accept_objection, Stale, "who accepts an objection has seen it as it stands": |on| act(&on.another, &on.waits, "accept").on_version(7);
    refuse_objection, WrongState, "what was accepted is not refused": |on| post(&on.another, &on.investigated, "refuse", &reason());
    refuse_objection, Invalid, "an objection is refused for a reason": |on| post(&on.another, &on.waits, "refuse", &json!({"reason": " "}));
    extend_objection, WrongState, "what is not looked into is not extended": |on| act(&on.another, &on.waits, "extend");
    decide_objection, WrongState, "what was not accepted is not decided": |on| post(&on.another, &on.waits, "decide", &upheld());
    decide_objection, Invalid, "a decision has its reasons": |on|
        post(&on.another, &on.investigated, "decide", &json!({"outcome": "upheld", "reasons": "\n"}));
    request_objection_review, WrongState, "what is not decided is not reviewed": |on|
        post(&on.objector, &on.investigated, "request-review", &json!({"statement": "理由"}));
    decide_objection_review, WrongState, "nobody asked for this review": |on| post(&on.another, &on.decided, "decide-review", &upheld());
    settle_objection, WrongState, "what is open is not settled": |on|
        post(&on.another, &on.decided, "settle", &json!({"settlement": "已改正"}));
    withdraw_objection, WrongState, "what was decided is not withdrawn": |on| act(&on.objector, &on.decided, "withdraw");
    sign_deal, ObjectionOpen, "nobody signs while an objection is open": |on|
        Call::post(&on.buyer.client, format!("/v1/deals/{}/sign", on.deal), &json!({"confirmation_sha256": on.confirmation}));
    resume_lot, ObjectionOpen, "a lot waits for an objection": |on|
        Call::post(&on.market.staff.host, format!("/v1/lots/{}/resume", on.paused), &reason());
    resume_lot_session, ObjectionOpen, "a session waits for an objection to one of its lots": |on|
        Call::post(&on.market.staff.host, format!("/v1/lot-sessions/{}/resume", on.session), &reason());
    submit_objection, ObjectionsClosed, "a notice is objected to while it runs": |on| {
        on.market.pass(2).await;
        submit(&on.buyer.client, &on.notice, &objection())
    };
    request_objection_review, WrongState, "a review is asked for in time": |on| {
        on.market.pass(9 * 24 * 60).await;
        post(&on.objector, &on.decided, "request-review", &json!({"statement": "理由"}))
    };
}

on_both! {
    async fn objections_and_what_waits_for_them(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, OBJECTIONS).await;
        let once = told.to("somebody objects to a notice once");
        assert_eq!((&once["objection_id"], &once["allowed"]), (&json!(stage.waits), &json!(["withdraw_objection"])));
        assert_eq!(told.to("a notice is objected to while it runs")["allowed"], json!([]));
        assert_eq!(told.to("an objection is accepted once")["allowed"], json!(["extend_objection", "decide_objection", "withdraw_objection"]));
        assert_eq!(told.to("a lot waits for an objection")["objection_ids"], json!([stage.investigated]));
        // What was upheld waits to be put right, and then the lot goes on.
        let place = format!("/v1/objections/{}", stage.decided);
        assert_eq!(stage.market.stranger.get(&place).await.unwrap()["state"], "final");
        granted(&post(&stage.another, &stage.decided, "settle", &json!({"settlement": "已改正"})).made().await, 200);
        assert_eq!(stage.market.stranger.get(&place).await.unwrap()["holds_up"], false);
    }
}
