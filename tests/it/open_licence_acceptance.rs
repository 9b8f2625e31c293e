//! Open licences that somebody takes: notice and payment make the licence, whoever has it keeps it, and what is not paid lapses.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant, text};

use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, cny, granted, refused};
use crate::invariants::by_hand;
use crate::licences::{enter, entered, new, scope};
use crate::negotiations::{paper, publish};
use crate::on_both;
use crate::open_licences::{announced, declaration, drafted, entry, patent};

/// A payment to the patentee that somebody shows, as it is sent with his notice.
pub async fn paying(by: &Party, amount: &str, reference: &str) -> Value {
    let document = paper(by, "付款回单").await;
    json!({"payment": {"amount": cny(amount), "reference": reference, "paid_on": "2026-03-02", "document_id": document}})
}

/// A notice that leaves the payment to follow.
pub fn notice() -> Value {
    json!({"undertakes_royalty": false})
}

/// Somebody takes an open licence; the answer.
pub async fn take(by: &Client, place: &str, body: &Value) -> Reply {
    by.post(&format!("{place}/acceptances"), body.clone()).send().await.unwrap()
}

/// Somebody takes one of ten thousand a year, paid; where that is read.
pub async fn taken(by: &Party, place: &str, reference: &str) -> String {
    let body = paying(by, "10000.00", reference).await;
    address(granted(&take(&by.client, place, &body).await, 201))
}

