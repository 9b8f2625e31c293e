//! A notice under random deeds, legal and illegal, over HTTP, against a small model: what the model allows is done, all else is refused with
//! what could be done instead, and changes nothing.

use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::text;

use crate::authz::{erratum, objection, officer, person};
use crate::common::Market;
use crate::common::play::Random;
use crate::notices::public_result;
use crate::on_both;

/// How many deeds are tried.
const DEEDS: usize = 150;

/// Where an objection stands, by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Submitted,
    Investigating { extended: bool },
    Decided { upheld: bool },
    ReviewRequested { upheld: bool },
    Upheld,
    Closed,
}

/// An objection of one of the objectors.
struct Raised {
    place: String,
    by: usize,
    version: i64,
    stands: Stands,
}

impl Raised {
    /// What can be done to it, in the order in which it is told.
    fn allowed(&self) -> Vec<&'static str> {
        match self.stands {
            Stands::Submitted => vec!["accept_objection", "refuse_objection", "withdraw_objection"],
            Stands::Investigating { extended: false } => vec!["extend_objection", "decide_objection", "withdraw_objection"],
            Stands::Investigating { extended: true } => vec!["decide_objection", "withdraw_objection"],
            Stands::Decided { .. } => vec!["request_objection_review"],
            Stands::ReviewRequested { .. } => vec!["decide_objection_review", "withdraw_objection"],
            Stands::Upheld => vec!["settle_objection"],
            Stands::Closed => Vec::new(),
        }
    }

    /// Where it stands after what is allowed was done.
    fn after(&self, deed: &str, upheld: bool) -> Stands {
        let over = |upheld: bool| if upheld { Stands::Upheld } else { Stands::Closed };
        match (deed, self.stands) {
            ("accept_objection", _) => Stands::Investigating { extended: false },
            ("extend_objection", _) => Stands::Investigating { extended: true },
            ("decide_objection", _) => Stands::Decided { upheld },
            ("request_objection_review", Stands::Decided { upheld }) => Stands::ReviewRequested { upheld },
            ("decide_objection_review", _) => over(upheld),
            // What was decided before a review was asked for stands.
            ("withdraw_objection", Stands::ReviewRequested { upheld }) => over(upheld),
            _ => Stands::Closed,
        }
    }
}

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
    handlers: [Client; 2],
    objectors: [Client; 2],
    version: i64,
    withdrawn: bool,
    proposal: Option<(String, Proposed)>,
    /// The last proposal that is open no more.
    past: Option<String>,
    raised: Vec<Raised>,
}

impl<'a> Stage<'a> {
    async fn set(market: &'a Market) -> Self {
        let (seller, notice) = public_result(market).await;
        let publishers = [officer(market, "o-ne", "publisher").await.0, officer(market, "t-wo", "publisher").await.0];
        let handlers = [officer(market, "h-andles", "reviewer").await.0, officer(market, "r-eviews", "reviewer").await.0];
        let objectors = [person(market, "o-bjects").await, person(market, "a-lso").await];
        let notice = format!("/v1/notices/{notice}");
        let seller = seller.client;
        Self {
            market,
            seller,
            notice,
            publishers,
            handlers,
            objectors,
            version: 1,
            withdrawn: false,
            proposal: None,
            past: None,
            raised: Vec::new(),
        }
    }

    /// Everything as it stands.
    async fn standing(&self) -> Value {
        let eye = &self.market.staff.supervisor;
        let mut all = vec![eye.get(&self.notice).await.unwrap(), eye.get(&format!("{}/proposals", self.notice)).await.unwrap()];
        for raised in &self.raised {
            all.push(eye.get(&raised.place).await.unwrap());
        }
        json!(all)
    }

