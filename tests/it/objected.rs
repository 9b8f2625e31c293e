//! What every story of random deeds is held to, and objections by a small model: where they stand, what can be done to them, what follows.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::json;
use zhepai::client::{Client, Reply};
use zhepai::play::{instant, text};

use crate::authz::{objection, officer, person};
use crate::common::Market;
use crate::common::database::{Tables, at_rest, fingerprint};
use crate::common::play::Random;

// ---- What is done, and what is refused ----

/// A refusal as the model foretells it: its code, and what can be done instead.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: &'static str,
    allowed: Vec<&'static str>,
}

/// A refusal with this code, where this could be done instead.
pub fn refusal(code: &'static str, allowed: Vec<&'static str>) -> Refusal {
    Refusal { code, allowed }
}

/// Sees that an answer is what the model foretells; whether it was done.
#[track_caller]
pub fn done(reply: &Reply, due: Option<&Refusal>) -> bool {
    match due {
        None => assert!((200..300).contains(&reply.status), "{}: {} {}", reply.asked, reply.status, reply.body),
        Some(due) => {
            assert_eq!((reply.status, reply.code()), (409, due.code), "{}: {}", reply.asked, reply.body);
            assert_eq!(reply.body["allowed"], json!(due.allowed), "{}: {}", reply.asked, reply.body);
        }
    }
    due.is_none()
}

/// The tables of a market between deeds.
pub struct Still<'a> {
    market: &'a Market,
    tables: Tables,
    done: usize,
    refused: usize,
}

impl<'a> Still<'a> {
    /// As they are now.
    pub async fn of(market: &'a Market) -> Self {
        Self { market, tables: at_rest(market.house()).await, done: 0, refused: 0 }
    }

    /// After a deed: what was refused has changed nothing.
    pub async fn after(&mut self, is_done: bool) {
        if is_done {
            self.done += 1;
            self.tables = at_rest(self.market.house()).await;
            return;
        }
        self.refused += 1;
        let now = fingerprint(self.market.house()).await;
        let changed: Vec<_> = now.iter().zip(&self.tables).filter(|(new, old)| new != old).map(|(new, _)| new.0.as_str()).collect();
        assert!(changed.is_empty(), "what was refused changed {changed:?}");
    }

    /// A story in which hardly anything was done, or refused, shows nothing.
    pub fn was_lively(&self) {
        println!("{} deeds done, {} refused", self.done, self.refused);
        assert!(self.done > 10 && self.refused > 5, "{} done, {} refused", self.done, self.refused);
    }
}

/// A number below another.
pub fn pick(draw: &mut Random, below: usize) -> usize {
    usize::try_from(draw.below(below as u64)).unwrap()
}

// ---- Objections ----

/// Where an objection stands, by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Submitted,
    Investigating {
        extended: bool,
    },
    Decided {
        right: bool,
    },
    ReviewRequested {
        right: bool,
    },
    /// It was right, for good, and is not put right.
    Right,
    Closed,
}

impl Stands {
    /// Decided for good.
    fn over(right: bool) -> Self {
        if right { Self::Right } else { Self::Closed }
    }
}

/// Everything that is done to objections, each with the last part of its address.
const HANDLING: [(&str, &str); 8] = [
    ("accept_objection", "accept"),
    ("refuse_objection", "refuse"),
    ("extend_objection", "extend"),
    ("decide_objection", "decide"),
    ("request_objection_review", "request-review"),
    ("decide_objection_review", "decide-review"),
    ("settle_objection", "settle"),
    ("withdraw_objection", "withdraw"),
];

/// An objection of one of the objectors to a version of the notice.
struct Raised {
    place: String,
    by: usize,
    version: i64,
    stands: Stands,
    due_at: Option<DateTime<Utc>>,
    accepted: bool,
}