/// Somebody takes one of a patent of its own, paid; the id of that.
pub async fn taken_of(market: &Market, patentee: &Party, serial: u32, by: &Party) -> String {
    let place = taken(by, &announced(market, patentee, serial).await, "ICBC-1").await;
    place.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Where an acceptance is read.
pub fn address(acceptance: &Value) -> String {
    format!("/v1/open-licence-acceptances/{}", text(&acceptance["id"]))
}

/// What the patent office decides against a declaration.
pub fn decision(outcome: &str) -> Value {
    json!({"outcome": outcome, "number": "KF2026330000999", "decided_on": "2026-03-02", "reason": "不符合规定"})
}

/// What the patent office put on record.
pub fn recordal() -> Value {
    json!({"number": "X2026330000456", "recorded_on": "2026-03-02"})
}

/// Whether an organisation was told of a kind of event.
async fn heard(party: &Party, kind: &str) -> bool {
    let inbox = party.client.get("/v1/inbox").await.unwrap();
    inbox["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind)
}

/// The patent of a declaration.
async fn patent_of(by: &Party, place: &str) -> String {
    text(&by.client.get(place).await.unwrap()["asset_id"])
}

/// An announced declaration with another fee.
async fn announced_for(market: &Market, unit: &Party, serial: u32, fee: Value) -> String {
    let mut new = declaration(&patent(unit, serial).await.1);
    new["fee"] = fee;
    let place = drafted(&unit.client, new).await;
    unit.client.act(&format!("{place}/submit")).await.unwrap();
    publish(&market.staff.publisher, &place).await;
    place
}

on_both! {
    /// One call is notice and payment, and makes the licence; its repetition gives the same. Withdrawn, it is nobody's to take any more, and its
    /// holders keep what they have: an exclusive licence needs its holder's acceptance of theirs.
    async fn an_open_licence_taken_in_one_call_outlives_its_withdrawal(market) {
        let unit = university(&market).await;
        let (firm, rival) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let place = announced(&market, &unit, 1).await;
        let asset = patent_of(&unit, &place).await;
        assert_eq!(firm.client.get(&place).await.unwrap()["allowed_deeds"], json!(["take_open_licence"]));

        let short = take(&firm.client, &place, &paying(&firm, "9999.99", "ICBC-0").await).await;
        let fault = &refused(&short, 422, "invalid")["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/payment/amount"), &json!("not_the_standard")));
        let body = paying(&firm, "10000.00", "ICBC-1").await;
        let reply = take(&firm.client, &place, &body).await;
        let told = granted(&reply, 201);
        assert_eq!((&told["state"], &told["payment"]["amount"]), (&json!("licensed"), &cny("10000.00")));
        let licence = text(&told["licence_id"]);
        let seen = firm.client.get(&format!("/v1/licences/{licence}")).await.unwrap();
        assert_eq!((&seen["mode"], &seen["origin"], &seen["state"]), (&json!("open"), &json!("open_licence"), &json!("effective")));
        let all = json!(["all"]);
        assert_eq!((&seen["scope"]["acts"], &seen["scope"]["fields"], &seen["scope"]["territory"]), (&all, &all, &all));
        assert_eq!((&seen["scope"]["from"], &seen["ends_on"]), (&json!("2026-04-01"), &json!("2031-04-01")));
        assert_eq!(format!("/v1/open-licences/{}", text(&seen["open_licence_id"])), place);

        // The same once more is the same licence; what one paid is nobody else's.
        let again = take(&firm.client, &place, &body).await;
        let again = granted(&again, 201);
        assert_eq!((&again["id"], &again["licence_id"]), (&told["id"], &told["licence_id"]));
        let stolen = take(&rival.client, &place, &paying(&rival, "10000.00", "ICBC-1").await).await;
        assert_eq!(refused(&stolen, 422, "invalid")["errors"][0]["code"], "used");
        refused(&rival.client.look(&address(told)).await.unwrap(), 404, "not_found");
        let second = taken(&rival, &place, "ICBC-2").await;
        let second = text(&rival.client.get(&second).await.unwrap()["licence_id"]);

        // The patentee is told, and says that the money came.
        market.pass(0).await;
        assert!(heard(&unit, "open_licence.taken").await && heard(&firm, "open_licence.taken").await);
        let confirmed = unit.client.act(&format!("{}/confirm", address(told))).await.unwrap();
        assert!(confirmed["received_at"].is_string());
        assert_eq!(confirmed["allowed_deeds"], json!(["record_open_licence_recordal"]));
        let recorded = firm.client.create(&format!("{}/recordal", address(told)), recordal()).await.unwrap();
        assert_eq!((&recorded["state"], &recorded["recordal"]), (&json!("recorded"), &recordal()));

        unit.client.create(&format!("{place}/withdraw"), json!({"reason": "专利权拟独占许可"})).await.unwrap();
        let late = enterprise(&market, "firm-3", 3).await;
        let reply = take(&late.client, &place, &paying(&late, "10000.00", "ICBC-3").await).await;
        assert_eq!(refused(&reply, 409, "wrong_state")["state"], "withdrawn");
        assert_eq!(granted(&take(&firm.client, &place, &body).await, 201)["licence_id"], json!(licence));
        let register = firm.client.get(&format!("/v1/assets/{asset}/licences?on=2028-01-01")).await.unwrap();
        let ids: Vec<_> = register["licences"].as_array().unwrap().iter().map(|one| text(&one["licence_id"])).collect();
        assert_eq!(ids, [licence.clone(), second.clone()]);

        let mut exclusive = new(&unit, &asset, "exclusive", scope(&["06"], &["all"], 2030)).await;
        let refusal = enter(&unit.client, &exclusive).await;
        let conflicts = json!([{"licence_id": licence, "cure": "carve_out"}, {"licence_id": second, "cure": "carve_out"}]);
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], conflicts);
        exclusive["carve_outs"] = json!([licence, second]);
        entered(&unit.client, &exclusive).await;
        let kept = firm.client.get(&format!("/v1/licences/{licence}")).await.unwrap();
        assert_eq!(kept["state"], "effective");
    }
}

on_both! {
    /// Where the payment follows, the notice stands until a day. The same call with the payment makes the licence, or the patentee says that the
    /// money came; else it lapses, and may be sent again.
    async fn a_notice_is_paid_in_time_or_lapses(market) {
        let unit = university(&market).await;
        let (firm, other) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let place = announced(&market, &unit, 1).await;
        let sent = granted(&take(&firm.client, &place, &notice()).await, 201).clone();
        assert_eq!((&sent["state"], &sent["licence_id"]), (&json!("notice_sent"), &Value::Null));
        assert_eq!(granted(&take(&firm.client, &place, &notice()).await, 201)["id"], sent["id"]);
        market.pass(0).await;
        assert!(heard(&unit, "open_licence.notice_sent").await);
        let paid = granted(&take(&firm.client, &place, &paying(&firm, "10000.00", "ICBC-1").await).await, 201).clone();
        assert_eq!((&paid["id"], &paid["state"]), (&sent["id"], &json!("licensed")));

        let unpaid = granted(&take(&other.client, &place, &notice()).await, 201).clone();
        market.staff.move_clock(instant(&unpaid["pay_by"])).await.unwrap();
        let lapsed = other.client.get(&address(&unpaid)).await.unwrap();
        assert_eq!((&lapsed["state"], &lapsed["allowed_deeds"]), (&json!("lapsed"), &json!([])));
        let anew = granted(&take(&other.client, &place, &notice()).await, 201).clone();
        assert_ne!(anew["id"], unpaid["id"]);
        let confirmed = unit.client.act(&format!("{}/confirm", address(&anew))).await.unwrap();
        assert_eq!(confirmed["state"], "licensed");
        let mine = other.client.get("/v1/open-licence-acceptances").await.unwrap();
        assert_eq!(mine["items"].as_array().unwrap().len(), 2);
        assert_eq!(unit.client.get("/v1/open-licence-acceptances?state=licensed").await.unwrap()["items"].as_array().unwrap().len(), 2);
    }
}

