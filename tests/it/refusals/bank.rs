//! Statements of the bank, decisions about their lines, and payment files.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{lot, newest, offer, right};
use crate::bank::Sheet;
use crate::common::{Market, fixtures};
use crate::on_both;

/// A lot that calls for buyers, one that is over, a refund that is owed, and lines that wait.
pub(super) struct Stage {
    market: Market,
    sheet: Sheet,
    lines: BTreeMap<String, String>,
    /// The admissions of one who was found fit and has not paid, by lot: still calling, and shut.
    waiting: Value,
    late: Value,
    refund: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let mut firms = Vec::new();
        for (number, key) in (1..).zip(["winner", "loser", "payer"]) {
            firms.push(fixtures::enterprise(&market, key, number).await);
        }
        let [winner, loser, payer] = firms.try_into().unwrap_or_else(|_| panic!("three firms"));
        let sold = lot(&market, &seller, "一种已售出的技术", &[&winner, &loser]).await;
        play::bid(&winner, &sold.lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let refund = newest(&market.staff.finance, "/v1/refunds").await;

        let shut = publish(&market, &seller, "一种报名已截止的技术").await;
        let late = apply(&market, &payer, &shut).await;
        market.pass(2).await;
        let open = publish(&market, &seller, "一种征集受让方的技术").await;
        let waiting = apply(&market, &payer, &open).await;

        let now = market.staff.now().await.unwrap();
        let sheet = Sheet::opening(0)
            .credit(now, "IN-1", 10_000, "别的公司", "来款")
            .credit(now, "IN-2", 9_900, &payer.name, "来款")
            .credit(now, "IN-3", 10_000, &payer.name, "来款")
            .credit(now, "IN-4", 10_000, "别的公司", &text(&waiting["deposit"]["reference"]))
            .debit(now, "OUT-1", 100, "", "手续费")
            .debit(now, "OUT-2", 10_000, "别的公司", "付款");
        let statement = text(&sheet.import(&market).await["id"]);
        let page = market.staff.finance.get(&format!("/v1/bank-lines?statement_id={statement}")).await.unwrap();
        let lines = page["items"].as_array().unwrap().iter().map(|line| (text(&line["bank_reference"]), text(&line["id"]))).collect();
        Self { market, sheet, lines, waiting, late, refund }
    }

    fn finance(&self) -> &Client {
        &self.market.staff.finance
    }

    /// Finance sends a statement.
    fn statement(&self, sheet: &Sheet) -> Call {
        Call::act(self.finance(), sheet.place()).carrying("text/csv", sheet.text())
    }

    /// Finance decides about a line.
    fn decide(&self, reference: &str, decision: &Value) -> Call {
        Call::post(self.finance(), format!("/v1/bank-lines/{}/decide", self.lines[reference]), decision)
    }

    fn apply(&self, reference: &str, admission: &Value) -> Call {
        self.decide(reference, &json!({"decision": "apply", "admission_id": admission["id"], "reason": "理由"}))
    }
}

/// A lot whose registration closes in half a minute.
async fn publish(market: &Market, seller: &Party, title: &str) -> String {
    let (achievement, asset) = right(seller, title).await;
    play::publish(seller, &market.staff, offer(market, title).await, &achievement, &[asset]).await.unwrap().lot
}

/// Applies for a lot and is found fit.
async fn apply(market: &Market, buyer: &Party, lot: &str) -> Value {
    let applied = buyer.client.create(&format!("/v1/lots/{lot}/admissions"), json!({})).await.unwrap();
    market.staff.reviewer.act(&format!("/v1/admissions/{}/qualify", text(&applied["id"]))).await.unwrap()
}

fn back() -> Value {
    json!({"decision": "return", "reason": "理由"})
}

