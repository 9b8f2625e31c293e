//! The bank's statements: every line of them ends where it should, and ledger and statement agree.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::platform::keys::{hex, sha256};
use zhepai::play::{self, Party, text};

use crate::authz::right;
use crate::common::play::{books_balance, cny, granted, refused};
use crate::common::{Market, fixtures};
use crate::on_both;

// ---- Statements in the making ----

/// A statement of the bank.
#[derive(Clone)]
pub(crate) struct Sheet {
    rows: Vec<String>,
    opening: i64,
    closing: i64,
}

impl Sheet {
    /// A statement that begins with so much.
    pub(crate) fn opening(fen: i64) -> Self {
        Self { rows: Vec::new(), opening: fen, closing: fen }
    }

    /// With a credit more.
    pub(crate) fn credit(mut self, at: DateTime<Utc>, reference: &str, fen: i64, payer: &str, remark: &str) -> Self {
        self.closing += fen;
        self.row(at, reference, "credit", fen, payer, remark)
    }

    /// With a debit more.
    pub(crate) fn debit(mut self, at: DateTime<Utc>, reference: &str, fen: i64, payee: &str, remark: &str) -> Self {
        self.closing -= fen;
        self.row(at, reference, "debit", fen, payee, remark)
    }

    fn row(mut self, at: DateTime<Utc>, reference: &str, direction: &str, fen: i64, name: &str, remark: &str) -> Self {
        let (at, amount) = (at.to_rfc3339(), Money::fen(fen).decimal());
        self.rows.push(format!("{at},{reference},{direction},{amount},CNY,{name},6222-{reference},{remark}"));
        self
    }

    /// Its text.
    pub(crate) fn text(&self) -> String {
        let header = "booked_at,bank_reference,direction,amount,currency,counterparty_name,counterparty_account,remark";
        format!("\u{feff}{header}\r\n{}\r\n", self.rows.join("\r\n"))
    }

    /// The address it is sent to, with its balances.
    pub(crate) fn place(&self) -> String {
        let balance = |fen| Money::fen(fen).decimal();
        format!(
            "/v1/bank-statements?file_name=a.csv&currency=CNY&opening_balance={}&closing_balance={}",
            balance(self.opening),
            balance(self.closing)
        )
    }

    /// Finance imports it; the answer, whatever it is.
    async fn send(&self, finance: &Client, more: &str) -> Reply {
        let place = format!("{}{more}", self.place());
        finance.send_file(&place, "text/csv", self.text().into_bytes()).await.unwrap()
    }

    /// Finance imports it.
    pub(crate) async fn import(&self, market: &Market) -> Value {
        granted(&self.send(&market.staff.finance, "").await, 201).clone()
    }
}

/// A statement with a line that waits, and a payment file, for tests that need one of everything.
pub(crate) struct Books {
    /// The statement.
    pub(crate) statement: String,
    /// Its line.
    pub(crate) line: String,
    /// The payment file.
    pub(crate) file: String,
}

impl Books {
    /// Imports a statement whose only line is nobody's, and makes a file of the refunds that are owed.
    pub(crate) async fn keep(market: &Market) -> Self {
        let now = market.staff.now().await.unwrap();
        let statement = Sheet::opening(0).credit(now, "STRAY-1", 100, "某公司", "来款").import(market).await;
        let statement = text(&statement["id"]);
        let line = text(&lines(&market.staff.finance, &statement).await["STRAY-1"]["id"]);
        let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
        Self { statement, line, file: text(&file["id"]) }
    }
}

/// The lines of a statement, by the bank's reference.
async fn lines(reader: &Client, statement: &str) -> BTreeMap<String, Value> {
    let page = reader.get(&format!("/v1/bank-lines?statement_id={statement}&limit=100")).await.unwrap();
    page["items"].as_array().unwrap().iter().map(|line| (text(&line["bank_reference"]), line.clone())).collect()
}

/// The line of what the account held before a statement.
async fn opening_of(market: &Market, statement: &Value) -> Value {
    let id = text(&statement["id"]);
    lines(&market.staff.finance, &id).await[&format!("OPENING {id}")].clone()
}

/// Where a line stands, and why.
fn standing(line: &Value) -> (&str, &str) {
    (line["state"].as_str().unwrap(), line["reason"].as_str().unwrap_or_default())
}

/// The reconciliation of today: the difference, what of it is left, what is nobody's, and the lines that wait.
async fn reconciled(market: &Market) -> (String, String, String, u64) {
    let said = market.staff.supervisor.get("/v1/reconciliation").await.unwrap();
    let amount = |value: &Value| text(&value["amount"]);
    let suspense = &said["suspense"];
    (amount(&said["difference"]), amount(&said["unexplained"]), amount(&suspense["balance"]), suspense["unmatched_lines"].as_u64().unwrap())
}

