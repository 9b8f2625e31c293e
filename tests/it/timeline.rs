//! What happens next and by when, and who may do what about it: what is told is what comes.

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use entity::platform::timer;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Reply};
use zhepai::play::{Party, Published, admit, instant, read_status, register, sign, text};

use crate::authz::{address, announced, invite, join, offer, officer, person, session};
use crate::common::database::has_postgres;
use crate::common::fixtures::{achievement, enterprise, lot, open_lot, patent, rehearsal, university};
use crate::common::play::{at, bid, cny, first_deal, granted, log, of_kind, refused};
use crate::common::{Base, Market};
use crate::on_both;

// ---- Reading timelines ----

/// The timeline of a thing.
pub async fn told(client: &Client, place: &str) -> Value {
    client.get(&format!("{place}/timeline")).await.unwrap()
}

/// The codes of the steps, in order.
fn codes(timeline: &Value) -> Vec<String> {
    timeline["steps"].as_array().unwrap().iter().map(|step| text(&step["step"])).collect()
}

/// A step.
#[track_caller]
pub fn step<'a>(timeline: &'a Value, code: &str) -> &'a Value {
    let found = timeline["steps"].as_array().unwrap().iter().find(|step| step["step"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {timeline}"))
}

/// When a step is due.
#[track_caller]
pub fn due(timeline: &Value, code: &str) -> DateTime<Utc> {
    let step = step(timeline, code);
    assert!(step["due_at"].is_string(), "{code} has no date: {step}");
    instant(&step["due_at"])
}

/// When a step was done.
#[track_caller]
pub fn done(timeline: &Value, code: &str) -> DateTime<Utc> {
    let step = step(timeline, code);
    assert_eq!(step["state"], "done", "{code}: {step}");
    instant(&step["at"])
}

/// The steps that are awaited.
pub fn awaited(timeline: &Value) -> Vec<String> {
    let steps = timeline["steps"].as_array().unwrap().iter();
    steps.filter(|step| step["state"] == "next").map(|step| text(&step["step"])).collect()
}

/// When the timers of a kind are due for a thing.
async fn timers(market: &Market, kind: &str, subject: &str) -> Vec<DateTime<Utc>> {
    let subject: Uuid = subject.parse().unwrap();
    let of = timer::Entity::find().filter(timer::Column::Kind.eq(kind)).filter(timer::Column::SubjectId.eq(subject));
    of.all(market.house().db.read()).await.unwrap().into_iter().map(|timer| timer.due_at).collect()
}

/// A draft of the university's under its own rules, whose dates the rules give.
pub async fn draft(seller: &Party) -> (String, String) {
    let (achievement, assets) = register(seller, achievement(), &[patent(seller)]).await.unwrap();
    let minutes = "校长办公会纪要：同意以二十万元为底价公开挂牌转让。".as_bytes();
    let paper = seller.client.upload("底价集体决策纪要", "纪要.txt", "private", "text/plain", minutes.to_vec()).await.unwrap();
    let offer = json!({
        "achievement_id": achievement,
        "asset_ids": assets,
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法。",
        "terms": {"mode": "assignment"},
        "base_price": cny("200000.00"),
        "base_price_basis": "collective_decision",
        "basis_document_id": paper["id"],
        "auction": {"closing_mode": "soft_close"},
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "BM-1", "no_other_encumbrances": true},
        "contact": {"office": "技术转移中心", "phone": "0571-88000000"}
    });
    let listing = seller.client.create("/v1/listings", offer).await.unwrap();
    (format!("/v1/listings/{}", text(&listing["id"])), assets[0].clone())
}

// ---- What is told comes ----

on_both! {
    /// From the draft to the end of the result's notice period: every date told before is the one that comes.
    async fn every_date_told_is_the_one_that_comes(market) {
        let seller = university(&market).await;
        let (winner, loser) = (enterprise(&market, "winner", 1).await, enterprise(&market, "loser", 2).await);
        let (listing, asset) = draft(&seller).await;
        let planned = the_procedure_awaits_one_after_the_other(&market, &seller, &listing).await;
        let published = the_dates_of_a_publication_today_were_right(&market, &seller, &listing, &planned).await;
        let lot = format!("/v1/lots/{}", text(&published["lot_id"]));
        for buyer in [&winner, &loser] {
            admit(buyer, &market.staff, &text(&published["lot_id"])).await.unwrap();
        }
        let expected = told(&seller.client, &lot).await;
        let refund = due(&told(&loser.client, &lot).await, "deposit_refunded");
        registration_and_opening_come(&market, &seller, &listing, &planned).await;
        granted(&bid(&loser.client, &text(&published["lot_id"]), "200000.00").await, 201);
        granted(&bid(&winner.client, &text(&published["lot_id"]), "202000.00").await, 201);
        the_end_comes(&market, &listing, &lot, &planned).await;

        let deal = first_deal(&winner.client).await;
        assert_eq!(instant(&deal["confirm_by"]), due(&expected, "confirmed"), "the deadline was told before bidding opened");
        assert_eq!(timers(&market, "deals.confirm_by", &text(&deal["id"])).await, [due(&expected, "confirmed")]);
        the_deal_goes_its_way(&market, &seller, &winner, &asset, &text(&deal["id"])).await;

        let owed = told(&loser.client, &lot).await;
        assert_eq!(due(&owed, "deposit_refunded"), refund, "told before bidding opened");
        market.staff.move_clock(refund).await.unwrap();
        assert_eq!(done(&told(&loser.client, &lot).await, "deposit_refunded"), refund);
        assert_eq!(done(&told(&market.staff.finance, &lot).await, "deposit_refunded"), refund);
        the_notice_period_ends(&market, &winner, &text(&deal["id"])).await;
    }
}

