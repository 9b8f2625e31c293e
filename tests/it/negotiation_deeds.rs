//! A sale at a negotiated price under random deeds, legal and illegal, over HTTP, against a small model: offers, agreement, decision,
//! notice, objections, what is agreed anew, confirmation, result, withdrawal, and days that pass. What the model allows is done; all else is
//! refused with what could be done instead, and changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant, text};

use crate::authz::{join, objection, officer, person};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::Random;
use crate::negotiations::{begun, offer, paper};
use crate::on_both;

/// How many deeds are tried.
const DEEDS: usize = 160;

/// Where a sale stands, by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Open,
    Agreed,
    Decided,
    Noticed,
    Confirmed,
    ResultPublished,
    Ended,
}

impl Stands {
    /// What can be done, in the order in which it is told.
    fn allowed(self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let goes_on = matches!(self, Self::Open | Self::Agreed | Self::Decided | Self::Noticed);
        found.extend(goes_on.then_some(["make_offer", "accept_offer"]).into_iter().flatten());
        found.extend((self == Self::Agreed).then_some("decide_negotiation"));
        found.extend((self == Self::Decided).then_some("publish_negotiation"));
        found.extend((self == Self::Noticed).then_some(["show_unit_notice", "confirm_negotiation"]).into_iter().flatten());
        found.extend((self == Self::Confirmed).then_some("publish_negotiation_result"));
        found.extend(goes_on.then_some("withdraw_negotiation"));
        found
    }
}

/// An offer: whose, until when it stands, and the hash of its terms.
#[derive(Clone)]
struct Offered {
    side: usize,
    expires_at: DateTime<Utc>,
    sha256: String,
}

/// An objection: to which version, by whom, and whether it is open.
struct Raised {
    place: String,
    version: i64,
    by: usize,
    open: bool,
}