cases! {
    /// Statements, lines and files.
    BANK of Stage;
    import_bank_statement, StatementTaken, "a statement is imported once": |on| on.statement(&on.sheet);
    import_bank_statement, UnsupportedMedia, "a statement is CSV": |on| on.statement(&on.sheet).carrying("text/plain", on.sheet.text());
    import_bank_statement, Invalid, "a statement adds up": |on|
        on.statement(&on.sheet).carrying("text/csv", on.sheet.text().replace("100.00", "100.01"));
    import_bank_statement, Invalid, "a reference stands once in a statement": |on|
        on.statement(&on.sheet).carrying("text/csv", on.sheet.text().replace("IN-2", "IN-1"));
    import_bank_statement, Invalid, "nothing is booked before it happened": |on| {
        let later = on.market.staff.now().await.unwrap() + TimeDelta::seconds(1);
        on.statement(&Sheet::opening(0).credit(later, "IN-9", 100, "某公司", ""))
    };
    decide_bank_line, PayerMismatch, "a deposit comes from the applicant's own account": |on| on.apply("IN-1", &on.waiting);
    decide_bank_line, AmountMismatch, "a deposit is applied to the fen": |on| on.apply("IN-2", &on.waiting);
    decide_bank_line, RegistrationClosed, "a deposit that came late is never applied": |on| on.apply("IN-3", &on.late);
    decide_bank_line, WrongState, "what a third party paid is never applied": |on| on.apply("IN-4", &on.waiting);
    decide_bank_line, PayeeMismatch, "what a stranger was paid pays no refund": |on|
        on.decide("OUT-2", &json!({"decision": "pays", "refund_id": on.refund, "reason": "理由"}));
    decide_bank_line, AmountMismatch, "a refund is paid to the fen": |on|
        on.decide("OUT-1", &json!({"decision": "pays", "refund_id": on.refund, "reason": "理由"}));
    decide_bank_line, Invalid, "there is such a refund": |on|
        on.decide("OUT-2", &json!({"decision": "pays", "refund_id": "00000000-0000-4000-8000-000000000000", "reason": "理由"}));
    decide_bank_line, Invalid, "what was paid is named": |on| on.decide("OUT-2", &json!({"decision": "pays", "reason": "理由"}));
    decide_bank_line, WrongState, "what went out does not go back": |on| on.decide("OUT-1", &back());
    decide_bank_line, Invalid, "a deposit is applied to an admission": |on|
        on.decide("IN-3", &json!({"decision": "apply", "reason": "理由"}));
    decide_bank_line, Invalid, "there is such an admission": |on|
        on.apply("IN-3", &json!({"id": "00000000-0000-4000-8000-000000000000"}));
    decide_bank_line, Invalid, "who decides says why": |on| on.decide("IN-3", &json!({"decision": "return", "reason": " "}));
    decide_bank_line, Stale, "an officer decides about what he saw": |on| on.decide("IN-3", &back()).on_version(7);
    decide_bank_line, WrongState, "a line is decided once": |on| {
        assert_eq!(on.decide("IN-1", &back()).made().await.status, 200);
        on.decide("IN-1", &back())
    };
    pay_refund, BankReferenceTaken, "a payment has a reference of its own": |on|
        Call::post(on.finance(), format!("/v1/refunds/{}/pay", on.refund), &json!({"bank_reference": "OUT-1"}));
    create_payment_file, NothingToPay, "a file pays what is due by then": |on|
        Call::post(on.finance(), "/v1/payment-files", &json!({"due_by": "2026-01-01T00:00:00Z"}));
    create_payment_file, Invalid, "a due date is in our time": |on|
        Call::post(on.finance(), "/v1/payment-files", &json!({"due_by": "9999-01-01T00:00:00Z"}));
    pay_refund, WrongState, "what is in a payment file is not paid by hand": |on| {
        on.finance().create("/v1/payment-files", json!({})).await.unwrap();
        Call::post(on.finance(), format!("/v1/refunds/{}/pay", on.refund), &json!({"bank_reference": "OUT-3"}))
    };
    cancel_payment_file, Stale, "an officer cancels what he saw": |on| {
        let file = newest(on.finance(), "/v1/payment-files").await;
        Call::act(on.finance(), format!("/v1/payment-files/{file}/cancel")).on_version(7)
    };
    cancel_payment_file, WrongState, "a file is cancelled once": |on| {
        let cancel = format!("/v1/payment-files/{}/cancel", newest(on.finance(), "/v1/payment-files").await);
        on.finance().act(&cancel).await.unwrap();
        Call::act(on.finance(), cancel)
    };
}

on_both! {
    async fn statements_and_payments(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, BANK).await;
        assert_eq!(told.to("what a third party paid is never applied")["decisions"], json!(["return"]));
        assert_eq!(told.to("what a third party paid is never applied")["allowed"], json!(["decide_bank_line"]));
        assert_eq!(told.to("a line is decided once")["allowed"], json!([]));
        assert_eq!(told.to("a deposit is applied to the fen")["expected"], json!(Money::fen(10_000)));
        assert_eq!(told.to("what is in a payment file is not paid by hand")["state"], "in_payment_file");
        let (credits, debits) = (told.to("a statement adds up")["credits"].clone(), told.to("a statement adds up")["debits"].clone());
        assert_eq!((credits, debits), (json!(Money::fen(39_903)), json!(Money::fen(10_101))));
    }
}