/// Drafted, submitted, taken, approved; the timeline told when only the publication is missing.
async fn the_procedure_awaits_one_after_the_other(market: &Market, seller: &Party, listing: &str) -> Value {
    refused(&market.stranger.look(&format!("{listing}/timeline")).await.unwrap(), 404, "not_found");
    let (owner, reviewer) = (&seller.client, &market.staff.reviewer);
    let first = told(owner, listing).await;
    assert_eq!((awaited(&first), &step(&first, "submitted")["by"]), (vec!["submitted".to_owned()], &json!("seller")));
    for (client, deed, done_by_it, next) in
        [(owner, "submit", "submitted", "taken"), (reviewer, "take", "taken", "approved"), (reviewer, "approve", "approved", "published")]
    {
        client.act(&format!("{listing}/{deed}")).await.unwrap();
        let now = market.staff.now().await.unwrap();
        let timeline = told(reviewer, listing).await;
        assert_eq!((awaited(&timeline), done(&timeline, done_by_it)), (vec![next.to_owned()], now));
        // Time stands, so a publication now would bring the same dates.
        for code in ["registration_closes", "bidding_opens", "bidding_ends", "sold"] {
            assert_eq!(due(&timeline, code), due(&first, code), "{code}");
            let notes = step(&timeline, code)["notes"].as_array().unwrap();
            assert!(notes.iter().any(|note| note["code"] == "provisional_on_publication"), "{timeline}");
        }
    }
    told(owner, listing).await
}

async fn the_dates_of_a_publication_today_were_right(market: &Market, seller: &Party, listing: &str, planned: &Value) -> Value {
    let published = market.staff.publisher.act(&format!("{listing}/publish")).await.unwrap();
    assert_eq!(instant(&published["registration_closes_at"]), due(planned, "registration_closes"));
    assert_eq!(instant(&published["auction_opens_at"]), due(planned, "bidding_opens"));
    assert_eq!(due(planned, "registration_closes"), at("2026-03-16T16:00:00Z"));
    let rule = &step(planned, "registration_closes")["rule"];
    assert_eq!((&rule["name"], &rule["value"], &rule["not_in_force"]), (&json!("listing_period"), &json!("10wd"), &json!(false)));
    assert!(!text(&rule["source"]).is_empty());

    let id = text(&published["id"]);
    assert_eq!(timers(market, "listings.registration_close", &id).await, [due(planned, "registration_closes")]);
    assert_eq!(timers(market, "listings.status_warning", &id).await, [due(planned, "status_warning")]);
    assert_eq!(timers(market, "auctions.open", &text(&published["lot_id"])).await, [due(planned, "bidding_opens")]);
    let timeline = told(&seller.client, listing).await;
    assert_eq!(done(&timeline, "published"), instant(&published["published_at"]));
    assert_eq!(awaited(&timeline), ["status_warning"]);
    assert_eq!(timeline["lot_id"], published["lot_id"]);
    published
}

