//! The gates: declared for, decided about, passed at the approval, at an amendment and at the confirmation.

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::listings::{appoint, insider, reason};
use super::{Call, cases, try_all};
use crate::amendments::amendment;
use crate::authz::{announced, join, newest, offer as listing_offer};
use crate::common::{Market, fixtures};
use crate::gates::{NO_CHALLENGE, decision, drafted, findings, foreign, letter, of, related_to, restricted_lot, restriction, taken};
use crate::negotiations::paper;
use crate::open_licences::patent;
use crate::{on_both, recordals};

/// Listings at several gates, and organisations that may not pass them.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    /// Not verified any more, with a draft from before.
    fallen: Party,
    draft_of_fallen: String,
    /// Wrote a listing and handed it in for the seller, left it, and became a reviewer; what he handed in.
    author: Client,
    authored: String,
    /// A reviewer who sits with the seller.
    inside: Client,
    draft: String,
    /// Under review, with a clause that was decided about, and another that was not.
    warned: String,
    decided: Value,
    open: Value,
    /// A lot of restricted technology, open to foreign parties; one that is open to none, with its listing.
    restricted: String,
    closed: String,
    closed_listing: String,
    abroad: Party,
    kept: Party,
    firm: Party,
    relation: String,
    restriction: String,
    paper: String,
    paper_listing: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let mut firms = Vec::new();
        for (number, key) in (1..).zip(["fallen", "abroad", "kept", "firm"]) {
            firms.push(fixtures::enterprise(&market, key, number).await);
        }
        let [fallen, abroad, kept, firm] = firms.try_into().unwrap_or_else(|_| panic!("four firms"));
        let reviewer = market.staff.reviewer.clone();
        let draft_of_fallen = drafted(&market, &fallen, "一种技术", |_| {}).await;
        reviewer.create(&format!("/v1/organisations/{}/refuse", fallen.organisation), reason()).await.unwrap();

        let (author, place) = join(&market, &seller, "a-uthor", &["operator"]).await;
        let pen = Party { client: author.clone(), ..seller.clone() };
        let authored = drafted(&market, &pen, "一种技术", |offer| offer["conditions"] = json!([NO_CHALLENGE])).await;
        taken(&reviewer, &author, &authored).await;
        seller.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        appoint(&market, "a-uthor", "reviewer").await;
        author.prove().await.unwrap();
        let inside = insider(&market, &seller, "inside-one", "reviewer").await;

        let clauses = json!([NO_CHALLENGE, "产品不得出口"]);
        let warned = drafted(&market, &seller, "一种技术", |offer| offer["conditions"] = clauses).await;
        taken(&reviewer, &seller.client, &warned).await;
        let mut found = findings(&reviewer, &warned, "clauses").await.into_iter();
        let (decided, open) = (found.next().unwrap(), found.next().unwrap());
        let place = format!("{warned}/gates/clauses/acknowledgements");
        reviewer.create(&place, decision(&decided, "accepted")).await.unwrap();

        let (listing, restricted) = restricted_lot(&market, &seller).await;
        let closed = announced(&market, &seller, "一种不开放的技术", &[]).await;
        abroad.client.create(&of(&abroad, "facts"), foreign()).await.unwrap();
        reviewer.create(&of(&kept, "restrictions"), restriction("trading")).await.unwrap();
        let relation = firm.client.create(&of(&firm, "relations"), related_to(&kept)).await.unwrap();
        reviewer.create(&format!("/v1/relations/{}/end", text(&relation["id"])), reason()).await.unwrap();
        firm.client.create(&of(&firm, "relations"), related_to(&kept)).await.unwrap();
        let lifted = reviewer.create(&of(&firm, "restrictions"), restriction("award")).await.unwrap();
        reviewer.create(&format!("/v1/restrictions/{}/lift", text(&lifted["id"])), reason()).await.unwrap();
        let paper = abroad.client.create(&format!("{listing}/export-papers"), letter(&abroad).await).await.unwrap();
        let paper = format!("/v1/export-papers/{}", text(&paper["id"]));
        reviewer.create(&format!("{paper}/decide"), json!({"verified": false, "reason": "不一致"})).await.unwrap();
        Self {
            draft: drafted(&market, &seller, "一种技术", |_| {}).await,
            market,
            seller,
            fallen,
            draft_of_fallen,
            author,
            authored,
            inside,
            warned,
            decided,
            open,
            restricted,
            closed: closed.lot,
            closed_listing: format!("/v1/listings/{}", closed.listing),
            abroad,
            kept,
            firm,
            relation: format!("/v1/relations/{}", text(&relation["id"])),
            restriction: format!("/v1/restrictions/{}", text(&lifted["id"])),
            paper,
            paper_listing: listing,
        }
    }

    fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }
}