fn figures(difference: &str, unexplained: &str, suspense: &str, waiting: u64) -> (String, String, String, u64) {
    (difference.into(), unexplained.into(), suspense.into(), waiting)
}

// ---- Lots and those who pay for them ----

/// A lot whose registration closes in two hours, and whose bidding opens then.
async fn calling(market: &Market, seller: &Party, title: &str) -> String {
    calling_ahead(market, seller, title, TimeDelta::seconds(1)).await
}

/// A lot whose registration closes in two hours, and so long before bidding opens.
async fn calling_ahead(market: &Market, seller: &Party, title: &str, lead: TimeDelta) -> String {
    let (achievement, asset) = right(seller, title).await;
    let closes = market.staff.now().await.unwrap() + TimeDelta::hours(2) - TimeDelta::seconds(1);
    let mut offer = fixtures::rehearsal(Money::fen(100_000), closes + lead);
    offer["title"] = title.into();
    offer["schedule"]["registration_closes_at"] = json!(closes);
    play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot
}

/// An applicant who was found fit and has not paid, with its deposit reference and admission.
struct Applicant {
    party: Party,
    reference: String,
    admission: String,
}

impl Applicant {
    async fn of(market: &Market, lot: &str, key: &str, number: u32) -> Self {
        let party = fixtures::enterprise(market, key, number).await;
        let applied = party.client.create(&format!("/v1/lots/{lot}/admissions"), json!({})).await.unwrap();
        let admission = text(&applied["id"]);
        market.staff.reviewer.act(&format!("/v1/admissions/{admission}/qualify")).await.unwrap();
        Self { party, reference: text(&applied["deposit"]["reference"]), admission }
    }

    fn name(&self) -> &str {
        &self.party.name
    }

    async fn state(&self) -> String {
        text(&self.party.client.get(&format!("/v1/admissions/{}", self.admission)).await.unwrap()["state"])
    }
}

async fn decide(market: &Market, line: &Value, decision: Value) -> Value {
    let place = format!("/v1/bank-lines/{}/decide", text(&line["id"]));
    market.staff.finance.create(&place, decision).await.unwrap()
}

async fn give_back(market: &Market, line: &Value) -> Value {
    let decided = decide(market, line, json!({"decision": "return", "reason": "非本人保证金，退回"})).await;
    assert_eq!((&decided["state"], &decided["owed_back"]["state"]), (&json!("resolved"), &json!("due")));
    decided
}