/// Everybody who does anything, and what the model knows.
struct Stage<'a> {
    market: &'a Market,
    seller: Party,
    sides: [Client; 2],
    decider: Client,
    handler: Client,
    objectors: [Client; 2],
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
    raised: Vec<Raised>,
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
            handler: officer(market, "h-andles", "reviewer").await.0,
            objectors: [person(market, "o-bjects").await, person(market, "a-lso").await],
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
            raised: Vec::new(),
        }
    }

    async fn now(&self) -> DateTime<Utc> {
        self.market.staff.now().await.unwrap()
    }

    /// Everything as it stands.
    async fn standing(&self) -> Value {
        let eye = &self.market.staff.supervisor;
        let mut all = vec![eye.get(&self.place).await.unwrap()];
        if let Some(notice) = &self.notice {
            all.push(eye.get(notice).await.unwrap());
        }
        json!(all)
    }

    /// The last refusal the state gives, where it gives one.
    fn by_state(&self, operation: &str) -> Option<&'static str> {
        if self.stands.allowed().contains(&operation) { None } else { Some("wrong_state") }
    }

    async fn post(&self, by: &Client, step: &str, body: Value) -> Reply {
        by.post(&format!("{}/{step}", self.place), body).send().await.unwrap()
    }

    /// Checks an answer; whether it was done.
    fn check(&self, reply: &Reply, refusal: Option<&'static str>) -> bool {
        match refusal {
            None => assert!((200..300).contains(&reply.status), "{:?}: {} {}", self.stands, reply.status, reply.body),
            Some(code) => assert_eq!((reply.status, &reply.body["code"]), (409, &json!(code)), "{:?}: {}", self.stands, reply.body),
        }
        if refusal == Some("wrong_state") {
            assert_eq!(reply.body["allowed"], json!(self.stands.allowed()));
        }
        refusal.is_none()
    }

    async fn offer(&mut self, side: usize, turn: usize) -> Option<&'static str> {
        let refusal = self.by_state("make_offer");
        let expires_at = self.now().await + TimeDelta::days(40);
        let mut new = offer("100000.00");
        new["terms"]["payment"] = json!(format!("第 {turn} 种付款方式"));
        new["expires_at"] = json!(expires_at);
        let reply = self.post(&self.sides[side], "offers", new).await;
        if self.check(&reply, refusal) {
            let sha256 = text(&reply.body["offers"].as_array().unwrap().last().unwrap()["terms_sha256"]);
            self.offers.push(Offered { side, expires_at, sha256 });
        }
        refusal
    }

    async fn accept(&mut self, side: usize) -> Option<&'static str> {
        let (last, number) = (self.offers.last().unwrap().clone(), self.offers.len());
        let is_open = self.agreed < Some(number) && last.side != side && self.now().await < last.expires_at;
        let refusal = self.by_state("accept_offer").or((!is_open).then_some("offer_not_open"));
        let reply = self.post(&self.sides[side], "accept", json!({"terms_sha256": last.sha256})).await;
        if self.check(&reply, refusal) {
            self.stands = Stands::Agreed;
            (self.agreed, self.unit_until, self.confirmed) = (Some(number), None, [false; 2]);
        }
        refusal
    }

    fn terms(&self) -> Value {
        let agreed = self.agreed.map(|number| self.offers[number - 1].sha256.clone());
        json!({"terms_sha256": agreed.unwrap_or_else(|| "0".repeat(64))})
    }

    async fn decide(&mut self) -> Option<&'static str> {
        let refusal = self.by_state("decide_negotiation");
        let reply = self.post(&self.decider, "decide", self.terms()).await;
        if self.check(&reply, refusal) {
            self.stands = Stands::Decided;
        }
        refusal
    }

    async fn publish(&mut self) -> Option<&'static str> {
        let refusal = self.by_state("publish_negotiation");
        let drafted = self.decider.get(&self.place).await.unwrap()["drafted_sha256"].as_str().map(ToOwned::to_owned);
        let body = json!({"drafted_sha256": drafted.unwrap_or_else(|| "0".repeat(64))});
        let reply = self.post(&self.market.staff.publisher, "publish", body).await;
        if self.check(&reply, refusal) {
            self.stands = Stands::Noticed;
            self.notice = Some(format!("/v1/notices/{}", text(&reply.body["notice_id"])));
            self.version += 1;
        }
        refusal
    }

    async fn show(&mut self) -> Option<&'static str> {
        let refusal = self.by_state("show_unit_notice");
        let today = (self.now().await + TimeDelta::hours(8)).date_naive();
        let shown = json!({"document_id": self.document, "published_on": today, "place": "公告栏"});
        let reply = self.post(&self.seller.client, "unit-notice", shown).await;
        if self.check(&reply, refusal) {
            // As long as a notice of the platform that is put up today.
            let asked = format!("/v1/rulebook/deadline?span=15d&from={}", self.now().await.format("%Y-%m-%dT%H:%M:%SZ"));
            self.unit_until = Some(instant(&self.market.stranger.get(&asked).await.unwrap()["ends_at"]));
        }
        refusal
    }

    /// When the notice ends, as everybody reads it.
    async fn notice_until(&self) -> DateTime<Utc> {
        instant(&self.market.stranger.get(self.notice.as_ref().unwrap()).await.unwrap()["ends_at"])
    }

    async fn confirm(&mut self, side: usize) -> Option<&'static str> {
        let mut refusal = self.by_state("confirm_negotiation");
        if refusal.is_none() {
            let now = self.now().await;
            let is_over = self.notice_until().await <= now && self.unit_until.is_some_and(|until| until <= now);
            let waits = !is_over || self.raised.iter().any(|raised| raised.open);
            refusal = if self.confirmed[side] { Some("already_signed") } else { waits.then_some("notice_not_over") };
        }
        let reply = self.post(&self.sides[side], "confirm", self.terms()).await;
        if self.check(&reply, refusal) {
            self.confirmed[side] = true;
            if self.confirmed == [true; 2] {
                self.stands = Stands::Confirmed;
            }
        }
        refusal
    }

    async fn publish_result(&mut self) -> Option<&'static str> {
        let refusal = self.by_state("publish_negotiation_result");
        let call = self.market.staff.publisher.ask(Method::POST, &format!("{}/publish-result", self.place));
        if self.check(&call.send().await.unwrap(), refusal) {
            self.stands = Stands::ResultPublished;
        }
        refusal
    }

    async fn withdraw(&mut self, side: usize) -> Option<&'static str> {
        let refusal = self.by_state("withdraw_negotiation");
        let reply = self.post(&self.sides[side], "withdraw", json!({"reason": "不再交易"})).await;
        if self.check(&reply, refusal) {
            self.stands = Stands::Ended;
        }
        refusal
    }

    /// Somebody objects to the version that stands.
    async fn object(&mut self, by: usize) -> Option<&'static str> {
        let notice = self.notice.clone()?;
        let runs = self.stands != Stands::Ended && self.now().await < self.notice_until().await;
        let known = self.raised.iter().any(|raised| (raised.by, raised.version) == (by, self.version));
        let refusal = if runs { known.then_some("already_objected") } else { Some("objections_closed") };
        let reply = self.objectors[by].post(&format!("{notice}/objections"), objection()).send().await.unwrap();
        if self.check(&reply, refusal) {
            let place = format!("/v1/objections/{}", text(&reply.body["id"]));
            self.raised.push(Raised { place, version: self.version, by, open: true });
        }
        refusal
    }

    /// An officer does not accept the first objection that is open.
    async fn close(&mut self) -> Option<&'static str> {
        if let Some(open) = self.raised.iter_mut().find(|raised| raised.open) {
            self.handler.create(&format!("{}/refuse", open.place), json!({"reason": "不属于异议范围"})).await.unwrap();
            open.open = false;
        }
        None
    }

    /// Some days pass; the status of the right is read anew, as it has to be.
    async fn pass(&self, days: i64) -> Option<&'static str> {
        self.market.staff.move_clock(self.now().await + TimeDelta::days(days)).await.unwrap();
        play::read_status(&self.seller, &self.asset, "unregistered").await.unwrap();
        None
    }

    /// What leads on from here, or waits.
    async fn onward(&mut self, turn: usize, draw: usize) -> Option<&'static str> {
        let side = self.offers.last().unwrap().side;
        match self.stands {
            Stands::Open => self.accept(1 - side).await,
            Stands::Agreed => self.decide().await,
            Stands::Decided => self.publish().await,
            Stands::Noticed if self.unit_until.is_none() => self.show().await,
            Stands::Noticed if self.raised.iter().any(|raised| raised.open) => self.close().await,
            Stands::Noticed if draw < 3 => self.confirm(draw % 2).await,
            Stands::Noticed => self.pass(6).await,
            Stands::Confirmed => self.publish_result().await,
            Stands::ResultPublished | Stands::Ended => self.offer(turn % 2, turn).await,
        }
    }
}