impl Raised {
    /// What can be done to it, in the order in which it is told.
    fn allowed(&self, now: DateTime<Utc>) -> Vec<&'static str> {
        match self.stands {
            Stands::Submitted => vec!["accept_objection", "refuse_objection", "withdraw_objection"],
            Stands::Investigating { extended: false } if self.due_at.is_some_and(|due_at| now < due_at) => {
                vec!["extend_objection", "decide_objection", "withdraw_objection"]
            }
            Stands::Investigating { .. } => vec!["decide_objection", "withdraw_objection"],
            Stands::Decided { .. } => vec!["request_objection_review"],
            Stands::ReviewRequested { .. } => vec!["decide_objection_review", "withdraw_objection"],
            Stands::Right => vec!["settle_objection"],
            Stands::Closed => Vec::new(),
        }
    }

    /// The part of it that is for whoever objects.
    fn for_himself(&self, now: DateTime<Utc>) -> Vec<&'static str> {
        let own = |deed: &&str| matches!(*deed, "request_objection_review" | "withdraw_objection");
        self.allowed(now).into_iter().filter(own).collect()
    }

    /// Where it stands after what is allowed was done.
    fn after(&self, deed: &str, right: bool) -> Stands {
        match (deed, self.stands) {
            ("accept_objection", _) => Stands::Investigating { extended: false },
            ("extend_objection", _) => Stands::Investigating { extended: true },
            ("decide_objection", _) => Stands::Decided { right },
            ("request_objection_review", Stands::Decided { right }) => Stands::ReviewRequested { right },
            ("decide_objection_review", _) => Stands::over(right),
            // What was decided before a review was asked for stands.
            ("withdraw_objection", Stands::ReviewRequested { right }) => Stands::over(right),
            _ => Stands::Closed,
        }
    }

    fn holds_up(&self) -> bool {
        self.stands != Stands::Closed
    }
}

/// How an objection is handled that may be handled in several ways.
#[derive(Clone, Copy, Debug)]
pub struct How {
    outcome: &'static str,
    ends: bool,
}

impl How {
    /// Drawn by lot; what it is about ends for it only where it may.
    pub fn drawn(draw: &mut Random, may_end: bool) -> Self {
        let outcome = ["upheld", "partly_upheld", "dismissed"][pick(draw, 3)];
        Self { outcome, ends: may_end && pick(draw, 2) == 0 }
    }
}

/// What is objected to a notice, by whom, and who handles it.
pub struct Objections {
    objectors: [Client; 2],
    handlers: [Client; 2],
    raised: Vec<Raised>,
}

impl Objections {
    /// None yet.
    pub async fn of(market: &Market) -> Self {
        let objectors = [person(market, "o-bjects").await, person(market, "a-lso").await];
        let handlers = [officer(market, "h-andles", "reviewer").await.0, officer(market, "r-eviews", "reviewer").await.0];
        Self { objectors, handlers, raised: Vec::new() }
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.raised.is_empty()
    }

    /// Whether one keeps the procedure from going on.
    pub fn hold_up(&self) -> bool {
        self.raised.iter().any(Raised::holds_up)
    }

    /// Whether one is not decided for good.
    pub fn are_undecided(&self) -> bool {
        self.raised.iter().any(|raised| raised.holds_up() && raised.stands != Stands::Right)
    }

    /// Whether one keeps a lot still.
    pub fn stop_bidding(&self) -> bool {
        self.raised.iter().any(|raised| raised.accepted && raised.holds_up())
    }

    /// Time has come to now: nobody asks for a review any more of what was decided long enough ago.
    pub fn pass(&mut self, now: DateTime<Utc>) {
        for raised in &mut self.raised {
            if let Stands::Decided { right } = raised.stands
                && raised.due_at.is_some_and(|due_at| due_at <= now)
            {
                raised.stands = Stands::over(right);
            }
        }
    }