/// The text of a payment file, with its entity tag.
async fn downloaded(finance: &Client, file: &str) -> (String, String) {
    let url = format!("{}/v1/payment-files/{file}/download", finance.base());
    let answer = crate::common::http().get(url).bearer_auth(finance.token().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    (answer.text().await.unwrap(), tag)
}

/// The payments of a file as debits of a statement.
fn made(sheet: Sheet, at: DateTime<Utc>, file: &Value, only: impl Fn(&Value) -> bool) -> Sheet {
    file["items"].as_array().unwrap().iter().filter(|item| only(item)).fold(sheet, |sheet, item| {
        let reference = text(&item["payment_reference"]);
        let amount: String = text(&item["amount"]["amount"]).replace('.', "");
        sheet.debit(at, &format!("OUT-{reference}"), amount.parse().unwrap(), &text(&item["payee_name"]), &format!("退款 {reference}"))
    })
}

// ---- Stories ----

on_both! {
    /// The right payment, the wrong payer, short, excess, split, double, late, unknown, and the bank's own
    /// fee: each ends where it should, and at every step ledger and statement differ by nothing.
    async fn every_payment_ends_where_it_should(market) {
        let seller = fixtures::university(&market).await;
        let lot = calling(&market, &seller, "一种来款各有去处的技术").await;
        let mut applicants = Vec::new();
        for (number, key) in (1..).zip(["right", "third", "short", "excess", "split", "silent", "typo", "late"]) {
            applicants.push(Applicant::of(&market, &lot, key, number).await);
        }
        let [right, third, short, excess, split, silent, typo, late] = applicants.try_into().unwrap_or_else(|_| panic!("eight"));
        let now = market.staff.now().await.unwrap();
        let plain = right.name().replace(' ', "");
        let first = Sheet::opening(0)
            .credit(now, "IN-1", 10_000, &plain, &format!("保证金{}", right.reference.to_lowercase()))
            .credit(now, "IN-2", 10_000, "别的公司", &third.reference)
            .credit(now, "IN-3", 6_000, short.name(), &short.reference)
            .credit(now, "IN-4", 13_000, excess.name(), &excess.reference)
            .credit(now, "IN-5", 4_000, split.name(), &split.reference)
            .credit(now, "IN-6", 6_000, split.name(), &split.reference)
            .credit(now, "IN-7", 10_000, right.name(), &right.reference)
            .credit(now, "IN-8", 10_000, silent.name(), "报名费用")
            .credit(now, "IN-9", 10_000, typo.name(), "D-00000000")
            .credit(now, "IN-10", 5_000, short.name(), &short.reference)
            .debit(now, "OUT-1", 500, "", "账户管理费");
        let imported = first.import(&market).await;
        assert_eq!(imported["warnings"], json!([]));
        assert_eq!((&imported["lines"]["matched"], &imported["lines"]["unmatched"]), (&json!(3), &json!(8)));
        let found = lines(&market.staff.finance, &text(&imported["id"])).await;
        for (reference, state, reason) in [
            ("IN-1", "matched", ""),
            ("IN-2", "unmatched", "payer_mismatch"),
            ("IN-3", "unmatched", "amount_short"),
            ("IN-4", "unmatched", "amount_excess"),
            ("IN-5", "matched", ""),
            ("IN-6", "matched", ""),
            ("IN-7", "unmatched", "already_paid"),
            ("IN-8", "unmatched", "no_reference"),
            ("IN-9", "unmatched", "unknown_reference"),
            ("IN-10", "unmatched", "amount_short"),
            ("OUT-1", "unmatched", "unknown_debit"),
        ] {
            assert_eq!(standing(&found[reference]), (state, reason), "{reference}");
        }
        for (who, state) in [(&right, "admitted"), (&split, "admitted"), (&third, "qualified"), (&short, "qualified")] {
            assert_eq!(who.state().await, state, "{}", who.name());
        }
        books_balance(&market.staff.finance).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "635.00", 8));
        let queue = market.staff.supervisor.get("/v1/bank-lines?state=unmatched&reason=amount_short").await.unwrap();
        assert_eq!(queue["items"].as_array().unwrap().len(), 2);

        for (reference, who) in [("IN-8", &silent), ("IN-9", &typo)] {
            let applied = json!({"decision": "apply", "admission_id": who.admission, "reason": "户名、金额、时间相符"});
            assert_eq!(decide(&market, &found[reference], applied).await["admission_id"], who.admission.as_str());
            assert_eq!(who.state().await, "admitted");
        }
        for reference in ["IN-2", "IN-3", "IN-4", "IN-7", "IN-10"] {
            give_back(&market, &found[reference]).await;
        }
        decide(&market, &found["OUT-1"], json!({"decision": "explain", "reason": "账户管理费"})).await;
        books_balance(&market.staff.finance).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "440.00", 0));

        let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
        assert_eq!((&file["total"], &file["item_count"], &file["state"]), (&cny("440.00"), &json!(5), &json!("open")));
        let (written, tag) = downloaded(&market.staff.finance, &text(&file["id"])).await;
        assert_eq!(hex(&sha256(written.as_bytes())), text(&file["sha256"]));
        assert_eq!(tag, format!("\"{}\"", text(&file["sha256"])));
        assert!(written.contains(",别的公司,6222-IN-2,100.00,CNY,退回来款 R-"), "{written}");

        market.pass(121).await;
        let then = market.staff.now().await.unwrap();
        let second = made(Sheet::opening(first.closing), then, &file, |_| true).credit(
            now + TimeDelta::minutes(120),
            "IN-11",
            10_000,
            late.name(),
            &late.reference,
        );
        let imported = second.import(&market).await;
        assert_eq!(imported["warnings"], json!([]));
        let found = lines(&market.staff.finance, &text(&imported["id"])).await;
        assert_eq!(standing(&found["IN-11"]), ("unmatched", "late"));
        assert_eq!(imported["lines"]["confirmed_refund"], 5);
        assert_eq!(late.state().await, "not_admitted");
        let file = market.staff.finance.get(&format!("/v1/payment-files/{}", text(&file["id"]))).await.unwrap();
        assert_eq!(file["state"], "confirmed");
        books_balance(&market.staff.finance).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "100.00", 1));
        let returned = give_back(&market, &found["IN-11"]).await;
        assert_eq!(returned["owed_back"]["rule"], "3wd (platform rule (design))");
    }
}

