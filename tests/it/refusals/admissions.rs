//! Applying for lots, being let in, and deposits.

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, invite, join, lot, offer, right};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::on_both;

/// A lot that calls for buyers, one whose registration is over, and buyers at every stage.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    /// Takes applications.
    calling: String,
    /// Takes none any more.
    shut: String,
    /// Admitted to both lots.
    admitted: Party,
    admission: Value,
    /// Found fit for the calling lot, and not paid yet.
    qualified: Party,
    qualification: Value,
    /// Has applied to the calling lot.
    applied: Party,
    application: Value,
    /// Has applied nowhere.
    fresh: Party,
    /// Was found fit for the lot that is shut, and did not pay.
    late: Value,
    /// Not verified any more.
    fallen: Party,
    /// Wrote the offer of the calling lot and bids for another organisation now.
    author: Client,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let mut firms = Vec::new();
        for (number, key) in (1..).zip(["admitted", "qualified", "applied", "fresh", "fallen"]) {
            firms.push(fixtures::enterprise(&market, key, number).await);
        }
        let [admitted, qualified, applied, fresh, fallen] = firms.try_into().unwrap_or_else(|_| panic!("five firms"));
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();

        let (achievement, asset) = right(&seller, "一种报名已截止的技术").await;
        let shut = offer(&market, "一种报名已截止的技术").await;
        let shut = play::publish(&seller, &market.staff, shut, &achievement, &[asset]).await.unwrap().lot;
        play::admit(&admitted, &market.staff, &shut).await.unwrap();
        let late = apply(&market, &qualified, &shut, true).await;
        market.pass(2).await;

        let (author, place) = join(&market, &seller, "a-uthor", &["operator"]).await;
        let (achievement, asset) = right(&seller, "一种征集受让方的技术").await;
        let pen = Party { client: author.clone(), ..seller.clone() };
        let calling = offer(&market, "一种征集受让方的技术").await;
        let calling = play::publish(&pen, &market.staff, calling, &achievement, &[asset]).await.unwrap().lot;
        seller.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        let place = invite(&fresh, &address("a-uthor"), &["bidder"]).await;
        author.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();

        let admission = play::admit(&admitted, &market.staff, &calling).await.unwrap();
        let qualification = apply(&market, &qualified, &calling, true).await;
        let application = apply(&market, &applied, &calling, false).await;
        Self {
            market,
            seller,
            calling,
            shut,
            admitted,
            admission,
            qualified,
            qualification,
            applied,
            application,
            fresh,
            late,
            fallen,
            author,
        }
    }

    fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }

    fn host(&self) -> &Client {
        &self.market.staff.host
    }

    /// What finance records of a bank's credit.
    fn credit(&self, reference: &str, admission: &Value, payer: &str, amount: &str) -> Call {
        let credit = json!({
            "bank_reference": reference,
            "deposit_reference": admission["deposit"]["reference"],
            "amount": cny(amount),
            "payer_name": payer
        });
        Call::post(&self.market.staff.finance, "/v1/bank-credits", &credit)
    }
}