    /// Somebody objects to the version that stands.
    async fn object(&mut self, by: usize) -> Option<&'static str> {
        let known = self.raised.iter().any(|raised| raised.by == by && raised.version == self.version);
        let refusal = if self.withdrawn {
            Some("objections_closed")
        } else if known {
            Some("already_objected")
        } else {
            None
        };
        let place = format!("{}/objections", self.notice);
        let reply = self.objectors[by].post(&place, objection()).send().await.unwrap();
        if expected(&reply, refusal).is_none() {
            let place = format!("/v1/objections/{}", text(&reply.body["id"]));
            self.raised.push(Raised { place, by, version: self.version, stands: Stands::Submitted });
        }
        refusal
    }

    /// Somebody does something to an objection.
    async fn handle(&mut self, which: usize, deed: &'static str, upheld: bool) -> Option<&'static str> {
        let raised = &self.raised[which];
        let (step, body) = match deed {
            "accept_objection" => ("accept", None),
            "refuse_objection" => ("refuse", Some(json!({"reason": "理由"}))),
            "extend_objection" => ("extend", None),
            "request_objection_review" => ("request-review", Some(json!({"statement": "理由"}))),
            "settle_objection" => ("settle", Some(json!({"settlement": "已改正"}))),
            "withdraw_objection" => ("withdraw", None),
            "decide_objection" => ("decide", Some(json!({"outcome": if upheld { "upheld" } else { "dismissed" }, "reasons": "理由"}))),
            _ => ("decide-review", Some(json!({"outcome": if upheld { "upheld" } else { "dismissed" }, "reasons": "理由"}))),
        };
        let by = match deed {
            "request_objection_review" | "withdraw_objection" => &self.objectors[raised.by],
            "decide_objection_review" => &self.handlers[1],
            _ => &self.handlers[0],
        };
        let allowed = raised.allowed();
        let refusal = if allowed.contains(&deed) { None } else { Some("wrong_state") };
        let place = format!("{}/{step}", raised.place);
        let call = body.map_or_else(|| by.ask(reqwest::Method::POST, &place), |body| by.post(&place, body));
        let reply = call.send().await.unwrap();
        if expected(&reply, refusal).is_some() {
            assert_eq!(reply.body["allowed"], json!(allowed), "{deed} while {:?}: {}", raised.stands, reply.body);
        } else {
            let next = raised.after(deed, upheld);
            self.raised[which].stands = next;
        }
        refusal
    }

    /// The seller proposes an erratum, or an officer a withdrawal, which an erratum gives way to.
    async fn propose(&mut self, what: Proposed, turn: usize) -> Option<&'static str> {
        let waits = self.proposal.as_ref().map(|(_, open)| *open);
        let stands_back = what == Proposed::Withdrawal && waits == Some(Proposed::Erratum);
        let refusal = if self.withdrawn {
            Some("wrong_state")
        } else if waits.is_some() && !stands_back {
            Some("proposal_open")
        } else {
            None
        };
        let reply = match what {
            Proposed::Erratum => self.seller.post(&format!("{}/errata", self.notice), erratum(&format!("第 {turn} 次更正的标题"))),
            Proposed::Withdrawal => self.publishers[0].post(&format!("{}/withdrawal", self.notice), json!({"reason": "理由"})),
        };
        let reply = reply.send().await.unwrap();
        if expected(&reply, refusal).is_none() {
            let gone = self.proposal.replace((text(&reply.body["id"]), what));
            self.past = gone.map(|(id, _)| id).or(self.past.take());
        }
        refusal
    }

    /// A second person does what is proposed, or refuses it; where nothing is, what was proposed last.
    async fn decide(&mut self, publish: bool) -> Option<&'static str> {
        let id = self.proposal.as_ref().map(|(id, _)| id).or(self.past.as_ref()).unwrap().clone();
        let refusal = if self.proposal.is_some() { None } else { Some("wrong_state") };
        let place = format!("/v1/notice-proposals/{id}");
        let reply = if publish {
            self.publishers[1].ask(reqwest::Method::POST, &format!("{place}/publish"))
        } else {
            self.publishers[1].post(&format!("{place}/refuse"), json!({"reason": "理由"}))
        };
        if expected(&reply.send().await.unwrap(), refusal).is_none() {
            match self.proposal.take() {
                Some((_, Proposed::Erratum)) if publish => self.version += 1,
                Some((_, Proposed::Withdrawal)) if publish => self.withdrawn = true,
                _ => {}
            }
            self.past = Some(id);
        }
        refusal
    }
}

/// Whether an answer is what is expected of it; the refusal.
fn expected<'r>(reply: &'r Reply, refusal: Option<&'static str>) -> Option<&'r Value> {
    match refusal {
        None => assert!((200..300).contains(&reply.status), "{}: {}", reply.status, reply.body),
        Some(code) => assert_eq!((reply.status, &reply.body["code"]), (409, &json!(code)), "{}", reply.body),
    }
    refusal.map(|_| &reply.body)
}

/// Everything that is done to objections.
const HANDLING: [&str; 8] = [
    "accept_objection",
    "refuse_objection",
    "extend_objection",
    "decide_objection",
    "request_objection_review",
    "decide_objection_review",
    "settle_objection",
    "withdraw_objection",
];

on_both! {
    /// A withdrawal is done last of all, since nothing is done to a withdrawn notice but to what was objected to before.
    async fn what_the_model_allows_is_done_and_nothing_else(market) {
        let (mut stage, mut draw) = (Stage::set(&market).await, Random::seeded());
        let (mut done, mut refused) = (0, 0);
        for turn in 0..DEEDS {
            let before = stage.standing().await;
            let pick = |draw: &mut Random, of: usize| usize::try_from(draw.below(of as u64)).unwrap();
            let may_end = turn > DEEDS * 3 / 4;
            let refusal = match pick(&mut draw, 10) {
                0 => { let by = pick(&mut draw, 2); stage.object(by).await }
                1 => stage.propose(Proposed::Erratum, turn).await,
                2 if may_end => stage.propose(Proposed::Withdrawal, turn).await,
                3 | 4 if stage.proposal.is_none() && stage.past.is_none() => continue,
                3 => stage.decide(true).await,
                4 => stage.decide(false).await,
                _ if stage.raised.is_empty() => continue,
                _ => {
                    let (which, upheld) = (pick(&mut draw, stage.raised.len()), pick(&mut draw, 2) == 1);
                    // Half of them legal, or hardly any course would lead anywhere.
                    let allowed = stage.raised[which].allowed();
                    let choice = if allowed.is_empty() || pick(&mut draw, 2) == 0 { HANDLING.to_vec() } else { allowed };
                    let deed = choice[pick(&mut draw, choice.len())];
                    stage.handle(which, deed, upheld).await
                }
            };
            let after = stage.standing().await;
            if refusal.is_some() {
                assert_eq!(after, before, "what was refused changed something");
                refused += 1;
            } else {
                done += 1;
            }
            let notice = &after[0];
            assert_eq!((notice["version"].as_i64().unwrap(), notice["state"] == "withdrawn"), (stage.version, stage.withdrawn), "{notice}");
            for (raised, seen) in stage.raised.iter().zip(after.as_array().unwrap().iter().skip(2)) {
                assert_eq!(seen["holds_up"], json!(raised.stands != Stands::Closed), "{:?} {seen}", raised.stands);
            }
        }
        assert!(done > 10 && refused > 10, "{done} done, {refused} refused");
    }
}