on_both! {
    /// What the bank booked in time counts though its statement comes once registration has closed, until bidding
    /// opens; what it booked too late does not.
    async fn a_deposit_in_time_counts_until_bidding_opens(market) {
        let finance = &market.staff.finance;
        let seller = fixtures::university(&market).await;
        let lot = calling_ahead(&market, &seller, "一种对账单迟到的技术", TimeDelta::hours(2)).await;
        let mut applicants = Vec::new();
        for (number, key) in (1..).zip(["first", "punctual", "silent", "late", "slow"]) {
            applicants.push(Applicant::of(&market, &lot, key, number).await);
        }
        let [first, punctual, silent, late, slow] = applicants.try_into().unwrap_or_else(|_| panic!("five"));
        let now = market.staff.now().await.unwrap();
        let before = Sheet::opening(0).credit(now, "IN-1", 10_000, first.name(), &first.reference);
        before.import(&market).await;

        market.pass(121).await;
        assert_eq!(punctual.state().await, "not_admitted");
        let (in_time, too_late) = (now + TimeDelta::minutes(110), now + TimeDelta::minutes(120));
        let after = Sheet::opening(before.closing)
            .credit(in_time, "IN-2", 10_000, punctual.name(), &punctual.reference)
            .credit(in_time, "IN-3", 10_000, silent.name(), "保证金")
            .credit(too_late, "IN-4", 10_000, late.name(), &late.reference);
        let found = lines(finance, &text(&after.import(&market).await["id"])).await;
        assert_eq!((standing(&found["IN-2"]), standing(&found["IN-4"])), (("matched", ""), ("unmatched", "late")));
        decide(&market, &found["IN-3"], json!({"decision": "apply", "admission_id": silent.admission, "reason": "户名、金额、时间相符"})).await;
        for (who, state) in [(&punctual, "admitted"), (&silent, "admitted"), (&late, "not_admitted"), (&slow, "not_admitted")] {
            assert_eq!(who.state().await, state, "{}", who.name());
        }

        market.pass(120).await;
        let then = market.staff.now().await.unwrap();
        let opened = Sheet::opening(after.closing)
            .credit(in_time, "IN-5", 10_000, slow.name(), &slow.reference)
            .credit(then, "IN-6", 100, "某公司", "来款");
        let line = lines(finance, &text(&opened.import(&market).await["id"])).await["IN-5"].clone();
        assert_eq!(standing(&line), ("unmatched", "admission_not_waiting"));
        let apply = json!({"decision": "apply", "admission_id": slow.admission, "reason": "理由"});
        let reply = finance.post(&format!("/v1/bank-lines/{}/decide", text(&line["id"])), apply).send().await.unwrap();
        assert_eq!(refused(&reply, 409, "wrong_state")["state"], "not_admitted");
        play::bid(&punctual.party, &lot, Money::fen(100_000)).await.unwrap();
        books_balance(finance).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "201.00", 3));
    }
}

on_both! {
    /// The same statement is refused, and the same lines in another are known: no money comes twice.
    async fn nothing_is_booked_twice(market) {
        let seller = fixtures::university(&market).await;
        let lot = calling(&market, &seller, "一种重复导入的技术").await;
        let payer = Applicant::of(&market, &lot, "payer", 1).await;
        let now = market.staff.now().await.unwrap();
        let noon = Sheet::opening(0).credit(now, "IN-1", 10_000, payer.name(), &payer.reference).credit(now, "IN-2", 700, "某公司", "来款");

        let rehearsed = noon.send(&market.staff.finance, "&dry_run=true").await;
        assert_eq!(granted(&rehearsed, 200)["lines"]["matched"], 1);
        assert_eq!(payer.state().await, "qualified", "a rehearsal changes nothing");

        let imported = noon.import(&market).await;
        assert_eq!(payer.state().await, "admitted");
        let again = noon.send(&market.staff.finance, "").await;
        assert_eq!(refused(&again, 409, "statement_taken")["statement_id"], imported["id"]);

        // The whole day's statement repeats the morning's lines.
        let evening = noon.clone().credit(now, "IN-3", 800, "某公司", "来款");
        let whole = evening.import(&market).await;
        assert_eq!((&whole["warnings"], &whole["lines"]["duplicate"]), (&json!([]), &json!(2)));
        let (before, after) =
            (lines(&market.staff.finance, &text(&imported["id"])).await, lines(&market.staff.finance, &text(&whole["id"])).await);
        for reference in ["IN-1", "IN-2"] {
            assert_eq!(standing(&after[reference]), ("duplicate", ""));
            assert_eq!(after[reference]["known_line_id"], before[reference]["id"]);
            assert_eq!(after[reference]["transfer_id"], before[reference]["transfer_id"]);
        }
        books_balance(&market.staff.finance).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "15.00", 2));

        // What a statement has booked, finance does not record by hand.
        let other = Applicant::of(&market, &lot, "other", 2).await;
        for reference in ["IN-1", "IN-2"] {
            let credit = json!({
                "bank_reference": reference, "deposit_reference": other.reference, "amount": cny("100.00"), "payer_name": other.name()
            });
            let reply = market.staff.finance.post("/v1/bank-credits", credit).send().await.unwrap();
            refused(&reply, 409, "bank_reference_taken");
        }
    }
}