/// Applies for a lot, and is found fit if told so.
async fn apply(market: &Market, buyer: &Party, lot: &str, qualify: bool) -> Value {
    let applied = buyer.client.create(&format!("/v1/lots/{lot}/admissions"), json!({})).await.unwrap();
    if qualify {
        return market.staff.reviewer.act(&format!("/v1/admissions/{}/qualify", text(&applied["id"]))).await.unwrap();
    }
    applied
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

fn application(caller: &Client, lot: &str) -> Call {
    Call::post(caller, format!("/v1/lots/{lot}/admissions"), &json!({}))
}

fn step(caller: &Client, admission: &Value, step: &str) -> Call {
    Call::act(caller, format!("/v1/admissions/{}/{step}", text(&admission["id"])))
}

fn reasoned(caller: &Client, admission: &Value, deed: &str) -> Call {
    step(caller, admission, deed).json(&reason())
}

/// What the simulated bank is told to pay.
fn payment(payer: &Client, admission: &Value, amount: &str) -> Call {
    let payment = json!({"deposit_reference": admission["deposit"]["reference"], "amount": cny(amount)});
    Call::post(payer, "/v1/sandbox/bank-credits", &payment)
}

cases! {
    /// Applying and being decided about.
    APPLYING of Stage;
    apply_for_lot, OwnLot, "a seller does not apply for its own lot": |on| application(&on.seller.client, &on.calling);
    apply_for_lot, OrganisationNotVerified, "who is not verified does not apply": |on| application(&on.fallen.client, &on.calling);
    apply_for_lot, ConflictOfInterest, "who wrote the offer does not apply for another": |on| application(&on.author, &on.calling);
    apply_for_lot, RegistrationClosed, "nobody applies after registration has closed": |on| application(&on.fresh.client, &on.shut);
    apply_for_lot, AlreadyApplied, "nobody applies twice": |on| application(&on.applied.client, &on.calling);
    apply_for_lot, DocumentUnusable, "a document there is not shows nothing": |on|
        Call::post(&on.fresh.client, format!("/v1/lots/{}/admissions", on.calling), &json!({"documents": [Uuid::new_v4()]}));
    apply_for_lot, DocumentUnusable, "another's document shows nothing": |on| {
        let paper = on.applied.client.upload("资质", "资质.txt", "private", "text/plain", b"x".to_vec()).await.unwrap();
        Call::post(&on.fresh.client, format!("/v1/lots/{}/admissions", on.calling), &json!({"documents": [paper["id"]]}))
    };
    apply_for_lot, Invalid, "no document twice": |on| {
        let id = Uuid::new_v4();
        Call::post(&on.fresh.client, format!("/v1/lots/{}/admissions", on.calling), &json!({"documents": [id, id]}))
    };
    qualify_admission, WrongState, "who is found fit is not found fit again": |on| step(on.reviewer(), &on.qualification, "qualify");
    qualify_admission, WrongState, "nobody is found fit after registration has closed": |on| step(on.reviewer(), &on.late, "qualify");
    qualify_admission, Stale, "a reviewer decides about what he saw": |on| step(on.reviewer(), &on.application, "qualify").on_version(7);
    refuse_admission, WrongState, "who is found fit is not refused": |on| reasoned(on.reviewer(), &on.qualification, "refuse");
    refuse_admission, Invalid, "who refuses says why": |on| step(on.reviewer(), &on.application, "refuse").json(&json!({"reason": ""}));
    withdraw_admission, WrongState, "nobody withdraws once the money is there": |on| step(&on.admitted.client, &on.admission, "withdraw");
    suspend_bidder, WrongState, "who is not admitted is not suspended": |on| reasoned(on.host(), &on.application, "suspend");
    reinstate_bidder, WrongState, "who is not suspended is not reinstated": |on| reasoned(on.host(), &on.admission, "reinstate");
    suspend_bidder, WrongState, "who is suspended is not suspended again": |on| {
        on.host().create(&format!("/v1/admissions/{}/suspend", text(&on.admission["id"])), reason()).await.unwrap();
        reasoned(on.host(), &on.admission, "suspend")
    };
}

cases! {
    /// Deposits.
    PAYING of Stage;
    record_bank_credit, Invalid, "a credit is for a deposit there is": |on| {
        let mut admission = on.qualification.clone();
        admission["deposit"]["reference"] = "D-00000000".into();
        on.credit("BANK-0", &admission, &on.qualified.name, "100.00")
    };
    record_bank_credit, WrongState, "nobody pays before he is found fit": |on| on.credit("BANK-1", &on.application, &on.applied.name, "100.00");
    record_bank_credit, WrongState, "nobody pays twice": |on| on.credit("BANK-1", &on.admission, &on.admitted.name, "100.00");
    record_bank_credit, RegistrationClosed, "nobody pays after registration has closed": |on|
        on.credit("BANK-1", &on.late, &on.qualified.name, "100.00");
    record_bank_credit, PayerMismatch, "nobody pays for another": |on| on.credit("BANK-1", &on.qualification, &on.fresh.name, "100.00");
    record_bank_credit, AmountMismatch, "a deposit is paid to the fen": |on| on.credit("BANK-1", &on.qualification, &on.qualified.name, "100.01");
    record_bank_credit, BankReferenceTaken, "a credit of the bank is recorded once": |on| {
        let paid = apply(&on.market, &on.fresh, &on.calling, true).await;
        assert_eq!(on.credit("BANK-1", &paid, &on.fresh.name, "100.00").made().await.status, 201);
        on.credit("BANK-1", &on.qualification, &on.qualified.name, "100.00")
    };
    simulate_bank_credit, NotFound, "the simulated bank pays one's own deposits": |on| payment(&on.fresh.client, &on.qualification, "100.00");
    simulate_bank_credit, WrongState, "the simulated bank does not pay before one is found fit": |on|
        payment(&on.applied.client, &on.application, "100.00");
    simulate_bank_credit, RegistrationClosed, "the simulated bank does not pay late": |on| payment(&on.qualified.client, &on.late, "100.00");
    simulate_bank_credit, PayerMismatch, "the simulated bank pays in one's own name": |on| {
        let payment = json!({
            "deposit_reference": on.qualification["deposit"]["reference"],
            "amount": cny("100.00"),
            "payer_name": on.fresh.name
        });
        Call::post(&on.qualified.client, "/v1/sandbox/bank-credits", &payment)
    };
    simulate_bank_credit, AmountMismatch, "the simulated bank pays the deposit to the fen": |on|
        payment(&on.qualified.client, &on.qualification, "99.99");
}

on_both! {
    async fn applicants_and_their_deposits(market) {
        let stage = Stage::set(market).await;
        let house = stage.market.house();
        let told = try_all(house, &stage, APPLYING).await;
        assert_eq!(told.to("nobody applies twice")["admission_id"], stage.application["id"]);
        assert_eq!(told.to("who is suspended is not suspended again")["allowed"], json!(["reinstate_bidder"]));
        let told = try_all(house, &stage, PAYING).await;
        assert_eq!(told.to("a deposit is paid to the fen")["expected"], json!(Money::fen(10_000)));
        // The one who was refused so often is let in when he does it right.
        let paid = payment(&stage.qualified.client, &stage.qualification, "100.00").made().await;
        assert_eq!((paid.status, &paid.body["state"]), (201, &json!("admitted")), "{}", paid.body);
    }
}

on_both! {
    /// Nobody learns of another's application by being refused about it.
    async fn anothers_admission_is_not_there(market) {
        let seller = fixtures::university(&market).await;
        let (buyer, rival) = (fixtures::enterprise(&market, "buyer", 1).await, fixtures::enterprise(&market, "rival", 2).await);
        lot(&market, &seller, "一种技术", &[&buyer]).await;
        let admission = buyer.client.get("/v1/admissions").await.unwrap()["items"][0].clone();
        let reply = step(&rival.client, &admission, "withdraw").made().await;
        assert_eq!((reply.status, reply.code()), (404, "not_found"), "{}", reply.body);
    }
}
