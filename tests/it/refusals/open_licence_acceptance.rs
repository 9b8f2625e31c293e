//! Taking open licences: who may not, what does not pay one, and what is not done to one that was taken.

use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::listings::{insider, reason};
use super::{Call, cases, try_all};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::open_licence_acceptance::{address, decision, notice, paying, recordal, take, taken};
use crate::open_licences::{announced, submitted};

/// A unit with declarations, and firms that took them.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    firm: Party,
    fallen: Party,
    /// A reviewer who sits with the unit.
    inside: Client,
    submitted: String,
    announced: String,
    withdrawn: String,
    /// What the firm took and paid, and what another gave notice of.
    paid: String,
    unpaid: String,
    refuted: String,
    other: Party,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let (firm, other) = (fixtures::enterprise(&market, "firm", 1).await, fixtures::enterprise(&market, "other", 2).await);
        let fallen = fixtures::enterprise(&market, "fallen", 3).await;
        market.staff.reviewer.create(&format!("/v1/organisations/{}/refuse", fallen.organisation), reason()).await.unwrap();
        let withdrawn = announced(&market, &unit, 1).await;
        unit.client.create(&format!("{withdrawn}/withdraw"), reason()).await.unwrap();
        let (place, second) = (announced(&market, &unit, 2).await, announced(&market, &unit, 3).await);
        let paid = taken(&firm, &place, "ICBC-1").await;
        let unpaid = address(&take(&other.client, &place, &notice()).await.ok().unwrap());
        let refuted = taken(&firm, &second, "ICBC-1").await;
        market.staff.reviewer.create(&format!("{refuted}/refute"), reason()).await.unwrap();
        Self {
            inside: insider(&market, &unit, "inside-four", "reviewer").await,
            submitted: submitted(&unit, 4).await,
            announced: second,
            market,
            unit,
            firm,
            fallen,
            withdrawn,
            paid,
            unpaid,
            refuted,
            other,
        }
    }

    /// The other firm takes the announced one and pays, with something changed.
    async fn takes(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut body = paying(&self.other, "10000.00", "ICBC-9").await;
        change(&mut body);
        Call::post(&self.other.client, format!("{}/acceptances", self.announced), &body)
    }
}

/// The patent of a declaration was lost.
async fn loses(unit: &Party, market: &Market, declared: &str) {
    market.pass(1).await;
    let asset = text(&unit.client.get(declared).await.unwrap()["asset_id"]);
    play::read_status(unit, &asset, "ceased_nonpayment").await.unwrap();
}

fn post(by: &Client, place: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/{step}"), body)
}

cases! {
    /// Taken, confirmed, put on record, refuted; and ended by the office.
    ACCEPTANCES of Stage;
    take_open_licence, WrongState, "what is withdrawn is nobody's to take": |on| {
        let body = paying(&on.other, "10000.00", "ICBC-9").await;
        Call::post(&on.other.client, format!("{}/acceptances", on.withdrawn), &body)
    };
    take_open_licence, ConflictOfInterest, "nobody licenses himself": |on|
        Call::post(&on.unit.client, format!("{}/acceptances", on.announced), &notice());
    take_open_licence, OrganisationNotVerified, "who takes it was verified": |on|
        Call::post(&on.fallen.client, format!("{}/acceptances", on.announced), &notice());
    take_open_licence, NotFound, "what nobody was told of nobody takes": |on|
        Call::post(&on.other.client, format!("{}/acceptances", on.submitted), &notice());
    take_open_licence, DocumentUnusable, "who pays shows it": |on|
        on.takes(|body| body["payment"]["document_id"] = json!(Uuid::new_v4())).await;
    take_open_licence, Invalid, "it is paid to the fen": |on| on.takes(|body| body["payment"]["amount"] = cny("10000.01")).await;
    take_open_licence, Invalid, "there is no royalty": |on| on.takes(|body| body["undertakes_royalty"] = json!(true)).await;
    take_open_licence, Invalid, "nobody pays tomorrow": |on| on.takes(|body| body["payment"]["paid_on"] = json!("2026-12-31")).await;
    confirm_open_licence_payment, WrongState, "what lapsed is not paid": |on| Call::act(&on.unit.client, format!("{}/confirm", on.refuted));
    record_open_licence_recordal, WrongState, "only a licence is put on record": |on|
        post(&on.other.client, &on.unpaid, "recordal", &recordal());
    record_open_licence_recordal, Invalid, "the office recorded it by today": |on|
        post(&on.firm.client, &on.paid, "recordal", &json!({"number": "1", "recorded_on": "2026-12-31"}));
    refute_open_licence_payment, WrongState, "what was not shown is not refuted": |on|
        post(&on.market.staff.reviewer, &on.unpaid, "refute", &reason());
    refute_open_licence_payment, ConflictOfInterest, "no officer of the unit refutes": |on| post(&on.inside, &on.paid, "refute", &reason());
    refute_open_licence_payment, Invalid, "who refutes says why": |on|
        post(&on.market.staff.reviewer, &on.paid, "refute", &json!({"reason": " "}));
    record_cnipa_decision, WrongState, "the office decides on what is announced": |on|
        post(&on.unit.client, &on.submitted, "cnipa-decision", &decision("not_accepted"));
    record_cnipa_decision, ConflictOfInterest, "no officer of the unit enters it": |on|
        post(&on.inside, &on.announced, "cnipa-decision", &decision("not_accepted"));
    record_cnipa_decision, Invalid, "the office ends what it announced": |on|
        post(&on.unit.client, &on.announced, "cnipa-decision", &decision("terminated"));
    // From here on the patents are lost.
    take_open_licence, StatusForbids, "what is lost is licensed to nobody": |on| {
        loses(&on.unit, &on.market, &on.announced).await;
        on.takes(|_| {}).await
    };
    confirm_open_licence_payment, StatusForbids, "nor by the patentee's word": |on| {
        let declared = text(&on.other.client.get(&on.unpaid).await.unwrap()["open_licence_id"]);
        loses(&on.unit, &on.market, &format!("/v1/open-licences/{declared}")).await;
        Call::act(&on.unit.client, format!("{}/confirm", on.unpaid))
    };
}

on_both! {
    async fn open_licence_acceptances(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, ACCEPTANCES).await;
        assert_eq!(told.to("it is paid to the fen")["errors"][0]["pointer"], json!("/payment/amount"));
        assert_eq!(told.to("what is withdrawn is nobody's to take")["state"], json!("withdrawn"));
        assert_eq!(told.to("only a licence is put on record")["allowed"], json!(["take_open_licence", "confirm_open_licence_payment"]));
        assert_eq!(told.to("the office ends what it announced")["errors"][0]["pointer"], json!("/outcome"));
    }
}