    /// Somebody objects to a version of a notice, which he may while it runs.
    pub async fn object(&mut self, notice: &str, (by, version): (usize, i64), runs: bool, now: DateTime<Utc>) -> bool {
        let known = self.raised.iter().find(|raised| (raised.by, raised.version) == (by, version));
        let due = match known {
            _ if !runs => Some(refusal("objections_closed", Vec::new())),
            Some(known) => Some(refusal("already_objected", known.for_himself(now))),
            None => None,
        };
        let reply = self.objectors[by].post(&format!("{notice}/objections"), objection()).send().await.unwrap();
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let (place, due_at) = (format!("/v1/objections/{}", text(&reply.body["id"])), due_at(&reply));
            self.raised.push(Raised { place, by, version, stands: Stands::Submitted, due_at, accepted: false });
        }
        is_done
    }

    /// Something is done to one of them: half the time what is allowed, or hardly any story would lead anywhere. What it was, and whether
    /// it was done.
    pub async fn handle(&mut self, draw: &mut Random, how: How, now: DateTime<Utc>) -> (&'static str, bool) {
        let which = pick(draw, self.raised.len());
        let allowed = self.raised[which].allowed(now);
        let all: Vec<_> = HANDLING.iter().map(|(deed, _)| *deed).collect();
        let choice = if allowed.is_empty() || pick(draw, 2) == 0 { all } else { allowed };
        let deed = choice[pick(draw, choice.len())];
        (deed, self.step(which, deed, how, now).await)
    }

    /// What leads on is done to the first that holds up the procedure.
    pub async fn lead_on(&mut self, draw: &mut Random, how: How, now: DateTime<Utc>) -> (&'static str, bool) {
        let which = self.raised.iter().position(Raised::holds_up).unwrap();
        let allowed = self.raised[which].allowed(now);
        let deed = allowed[pick(draw, allowed.len())];
        (deed, self.step(which, deed, how, now).await)
    }

    async fn step(&mut self, which: usize, deed: &'static str, how: How, now: DateTime<Utc>) -> bool {
        let raised = &self.raised[which];
        let body = match deed {
            "refuse_objection" => Some(json!({"reason": "理由"})),
            "request_objection_review" => Some(json!({"statement": "理由"})),
            "settle_objection" => Some(json!({"settlement": "已改正", "ends": how.ends})),
            "decide_objection" | "decide_objection_review" => Some(json!({"outcome": how.outcome, "reasons": "理由"})),
            _ => None,
        };
        let by = match deed {
            "request_objection_review" | "withdraw_objection" => &self.objectors[raised.by],
            "decide_objection_review" => &self.handlers[1],
            _ => &self.handlers[0],
        };
        let allowed = raised.allowed(now);
        let due = if allowed.contains(&deed) { None } else { Some(refusal("wrong_state", allowed)) };
        let last = HANDLING.iter().find(|(known, _)| *known == deed).unwrap().1;
        let call = by.ask(Method::POST, &format!("{}/{last}", raised.place));
        let call = if let Some(body) = body { call.body(body) } else { call };
        let reply = call.send().await.unwrap();
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let next = raised.after(deed, how.outcome != "dismissed");
            let raised = &mut self.raised[which];
            (raised.stands, raised.due_at) = (next, due_at(&reply));
            raised.accepted |= deed == "accept_objection";
        }
        is_done
    }

    /// Sees that they stand as the model says.
    pub async fn stand(&self, eye: &Client) {
        for raised in &self.raised {
            let seen = eye.get(&raised.place).await.unwrap();
            assert_eq!(seen["holds_up"], json!(raised.holds_up()), "{:?} {seen}", raised.stands);
        }
    }

    /// Whether what an objection is about ends for what was done to it.
    pub fn ends(deed: &str, how: How, is_done: bool) -> bool {
        is_done && how.ends && deed == "settle_objection"
    }
}

/// When the next step is due, if any is.
fn due_at(reply: &Reply) -> Option<DateTime<Utc>> {
    reply.body["due_at"].is_string().then(|| instant(&reply.body["due_at"]))
}
