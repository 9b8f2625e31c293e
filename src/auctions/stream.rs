//! Logs of lots as server-sent events: the sequence is the id, so a watcher resumes without gap or double.
//!
//! A feed may tell of several lots. Its id is then the sequence of each, in the order of the lots,
//! joined by dots: whoever comes back with it has lost nothing of any.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use entity::auctions::{LotState, lot_event};
use entity::ids::LotId;
use futures_util::Stream;
use futures_util::future::select_all;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::store;
use super::views::LotEventView;
use crate::house::House;
use crate::identity::authenticate::lives;
use crate::platform::access::{Actor, Caller};
use crate::platform::http::limits::{FeedPlace, Name};
use crate::platform::problem::{Code, Problem};

/// How often a silent stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often other servers' changes are looked for even if no notification came. On SQLite there are no others.
const LOOK: Duration = Duration::from_secs(2);
/// How often it is asked whether a watcher who is signed in may still watch, so that he is told nothing a second
/// after that has ended, at whichever server it was ended.
const LOOK_AT_RIGHTS: Duration = Duration::from_millis(500);
/// How long is waited at least where asking that itself takes long.
const SHORTEST: Duration = Duration::from_millis(200);
const BATCH: u64 = 200;

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
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        // Compression would hold small pieces back until the end.
        .insert_header(("Content-Encoding", "identity"))
        .streaming(feed)
}

/// An event as it goes over the wire.
pub fn frame(known: &[Known], kind: &str, data: &str) -> Bytes {
    let numbers: Vec<_> = known.iter().map(|one| one.after.to_string()).collect();
    let id = numbers.join(".");
    Bytes::from(format!("id: {id}\nevent: {kind}\ndata: {data}\n\n"))
}

/// The last frame of a feed that may be taken up again, after a while that spreads those who come back.
fn parting(house: &House) -> Bytes {
    let retry = 1000 + u64::from(house.world.random::<1>()[0]) * 35;
    Bytes::from(format!("retry: {retry}\n\n"))
}

/// A log of which events are told.
struct Told {
    known: Known,
    waiting: VecDeque<lot_event::Model>,
    signal: watch::Receiver<u64>,
}

struct Watcher {
    house: House,
    lots: Vec<Told>,
    first: Option<Bytes>,
    silent_since: tokio::time::Instant,
    ended: bool,
    /// Who watches, if he is signed in: his feed ends with his rights.
    who: Option<Actor>,
    /// When it was last known that he may.
    known_at: tokio::time::Instant,
    places: (FeedPlace, OwnedSemaphorePermit),
}

/// The events of lots after those known, and all that follow, until every lot has ended. What is to be
/// said before them is given as a frame of its own. The feed of somebody signed in ends within a second of
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
    let (signals, place) = house.live.watch(&ids)?;
    let lots = known.iter().zip(signals).map(|(known, signal)| Told { known: *known, waiting: VecDeque::new(), signal }).collect();
    let now = tokio::time::Instant::now();
    let watcher = Watcher { house, lots, first, silent_since: now, ended: false, who, known_at: now, places: (own_place, place) };
    Ok(futures_util::stream::unfold(watcher, |mut watcher| async move {
        let chunk = watcher.next().await?;
        Some((chunk, watcher))
    }))
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        loop {
            // Before anything is said: what was found may have waited long for a slow reader.
            match self.may_watch().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(problem) => {
                    tracing::warn!(%problem, "a feed ends, since nothing tells whether its watcher may go on");
                    return Some(Ok(self.dismiss()));
                }
            }
            if let Some(said) = self.say() {
                self.silent_since = tokio::time::Instant::now();
                return Some(Ok(said));
            }
            if self.ended {
                return None;
            }
            match self.look().await {
                Err(problem) => return Some(Err(problem)),
                Ok(ended) => self.ended = ended,
            }
            if !self.ended
                && self.lots.iter().all(|told| told.waiting.is_empty())
                && let Some(silence) = self.wait().await
            {
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
        (self.ended, self.who) = (true, None);
        self.lots.iter_mut().for_each(|told| told.waiting.clear());
        parting(&self.house)
    }

    /// The next event that waits to be told: of the lot in which it happened first.
    fn say(&mut self) -> Option<Bytes> {
        let waiting = self.lots.iter_mut().filter(|told| !told.waiting.is_empty());
        let told = waiting.min_by_key(|told| told.waiting.front().map(|event| event.at))?;
        let event = told.waiting.pop_front()?;
        told.known.after = event.seq;
        let kind = event.kind.code();
        let view = LotEventView::at(event, Some(self.house.world.now()));
        let known: Vec<_> = self.lots.iter().map(|told| told.known).collect();
        Some(frame(&known, &kind, &serde_json::to_string(&view).unwrap_or_default()))
    }

    /// Looks for what happened. Tells whether every lot has ended and nothing is left to be told.
    async fn look(&mut self) -> Result<bool, Problem> {
        // Mark before looking, so that a change in between is not missed.
        for told in &mut self.lots {
            told.signal.borrow_and_update();
        }
        let db = self.house.db.read();
        let ids: Vec<_> = self.lots.iter().map(|told| told.known.lot).collect();
        let heads = store::heads(db, &ids).await?;
        let latest: HashMap<_, _> = heads.into_iter().map(|(lot, seq, state)| (lot, (seq, state))).collect();
        let mut ended = true;
        // One budget for all lots: however many there are, no more wait in memory.
        let batch = (BATCH / (self.lots.len() as u64).max(1)).max(2);
        for one in &mut self.lots {
            let Known { lot, after } = one.known;
            let Some((seq, state)) = latest.get(&lot).copied() else { continue };
            if seq > after {
                one.waiting = store::events_after(db, lot, after, batch).await?.into();
                ended = false;
            }
            ended &= matches!(state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted);
        }
        Ok(ended)
    }

    /// How long nothing need be looked at unless there is news.
    fn patience(&self) -> Duration {
        match (&self.who, self.house.db.is_sqlite()) {
            (Some(_), _) => LOOK_AT_RIGHTS.saturating_sub(self.known_at.elapsed()).max(SHORTEST),
            (None, true) => HEARTBEAT,
            (None, false) => LOOK,
        }
    }

    /// Waits for a change. Returns a heartbeat when it is time for one, or the end when the house closes.
    async fn wait(&mut self) -> Option<Option<Result<Bytes, Problem>>> {
        let beat = self.silent_since + HEARTBEAT;
        let patience = self.patience();
        let signals = self.lots.iter_mut().map(|told| Box::pin(told.signal.changed()));
        tokio::select! {
            biased;
            () = self.house.stop.cancelled() => {
                self.ended = true;
                Some(Some(Ok(parting(&self.house))))
            }
            (news, ..) = select_all(signals) => {
                if news.is_err() { self.ended = true; }
                None
            }
            () = self.places.0.lost() => {
                self.ended = true;
                Some(None)
            }
            () = tokio::time::sleep_until(beat) => {
                self.silent_since = tokio::time::Instant::now();
                Some(Some(Ok(Bytes::from_static(b": still here\n\n"))))
            }
            () = tokio::time::sleep(patience) => None,
        }
    }
}