fn declares(by: &Client, place: &str, new: &Value) -> Call {
    Call::post(by, format!("{place}/gate-declarations"), new)
}

fn acknowledges(by: &Client, place: &str, finding: &Value) -> Call {
    Call::post(by, format!("{place}/gates/clauses/acknowledgements"), &decision(finding, "accepted"))
}

fn applies(buyer: &Party, lot: &str) -> Call {
    Call::post(&buyer.client, format!("/v1/lots/{lot}/admissions"), &json!({}))
}

fn nothing_abroad() -> Value {
    json!({"admits_foreign": false})
}

cases! {
    /// From what is declared to the approval, and who may register.
    GATES of Stage;
    declare_relation, AlreadyDeclared, "a relation is declared once": |on| Call::post(&on.firm.client, of(&on.firm, "relations"), &related_to(&on.kept));
    declare_relation, Invalid, "nobody is related to himself": |on| Call::post(&on.firm.client, of(&on.firm, "relations"), &related_to(&on.firm));
    declare_relation, Invalid, "nobody is related to whom there is not": |on| {
        let unknown = json!({"organisation_id": Uuid::new_v4(), "kind": "kin"});
        Call::post(&on.firm.client, of(&on.firm, "relations"), &unknown)
    };
    end_relation, WrongState, "a relation ends once": |on| Call::post(on.reviewer(), format!("{}/end", on.relation), &reason());
    restrict_organisation, AlreadyDeclared, "a decision is entered once": |on|
        Call::post(on.reviewer(), of(&on.kept, "restrictions"), &restriction("trading"));
    lift_restriction, WrongState, "a restriction is lifted once": |on| Call::post(on.reviewer(), format!("{}/lift", on.restriction), &reason());
    hand_in_export_paper, DocumentUnusable, "a paper is a document of its own organisation": |on| {
        let mut paper = letter(&on.abroad).await;
        paper["document_id"] = json!(Uuid::new_v4());
        Call::post(&on.abroad.client, format!("{}/export-papers", on.paper_listing), &paper)
    };
    hand_in_export_paper, NotFound, "nobody hands in for what is not public": |on|
        Call::post(&on.abroad.client, format!("{}/export-papers", on.draft), &letter(&on.abroad).await);
    decide_export_paper, WrongState, "a paper is decided about once": |on|
        Call::post(on.reviewer(), format!("{}/decide", on.paper), &json!({"verified": true, "reason": "理由"}));
    read_listing_gates, OrganisationNotVerified, "the gates are for sellers who are verified": |on|
        Call::get(on.reviewer(), format!("{}/gates", on.draft_of_fallen));
    declare_for_gates, OrganisationNotVerified, "who declares is verified": |on|
        declares(&on.fallen.client, &on.draft_of_fallen, &nothing_abroad());
    declare_for_gates, WrongState, "what is under review stays as it was declared": |on|
        declares(&on.seller.client, &on.warned, &nothing_abroad());
    declare_for_gates, DocumentUnusable, "an approval is a document there is": |on| {
        let mut new = nothing_abroad();
        new["funding_approval_document_id"] = json!(Uuid::new_v4());
        declares(&on.seller.client, &on.draft, &new)
    };
    declare_for_gates, Invalid, "an entry of the catalogue is one that is in force": |on| {
        let mut new = nothing_abroad();
        new["export_entries"] = json!(["085001J"]);
        declares(&on.seller.client, &on.draft, &new)
    };
    acknowledge_gate, WrongState, "nobody decides about a draft": |on| acknowledges(on.reviewer(), &on.draft, &on.open);
    acknowledge_gate, SamePerson, "nobody decides about what he wrote": |on| acknowledges(&on.author, &on.authored, &on.open);
    acknowledge_gate, ConflictOfInterest, "nobody decides for his own organisation": |on| acknowledges(&on.inside, &on.warned, &on.open);
    acknowledge_gate, FindingDecided, "nobody decides twice": |on| acknowledges(on.reviewer(), &on.warned, &on.decided);
    acknowledge_gate, Invalid, "a decision is about something that was found": |on|
        acknowledges(on.reviewer(), &on.warned, &json!({"finding_sha256": "0".repeat(64)}));
    approve_listing, GateBlocked, "what warns waits for a decision": |on| Call::act(on.reviewer(), format!("{}/approve", on.warned));
    apply_for_lot, TradeRestricted, "who may not trade does not register": |on| applies(&on.kept, &on.closed);
    apply_for_lot, ForeignNotAdmitted, "what is open to no foreign party is not sold to one": |on| applies(&on.abroad, &on.closed);
    apply_for_lot, ExportLetterMissing, "a letter that was refused opens nothing": |on| applies(&on.abroad, &on.restricted);
    apply_for_lot, ConflictOfInterest, "who is related does not register": |on| {
        on.seller.client.create(&of(&on.seller, "relations"), related_to(&on.firm)).await.unwrap();
        applies(&on.firm, &on.closed)
    };
    publish_listing_amendment, GateBlocked, "a seller who may not trade any more offers nothing anew": |on| {
        let new = amendment(&on.seller, &on.closed_listing, |offer| offer["summary"] = "另一说明".into()).await;
        let proposed = on.seller.client.create(&format!("{}/amendments", on.closed_listing), new).await.unwrap();
        on.reviewer().create(&of(&on.seller, "restrictions"), restriction("trading")).await.unwrap();
        let place = format!("/v1/listing-amendments/{}/publish", text(&proposed["id"]));
        Call::post(&on.market.staff.publisher, place, &json!({"drafted_sha256": proposed["drafted_sha256"]}))
    };
}