on_both! {
    /// A credit recorded by hand explains the difference until a statement confirms it; another movement
    /// under its reference is told from it.
    async fn what_was_booked_by_hand_is_confirmed(market) {
        let seller = fixtures::university(&market).await;
        let lot = calling(&market, &seller, "一种手工入账的技术").await;
        let payer = Applicant::of(&market, &lot, "payer", 1).await;
        let credit = json!({
            "bank_reference": "IN-1", "deposit_reference": payer.reference, "amount": cny("100.00"), "payer_name": payer.name()
        });
        market.staff.finance.create("/v1/bank-credits", credit).await.unwrap();
        assert_eq!(reconciled(&market).await, figures("100.00", "0.00", "0.00", 0));
        let said = market.staff.finance.get("/v1/reconciliation").await.unwrap();
        let open = &said["not_on_statement"][0];
        assert_eq!((&open["bank_reference"], &open["direction"], &open["amount"]), (&json!("IN-1"), &json!("credit"), &cny("100.00")));

        let now = market.staff.now().await.unwrap();
        let sheet = Sheet::opening(0).credit(now, "IN-1", 10_000, &payer.name().replace(' ', "\u{3000}"), "保证金");
        let imported = sheet.import(&market).await;
        let line = &lines(&market.staff.finance, &text(&imported["id"])).await["IN-1"];
        assert_eq!((standing(line), &line["booked"], line.get("known_line_id")), (("duplicate", ""), &json!(false), None));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "0.00", 0));
        let funds = market.staff.finance.get(&format!("/v1/organisations/{}/funds", payer.party.organisation)).await.unwrap();
        assert_eq!(funds["balances"][0]["credited"], cny("100.00"), "money came once");

        let conflict = Sheet::opening(sheet.closing).credit(now, "IN-1", 5_000, "别的公司", "来款").import(&market).await;
        let line = &lines(&market.staff.finance, &text(&conflict["id"])).await["IN-1"];
        assert_eq!(standing(line), ("unmatched", "reference_conflict"));
        assert_eq!(line["decisions"], json!(["return", "explain"]));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "50.00", 1));
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    /// Refunds go out in a payment file to the account the deposit came from, are paid when a statement
    /// shows them and not twice; what a cancelled file did not pay is owed as before.
    async fn refunds_leave_by_a_payment_file(market) {
        let seller = fixtures::university(&market).await;
        let lot = calling(&market, &seller, "一种退还保证金的技术").await;
        let mut sheet = Sheet::opening(0);
        let mut bidders = Vec::new();
        let now = market.staff.now().await.unwrap();
        for (number, key) in (1..).zip(["winner", "loser", "rival"]) {
            let one = Applicant::of(&market, &lot, key, number).await;
            sheet = sheet.credit(now, &format!("IN-{number}"), 10_000, one.name(), &one.reference);
            bidders.push(one);
        }
        sheet.import(&market).await;
        market.pass(121).await;
        play::bid(&bidders[0].party, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;

        let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
        assert_eq!((&file["total"], &file["item_count"]), (&cny("200.00"), &json!(2)));
        let items = file["items"].as_array().unwrap();
        let of = |who: &Applicant| items.iter().find(|item| item["payee_name"] == who.name()).unwrap();
        assert_eq!(of(&bidders[1])["payee_account"], "6222-IN-2");
        let once = market.staff.finance.post("/v1/payment-files", json!({})).send().await.unwrap();
        refused(&once, 409, "nothing_to_pay");
        let by_hand = format!("/v1/refunds/{}/pay", text(&of(&bidders[1])["refund_id"]));
        let reply = market.staff.finance.post(&by_hand, json!({"bank_reference": "OUT-0"})).send().await.unwrap();
        assert_eq!(refused(&reply, 409, "wrong_state")["state"], "in_payment_file");

        // The bank has paid one of the two.
        let then = market.staff.now().await.unwrap();
        let paid = made(Sheet::opening(sheet.closing), then, &file, |item| item["payee_name"] == bidders[1].name());
        let imported = paid.import(&market).await;
        assert_eq!(imported["lines"]["confirmed_refund"], 1);
        let refund = async |id: &Value| {
            let all = market.staff.finance.get("/v1/refunds").await.unwrap();
            all["items"].as_array().unwrap().iter().find(|refund| refund["id"] == *id).unwrap().clone()
        };
        assert_eq!(refund(&of(&bidders[1])["refund_id"]).await["state"], "paid");

        // What is in a file is not paid in another way, though its day has come.
        market.pass(10 * 24 * 60).await;
        assert_eq!(refund(&of(&bidders[2])["refund_id"]).await["state"], "due");
        let cancelled = market.staff.finance.act(&format!("/v1/payment-files/{}/cancel", text(&file["id"]))).await.unwrap();
        let states: Vec<_> = cancelled["items"].as_array().unwrap().iter().map(|item| text(&item["state"])).collect();
        assert_eq!(cancelled["state"], "cancelled");
        assert!(states.contains(&"confirmed".into()) && states.contains(&"cancelled".into()), "{states:?}");
        market.pass(1).await;
        assert_eq!(refund(&of(&bidders[2])["refund_id"]).await["state"], "paid");

        // The simulated bank's payment stands on no statement, until it does.
        assert_eq!(reconciled(&market).await, figures("-100.00", "0.00", "0.00", 0));
        let reference = format!("SANDBOX-{}", text(&of(&bidders[2])["refund_id"]));
        let then = market.staff.now().await.unwrap();
        let last = Sheet::opening(paid.closing).debit(then, &reference, 10_000, bidders[2].name(), "").import(&market).await;
        assert_eq!(last["lines"]["duplicate"], 1);
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "0.00", 0));
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    /// A payment that the bank makes although its file was cancelled is taken for what it is, once.
    async fn a_payment_cancelled_too_late_counts(market) {
        let now = market.staff.now().await.unwrap();
        let sheet = Sheet::opening(0).credit(now, "IN-1", 700, "某公司", "来款");
        let imported = sheet.import(&market).await;
        give_back(&market, &lines(&market.staff.finance, &text(&imported["id"])).await["IN-1"]).await;
        let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
        market.staff.finance.act(&format!("/v1/payment-files/{}/cancel", text(&file["id"]))).await.unwrap();

        let paid = made(Sheet::opening(sheet.closing), now, &file, |_| true);
        assert_eq!(paid.import(&market).await["lines"]["confirmed_refund"], 1);
        let once = market.staff.finance.post("/v1/payment-files", json!({})).send().await.unwrap();
        refused(&once, 409, "nothing_to_pay");
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "0.00", 0));
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    /// What the bank paid without saying for what is found to have paid what is owed, so that it is not paid
    /// again; and what it paid for a cancelled file is not asked for by the next.
    async fn what_was_paid_unsaid_is_not_paid_again(market) {
        let finance = &market.staff.finance;
        let now = market.staff.now().await.unwrap();
        let came = Sheet::opening(0).credit(now, "IN-1", 700, "某公司", "来款").credit(now, "IN-2", 700, "某公司", "来款");
        let found = lines(finance, &text(&came.import(&market).await["id"])).await;
        let (one, two) = (give_back(&market, &found["IN-1"]).await, give_back(&market, &found["IN-2"]).await);
        let first = finance.create("/v1/payment-files", json!({})).await.unwrap();
        assert_eq!(first["item_count"], 2);

        // The bank paid one of them and did not give our reference.
        let silent = Sheet::opening(came.closing).debit(now, "OUT-1", 700, "某公司", "付款");
        let line = lines(finance, &text(&silent.import(&market).await["id"])).await["OUT-1"].clone();
        assert_eq!((standing(&line), &line["decisions"]), (("unmatched", "unknown_debit"), &json!(["pays", "explain"])));
        let paid = json!({"decision": "pays", "return_id": one["owed_back"]["id"], "reason": "银行回单核对一致"});
        let settled = decide(&market, &line, paid).await;
        assert_eq!(settled["decision"]["return_id"], one["owed_back"]["id"]);
        let file = finance.get(&format!("/v1/payment-files/{}", text(&first["id"]))).await.unwrap();
        let states: Vec<_> = file["items"].as_array().unwrap().iter().map(|item| text(&item["state"])).collect();
        assert_eq!((&file["state"], states.iter().filter(|state| *state == "confirmed").count()), (&json!("open"), 1));
        let left = finance.get(&format!("/v1/bank-lines/{}", text(&two["id"]))).await.unwrap();
        assert_eq!(left["owed_back"]["state"], "due");

        // The rest is cancelled, too late for the bank, and asked for again meanwhile.
        finance.act(&format!("/v1/payment-files/{}/cancel", text(&file["id"]))).await.unwrap();
        let second = finance.create("/v1/payment-files", json!({})).await.unwrap();
        assert_eq!((&second["item_count"], &second["state"]), (&json!(1), &json!("open")));
        let late = made(Sheet::opening(silent.closing), now, &file, |item| item["state"] == "open");
        assert_eq!(late.import(&market).await["lines"]["confirmed_refund"], 1);
        let second = finance.get(&format!("/v1/payment-files/{}", text(&second["id"]))).await.unwrap();
        assert_eq!((&second["state"], &second["items"][0]["state"]), (&json!("cancelled"), &json!("cancelled")));
        let once = finance.post("/v1/payment-files", json!({})).send().await.unwrap();
        refused(&once, 409, "nothing_to_pay");
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "0.00", 0));
        books_balance(finance).await;
    }
}

