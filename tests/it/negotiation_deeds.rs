//! A sale at a negotiated price under random deeds, legal and illegal, over HTTP, against a small model: offers, agreement, decision,
//! notice, objections and what becomes of them, what is agreed anew, confirmation, result, withdrawal, and days that pass. What the model
//! allows is done; all else is refused with what could be done instead, and changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use entity::negotiations::NegotiationState as Stands;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{Party, instant, text};

use crate::authz::join;
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::Random;
use crate::negotiations::{begun, offer, paper};
use crate::objected::{How, Objections, Refusal, Still, done, pick, refusal};
use crate::on_both;

/// How many deeds are tried.
const DEEDS: usize = 170;

/// What can be done, in the order in which it is told.
fn allowed(state: Stands) -> Vec<&'static str> {
    let mut found = Vec::new();
    let goes_on = matches!(state, Stands::Open | Stands::Agreed | Stands::Decided | Stands::Noticed);
    found.extend(goes_on.then_some(["make_offer", "accept_offer"]).into_iter().flatten());
    found.extend((state == Stands::Agreed).then_some("decide_negotiation"));
    found.extend((state == Stands::Decided).then_some("publish_negotiation"));
    found.extend((state == Stands::Noticed).then_some(["show_unit_notice", "confirm_negotiation"]).into_iter().flatten());
    found.extend((state == Stands::Confirmed).then_some("publish_negotiation_result"));
    found.extend(goes_on.then_some("withdraw_negotiation"));
    found
}

/// An offer: whose, until when it stands, and the hash of its terms.
#[derive(Clone)]
struct Offered {
    side: usize,
    expires_at: DateTime<Utc>,
    sha256: String,
}

/// Everybody who does anything, and what the model knows.
struct Stage<'a> {
    market: &'a Market,
    seller: Party,
    sides: [Client; 2],
    decider: Client,
    place: String,
    asset: String,
    document: String,
    stands: Stands,
    offers: Vec<Offered>,
    agreed: Option<usize>,
    notice: Option<String>,
    version: i64,
    unit_until: Option<DateTime<Utc>>,
    confirmed: [bool; 2],
    objections: Objections,
}

impl<'a> Stage<'a> {
    async fn set(market: &'a Market) -> Self {
        let (seller, buyer) = (university(market).await, enterprise(market, "buyer", 1).await);
        let place = begun(&seller, &buyer, "一种反复商谈的技术", "100000.00").await;
        let seen = seller.client.get(&place).await.unwrap();
        let first =
            Offered { side: 0, expires_at: instant(&seen["offers"][0]["expires_at"]), sha256: text(&seen["offers"][0]["terms_sha256"]) };
        for party in [&seller, &buyer] {
            party.client.prove().await.unwrap();
        }
        Self {
            market,
            sides: [seller.client.clone(), buyer.client.clone()],
            decider: join(market, &seller, "d-ecides", &["signatory"]).await.0,
            objections: Objections::of(market).await,
            asset: text(&seen["asset_ids"][0]),
            document: paper(&seller, "公示照片").await,
            seller,
            place,
            stands: Stands::Open,
            offers: vec![first],
            agreed: None,
            notice: None,
            version: 0,
            unit_until: None,
            confirmed: [false; 2],
        }
    }

    async fn now(&self) -> DateTime<Utc> {
        self.market.staff.now().await.unwrap()
    }

    /// Sees that everything stands as the model says.
    async fn stands(&self) {
        let eye = &self.market.staff.supervisor;
        let seen = eye.get(&self.place).await.unwrap();
        assert_eq!(seen["state"], json!(self.stands), "{seen}");
        if let Some(notice) = &self.notice {
            let seen = eye.get(notice).await.unwrap();
            let is_withdrawn = self.stands == Stands::Ended;
            assert_eq!((&seen["version"], seen["state"] == "withdrawn"), (&json!(self.version), is_withdrawn), "{seen}");
        }
        self.objections.stand(eye).await;
    }

    /// The refusal the state gives, where it gives one.
    fn by_state(&self, operation: &str) -> Option<Refusal> {
        let allowed = allowed(self.stands);
        if allowed.contains(&operation) { None } else { Some(refusal("wrong_state", allowed)) }
    }

    /// A refusal of what the state would let be done.
    fn but(&self, operation: &str, code: &'static str) -> Refusal {
        refusal(code, allowed(self.stands).into_iter().filter(|other| *other != operation).collect())
    }