async fn registration_and_opening_come(market: &Market, seller: &Party, listing: &str, planned: &Value) {
    for code in ["status_warning", "registration_closes", "bidding_opens"] {
        let comes = due(planned, code);
        market.staff.move_clock(comes - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(awaited(&told(&seller.client, listing).await), [code]);
        market.staff.move_clock(comes).await.unwrap();
        let timeline = told(&seller.client, listing).await;
        assert_eq!(done(&timeline, code), comes);
        assert_eq!(step(&timeline, code)["overdue"], false);
    }
}

async fn the_end_comes(market: &Market, listing: &str, lot: &str, planned: &Value) {
    let (ends, sold) = (due(planned, "bidding_ends"), due(planned, "sold"));
    let open = told(&market.stranger, lot).await;
    assert_eq!((due(&open, "bidding_ends"), due(&open, "sold")), (ends, sold), "no late bid extended it");
    assert_eq!(step(&open, "bidding_ends")["notes"][0]["code"], "may_be_extended");
    market.staff.move_clock(sold).await.unwrap();
    let events = log(&market.stranger, lot.rsplit('/').next().unwrap()).await;
    assert_eq!(instant(&of_kind(&events, "sold")[0]["at"]), sold);
    for place in [listing, lot] {
        let timeline = told(&market.stranger, place).await;
        assert_eq!((done(&timeline, "bidding_ends"), done(&timeline, "sold")), (ends, sold), "{place}");
        assert_eq!(step(&timeline, "result_published")["state"], "may_come");
        assert!(!codes(&timeline).contains(&"failed".to_owned()));
    }
}

/// Signed by one, then by the other; the result is drafted and published.
async fn the_deal_goes_its_way(market: &Market, seller: &Party, winner: &Party, asset: &str, id: &str) {
    let place = format!("/v1/deals/{id}");
    let open = told(&winner.client, &place).await;
    assert_eq!(awaited(&open), ["signed_by_buyer", "signed_by_seller"]);
    assert_eq!(step(&open, "defaulted")["notes"][0]["code"], "default_buyer");
    sign(id, &[&winner.client]).await.unwrap();
    let half = told(&seller.client, &place).await;
    assert_eq!(
        (awaited(&half), &step(&half, "defaulted")["notes"][0]["code"]),
        (vec!["signed_by_seller".to_owned()], &json!("default_seller"))
    );
    read_status(seller, asset, "granted").await.unwrap();
    sign(id, &[&seller.client]).await.unwrap();

    let now = market.staff.now().await.unwrap();
    let confirmed = told(&market.staff.supervisor, &place).await;
    assert_eq!((done(&confirmed, "confirmed"), done(&confirmed, "result_drafted")), (now, now));
    assert_eq!(awaited(&confirmed), ["result_published"]);
    // Confirmed on Thursday the 19th: three working days to publish, five to sign the contract, five more to pay.
    assert_eq!(due(&confirmed, "result_published"), at("2026-03-24T16:00:00Z"));
    assert_eq!(due(&confirmed, "contract_signed"), at("2026-03-26T16:00:00Z"));
    assert_eq!(due(&confirmed, "price_paid"), at("2026-04-02T16:00:00Z"));
    let planned = due(&confirmed, "result_period_ends");
    let (publisher, _) = officer(market, "fresh-eyes", "publisher").await;
    publisher.act(&format!("{place}/publish-result")).await.unwrap();
    let published = told(&seller.client, &place).await;
    assert_eq!((done(&published, "result_published"), due(&published, "result_period_ends")), (now, planned));
    assert_eq!(awaited(&published), ["result_period_ends"]);
}

async fn the_notice_period_ends(market: &Market, winner: &Party, id: &str) {
    let place = format!("/v1/deals/{id}");
    let ends = due(&told(&winner.client, &place).await, "result_period_ends");
    let deal = winner.client.get(&place).await.unwrap();
    assert_eq!(timers(market, "notices.end", &text(&deal["result_notice_id"])).await, [ends]);
    market.staff.move_clock(ends).await.unwrap();
    assert_eq!(done(&told(&winner.client, &place).await, "result_period_ends"), ends);
    let lot = told(&market.stranger, &format!("/v1/lots/{}", text(&deal["lot_id"]))).await;
    assert_eq!(step(&lot, "result_published")["state"], "done");
}

/// Spring Festival lies between the sale and the deadline of its confirmation.
async fn spring_festival(market: Market) {
    let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
    let published = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&buyer]).await;
    granted(&bid(&buyer.client, &published.lot, "10000.00").await, 201);
    let lot = format!("/v1/lots/{}", published.lot);
    // Sold on Friday the 13th of February: Saturday the 14th is worked, the 15th to the 23rd are holidays.
    let expected = told(&buyer.client, &lot).await;
    assert_eq!(due(&expected, "confirmed"), at("2026-02-25T16:00:00Z"));
    assert_eq!(due(&expected, "deposit_refunded"), at("2026-02-25T16:00:00Z"));
    assert_eq!(step(&expected, "confirmed")["provisional"], false);
    market.pass(24 * 60 + 1).await;
    let deal = first_deal(&buyer.client).await;
    assert_eq!(instant(&deal["confirm_by"]), at("2026-02-25T16:00:00Z"));
    let timeline = told(&buyer.client, &format!("/v1/deals/{}", text(&deal["id"]))).await;
    assert_eq!(due(&timeline, "defaulted"), at("2026-02-25T16:00:00Z"));
    market.staff.move_clock(at("2026-02-25T16:00:00Z")).await.unwrap();
    let over = told(&seller.client, &format!("/v1/deals/{}", text(&deal["id"]))).await;
    assert_eq!(done(&over, "defaulted"), at("2026-02-25T16:00:00Z"));
    assert_eq!((step(&over, "confirmed")["state"].as_str(), awaited(&over).len()), (Some("skipped"), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holidays_are_reckoned_with_on_sqlite() {
    spring_festival(Market::starting_at(Base::Sqlite, at("2026-02-12T01:00:00Z")).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holidays_are_reckoned_with_on_postgres() {
    if has_postgres() {
        spring_festival(Market::starting_at(Base::Postgres, at("2026-02-12T01:00:00Z")).await).await;
    }
}

// ---- Who is told what ----

on_both! {
    /// Everybody sees the public steps, insiders the procedure, parties the deal, and a bidder its own deposit.
    async fn each_is_told_what_he_may_know(market) {
        let seller = university(&market).await;
        let (winner, loser) = (enterprise(&market, "winner", 1).await, enterprise(&market, "loser", 2).await);
        let published = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&winner, &loser]).await;
        let (listing, lot) = (format!("/v1/listings/{}", published.listing), format!("/v1/lots/{}", published.lot));
        let inner = ["drafted", "submitted", "taken", "approved", "status_warning"];
        for (client, is_insider) in
            [(&market.stranger, false), (&winner.client, false), (&seller.client, true), (&market.staff.supervisor, true)]
        {
            let seen = codes(&told(client, &listing).await);
            assert!(inner.iter().all(|code| seen.contains(&(*code).to_owned()) == is_insider), "{seen:?}");
            assert!(["published", "registration_closes", "bidding_opens", "bidding_ends"].iter().all(|code| seen.contains(&(*code).to_owned())));
        }
        for (client, confirmation, deposit) in [
            (&market.stranger, false, false),
            (&seller.client, true, false),
            (&winner.client, true, true),
            (&market.staff.finance, true, true),
        ] {
            let seen = codes(&told(client, &lot).await);
            assert_eq!((seen.contains(&"confirmed".to_owned()), seen.contains(&"deposit_refunded".to_owned())), (confirmation, deposit), "{seen:?}");
        }

        granted(&bid(&winner.client, &published.lot, "10000.00").await, 201);
        market.pass(24 * 60 + 1).await;
        let deal = text(&first_deal(&winner.client).await["id"]);
        for (client, knows) in [
            (&market.stranger, false),
            (&loser.client, false),
            (&winner.client, true),
            (&seller.client, true),
            (&market.staff.reviewer, true),
        ] {
            let timeline = told(client, &lot).await;
            assert_eq!(timeline["deal_id"], if knows { json!(deal) } else { Value::Null });
            assert_eq!(codes(&timeline).contains(&"confirmed".to_owned()), knows);
        }
        assert!(!codes(&told(&winner.client, &lot).await).contains(&"deposit_refunded".to_owned()), "its deposit stays for the deal");
        refused(&loser.client.look(&format!("/v1/deals/{deal}/timeline")).await.unwrap(), 404, "not_found");
    }
}

on_both! {
    /// What was sent back and handed in again is told as it was; what was ended goes no further.
    async fn the_way_there_and_back_is_told(market) {
        let seller = university(&market).await;
        let (listing, _) = draft(&seller).await;
        let reason = || json!({"reason": "简介过于笼统"});
        seller.client.act(&format!("{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{listing}/take")).await.unwrap();
        market.pass(10).await;
        market.staff.reviewer.create(&format!("{listing}/return"), reason()).await.unwrap();
        market.pass(10).await;
        seller.client.act(&format!("{listing}/submit")).await.unwrap();
        let timeline = told(&seller.client, &listing).await;
        let happened: Vec<_> = codes(&timeline).into_iter().take(5).collect();
        assert_eq!(happened, ["drafted", "submitted", "taken", "returned", "submitted"]);
        assert_eq!(awaited(&timeline), ["taken"]);

        seller.client.create(&format!("{listing}/terminate"), reason()).await.unwrap();
        let over = told(&market.staff.reviewer, &listing).await;
        assert_eq!(step(&over, "terminated")["state"], "done");
        assert_eq!((&step(&over, "approved")["state"], &step(&over, "published")["state"]), (&json!("skipped"), &json!("skipped")));
        assert!(awaited(&over).is_empty());
    }
}

on_both! {
    /// What was approved is sent back by another reviewer too until it is published; its notice is drawn up anew.
    async fn what_is_approved_is_mended_before_it_is_published(market) {
        let seller = university(&market).await;
        let (listing, _) = draft(&seller).await;
        let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
        let approved = async || {
            seller.client.act(&format!("{listing}/submit")).await.unwrap();
            reviewer.act(&format!("{listing}/take")).await.unwrap();
            reviewer.act(&format!("{listing}/approve")).await.unwrap()
        };
        let reason = || json!({"reason": "简介有误"});
        let first = approved().await;
        let (colleague, _) = officer(&market, "c-olleague", "reviewer").await;
        let back = colleague.create(&format!("{listing}/return"), reason()).await.unwrap();
        assert_eq!((&back["state"], back.get("notice_id")), (&json!("returned"), None));
        let early = publisher.ask(Method::POST, &format!("{listing}/publish")).send().await.unwrap();
        refused(&early, 409, "wrong_state");

        let again = approved().await;
        let [first, again] = [&first, &again].map(|listing| format!("/v1/notices/{}", text(&listing["notice_id"])));
        publisher.act(&format!("{listing}/publish")).await.unwrap();
        assert_eq!(market.stranger.get(&again).await.unwrap()["state"], "published");
        refused(&market.stranger.look(&first).await.unwrap(), 404, "not_found");
        let late = reviewer.post(&format!("{listing}/return"), reason()).send().await.unwrap();
        refused(&late, 409, "wrong_state");
    }
}

on_both! {
    /// A lot that fails for want of bidders, and one whose listing is terminated.
    async fn what_failed_says_why(market) {
        let seller = university(&market).await;
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["auction"]["min_bidders"] = 2.into();
        let few = lot(&market, &seller, "ZL201610200331.9", offer).await;
        market.pass(2).await;
        let timeline = told(&market.stranger, &format!("/v1/lots/{}", few.lot)).await;
        assert_eq!(done(&timeline, "failed"), opens - TimeDelta::seconds(1));
        assert_eq!(step(&timeline, "failed")["notes"][0]["code"], "too_few_bidders");
        assert_eq!(step(&timeline, "bidding_opens")["state"], "skipped");

        let opens = market.staff.now().await.unwrap() + TimeDelta::hours(1);
        let ended = lot(&market, &seller, "ZL201510958772.0", rehearsal(Money::fen(1_000_000), opens)).await;
        market.pass(10).await;
        let now = market.staff.now().await.unwrap();
        seller.client.create(&format!("/v1/listings/{}/terminate", ended.listing), json!({"reason": "撤回"})).await.unwrap();
        for place in [format!("/v1/lots/{}", ended.lot), format!("/v1/listings/{}", ended.listing)] {
            let timeline = told(&market.stranger, &place).await;
            assert_eq!(done(&timeline, "terminated"), now);
            assert_eq!(step(&timeline, "registration_closes")["state"], "skipped");
            assert!(awaited(&timeline).is_empty());
        }
    }
}

// ---- Every date has its rule ----

/// The rule a step names.
#[track_caller]
fn rule(timeline: &Value, code: &str) -> String {
    text(&step(timeline, code)["rule"]["name"])
}

/// Whether a step says that the seller chose.
#[track_caller]
fn is_chosen(timeline: &Value, code: &str) -> bool {
    step(timeline, code)["notes"].as_array().is_some_and(|notes| notes.iter().any(|note| note["code"] == "chosen_by_seller"))
}

/// The timelines of a lot and of its listing, in which every date names its rule.
async fn ruled(client: &Client, of: &Published) -> [Value; 2] {
    let timelines = [told(client, &format!("/v1/lots/{}", of.lot)).await, told(client, &format!("/v1/listings/{}", of.listing)).await];
    for step in timelines.iter().flat_map(|timeline| timeline["steps"].as_array().unwrap()) {
        assert!(step["due_at"].is_null() || step["rule"]["name"].is_string(), "{step}");
    }
    timelines
}

on_both! {
    /// On lots and listings alike, hosted, staggered or alone.
    async fn every_date_names_the_rule_it_follows(market) {
        let seller = university(&market).await;
        let mut short = offer(&market, "一种独立标的").await;
        short["auction"]["free_period_seconds"] = 3_600.into();
        let alone = lot(&market, &seller, "ZL201610200331.9", short).await;
        let mut others = Vec::new();
        for title in ["第一种技术", "第二种技术", "第三种技术", "第四种技术"] {
            others.push(announced(&market, &seller, title, &[]).await);
        }
        session(&market.staff.host, "hosted", &[&others[0].lot, &others[1].lot]).await;
        session(&market.staff.host, "staggered", &[&others[2].lot, &others[3].lot]).await;
        for (of, opening, end) in [
            (&alone, "auction_lead", "free_period"),
            (&others[0], "host_lateness", "free_period"),
            (&others[1], "host_lateness", "free_period"),
            (&others[3], "auction_lead", "session_stagger"),
        ] {
            for timeline in ruled(&seller.client, of).await {
                let named = ["registration_closes", "bidding_opens", "bidding_ends", "sold", "failed"].map(|code| rule(&timeline, code));
                assert_eq!(named, ["listing_period", opening, end, "close_grace", "close_grace"], "{timeline}");
                assert!(is_chosen(&timeline, "registration_closes"), "{timeline}");
                assert_eq!(is_chosen(&timeline, "bidding_ends"), of.lot == alone.lot, "an hour is chosen, a day is the rule");
            }
        }
    }
}

// ---- What is allowed is what would be done ----

/// Something done to a thing.
struct Deed {
    id: &'static str,
    method: Method,
    place: String,
    body: Option<Value>,
    is_rehearsable: bool,
    on_version: bool,
}

impl Deed {
    fn at(id: &'static str, place: String) -> Self {
        Self { id, method: Method::POST, place, body: None, is_rehearsable: false, on_version: false }
    }

    fn sends(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn rehearsable(self) -> Self {
        Self { is_rehearsable: true, ..self }
    }

    fn changes(self, method: Method) -> Self {
        Self { method, on_version: true, ..self }
    }

    /// Tries it; a rehearsal where it can be rehearsed.
    async fn tried(&self, client: &Client, version: i64) -> Reply {
        let place = if self.is_rehearsable { format!("{}?dry_run=true", self.place) } else { self.place.clone() };
        let mut asking = client.ask(self.method.clone(), &place);
        if let Some(body) = &self.body {
            asking = asking.body(body.clone());
        }
        if self.on_version {
            asking = asking.on_version(version);
        }
        asking.send().await.unwrap()
    }
}

/// The deeds a thing says somebody may do.
fn allowed(thing: &Value) -> Vec<String> {
    thing["allowed_deeds"].as_array().unwrap_or_else(|| panic!("no deeds: {thing}")).iter().map(text).collect()
}

/// What somebody is told he may do is granted where it can be rehearsed, and what he is not told is refused.
async fn is_told_truly(who: &str, client: &Client, place: &str, deeds: &[Deed]) -> Vec<String> {
    let seen = client.look(place).await.unwrap();
    let may = if seen.status == 200 { allowed(&seen.body) } else { Vec::new() };
    let version = seen.body["version"].as_i64().unwrap_or(1);
    for deed in deeds {
        if may.contains(&deed.id.to_owned()) {
            if deed.is_rehearsable {
                let reply = deed.tried(client, version).await;
                assert_eq!(reply.status, 200, "{who} may {}, but: {}", deed.id, reply.body);
            }
        } else {
            let reply = deed.tried(client, version).await;
            let is_refused = matches!(reply.status, 401 | 403 | 404 | 409) || reply.code() == "already_leading";
            assert!(is_refused, "{who} may not {} {place}, but {}: {}", deed.id, reply.status, reply.body);
        }
    }
    may
}

fn listing_deeds(place: &str, offer: &Value) -> Vec<Deed> {
    let at = |id, verb: &str| Deed::at(id, format!("{place}/{verb}"));
    let reason = || json!({"reason": "理由"});
    let mut otherwise = offer.clone();
    otherwise["summary"] = "另一说明".into();
    vec![
        Deed::at("replace_listing", place.to_owned()).changes(Method::PUT).sends(offer.clone()),
        at("submit_listing", "submit").rehearsable(),
        at("take_listing", "take"),
        at("return_listing", "return").sends(reason()),
        at("reject_listing", "reject").sends(reason()),
        at("approve_listing", "approve").rehearsable(),
        at("publish_listing", "publish").rehearsable(),
        at("propose_listing_amendment", "amendments").sends(json!({"offer": otherwise, "reason": "理由"})).rehearsable(),
        at("terminate_listing", "terminate").sends(reason()),
    ]
}

const NONE: &[&str] = &[];
const AMEND: &[&str] = &["propose_listing_amendment", "terminate_listing"];
const END: &[&str] = &["terminate_listing"];
const WRITE: &[&str] = &["replace_listing", "submit_listing", "terminate_listing"];
const TAKE: &[&str] = &["take_listing", "terminate_listing"];
const DECIDE: &[&str] = &["return_listing", "reject_listing", "approve_listing", "terminate_listing"];
const PUBLISH: &[&str] = &["publish_listing", "terminate_listing"];
const SEND_BACK: &[&str] = &["return_listing", "terminate_listing"];

/// Who takes the step that ends a stage of a listing, and what each of eight callers may do before.
type Stage<'a> = (Option<(&'a Client, &'static str)>, [&'static [&'static str]; 8]);

on_both! {
    /// A listing, from draft to bidding, as everybody sees it.
    async fn a_listing_tells_each_what_he_may_do(market) {
        let seller = university(&market).await;
        let buyer = enterprise(&market, "buyer", 1).await;
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let (colleague, _) = officer(&market, "c-olleague", "reviewer").await;
        let (achievement, assets) = register(&seller, achievement(), &[patent(&seller)]).await.unwrap();
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["achievement_id"] = achievement.as_str().into();
        offer["asset_ids"] = json!(assets);
        let listing = seller.client.create("/v1/listings", offer.clone()).await.unwrap();
        assert_eq!(listing["allowed_deeds"], Value::Null, "only a question tells what may be done");
        let place = format!("/v1/listings/{}", text(&listing["id"]));
        let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
        let eyes = [
            ("the operator", &seller.client),
            ("a viewer", &viewer),
            ("the reviewer", reviewer),
            ("another reviewer", &colleague),
            ("the publisher", publisher),
            ("finance", &market.staff.finance),
            ("a bidder", &buyer.client),
            ("a stranger", &market.stranger),
        ];
        // Who does what, and what everybody may do before.
        let stages: [Stage; 6] = [
            (Some((&seller.client, "submit")), [WRITE, NONE, END, END, END, NONE, NONE, NONE]),
            (Some((reviewer, "take")), [END, NONE, TAKE, TAKE, END, NONE, NONE, NONE]),
            (Some((reviewer, "approve")), [END, NONE, DECIDE, TAKE, END, NONE, NONE, NONE]),
            (Some((publisher, "publish")), [END, NONE, SEND_BACK, SEND_BACK, PUBLISH, NONE, NONE, NONE]),
            (None, [AMEND, NONE, END, END, END, NONE, NONE, NONE]),
            (None, [NONE; 8]),
        ];
        for (stage, (then, expected)) in stages.into_iter().enumerate() {
            for ((who, client), expected) in eyes.iter().zip(expected) {
                // Whoever published it may do so again without effect, which is nothing to tell.
                let mut tried = listing_deeds(&place, &offer);
                tried.retain(|deed| stage != 4 || deed.id != "publish_listing");
                assert_eq!(is_told_truly(who, client, &place, &tried).await, expected, "{who} at stage {stage}");
            }
            match then {
                Some((client, verb)) => drop(client.act(&format!("{place}/{verb}")).await.unwrap()),
                None if stage == 4 => {
                    let lot = text(&market.stranger.get(&place).await.unwrap()["lot_id"]);
                    admit(&buyer, &market.staff, &lot).await.unwrap();
                    market.pass(2).await;
                    assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "bidding");
                }
                None => {}
            }
        }
    }
}

on_both! {
    /// Lots, admissions and deals, as everybody sees them.
    async fn a_sale_tells_each_what_he_may_do(market) {
        let seller = university(&market).await;
        let [winner, loser, outsider] =
            [enterprise(&market, "winner", 1).await, enterprise(&market, "loser", 2).await, enterprise(&market, "outsider", 3).await];
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
        let published = lot(&market, &seller, "ZL201610200331.9", rehearsal(Money::fen(1_000_000), opens)).await;
        let place = format!("/v1/lots/{}", published.lot);
        let bid_of = |amount: &str| Deed::at("place_bid", format!("{place}/bids")).sends(json!({"price": cny(amount)})).rehearsable();
        let apply = || Deed::at("apply_for_lot", format!("{place}/admissions")).sends(json!({}));
        let open = async |client: &Client, amount: &str| is_told_truly("somebody", client, &place, &[bid_of(amount), apply()]).await;

        assert_eq!(open(&winner.client, "10000.00").await, ["apply_for_lot"]);
        assert!(open(&seller.client, "10000.00").await.is_empty());
        assert!(open(&market.stranger, "10000.00").await.is_empty());
        assert!(open(&market.staff.reviewer, "10000.00").await.is_empty());
        admissions_tell(&market, &winner, &loser, &published.lot).await;
        assert!(open(&winner.client, "10000.00").await.is_empty(), "not open yet, and applied");
        market.pass(2).await;
        assert_eq!(open(&winner.client, "10000.00").await, ["place_bid"]);
        assert!(open(&outsider.client, "10000.00").await.is_empty());
        granted(&bid(&winner.client, &published.lot, "10000.00").await, 201);
        assert!(open(&winner.client, "10100.00").await.is_empty(), "who leads does not raise his own bid");
        assert_eq!(open(&loser.client, "10100.00").await, ["place_bid"]);
        market.pass(24 * 60 + 1).await;
        assert!(open(&loser.client, "10100.00").await.is_empty());
        a_deal_tells(&market, &seller, &winner, &loser).await;
    }
}

/// An application is qualified, the bidder suspended and reinstated.
async fn admissions_tell(market: &Market, winner: &Party, loser: &Party, lot: &str) {
    let applied = winner.client.create(&format!("/v1/lots/{lot}/admissions"), json!({})).await.unwrap();
    let place = format!("/v1/admissions/{}", text(&applied["id"]));
    let at = |id, verb: &str| Deed::at(id, format!("{place}/{verb}"));
    let reason = || json!({"reason": "理由"});
    let deeds = || {
        [
            at("qualify_admission", "qualify"),
            at("refuse_admission", "refuse").sends(reason()),
            at("withdraw_admission", "withdraw"),
            at("suspend_bidder", "suspend").sends(reason()),
            at("reinstate_bidder", "reinstate").sends(reason()),
        ]
    };
    let staff = &market.staff;
    let told = async |client: &Client| is_told_truly("somebody", client, &place, &deeds()).await;
    assert_eq!(told(&winner.client).await, ["withdraw_admission"]);
    assert_eq!(told(&staff.reviewer).await, ["qualify_admission", "refuse_admission"]);
    for client in [&loser.client, &staff.host, &staff.finance, &market.stranger] {
        assert!(told(client).await.is_empty());
    }
    let qualified = staff.reviewer.act(&format!("{place}/qualify")).await.unwrap();
    assert_eq!(told(&staff.finance).await, ["record_bank_credit"]);
    assert!(told(&staff.reviewer).await.is_empty());
    let payment = json!({"deposit_reference": qualified["deposit"]["reference"], "amount": qualified["deposit"]["amount"]});
    winner.client.create("/v1/sandbox/bank-credits", payment).await.unwrap();
    assert!(told(&winner.client).await.is_empty(), "whoever is admitted is bound");
    assert_eq!(told(&staff.host).await, ["suspend_bidder"]);
    staff.host.create(&format!("{place}/suspend"), reason()).await.unwrap();
    assert_eq!(told(&staff.host).await, ["reinstate_bidder"]);
    staff.host.create(&format!("{place}/reinstate"), reason()).await.unwrap();
    admit(loser, staff, lot).await.unwrap();
}

/// Signed by both sides, published by a publisher.
async fn a_deal_tells(market: &Market, seller: &Party, winner: &Party, loser: &Party) {
    let deal = first_deal(&winner.client).await;
    let id = text(&deal["id"]);
    let place = format!("/v1/deals/{id}");
    let deeds = || {
        [
            Deed::at("sign_deal", format!("{place}/sign")).sends(json!({"confirmation_sha256": deal["confirmation_sha256"]})),
            Deed::at("publish_result", format!("{place}/publish-result")),
        ]
    };
    let told = async |client: &Client| is_told_truly("somebody", client, &place, &deeds()).await;
    let staff = &market.staff;
    for client in [&winner.client, &seller.client] {
        assert_eq!(told(client).await, ["sign_deal"]);
    }
    for client in [&loser.client, &market.stranger, &staff.publisher, &staff.host, &staff.reviewer] {
        assert!(told(client).await.is_empty());
    }
    sign(&id, &[&winner.client]).await.unwrap();
    assert!(told(&winner.client).await.is_empty());
    sign(&id, &[&seller.client]).await.unwrap();
    assert!(told(&seller.client).await.is_empty());
    assert_eq!(told(&staff.publisher).await, ["publish_result"]);
    assert!(told(&staff.reviewer).await.is_empty());
    staff.publisher.act(&format!("{place}/publish-result")).await.unwrap();
    assert!(told(&staff.publisher).await.is_empty());
}

on_both! {
    /// Achievements, rights, organisations and memberships, as everybody sees them.
    async fn what_an_organisation_has_tells_each_what_he_may_do(market) {
        let seller = university(&market).await;
        let other = enterprise(&market, "other", 1).await;
        let (viewer, _) = join(&market, &seller, "v-iewer", &["viewer"]).await;
        let staff = &market.staff;
        let published = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&other]).await;
        let listing = seller.client.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        let right = format!("/v1/assets/{}", text(&listing["assets"][0]["asset_id"]));
        let achievement = format!("/v1/achievements/{}", text(&listing["achievement_id"]));

        let amended = || json!({"title": "另一名称"});
        let reading = json!({"status": "granted", "as_of": "2026-03-02T00:00:00Z", "source": "registry"});
        let on_right = || {
            [
                Deed::at("amend_asset", right.clone()).changes(Method::PATCH).sends(amended()),
                Deed::at("record_legal_status", format!("{right}/legal-statuses")).sends(reading.clone()),
            ]
        };
        let on_achievement = || [Deed::at("amend_achievement", achievement.clone()).changes(Method::PATCH).sends(amended())];
        assert_eq!(is_told_truly("the operator", &seller.client, &right, &on_right()).await, ["record_legal_status"], "it is on offer");
        assert_eq!(is_told_truly("the reviewer", &staff.reviewer, &right, &on_right()).await, ["record_legal_status"]);
        assert_eq!(is_told_truly("the operator", &seller.client, &achievement, &on_achievement()).await, ["amend_achievement", "add_asset"]);
        for client in [&viewer, &other.client, &staff.finance] {
            assert!(is_told_truly("somebody", client, &right, &on_right()).await.is_empty());
            assert!(is_told_truly("somebody", client, &achievement, &on_achievement()).await.is_empty());
        }

        let place = format!("/v1/organisations/{}", seller.organisation);
        let on_organisation = || {
            [
                Deed::at("verify_organisation", format!("{place}/verify")),
                Deed::at("refuse_organisation", format!("{place}/refuse")).sends(json!({"reason": "理由"})),
                Deed::at("invite_member", format!("{place}/members")).sends(json!({"email": address("later"), "roles": ["viewer"]})),
            ]
        };
        assert_eq!(is_told_truly("the owner", &seller.client, &place, &on_organisation()).await, ["invite_member"]);
        assert_eq!(is_told_truly("the reviewer", &staff.reviewer, &place, &on_organisation()).await, ["refuse_organisation"]);
        for client in [&viewer, &other.client, &staff.finance] {
            assert!(is_told_truly("somebody", client, &place, &on_organisation()).await.is_empty());
        }
        memberships_tell(&seller, &viewer, &market).await;
    }
}

/// The owner, a viewer, and somebody invited read memberships.
async fn memberships_tell(seller: &Party, viewer: &Client, market: &Market) {
    let invitation = invite(seller, &address("i-nvited"), &["bidder"]).await;
    let invited = person(market, "i-nvited").await;
    let mine = async |client: &Client| client.get("/v1/me").await.unwrap()["memberships"][0].clone();
    assert_eq!(allowed(&mine(&invited).await), ["accept_invitation"]);
    assert!(allowed(&mine(viewer).await).is_empty());
    assert_eq!(allowed(&mine(&seller.client).await), ["change_member_roles"], "the last owner can neither be suspended nor removed");

    let list = format!("/v1/organisations/{}/members", seller.organisation);
    let everybody = async |client: &Client| client.get(&list).await.unwrap()["items"].as_array().unwrap().clone();
    for member in everybody(&seller.client).await {
        let expected: &[&str] = if text(&member["id"]) == invitation {
            &["remove_member", "change_member_roles"]
        } else if member["roles"] == json!(["viewer"]) {
            &["suspend_member", "remove_member", "change_member_roles"]
        } else {
            &["change_member_roles"]
        };
        assert_eq!(allowed(&member), expected, "{member}");
    }
    assert!(everybody(viewer).await.iter().all(|member| allowed(member).is_empty()));
    assert!(everybody(&market.staff.reviewer).await.iter().all(|member| allowed(member).is_empty()));
    invited.act(&format!("/v1/memberships/{invitation}/accept")).await.unwrap();
    assert!(allowed(&mine(&invited).await).is_empty());
}