on_both! {
    /// A royalty is undertaken, and what is due first is paid; where nothing is, the undertaking makes the licence.
    async fn a_royalty_is_undertaken(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let royalty = json!({"kind": "royalty", "rate_bp": 300, "base": "许可产品的净销售额"});
        let place = announced_for(&market, &unit, 1, royalty.clone()).await;
        let reply = take(&firm.client, &place, &notice()).await;
        assert_eq!(refused(&reply, 422, "invalid")["errors"][0]["pointer"], "/undertakes_royalty");
        let undertaken = json!({"undertakes_royalty": true});
        assert_eq!(granted(&take(&firm.client, &place, &undertaken).await, 201)["state"], "licensed");

        let mut first = royalty;
        first["entry_fee"] = cny("500.00");
        let place = announced_for(&market, &unit, 2, first).await;
        assert_eq!(granted(&take(&firm.client, &place, &undertaken).await, 201)["state"], "notice_sent");
        let mut paid = paying(&firm, "500.00", "ICBC-1").await;
        paid["undertakes_royalty"] = json!(true);
        assert_eq!(granted(&take(&firm.client, &place, &paid).await, 201)["state"], "licensed");
    }
}

on_both! {
    /// What was shown and did not come ends the licence, by an officer, unless the patentee said that it came. Whoever lost it so takes it anew.
    async fn a_licence_by_a_false_paper_ends(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let place = announced(&market, &unit, 1).await;
        let acceptance = taken(&firm, &place, "ICBC-1").await;
        let reason = json!({"reason": "银行查无此笔付款"});
        let found = market.staff.reviewer.create(&format!("{acceptance}/refute"), reason.clone()).await.unwrap();
        assert_eq!((&found["state"], &found["lapse_reason"]), (&json!("lapsed"), &reason["reason"]));
        let licence = firm.client.get(&format!("/v1/licences/{}", text(&found["licence_id"]))).await.unwrap();
        assert_eq!((&licence["state"], &licence["end_reason"]), (&json!("terminated"), &reason["reason"]));
        let again = taken(&firm, &place, "ICBC-2").await;
        unit.client.act(&format!("{again}/confirm")).await.unwrap();
        let reply = market.staff.reviewer.post(&format!("{again}/refute"), reason).send().await.unwrap();
        refused(&reply, 409, "wrong_state");
    }
}

