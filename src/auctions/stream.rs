//! Feeds of lots as server-sent events: the sequence is the id, so a watcher resumes without gap or double.
//!
//! A stream may tell of several lots. Its id is then the sequence of each, in the order of the lots,
//! joined by dots: whoever comes back with it has lost nothing of any.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use entity::ids::LotId;
use futures_util::Stream;
use futures_util::future::select_all;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::feed::{Frame, Seat, Step};
use crate::house::House;
use crate::identity::authenticate::lives;
use crate::platform::access::{Actor, Caller};
use crate::platform::http::limits::{FeedPlace, Name};
use crate::platform::problem::{Code, Problem};

/// How often a silent stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is asked whether a watcher who is signed in may still watch, so that he is told nothing a second
/// after that has ended, at whichever server it was ended.
const LOOK_AT_RIGHTS: Duration = Duration::from_millis(500);
/// How long is waited at least where asking that itself takes long.
const SHORTEST: Duration = Duration::from_millis(200);
/// What is handed over at once, bytes: a connection keeps room for what it was handed, so each watcher would for the longest step.
const PIECE: usize = 6 << 10;

/// How far the log of a lot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The lot.
    pub lot: LotId,
    /// Number of its last event seen.
    pub after: i64,
}

/// The numbers that `Last-Event-ID` names, if it is sent: as many as there are lots.
pub fn last_seen(request: &HttpRequest, lots: usize) -> Result<Option<Vec<i64>>, Problem> {
    let Some(sent) = request.headers().get("Last-Event-ID") else { return Ok(None) };
    let numbers = sent.to_str().ok().and_then(|text| text.trim().split('.').map(number).collect::<Option<Vec<_>>>());
    let numbers = numbers.filter(|numbers| numbers.len() == lots);
    numbers.map(Some).ok_or_else(|| Code::Malformed.with("reason", "Last-Event-ID"))
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number >= 0)
}

/// The answer that carries a feed.
pub fn answer(feed: impl Stream<Item = Result<Bytes, Problem>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compression would hold small pieces back until the end, here as in a proxy.
        .insert_header(("Cache-Control", "no-store, no-transform"))
        .insert_header(("X-Accel-Buffering", "no"))
        .insert_header(("Content-Encoding", "identity"))
        .streaming(feed)
}

/// How everything stands, as it goes over the wire before all else.
pub fn snapshot(known: &[Known], said: &impl Serialize) -> Bytes {
    let id = id_line(known.iter().map(|one| one.after));
    Bytes::from(format!("{id}event: snapshot\ndata: {}\n\n", serde_json::to_string(said).unwrap_or_default()))
}

/// How far each lot is told.
fn id_line(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("id: {}\n", numbers.join("."))
}

/// The last frame of a feed that may be taken up again, after a while that spreads those who come back.
fn parting(house: &House) -> Bytes {
    let retry = 1000 + u64::from(house.world.random::<1>()[0]) * 35;
    Bytes::from(format!("retry: {retry}\n\n"))
}

/// A lot that is told of.
struct Told {
    seat: Seat,
    news: watch::Receiver<()>,
    /// Number of the last event told.
    after: i64,
    /// At how many steps of the feed that was; none before it told something.
    joined: Option<u64>,
    /// What is to be told next.
    next: Option<Frame>,
    /// Nothing comes after that.
    ended: bool,
}

/// What is left to be handed over of what is said.
struct Unsaid {
    id: Option<Bytes>,
    rest: Bytes,
}

struct Watcher {
    house: House,
    lots: Vec<Told>,
    unsaid: Unsaid,
    /// How much was handed over since what was handed over went out, bytes.
    handed: usize,
    silent_since: tokio::time::Instant,
    ended: bool,
    /// Who watches, if he is signed in: his feed ends with his rights.
    who: Option<Actor>,
    /// When it was last known that he may.
    known_at: tokio::time::Instant,
    places: (FeedPlace, OwnedSemaphorePermit),
}

/// What becomes of a watcher.
enum Fate {
    GoesOn,
    /// He is let go, and may come back to where he was.
    Dismissed,
}

/// The events of lots after those known, and all that follow, until every lot has ended. What is to be
/// said before them is given as it goes over the wire. The feed of somebody signed in ends within a second of
/// his session, his key, his account, his office, his place or a role in it coming to an end, and where the
/// database does not say whether it has.
pub fn events(
    house: House,
    caller: &Caller,
    address: Option<IpAddr>,
    known: &[Known],
    first: Option<Bytes>,
) -> Result<impl Stream<Item = Result<Bytes, Problem>> + use<>, Problem> {
    let who = if let Caller::Person(actor) = caller { Some(actor.clone()) } else { None };
    let ids: Vec<_> = known.iter().map(|one| one.lot).collect();
    let own_place = house.limits.feed(Name::of(who.as_ref(), address))?;
    let (seats, place) = house.live.watch(&house, &ids)?;
    let lots = known.iter().zip(seats).map(|(known, seat)| Told {
        news: seat.feed().news(),
        seat,
        after: known.after,
        joined: None,
        next: None,
        ended: false,
    });
    let lots = lots.collect();
    let now = tokio::time::Instant::now();
    let unsaid = Unsaid { id: None, rest: first.unwrap_or_default() };
    let places = (own_place, place);
    let watcher = Watcher { house, lots, unsaid, handed: 0, silent_since: now, ended: false, who, known_at: now, places };
    Ok(futures_util::stream::unfold(watcher, |mut watcher| async move {
        let chunk = watcher.next().await?;
        Some((Ok(chunk), watcher))
    }))
}