on_both! {
    /// A refund the bank paid without saying so leaves the client's funds once.
    async fn a_refund_paid_unsaid_is_paid(market) {
        let finance = &market.staff.finance;
        let seller = fixtures::university(&market).await;
        let lot = calling(&market, &seller, "一种退款未注明用途的技术").await;
        let now = market.staff.now().await.unwrap();
        let (winner, loser) = (Applicant::of(&market, &lot, "winner", 1).await, Applicant::of(&market, &lot, "loser", 2).await);
        let came = [&winner, &loser]
            .iter()
            .enumerate()
            .fold(Sheet::opening(0), |sheet, (number, one)| sheet.credit(now, &format!("IN-{number}"), 10_000, one.name(), &one.reference));
        came.import(&market).await;
        market.pass(121).await;
        play::bid(&winner.party, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let owed = finance.get("/v1/refunds?state=due").await.unwrap()["items"][0].clone();
        let then = market.staff.now().await.unwrap();
        let silent = Sheet::opening(came.closing).debit(then, "OUT-1", 10_000, loser.name(), "付款").debit(then, "OUT-2", 10_000, "别的公司", "付款");
        let found = lines(finance, &text(&silent.import(&market).await["id"])).await;
        let paid = json!({"decision": "pays", "refund_id": owed["id"], "reason": "银行回单核对一致"});
        let stranger = format!("/v1/bank-lines/{}/decide", text(&found["OUT-2"]["id"]));
        refused(&finance.post(&stranger, paid.clone()).send().await.unwrap(), 422, "payee_mismatch");
        decide(&market, &found["OUT-1"], paid.clone()).await;
        let refunds = finance.get("/v1/refunds?state=paid").await.unwrap();
        assert_eq!((&refunds["items"][0]["id"], &refunds["items"][0]["bank_reference"]), (&owed["id"], &json!("OUT-1")));
        refused(&finance.post("/v1/payment-files", json!({})).send().await.unwrap(), 409, "nothing_to_pay");
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "-100.00", 1));
        books_balance(finance).await;
    }
}