on_both! {
    /// The patent office does not accept a declaration, or ends one; and one ends with the term of its licences. Each time the notice ends with
    /// it, notices that were not paid lapse, and licences stand.
    async fn the_office_and_the_calendar_end_an_open_licence_and_no_licence(market) {
        let unit = university(&market).await;
        let (firm, other) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let refusal = announced(&market, &unit, 1).await;
        let wrong = unit.client.post(&format!("{refusal}/cnipa-decision"), decision("terminated")).send().await.unwrap();
        assert_eq!(refused(&wrong, 422, "invalid")["errors"][0]["code"], "not_announced");
        let kept = taken(&firm, &refusal, "ICBC-1").await;
        let unpaid = address(granted(&take(&other.client, &refusal, &notice()).await, 201));
        let told = unit.client.create(&format!("{refusal}/cnipa-decision"), decision("not_accepted")).await.unwrap();
        assert_eq!((&told["state"], &told["end_reason"]), (&json!("not_accepted"), &json!("不符合规定")));
        assert_eq!(told["cnipa_decision"], json!({"number": "KF2026330000999", "decided_on": "2026-03-02"}));
        let notice_of = async |place: &str| {
            let id = text(&unit.client.get(place).await.unwrap()["notice_id"]);
            market.stranger.get(&format!("/v1/notices/{id}")).await.unwrap()["state"].clone()
        };
        assert_eq!(notice_of(&refusal).await, "withdrawn");
        assert_eq!(other.client.get(&unpaid).await.unwrap()["state"], "lapsed");
        assert_eq!(firm.client.get(&kept).await.unwrap()["state"], "licensed");

        let ended = announced(&market, &unit, 2).await;
        unit.client.create(&format!("{ended}/cnipa"), entry()).await.unwrap();
        let told = market.staff.publisher.create(&format!("{ended}/cnipa-decision"), decision("terminated")).await.unwrap();
        assert_eq!(told["state"], "terminated_by_registry");

        let over = announced(&market, &unit, 3).await;
        let licence = taken(&firm, &over, "ICBC-2").await;
        market.staff.move_clock(at("2031-03-31T16:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&over).await.unwrap()["state"], "expired");
        assert_eq!(notice_of(&over).await, "ended");
        let licence = text(&firm.client.get(&licence).await.unwrap()["licence_id"]);
        assert_eq!(firm.client.get(&format!("/v1/licences/{licence}")).await.unwrap()["ends_on"], "2031-04-01");
    }
}

on_both! {
    /// What is pledged is open to nobody without the pledgee's consent.
    async fn a_pledged_patent_is_declared_with_the_consent_of_the_pledgee(market) {
        let unit = university(&market).await;
        let mut new = declaration(&patent(&unit, 1).await.1);
        new["pledged"] = json!(true);
        let place = drafted(&unit.client, new.clone()).await;
        let reply = unit.client.ask(reqwest::Method::POST, &format!("{place}/submit")).send().await.unwrap();
        assert_eq!(refused(&reply, 422, "declaration_missing")["errors"][0]["pointer"], "/pledgee_consent_document_id");
        new["pledgee_consent_document_id"] = json!(paper(&unit, "质权人同意书").await);
        crate::open_licences::replaced(&unit.client, &place, new).await;
        assert_eq!(unit.client.act(&format!("{place}/submit")).await.unwrap()["state"], "submitted");
    }
}

on_both! {
    /// A patent that was lost meanwhile is licensed to nobody, though its declaration stands.
    async fn a_patent_that_was_lost_is_licensed_to_nobody(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let place = announced(&market, &unit, 1).await;
        market.pass(1).await;
        play::read_status(&unit, &patent_of(&unit, &place).await, "ceased_nonpayment").await.unwrap();
        let reply = take(&firm.client, &place, &paying(&firm, "10000.00", "ICBC-1").await).await;
        assert_eq!(refused(&reply, 422, "status_forbids")["legal_status"], "ceased_nonpayment");
    }
}

on_both! {
    /// The walls behind the rules: no licence without payment, one of each taker, one by each payment.
    async fn the_database_keeps_what_the_rules_of_taking_say(market) {
        let unit = university(&market).await;
        let (firm, other) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let place = announced(&market, &unit, 1).await;
        taken(&firm, &place, "ICBC-1").await;
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE open_licence_acceptance SET organisation_id = patentee_id", "ck_open_licence_acceptance_self"),
            ("UPDATE open_licence_acceptance SET payment = NULL, payment_reference = NULL", "ck_open_licence_acceptance_paid"),
            ("UPDATE open_licence_acceptance SET payment_reference = NULL", "ck_open_licence_acceptance_payment"),
            ("UPDATE open_licence_acceptance SET licence_grant_id = NULL", "ck_open_licence_acceptance_licensed"),
            ("UPDATE open_licence_acceptance SET state = 'recorded'", "ck_open_licence_acceptance_recorded"),
            ("UPDATE open_licence_acceptance SET state = 'lapsed'", "ck_open_licence_acceptance_lapsed"),
            ("UPDATE licence_grant SET open_licence_id = NULL", "ck_licence_grant_origin"),
            ("UPDATE open_licence SET cnipa_decided_on = '2026-03-02'", "ck_open_licence_decided"),
            ("UPDATE open_licence SET state = 'expired'", "ck_open_licence_ended"),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
        taken(&other, &place, "ICBC-2").await;
        for same in ["payment_reference", "organisation_id", "licence_grant_id"] {
            let change =
                format!("UPDATE open_licence_acceptance SET {same} = (SELECT {same} FROM open_licence_acceptance ORDER BY id LIMIT 1)");
            let told = db.execute_unprepared(&change).await.unwrap_err().to_string();
            assert!(told.to_lowercase().contains("unique"), "{change}: {told}");
        }
    }
}