/// A deal that the seller has signed, whose parties turned out to be related.
pub(super) struct Signed {
    market: Market,
    seller: Party,
    buyer: Party,
    deal: String,
    /// A transfer of a patent that was sold, whose buyer turned out to be a foreign party.
    transfer: String,
}

impl Signed {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let abroad = fixtures::enterprise(&market, "abroad", 2).await;
        let lot = announced(&market, &seller, "一种技术", &[&buyer]).await.lot;
        let (achievement, asset) = patent(&seller, 1).await;
        let offered = listing_offer(&market, "一种专利技术").await;
        let patented = play::publish(&seller, &market.staff, offered, &achievement, std::slice::from_ref(&asset)).await.unwrap().lot;
        play::admit(&abroad, &market.staff, &patented).await.unwrap();
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
        play::bid(&abroad, &patented, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = newest(&buyer.client, "/v1/deals").await;
        for party in [&seller, &buyer, &abroad] {
            party.client.prove().await.unwrap();
        }
        let sold = newest(&abroad.client, "/v1/deals").await;
        play::sign(&sold, &[&seller.client, &abroad.client]).await.unwrap();
        abroad.client.create(&of(&abroad, "facts"), foreign()).await.unwrap();
        let transfer = json!({
            "kind": "transfer", "asset_ids": [asset], "deal_id": sold, "document_id": paper(&seller, "转让合同").await,
            "declarations": {"no_ownership_dispute": true, "no_preservation": true, "pledged": false}
        });
        let transfer = recordals::drafted(&seller.client, transfer).await;
        play::sign(&deal, &[&seller.client]).await.unwrap();
        seller.client.create(&of(&seller, "relations"), related_to(&buyer)).await.unwrap();
        Self { market, seller, buyer, deal, transfer }
    }
}

cases! {
    /// The last signature.
    CONFIRMING of Signed;
    sign_deal, GateBlocked, "a deal of related parties is not confirmed": |on| {
        let confirmation = on.buyer.client.get(&format!("/v1/deals/{}/confirmation", on.deal)).await.unwrap();
        let signature = json!({"confirmation_sha256": confirmation["sha256"]});
        Call::post(&on.buyer.client, format!("/v1/deals/{}/sign", on.deal), &signature)
    };
    submit_recordal, ExportPaperMissing, "what goes abroad is registered once its papers are there": |on|
        Call::post(&on.seller.client, format!("{}/submit", on.transfer), &json!({"submitted_on": recordals::today(&on.market).await}));
}

on_both! {
    async fn gates(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, GATES).await;
        let waits = told.to("what warns waits for a decision");
        assert_eq!((waits["gates"].as_array().unwrap().len(), &waits["gates"][0]["gate"]), (1, &json!("clauses")));
        assert_eq!(told.to("a seller who may not trade any more offers nothing anew")["gates"][0]["code"], "restricted");
    }
}

on_both! {
    async fn confirming_through_the_gates(market) {
        let stage = Signed::set(market).await;
        let told = try_all(stage.market.house(), &stage, CONFIRMING).await;
        assert_eq!(told.to("a deal of related parties is not confirmed")["gates"][0]["code"], "related_buyer");
    }
}