on_both! {
    /// What was booked of one name and stands on a statement with another is not booked again: an officer
    /// looks whether it is the same.
    async fn another_spelling_is_looked_at_and_not_booked(market) {
        let now = market.staff.now().await.unwrap();
        let morning = Sheet::opening(0).credit(now, "IN-1", 700, "杭州某公司", "来款");
        let first = morning.import(&market).await;
        let evening = Sheet::opening(0).credit(now, "IN-1", 700, "HANGZHOU MOU CO", "来款").credit(now, "IN-2", 800, "某公司", "来款");
        let whole = evening.import(&market).await;
        assert_eq!(whole["warnings"], json!([]));
        let before = lines(&market.staff.finance, &text(&first["id"])).await["IN-1"].clone();
        let line = lines(&market.staff.finance, &text(&whole["id"])).await["IN-1"].clone();
        assert_eq!((standing(&line), &line["booked"], &line["decisions"]), (("unmatched", "name_conflict"), &json!(false), &json!(["same"])));
        assert_eq!((&line["known_line_id"], &line["transfer_id"]), (&before["id"], &before["transfer_id"]));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "15.00", 3));
        let same = decide(&market, &line, json!({"decision": "same", "reason": "同一笔，户名为英文写法"})).await;
        assert_eq!((standing(&same).0, &same["decision"]["decision"]), ("resolved", &json!("same")));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "15.00", 2));
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    /// A statement is refused whole, with every fault at its place; one that does not join is taken, and what
    /// was there before the earliest is explained, so that nothing is left.
    async fn a_statement_is_whole_and_joins(market) {
        let finance = &market.staff.finance;
        let now = market.staff.now().await.unwrap();
        let sheet = Sheet::opening(1_000).credit(now, "IN-1", 700, "某公司", "来款");
        let broken = sheet.text().replace("7.00", "seven").replace("credit", "in");
        let reply = finance.send_file(&sheet.place(), "text/csv", broken.into_bytes()).await.unwrap();
        let places: Vec<_> = refused(&reply, 422, "invalid")["errors"].as_array().unwrap().iter().map(|fault| text(&fault["pointer"])).collect();
        assert_eq!(places, ["#row/2/direction", "#row/2/amount"]);
        let future = Sheet::opening(0).credit(now + TimeDelta::seconds(1), "IN-1", 700, "某公司", "来款");
        assert_eq!(refused(&future.send(finance, "").await, 422, "invalid")["errors"][0]["code"], "future");
        assert_eq!(finance.get("/v1/bank-statements").await.unwrap()["items"], json!([]), "nothing was kept");

        let imported = sheet.import(&market).await;
        assert_eq!((&imported["warnings"], &imported["gap"]["amount"]), (&json!(["gap"]), &json!("10.00")));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "17.00", 2));
        let opening = opening_of(&market, &imported).await;
        assert_eq!((standing(&opening), &opening["direction"]), (("unmatched", "no_reference"), &json!("credit")));
        assert_eq!((&opening["amount"], &opening["decisions"]), (&cny("10.00"), &json!(["explain"])));
        let place = format!("/v1/bank-lines/{}/decide", text(&opening["id"]));
        let back = finance.post(&place, json!({"decision": "return", "reason": "理由"})).send().await.unwrap();
        assert_eq!(refused(&back, 409, "wrong_state")["decisions"], json!(["explain"]));
        decide(&market, &opening, json!({"decision": "explain", "reason": "上线前账户余额，平台自有资金"})).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "7.00", 1));
        let later = Sheet::opening(1_700).debit(now, "OUT-1", 100, "", "手续费").import(&market).await;
        assert_eq!((&later["warnings"], &later["previous_id"]), (&json!([]), &imported["id"]));
        let yesterday = finance.get("/v1/reconciliation?as_of=2026-03-01").await.unwrap();
        assert_eq!((&yesterday["ledger_balance"]["amount"], yesterday.get("statement")), (&json!("0.00"), None));

        // One that begins earlier is imported later: the books begin with what that one opens with.
        let earlier = Sheet::opening(300).credit(now - TimeDelta::minutes(1), "IN-0", 700, "某公司", "来款").import(&market).await;
        let opening = opening_of(&market, &earlier).await;
        assert_eq!((&opening["direction"], &opening["amount"], &opening["decisions"]), (&json!("debit"), &cny("7.00"), &json!(["explain"])));
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "6.00", 4));
        decide(&market, &opening, json!({"decision": "explain", "reason": "更正期初余额"})).await;
        assert_eq!(reconciled(&market).await, figures("0.00", "0.00", "13.00", 3));
        books_balance(finance).await;
    }
}