impl Unsaid {
    /// The next piece of it.
    fn piece(&mut self) -> Option<Bytes> {
        if let Some(id) = self.id.take() {
            return Some(id);
        }
        if self.rest.is_empty() {
            return None;
        }
        Some(self.rest.split_to(PIECE.min(self.rest.len())))
    }
}

impl Watcher {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.unsaid.piece() {
                if self.handed + piece.len() > PIECE {
                    // What was handed over before goes out while this waits.
                    tokio::task::yield_now().await;
                    self.handed = 0;
                }
                self.handed += piece.len();
                self.silent_since = tokio::time::Instant::now();
                return Some(piece);
            }
            if self.ended {
                return None;
            }
            // Before anything is said: what was found may have waited long for a slow reader.
            match self.may_watch().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(problem) => {
                    tracing::warn!(%problem, "a feed ends, since nothing tells whether its watcher may go on");
                    return Some(self.dismiss());
                }
            }
            match self.look().await {
                Ok(Fate::GoesOn) => {}
                Ok(Fate::Dismissed) => return Some(self.dismiss()),
                Err(problem) => {
                    tracing::warn!(%problem, "a feed ends, since its watcher cannot be told what he missed");
                    return Some(self.dismiss());
                }
            }
            if self.say() {
                continue;
            }
            if self.lots.iter().all(|told| told.ended) {
                return None;
            }
            if let Some(silence) = self.wait().await {
                return silence;
            }
        }
    }

    /// Whether he who watches may go on; asked anew when the last answer has grown old.
    async fn may_watch(&mut self) -> Result<bool, Problem> {
        let Some(actor) = &self.who else { return Ok(true) };
        if self.known_at.elapsed() < LOOK_AT_RIGHTS {
            return Ok(true);
        }
        // From before the question: what changes while it is asked is found by the next.
        let asked_at = tokio::time::Instant::now();
        let may = lives(&self.house, actor).await?;
        self.known_at = asked_at;
        Ok(may)
    }

    /// Ends the feed with what waits untold; who may comes back to where he was.
    fn dismiss(&mut self) -> Bytes {
        self.ended = true;
        parting(&self.house)
    }

    /// Finds what comes next of every lot.
    async fn look(&mut self) -> Result<Fate, Problem> {
        for told in self.lots.iter_mut().filter(|told| told.next.is_none() && !told.ended) {
            // Mark before looking, so that a change in between is not missed.
            told.news.borrow_and_update();
            let feed = told.seat.feed();
            let found = match feed.next(told.after, told.joined) {
                Step::Wait(joined) => {
                    told.joined = joined;
                    continue;
                }
                Step::Ended => {
                    told.ended = true;
                    continue;
                }
                Step::Cut => {
                    tracing::debug!(lot = %feed.lot(), "a watcher who reads too slowly is cut");
                    return Ok(Fate::Dismissed);
                }
                Step::Broken => return Ok(Fate::Dismissed),
                Step::Take(frame, number) => Some((frame, number)),
                Step::CatchUp => feed.catch_up(&self.house, told.after).await?,
            };
            if let Some((frame, number)) = found {
                (told.next, told.joined) = (Some(frame), Some(number));
            }
        }
        Ok(Fate::GoesOn)
    }

    /// Says the next step: of the lot in which something happened first. Whether there was one.
    fn say(&mut self) -> bool {
        let waiting = self.lots.iter_mut().filter(|told| told.next.is_some());
        let Some(told) = waiting.min_by_key(|told| told.next.as_ref().map(|frame| frame.at)) else { return false };
        let Some(frame) = told.next.take() else { return false };
        told.after = frame.seq;
        self.unsaid = if self.lots.len() == 1 {
            Unsaid { id: None, rest: frame.whole() }
        } else {
            let id = id_line(self.lots.iter().map(|told| told.after));
            Unsaid { id: Some(Bytes::from(id)), rest: frame.unnamed() }
        };
        true
    }

    /// Until when nothing need be looked at unless there is news.
    fn patience(&self) -> tokio::time::Instant {
        let beat = self.silent_since + HEARTBEAT;
        match &self.who {
            Some(_) => beat.min(tokio::time::Instant::now() + LOOK_AT_RIGHTS.saturating_sub(self.known_at.elapsed()).max(SHORTEST)),
            None => beat,
        }
    }

    /// Waits for a change. Returns a heartbeat when it is time for one, or the end when the house closes.
    async fn wait(&mut self) -> Option<Option<Bytes>> {
        let until = self.patience();
        let news = self.lots.iter_mut().filter(|told| !told.ended).map(|told| Box::pin(told.news.changed()));
        tokio::select! {
            biased;
            () = self.house.stop.cancelled() => {
                self.ended = true;
                Some(Some(parting(&self.house)))
            }
            _ = select_all(news) => None,
            () = self.places.0.lost() => {
                self.ended = true;
                Some(None)
            }
            () = tokio::time::sleep_until(until) => {
                if self.silent_since.elapsed() < HEARTBEAT {
                    return None;
                }
                self.silent_since = tokio::time::Instant::now();
                Some(Some(Bytes::from_static(b": still here\n\n")))
            }
        }
    }
}
