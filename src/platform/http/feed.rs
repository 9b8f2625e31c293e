//! What live feeds share: server-sent events that are handed over piece by piece, say that they live, end with the rights of whoever
//! watches, and part so that he comes back.

mod ear;
mod kept;

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use async_stream::stream;
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

pub use ear::{Ear, Rest, Said};
pub use kept::{Backlog, KEPT_FOR, Kept};

use super::limits::{FeedPlace, Name};
use super::wire::Outlet;
use crate::house::House;
use crate::identity::authenticate::lives;
use crate::platform::access::{Actor, Caller};
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

/// What somebody watches.
pub trait Watched {
    /// Finds what comes next.
    fn look(&mut self, house: &House) -> impl Future<Output = Result<Fate, Problem>>;
    /// Says the next of what was found, if something was.
    fn say(&mut self) -> Option<Unsaid>;
    /// Whether nothing more will come.
    fn is_over(&self) -> bool;
    /// Ends when there may be more to find.
    fn changed(&mut self) -> impl Future<Output = ()>;
    /// From now on he waits, and may be told beside this what follows, until an instant where it is not known that he may for longer.
    fn rest(&mut self, _may_until: Option<Instant>) {}
    /// He waits no more; when he was last told something meanwhile.
    fn wake(&mut self) -> Option<Instant> {
        None
    }
}

/// What becomes of a watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// He goes on.
    GoesOn,
    /// He is let go, and may come back to where he was.
    Dismissed,
}

/// What is left to be handed over of what is said.
pub struct Unsaid {
    id: Option<Bytes>,
    rest: Bytes,
}

impl Unsaid {
    /// An event that has its id.
    pub fn of(text: Bytes) -> Self {
        Self { id: None, rest: text }
    }

    /// An event under an id line.
    pub fn under(id: Bytes, text: Bytes) -> Self {
        Self { id: Some(id), rest: text }
    }

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

/// A place to watch from, among the caller's own and the server's; given back when it is dropped.
pub struct Place {
    /// Who watches, if he is signed in: his feed ends with his rights.
    who: Option<Actor>,
    /// Where his connection goes out, if it may be written to beside the HTTP library.
    outlet: Option<Arc<Outlet>>,
    held: (FeedPlace, OwnedSemaphorePermit),
}

impl Place {
    /// One more, or the refusal.
    pub fn take(house: &House, caller: &Caller, address: Option<IpAddr>, outlet: Option<Arc<Outlet>>) -> Result<Self, Problem> {
        let who = if let Caller::Person(actor) = caller { Some(actor.clone()) } else { None };
        let own = house.limits.feed(Name::of(who.as_ref(), address))?;
        Ok(Self { who, outlet, held: (own, house.live.place()?) })
    }

    /// An ear for him.
    pub fn ear(&self) -> Arc<Ear> {
        Arc::new(Ear::new(self.outlet.clone()))
    }

    fn claim(&self) {
        self.outlet.iter().for_each(|outlet| outlet.claim());
    }
}

/// The numbers that `Last-Event-ID` names, if it is sent: so many, joined by dots.
pub fn last_seen(request: &HttpRequest, count: usize) -> Result<Option<Vec<i64>>, Problem> {
    let Some(sent) = request.headers().get("Last-Event-ID") else { return Ok(None) };
    let numbers = sent.to_str().ok().and_then(|text| text.trim().split('.').map(number).collect::<Option<Vec<_>>>());
    let numbers = numbers.filter(|numbers| numbers.len() == count);
    numbers.map(Some).ok_or_else(|| Code::Malformed.with("reason", "Last-Event-ID"))
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number >= 0)
}

/// The answer that carries a feed: what is to be said first, as it goes over the wire, and then what there is to tell, until that is over.
/// The feed of somebody signed in ends within a second of his session, his key, his account, his office, his place or a role in it coming
/// to an end, and where the database does not say whether it has.
pub fn answer<W: Watched + 'static>(house: House, place: Place, first: Option<Bytes>, watched: W) -> HttpResponse {
    // From the head of the answer on.
    place.claim();
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compression would hold small pieces back until the end, here as in a proxy.
        .insert_header(("Cache-Control", "no-store, no-transform"))
        .insert_header(("X-Accel-Buffering", "no"))
        .insert_header(("Content-Encoding", "identity"))
        .streaming(told(house, place, first, watched))
}

/// One that keeps all it waits for from event to event: what each of thousands sets up anew for each event takes longer than to write it.
fn told<W: Watched + 'static>(house: House, place: Place, first: Option<Bytes>, of: W) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream! {
        // Also now that the head waits to go out: what was written before it may have ended the first claim.
        place.claim();
        let stop = house.stop.clone();
        let mut watcher = Watcher::begin(house, place.who.clone(), Unsaid::of(first.unwrap_or_default()), of);
        let (mut stopped, mut lost, mut alarm) = (pin!(stop.cancelled()), pin!(place.held.0.lost()), pin!(sleep_until(watcher.patience())));
        loop {
            while let Some(piece) = watcher.piece() {
                if watcher.must_wait_for(&piece) {
                    // What was handed over before goes out meanwhile.
                    tokio::task::yield_now().await;
                }
                place.claim();
                yield Ok(piece);
            }
            if watcher.has_parted {
                return;
            }
            match watcher.find().await {
                Found::Something => continue,
                Found::Nothing => {}
                Found::TheEnd => return,
            }
            if alarm.is_elapsed() {
                alarm.as_mut().reset(watcher.patience());
            }
            watcher.rest();
            let woken = tokio::select! {
                biased;
                () = stopped.as_mut() => Woken::Stopped,
                () = lost.as_mut() => Woken::Lost,
                // Before the change: whoever is told much of what he does not want is silent too.
                () = alarm.as_mut() => Woken::Alarmed,
                () = watcher.watched.changed() => Woken::Rung,
            };
            watcher.wake();
            match woken {
                Woken::Stopped => watcher.dismiss(),
                Woken::Lost => return,
                Woken::Alarmed => watcher.be_heard(),
                Woken::Rung => {}
            }
        }
    }
}