on_both! {
    /// Account numbers are for whoever pays and whoever supervises, and what the bank said is never changed.
    async fn what_the_bank_said_is_kept_and_kept_close(market) {
        let books = {
            let now = market.staff.now().await.unwrap();
            let imported = Sheet::opening(0).credit(now, "IN-1", 700, "=某公司", "来款").import(&market).await;
            lines(&market.staff.finance, &text(&imported["id"])).await
        };
        let line = &books["IN-1"];
        assert_eq!(line["counterparty_account"], "6222-IN-1");
        let place = format!("/v1/bank-lines/{}", text(&line["id"]));
        assert!(market.staff.auditor.get(&place).await.unwrap().get("counterparty_account").is_none());
        assert_eq!(market.staff.supervisor.get(&place).await.unwrap()["counterparty_account"], "6222-IN-1");
        give_back(&market, line).await;
        let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
        let seen = market.staff.auditor.get(&format!("/v1/payment-files/{}", text(&file["id"]))).await.unwrap();
        assert!(seen["items"][0].get("payee_account").is_none() && seen["items"][0]["payee_name"] == "=某公司", "{seen}");
        let (written, _) = downloaded(&market.staff.finance, &text(&file["id"])).await;
        assert!(written.contains(",'=某公司,"), "{written}");

        let by_hand = Database::connect(market.config.database.as_str()).await.unwrap();
        for (table, change) in [("bank_statement", "file_name = 'b'"), ("bank_line", "amount_minor = 1"), ("bank_entry", "amount_minor = 1")] {
            for sql in [format!("UPDATE {table} SET {change}"), format!("DELETE FROM {table}")] {
                let error = by_hand.execute_unprepared(&sql).await.unwrap_err().to_string();
                assert!(error.contains(&format!("append_only: {table}")), "{sql}: {error}");
            }
        }
    }
}
