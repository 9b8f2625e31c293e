//! A notice under random deeds, legal and illegal, over HTTP, against a small model: what the model allows is done, all else is refused with
//! what could be done instead, and changes nothing.

use reqwest::Method;
use serde_json::json;
use zhepai::client::Client;
use zhepai::play::text;

use crate::authz::{erratum, officer};
use crate::common::Market;
use crate::common::play::Random;
use crate::notices::public_result;
use crate::objected::{How, Objections, Still, done, pick, refusal};
use crate::on_both;

/// How many deeds are tried.
const DEEDS: usize = 150;

/// What is proposed about the notice and waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proposed {
    Erratum,
    Withdrawal,
}

/// Everybody who does anything, and what the model knows.
struct Stage<'a> {
    market: &'a Market,
    seller: Client,
    notice: String,
    publishers: [Client; 2],
    objections: Objections,
    version: i64,
    withdrawn: bool,
    proposal: Option<(String, Proposed)>,
    /// The last proposal that is open no more.
    past: Option<String>,
}

impl<'a> Stage<'a> {
    async fn set(market: &'a Market) -> Self {
        let (seller, notice) = public_result(market).await;
        let publishers = [officer(market, "o-ne", "publisher").await.0, officer(market, "t-wo", "publisher").await.0];
        Self {
            market,
            seller: seller.client,
            notice: format!("/v1/notices/{notice}"),
            publishers,
            objections: Objections::of(market).await,
            version: 1,
            withdrawn: false,
            proposal: None,
            past: None,
        }
    }

    /// Sees that everything stands as the model says.
    async fn stands(&self) {
        let eye = &self.market.staff.supervisor;
        let notice = eye.get(&self.notice).await.unwrap();
        assert_eq!((notice["version"].as_i64().unwrap(), notice["state"] == "withdrawn"), (self.version, self.withdrawn), "{notice}");
        self.objections.stand(eye).await;
    }

    /// Somebody objects to the version that stands.
    async fn object(&mut self, by: usize) -> bool {
        let now = self.market.staff.now().await.unwrap();
        self.objections.object(&self.notice, (by, self.version), !self.withdrawn, now).await
    }

    /// Somebody does something to an objection.
    async fn handle(&mut self, draw: &mut Random) -> bool {
        let now = self.market.staff.now().await.unwrap();
        let how = How::drawn(draw, false);
        self.objections.handle(draw, how, now).await.1
    }

    /// The seller proposes an erratum, or an officer a withdrawal, which an erratum gives way to.
    async fn propose(&mut self, what: Proposed, turn: usize) -> bool {
        let due = match self.proposal.as_ref().map(|(_, open)| *open) {
            _ if self.withdrawn => Some(refusal("wrong_state", Vec::new())),
            Some(Proposed::Erratum) if what == Proposed::Erratum => Some(refusal("proposal_open", vec!["propose_notice_withdrawal"])),
            Some(Proposed::Withdrawal) => Some(refusal("proposal_open", Vec::new())),
            _ => None,
        };
        let call = match what {
            Proposed::Erratum => self.seller.post(&format!("{}/errata", self.notice), erratum(&format!("第 {turn} 次更正的标题"))),
            Proposed::Withdrawal => self.publishers[0].post(&format!("{}/withdrawal", self.notice), json!({"reason": "理由"})),
        };
        let reply = call.send().await.unwrap();
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let gone = self.proposal.replace((text(&reply.body["id"]), what));
            self.past = gone.map(|(id, _)| id).or(self.past.take());
        }
        is_done
    }

    /// A second person does what is proposed, or refuses it; where nothing is, what was proposed last.
    async fn decide(&mut self, publish: bool) -> bool {
        let id = self.proposal.as_ref().map(|(id, _)| id).or(self.past.as_ref()).unwrap().clone();
        let due = if self.proposal.is_some() { None } else { Some(refusal("wrong_state", Vec::new())) };
        let place = format!("/v1/notice-proposals/{id}");
        let call = if publish {
            self.publishers[1].ask(Method::POST, &format!("{place}/publish"))
        } else {
            self.publishers[1].post(&format!("{place}/refuse"), json!({"reason": "理由"}))
        };
        let is_done = done(&call.send().await.unwrap(), due.as_ref());
        if is_done {
            match self.proposal.take() {
                Some((_, Proposed::Erratum)) if publish => self.version += 1,
                Some((_, Proposed::Withdrawal)) if publish => self.withdrawn = true,
                _ => {}
            }
            self.past = Some(id);
        }
        is_done
    }
}

on_both! {
    /// A withdrawal is done last of all, since nothing is done to a withdrawn notice but to what was objected to before.
    async fn what_the_model_allows_is_done_and_nothing_else(market) {
        let (mut stage, mut draw) = (Stage::set(&market).await, Random::seeded());
        let mut still = Still::of(&market).await;
        for turn in 0..DEEDS {
            let may_end = turn > DEEDS * 3 / 4;
            let is_done = match pick(&mut draw, 10) {
                0 => { let by = pick(&mut draw, 2); stage.object(by).await }
                1 => stage.propose(Proposed::Erratum, turn).await,
                2 if may_end => stage.propose(Proposed::Withdrawal, turn).await,
                3 | 4 if stage.proposal.is_none() && stage.past.is_none() => continue,
                3 => stage.decide(true).await,
                4 => stage.decide(false).await,
                _ if stage.objections.is_empty() => continue,
                _ => stage.handle(&mut draw).await,
            };
            still.after(is_done).await;
            stage.stands().await;
        }
        still.was_lively();
    }
}