/// The last frame of a feed that may be taken up again, after a while that spreads those who come back.
fn parting(house: &House) -> Bytes {
    let retry = 1000 + u64::from(house.world.random::<1>()[0]) * 35;
    Bytes::from(format!("retry: {retry}\n\n"))
}

/// What a watcher was woken by who waited.
enum Woken {
    /// The server is going.
    Stopped,
    /// His place has gone to a later feed.
    Lost,
    /// He is to be heard, or asked for.
    Alarmed,
    /// There may be news.
    Rung,
}

/// What a look brought.
enum Found {
    /// Something to say, if only farewell.
    Something,
    /// Nothing yet.
    Nothing,
    /// That nothing more will come, or that he may watch no more.
    TheEnd,
}

struct Watcher<W> {
    house: House,
    /// Who watches, if he is signed in.
    who: Option<Actor>,
    watched: W,
    unsaid: Unsaid,
    /// How much was handed over since what was handed over went out, bytes.
    handed: usize,
    silent_since: Instant,
    /// Whether what is said is the last.
    has_parted: bool,
    /// When it was last known that he may.
    known_at: Instant,
}

impl<W: Watched> Watcher<W> {
    fn begin(house: House, who: Option<Actor>, unsaid: Unsaid, watched: W) -> Self {
        let now = Instant::now();
        Self { house, who, watched, unsaid, handed: 0, silent_since: now, has_parted: false, known_at: now }
    }

    /// The next piece of what is said.
    fn piece(&mut self) -> Option<Bytes> {
        let piece = self.unsaid.piece()?;
        self.silent_since = Instant::now();
        Some(piece)
    }

    /// Whether a piece is too much to be handed over with those before it.
    fn must_wait_for(&mut self, piece: &Bytes) -> bool {
        let is_too_much = self.handed + piece.len() > PIECE;
        self.handed = if is_too_much { piece.len() } else { self.handed + piece.len() };
        is_too_much
    }

    /// Waits for what comes next.
    fn rest(&mut self) {
        let may_until = self.who.as_ref().map(|_| self.known_at + LOOK_AT_RIGHTS);
        self.watched.rest(may_until);
    }

    /// Waits no more.
    fn wake(&mut self) {
        if let Some(told_at) = self.watched.wake() {
            self.silent_since = told_at;
        }
    }

    /// Looks for what comes next.
    async fn find(&mut self) -> Found {
        // Before anything is said: what was found may have waited long for a slow reader.
        match self.may_watch().await {
            Ok(true) => {}
            Ok(false) => return Found::TheEnd,
            Err(problem) => {
                tracing::warn!(%problem, "a feed ends, since nothing tells whether its watcher may go on");
                self.dismiss();
                return Found::Something;
            }
        }
        match self.watched.look(&self.house).await {
            Ok(Fate::GoesOn) => {}
            Ok(Fate::Dismissed) => {
                self.dismiss();
                return Found::Something;
            }
            Err(problem) => {
                tracing::warn!(%problem, "a feed ends, since its watcher cannot be told what he missed");
                self.dismiss();
                return Found::Something;
            }
        }
        if let Some(said) = self.watched.say() {
            self.unsaid = said;
            return Found::Something;
        }
        if self.watched.is_over() { Found::TheEnd } else { Found::Nothing }
    }

    /// Whether he who watches may go on; asked anew when the last answer has grown old.
    async fn may_watch(&mut self) -> Result<bool, Problem> {
        let Some(actor) = &self.who else { return Ok(true) };
        if self.known_at.elapsed() < LOOK_AT_RIGHTS {
            return Ok(true);
        }
        // From before the question: what changes while it is asked is found by the next.
        let asked_at = Instant::now();
        // Boxed, so that each watcher need not keep room for it all the time.
        let may = Box::pin(lives(&self.house, actor)).await?;
        self.known_at = asked_at;
        Ok(may)
    }

    /// Ends the feed with what waits untold; who may comes back to where he was.
    fn dismiss(&mut self) {
        self.has_parted = true;
        self.unsaid = Unsaid::of(parting(&self.house));
    }

    /// Until when nothing need be looked at unless there is news.
    fn patience(&self) -> Instant {
        let beat = self.silent_since + HEARTBEAT;
        match &self.who {
            Some(_) => beat.min(Instant::now() + LOOK_AT_RIGHTS.saturating_sub(self.known_at.elapsed()).max(SHORTEST)),
            None => beat,
        }
    }

    /// Whoever has been silent for long says that he lives.
    fn be_heard(&mut self) {
        if self.silent_since.elapsed() >= HEARTBEAT {
            self.unsaid = Unsaid::of(Bytes::from_static(b": still here\n\n"));
        }
    }
}