    async fn post(&self, by: &Client, step: &str, body: Value) -> Reply {
        by.post(&format!("{}/{step}", self.place), body).send().await.unwrap()
    }

    async fn offer(&mut self, side: usize, turn: usize) -> bool {
        let due = self.by_state("make_offer");
        let expires_at = self.now().await + TimeDelta::days(40);
        let mut new = offer("100000.00");
        new["terms"]["payment"] = json!(format!("第 {turn} 种付款方式"));
        new["expires_at"] = json!(expires_at);
        let reply = self.post(&self.sides[side], "offers", new).await;
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let sha256 = text(&reply.body["offers"].as_array().unwrap().last().unwrap()["terms_sha256"]);
            self.offers.push(Offered { side, expires_at, sha256 });
        }
        is_done
    }

    async fn accept(&mut self, side: usize) -> bool {
        let (last, number) = (self.offers.last().unwrap().clone(), self.offers.len());
        let is_open = self.agreed < Some(number) && last.side != side && self.now().await < last.expires_at;
        let due = self.by_state("accept_offer").or_else(|| (!is_open).then(|| self.but("accept_offer", "offer_not_open")));
        let reply = self.post(&self.sides[side], "accept", json!({"terms_sha256": last.sha256})).await;
        let is_done = done(&reply, due.as_ref());
        if is_done {
            self.stands = Stands::Agreed;
            (self.agreed, self.unit_until, self.confirmed) = (Some(number), None, [false; 2]);
        }
        is_done
    }

    fn terms(&self) -> Value {
        let agreed = self.agreed.map(|number| self.offers[number - 1].sha256.clone());
        json!({"terms_sha256": agreed.unwrap_or_else(|| "0".repeat(64))})
    }

    async fn decide(&mut self) -> bool {
        let due = self.by_state("decide_negotiation");
        let is_done = done(&self.post(&self.decider, "decide", self.terms()).await, due.as_ref());
        if is_done {
            self.stands = Stands::Decided;
        }
        is_done
    }

    async fn publish(&mut self) -> bool {
        let due = self.by_state("publish_negotiation");
        let drafted = self.decider.get(&self.place).await.unwrap()["drafted_sha256"].as_str().map(ToOwned::to_owned);
        let body = json!({"drafted_sha256": drafted.unwrap_or_else(|| "0".repeat(64))});
        let reply = self.post(&self.market.staff.publisher, "publish", body).await;
        let is_done = done(&reply, due.as_ref());
        if is_done {
            self.stands = Stands::Noticed;
            self.notice = Some(format!("/v1/notices/{}", text(&reply.body["notice_id"])));
            self.version += 1;
        }
        is_done
    }

    async fn show(&mut self) -> bool {
        let due = self.by_state("show_unit_notice");
        let today = (self.now().await + TimeDelta::hours(8)).date_naive();
        let shown = json!({"document_id": self.document, "published_on": today, "place": "公告栏"});
        let is_done = done(&self.post(&self.seller.client, "unit-notice", shown).await, due.as_ref());
        if is_done {
            // As long as a notice of the platform that is put up today.
            let asked = format!("/v1/rulebook/deadline?span=15d&from={}", self.now().await.format("%Y-%m-%dT%H:%M:%SZ"));
            self.unit_until = Some(instant(&self.market.stranger.get(&asked).await.unwrap()["ends_at"]));
        }
        is_done
    }

    /// When the notice ends, as everybody reads it.
    async fn notice_until(&self) -> DateTime<Utc> {
        instant(&self.market.stranger.get(self.notice.as_ref().unwrap()).await.unwrap()["ends_at"])
    }

    async fn confirm(&mut self, side: usize) -> bool {
        let mut due = self.by_state("confirm_negotiation");
        if due.is_none() {
            let now = self.now().await;
            let is_over = self.notice_until().await <= now && self.unit_until.is_some_and(|until| until <= now);
            let waits = !is_over || self.objections.hold_up();
            let code = if self.confirmed[side] { Some("already_signed") } else { waits.then_some("notice_not_over") };
            due = code.map(|code| self.but("confirm_negotiation", code));
        }
        let is_done = done(&self.post(&self.sides[side], "confirm", self.terms()).await, due.as_ref());
        if is_done {
            self.confirmed[side] = true;
            if self.confirmed == [true; 2] {
                self.stands = Stands::Confirmed;
            }
        }
        is_done
    }

    async fn publish_result(&mut self) -> bool {
        let due = self.by_state("publish_negotiation_result");
        let call = self.market.staff.publisher.ask(Method::POST, &format!("{}/publish-result", self.place));
        let is_done = done(&call.send().await.unwrap(), due.as_ref());
        if is_done {
            self.stands = Stands::ResultPublished;
        }
        is_done
    }

    async fn withdraw(&mut self, side: usize) -> bool {
        let due = self.by_state("withdraw_negotiation");
        let is_done = done(&self.post(&self.sides[side], "withdraw", json!({"reason": "不再交易"})).await, due.as_ref());
        if is_done {
            self.stands = Stands::Ended;
        }
        is_done
    }

    /// Somebody objects to the version that stands.
    async fn object(&mut self, by: usize) -> bool {
        let (notice, now) = (self.notice.clone().unwrap(), self.now().await);
        let runs = self.stands != Stands::Ended && now < self.notice_until().await;
        self.objections.object(&notice, (by, self.version), runs, now).await
    }

    /// Something is done to an objection, or what leads on. It may be put right, or be the end of the sale.
    async fn handle(&mut self, draw: &mut Random, onward: bool, may_end: bool) -> bool {
        let (how, now) = (How::drawn(draw, may_end), self.now().await);
        let handled = if onward { self.objections.lead_on(draw, how, now).await } else { self.objections.handle(draw, how, now).await };
        let (deed, is_done) = handled;
        if Objections::ends(deed, how, is_done) {
            self.stands = Stands::Ended;
        }
        is_done
    }

    /// Some days pass; the status of the right is read anew, as it has to be.
    async fn pass(&mut self, days: i64) -> bool {
        let now = self.now().await + TimeDelta::days(days);
        self.market.staff.move_clock(now).await.unwrap();
        // An officer reads it, whose ever it is by now.
        let reading = json!({"status": "unregistered", "as_of": now, "source": "registry"});
        let reviewer = &self.market.staff.reviewer;
        reviewer.create(&format!("/v1/assets/{}/legal-statuses", self.asset), reading).await.unwrap();
        self.objections.pass(now);
        true
    }

    /// What leads on from here, or waits.
    async fn onward(&mut self, turn: usize, draw: &mut Random) -> bool {
        let side = self.offers.last().unwrap().side;
        let (choice, may_end) = (pick(draw, 6), turn > DEEDS / 2);
        match self.stands {
            Stands::Open => self.accept(1 - side).await,
            Stands::Agreed => self.decide().await,
            Stands::Decided => self.publish().await,
            Stands::Noticed if self.unit_until.is_none() => self.show().await,
            Stands::Noticed if self.objections.hold_up() && choice > 1 => self.handle(draw, true, may_end).await,
            Stands::Noticed if choice < 3 => self.confirm(choice % 2).await,
            Stands::Noticed => self.pass(3).await,
            Stands::Confirmed => self.publish_result().await,
            Stands::ResultPublished | Stands::Ended => self.offer(turn % 2, turn).await,
        }
    }
}

