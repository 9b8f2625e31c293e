//! A listing and its notice under random deeds, legal and illegal, over HTTP, against a small model: publication, amendments, errata, the page
//! taken away and put back, objections and what becomes of them, termination, and days that pass until bidding opens. What the model allows
//! is done; all else is refused with what could be done instead, and changes nothing. The dates are taken as they are told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::listings::ListingState as Stands;
use entity::notices::NoticeState;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant, text};

use crate::authz::{erratum, officer};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::Random;
use crate::negotiations::paper;
use crate::objected::{How, Objections, Refusal, Still, done, pick, refusal};
use crate::on_both;
use crate::timeline::draft;

/// How many deeds are tried.
const DEEDS: usize = 120;

/// What can be done to the listing once it was published, in the order in which it is told.
fn allowed(state: Stands) -> Vec<&'static str> {
    match state {
        Stands::Published => vec!["propose_listing_amendment", "terminate_listing"],
        Stands::RegistrationClosed => vec!["terminate_listing"],
        _ => Vec::new(),
    }
}

/// A refusal where nothing could be done instead.
fn for_good() -> Refusal {
    refusal("wrong_state", Vec::new())
}

/// What one person proposed and a second one decides about.
struct Proposed {
    place: String,
    is_open: bool,
    /// The version of the notice it is about.
    base: i64,
    /// The hash of the text it would be, if it is one.
    sha256: Value,
}

/// The dates as they are told, and what the time is.
#[derive(Default)]
struct Told {
    now: DateTime<Utc>,
    notice_ends_at: Option<DateTime<Utc>>,
    opens_at: Option<DateTime<Utc>>,
}

/// Everybody who does anything, and what the model knows.
struct Stage<'a> {
    market: &'a Market,
    seller: Party,
    bidders: [Party; 2],
    publishers: [Client; 2],
    place: String,
    asset: String,
    decision: String,
    notice: String,
    stands: Stands,
    announced: NoticeState,
    is_away: bool,
    is_paused: bool,
    version: i64,
    published_by: Option<usize>,
    erratum: Option<Proposed>,
    amendment: Option<Proposed>,
    objections: Objections,
    told: Told,
}

impl<'a> Stage<'a> {
    /// A listing that is approved, and not published yet.
    async fn set(market: &'a Market) -> Self {
        let seller = university(market).await;
        let (place, asset) = draft(&seller).await;
        seller.client.act(&format!("{place}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{place}/take")).await.unwrap();
        let approved = market.staff.reviewer.act(&format!("{place}/approve")).await.unwrap();
        Self {
            market,
            bidders: [enterprise(market, "o-ne", 1).await, enterprise(market, "t-wo", 2).await],
            publishers: [market.staff.publisher.clone(), officer(market, "s-econd", "publisher").await.0],
            decision: paper(&seller, "关于调整挂牌内容的决定").await,
            seller,
            place,
            asset,
            notice: format!("/v1/notices/{}", text(&approved["notice_id"])),
            stands: Stands::Approved,
            announced: NoticeState::Drafted,
            is_away: false,
            is_paused: false,
            version: 1,
            published_by: None,
            erratum: None,
            amendment: None,
            objections: Objections::of(market).await,
            told: Told::default(),
        }
    }

    /// Reads what is told, lets the model follow the time, and sees that everything stands as it says.
    async fn follow(&mut self) {
        let eye = &self.market.staff.supervisor;
        let (listing, notice) = (eye.get(&self.place).await.unwrap(), eye.get(&self.notice).await.unwrap());
        let now = self.market.staff.now().await.unwrap();
        let told = |value: &Value| value.is_string().then(|| instant(value));
        let (closes_at, opens_at) = (told(&listing["registration_closes_at"]), told(&listing["auction_opens_at"]));
        self.told = Told { now, notice_ends_at: told(&notice["ends_at"]), opens_at };
        self.objections.pass(now);
        let has_come = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        // While nobody can read the notice nothing closes.
        if !self.is_away && self.announced == NoticeState::Published && has_come(self.told.notice_ends_at) {
            self.announced = NoticeState::Ended;
        }
        if !self.is_away && self.stands == Stands::Published && has_come(closes_at) {
            self.stands = Stands::RegistrationClosed;
            end(self.amendment.as_mut());
        }
        if !self.is_paused && self.stands == Stands::RegistrationClosed && has_come(opens_at) {
            self.stands = Stands::Bidding;
        }
        assert_eq!(listing["state"], json!(self.stands), "{listing}");
        assert_eq!((&notice["state"], &notice["version"]), (&json!(self.announced), &json!(self.version)), "{notice}");
        assert_eq!(notice["taken_down_at"].is_string(), self.is_away, "{notice}");
        if matches!(self.stands, Stands::Published | Stands::RegistrationClosed) {
            let lot = eye.get(&format!("/v1/lots/{}", text(&listing["lot_id"]))).await.unwrap();
            assert_eq!(lot["state"] == "paused", self.is_paused, "{lot}");
        }
        if let Some(amendment) = &self.amendment {
            let seen = eye.get(&amendment.place).await.unwrap();
            assert_eq!(seen["state"] == "open", amendment.is_open, "{seen}");
        }
        self.objections.stand(eye).await;
    }