on_both! {
    /// In the end it is withdrawn from, where it has not come to a result: nothing leads on from there.
    async fn what_the_model_allows_is_done_and_nothing_else(market) {
        let (mut stage, mut draw) = (Stage::set(&market).await, Random::seeded());
        let (mut done, mut refused) = (0, 0);
        // Once it is over some more are tried, all of which are refused.
        let mut after = 10;
        for turn in 0..DEEDS {
            if matches!(stage.stands, Stands::Ended | Stands::ResultPublished) {
                if after == 0 {
                    break;
                }
                after -= 1;
            }
            let before = stage.standing().await;
            let mut pick = |of: usize| usize::try_from(draw.below(of as u64)).unwrap();
            let (side, choice) = (pick(2), pick(20));
            let refusal = match choice {
                0 => stage.offer(side, turn).await,
                1 => stage.accept(side).await,
                2 => stage.decide().await,
                3 => stage.publish().await,
                4 => stage.show().await,
                5 | 6 => stage.confirm(side).await,
                7 => stage.publish_result().await,
                8 | 9 => stage.object(side).await,
                10 => stage.close().await,
                11 | 12 => stage.pass(3).await,
                13 if turn > DEEDS * 4 / 5 => stage.withdraw(side).await,
                _ => { let draw = pick(6); stage.onward(turn, draw).await }
            };
            if refusal.is_some() {
                assert_eq!(stage.standing().await, before, "a refusal changed something");
                refused += 1;
            } else {
                done += 1;
            }
        }
        println!("{done} deeds done, {refused} refused, {:?} in the end", stage.stands);
        assert!(stage.version > 0 && refused > 0, "nothing was announced, or nothing refused");
    }
}