on_both! {
    /// In the end it is withdrawn from, where it has not come to a result: nothing leads on from there.
    async fn what_the_model_allows_is_done_and_nothing_else(market) {
        let (mut stage, mut draw) = (Stage::set(&market).await, Random::seeded());
        let mut still = Still::of(&market).await;
        // Once it is over some more are tried, which change nothing but what was objected to before.
        let mut after = 10;
        for turn in 0..DEEDS {
            if matches!(stage.stands, Stands::Ended | Stands::ResultPublished) {
                if after == 0 {
                    break;
                }
                after -= 1;
            }
            let (side, choice) = (pick(&mut draw, 2), pick(&mut draw, 24));
            let is_done = match choice {
                0 => stage.offer(side, turn).await,
                1 => stage.accept(side).await,
                2 => stage.decide().await,
                3 => stage.publish().await,
                4 => stage.show().await,
                5 | 6 => stage.confirm(side).await,
                7 => stage.publish_result().await,
                8..=10 if stage.notice.is_some() => stage.object(side).await,
                11..=13 if !stage.objections.is_empty() => stage.handle(&mut draw, false, turn > DEEDS / 2).await,
                14 => stage.pass(2).await,
                15 if turn > DEEDS * 4 / 5 => stage.withdraw(side).await,
                _ => stage.onward(turn, &mut draw).await,
            };
            still.after(is_done).await;
            stage.stands().await;
        }
        println!("{:?} in the end", stage.stands);
        assert!(stage.version > 0, "nothing was announced");
        still.was_lively();
    }
}