    /// Whether the end of the notice has come, as far as is known.
    fn is_late(&self) -> bool {
        self.told.notice_ends_at.is_some_and(|ends_at| ends_at <= self.told.now)
    }

    fn is_over(&self) -> bool {
        matches!(self.stands, Stands::Bidding | Stands::Terminated)
    }

    fn wrong_state(&self) -> Refusal {
        refusal("wrong_state", allowed(self.stands))
    }

    /// An officer publishes the listing; whoever has done so already changes nothing by it. Two register.
    async fn publish(&mut self, by: usize) -> bool {
        let due = match self.stands {
            Stands::Approved => None,
            Stands::Published if self.published_by == Some(by) => None,
            _ => Some(self.wrong_state()),
        };
        let reply = act(&self.publishers[by], &format!("{}/publish", self.place)).await;
        let is_done = done(&reply, due.as_ref());
        if is_done && self.stands == Stands::Approved {
            (self.stands, self.announced, self.published_by) = (Stands::Published, NoticeState::Published, Some(by));
            for bidder in &self.bidders {
                play::admit(bidder, &self.market.staff, &text(&reply.body["lot_id"])).await.unwrap();
            }
        }
        is_done
    }

    /// The seller proposes to offer it otherwise.
    async fn amend(&mut self, turn: usize) -> bool {
        let due = if self.stands != Stands::Published {
            Some(self.wrong_state())
        } else if is_open(self.amendment.as_ref()) {
            Some(refusal("proposal_open", vec!["terminate_listing"]))
        } else {
            None
        };
        let mut offer = self.seller.client.get(&self.place).await.unwrap()["offer"].clone();
        offer["summary"] = json!(format!("第 {turn} 种说明。"));
        let new = json!({"offer": offer, "reason": "说明有变", "decision_document_id": self.decision});
        let reply = self.seller.client.post(&format!("{}/amendments", self.place), new).send().await.unwrap();
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let place = format!("/v1/listing-amendments/{}", text(&reply.body["id"]));
            self.amendment = Some(Proposed { place, is_open: true, base: self.version, sha256: reply.body["drafted_sha256"].clone() });
        }
        is_done
    }

    /// A second person publishes what is proposed, or was.
    async fn announce_anew(&mut self) -> bool {
        let proposed = self.amendment.as_ref().unwrap();
        let due = if !proposed.is_open {
            Some(for_good())
        } else if self.objections.are_undecided() {
            Some(refusal("objection_open", vec!["refuse_listing_amendment"]))
        } else if proposed.base != self.version {
            Some(refusal("wrong_state", vec!["refuse_listing_amendment"]))
        } else {
            None
        };
        let call = self.publishers[1].post(&format!("{}/publish", proposed.place), json!({"drafted_sha256": proposed.sha256}));
        let is_done = done(&call.send().await.unwrap(), due.as_ref());
        if is_done {
            end(self.amendment.as_mut());
            // Nothing is set right any more in a text that stands no more.
            end(self.erratum.as_mut());
            self.version += 1;
            self.is_paused |= self.objections.stop_bidding();
        }
        is_done
    }

    /// Its seller takes an amendment back, or an officer refuses it.
    async fn drop_amendment(&mut self, by_officer: bool) -> bool {
        let proposed = self.amendment.as_ref().unwrap();
        let due = (!proposed.is_open).then(for_good);
        let by = if by_officer { &self.publishers[1] } else { &self.seller.client };
        let reply = say_why(by, &format!("{}/refuse", proposed.place)).await;
        let is_done = done(&reply, due.as_ref());
        if is_done {
            end(self.amendment.as_mut());
        }
        is_done
    }

    /// The seller proposes to set a slip right.
    async fn slip(&mut self, turn: usize) -> bool {
        let due = if self.is_late() {
            Some(refusal("late_change", Vec::new()))
        } else if self.announced != NoticeState::Published {
            Some(for_good())
        } else if is_open(self.erratum.as_ref()) {
            Some(refusal("proposal_open", Vec::new()))
        } else {
            None
        };
        let call = self.seller.client.post(&format!("{}/errata", self.notice), erratum(&format!("第 {turn} 次更正的标题")));
        let reply = call.send().await.unwrap();
        let is_done = done(&reply, due.as_ref());
        if is_done {
            let place = format!("/v1/notice-proposals/{}", text(&reply.body["id"]));
            self.erratum = Some(Proposed { place, is_open: true, base: self.version, sha256: Value::Null });
        }
        is_done
    }

    /// A second person sets it right, or refuses to.
    async fn decide_slip(&mut self, set_right: bool) -> bool {
        let proposed = self.erratum.as_ref().unwrap();
        let due = if !proposed.is_open {
            Some(for_good())
        } else if set_right && self.is_late() {
            Some(refusal("late_change", vec!["refuse_notice_proposal"]))
        } else {
            None
        };
        let reply = if set_right {
            act(&self.publishers[1], &format!("{}/publish", proposed.place)).await
        } else {
            say_why(&self.publishers[1], &format!("{}/refuse", proposed.place)).await
        };
        let is_done = done(&reply, due.as_ref());
        if is_done {
            end(self.erratum.as_mut());
            self.version += i64::from(set_right);
        }
        is_done
    }

    /// What can be done to the page.
    fn page(&self) -> Vec<&'static str> {
        match self.announced {
            NoticeState::Drafted => Vec::new(),
            _ if self.is_away => vec!["restore_notice"],
            _ => vec!["take_down_notice"],
        }
    }

    async fn take_down(&mut self) -> bool {
        let due = (self.page() != ["take_down_notice"]).then(|| refusal("wrong_state", self.page()));
        let reply = say_why(&self.publishers[0], &format!("{}/take-down", self.notice)).await;
        let is_done = done(&reply, due.as_ref());
        self.is_away |= is_done;
        is_done
    }

    async fn put_back(&mut self) -> bool {
        let due = (!self.is_away).then(|| refusal("wrong_state", self.page()));
        let reply = act(&self.publishers[0], &format!("{}/restore", self.notice)).await;
        let is_done = done(&reply, due.as_ref());
        self.is_away &= !is_done;
        is_done
    }

    /// Somebody objects to the version that stands.
    async fn object(&mut self, by: usize) -> bool {
        let runs = self.announced == NoticeState::Published && !self.is_late();
        self.objections.object(&self.notice, (by, self.version), runs, self.told.now).await
    }

    /// Something is done to an objection, or what leads on. Once one is accepted the lot stands still.
    async fn handle(&mut self, draw: &mut Random, onward: bool) -> bool {
        let (how, now) = (How::drawn(draw, false), self.told.now);
        let handled = if onward { self.objections.lead_on(draw, how, now).await } else { self.objections.handle(draw, how, now).await };
        let (deed, is_done) = handled;
        self.is_paused |= is_done && deed == "accept_objection" && !self.is_over();
        is_done
    }

    /// Its seller ends the listing, or an officer does, before bidding may have opened.
    async fn terminate(&mut self, by_officer: bool) -> bool {
        let has_opened = self.told.opens_at.is_some_and(|opens_at| opens_at <= self.told.now);
        let due = match self.stands {
            Stands::Approved | Stands::Published => None,
            Stands::RegistrationClosed if !has_opened => None,
            Stands::RegistrationClosed => Some(for_good()),
            _ => Some(self.wrong_state()),
        };
        let by = if by_officer { &self.publishers[0] } else { &self.seller.client };
        let reply = say_why(by, &format!("{}/terminate", self.place)).await;
        let is_done = done(&reply, due.as_ref());
        if is_done {
            self.stands = Stands::Terminated;
            if self.announced != NoticeState::Drafted {
                self.announced = NoticeState::Withdrawn;
            }
            end(self.amendment.as_mut());
            end(self.erratum.as_mut());
        }
        is_done
    }

    /// The host lets the lot go on, once nothing keeps it still.
    async fn resume(&mut self) -> bool {
        let lot = text(&self.market.stranger.get(&self.place).await.unwrap()["lot_id"]);
        let reply = say_why(&self.market.staff.host, &format!("/v1/lots/{lot}/resume")).await;
        self.is_paused = false;
        done(&reply, None)
    }

    /// Some days pass, but not past the opening, nor so far while the page is away: nobody could have registered. The status of the right
    /// is read anew, as it has to be.
    async fn pass(&self, days: i64) -> bool {
        let now = self.told.now;
        let mut to = now + TimeDelta::days(days);
        if let Some(opens_at) = self.told.opens_at.filter(|opens_at| now < *opens_at) {
            to = to.min(if self.is_away { opens_at - TimeDelta::hours(1) } else { opens_at + TimeDelta::hours(1) });
        }
        self.market.staff.move_clock(to.max(now)).await.unwrap();
        play::read_status(&self.seller, &self.asset, "granted").await.unwrap();
        true
    }

    /// What leads on from here, or waits. Something is proposed as long as there is time for it, since each amendment begins the period anew.
    async fn onward(&mut self, turn: usize, draw: &mut Random) -> bool {
        let (choice, is_early) = (pick(draw, 4), turn < DEEDS / 2);
        match self.stands {
            Stands::Approved => self.publish(0).await,
            _ if self.is_over() => self.amend(turn).await,
            _ if self.is_away => self.put_back().await,
            _ if self.objections.hold_up() && choice > 0 => self.handle(draw, true).await,
            _ if self.is_paused && !self.objections.stop_bidding() => self.resume().await,
            _ if choice == 1 && is_open(self.erratum.as_ref()) => self.decide_slip(true).await,
            _ if choice == 2 && is_open(self.amendment.as_ref()) => self.announce_anew().await,
            _ if choice == 1 && is_early => self.slip(turn).await,
            _ if choice == 2 && is_early => self.amend(turn).await,
            _ => self.pass(1).await,
        }
    }
}

/// Somebody does something without more words.
async fn act(by: &Client, place: &str) -> Reply {
    by.ask(Method::POST, place).send().await.unwrap()
}

/// Somebody does something for a reason.
async fn say_why(by: &Client, place: &str) -> Reply {
    by.post(place, json!({"reason": "理由"})).send().await.unwrap()
}

/// Whether something is proposed and waits.
fn is_open(proposed: Option<&Proposed>) -> bool {
    proposed.is_some_and(|proposed| proposed.is_open)
}

/// What was proposed waits no more.
fn end(proposed: Option<&mut Proposed>) {
    if let Some(proposed) = proposed {
        proposed.is_open = false;
    }
}

on_both! {
    /// In the end it is terminated, where bidding has not opened.
    async fn what_the_model_allows_is_done_and_nothing_else(market) {
        let (mut stage, mut draw) = (Stage::set(&market).await, Random::seeded());
        let mut still = Still::of(&market).await;
        // Once it is over some more are tried, which change nothing but its page and what was objected to before.
        let mut after = 10;
        for turn in 0..DEEDS {
            stage.follow().await;
            if stage.is_over() {
                if after == 0 {
                    break;
                }
                after -= 1;
            }
            let (one, choice) = (pick(&mut draw, 2), pick(&mut draw, 24));
            let is_public = stage.announced != NoticeState::Drafted;
            let is_done = match choice {
                0 => stage.publish(one).await,
                1 if is_public => stage.amend(turn).await,
                2 if stage.amendment.is_some() => stage.announce_anew().await,
                3 if stage.amendment.is_some() => stage.drop_amendment(one == 0).await,
                4 => stage.slip(turn).await,
                5 | 6 if stage.erratum.is_some() => stage.decide_slip(choice == 5).await,
                7 => stage.take_down().await,
                8 => stage.put_back().await,
                9 | 10 if is_public => stage.object(one).await,
                11 | 12 if !stage.objections.is_empty() => stage.handle(&mut draw, false).await,
                13 if turn > DEEDS * 3 / 4 || stage.is_over() => stage.terminate(one == 0).await,
                14 if !stage.is_over() => stage.pass(2).await,
                _ => stage.onward(turn, &mut draw).await,
            };
            still.after(is_done).await;
        }
        stage.follow().await;
        println!("{:?} in the end", stage.stands);
        still.was_lively();
    }
}
