//! Heads that never end, of later requests. The HTTP library gives the first head of a connection a time and closes one that
//! is silent, but for a later head it waits for ever once a byte of it has come.

use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::web::Bytes;
use socket2::SockRef;
use tokio_util::sync::CancellationToken;

use super::limits::LimitConfig;
use super::wire::{Outlet, Wire};

/// How often connections are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A connection, and what is asked on it.
pub struct Line {
    outlet: Arc<Outlet>,
    asked: Mutex<Asked>,
}

/// How many requests are under way, and since when so many.
struct Asked {
    under_way: usize,
    since: Instant,
}

impl Line {
    fn of(wire: &Wire) -> Self {
        let asked = Asked { under_way: 0, since: Instant::now() };
        Self { outlet: wire.outlet().clone(), asked: Mutex::new(asked) }
    }

    fn count(&self, change: impl FnOnce(usize) -> usize) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = Asked { under_way: change(asked.under_way), since: Instant::now() };
    }

    fn rests_for(&self) -> Duration {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.under_way == 0 { asked.since.elapsed() } else { Duration::ZERO }
    }
}

/// The connections of a server that are watched.
#[derive(Clone)]
pub struct Lines {
    open: Arc<Mutex<Vec<Weak<Line>>>>,
    patience: Duration,
}

impl Lines {
    /// Where both silence and a head have a limit: a connection without a request for longer than both together is
    /// silent no more, or it would be closed, and so in the midst of a head.
    pub fn watched(limits: &LimitConfig) -> Option<Self> {
        let (idle, head) = (LimitConfig::patience(limits.idle_seconds)?, LimitConfig::patience(limits.head_seconds)?);
        Some(Self { open: Arc::default(), patience: idle + head })
    }

    /// Watches a new connection, for as long as there is one.
    pub fn take_in(&self, wire: &Wire, kept: &mut Extensions) {
        let line = Arc::new(Line::of(wire));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&line));
        kept.insert(line);
    }

    /// Shuts connections down on which a head has been coming for too long, until the server stops.
    pub async fn watch(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => self.look(),
            }
        }
    }

    fn look(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| {
            let Some(line) = line.upgrade() else { return false };
            if line.rests_for() > self.patience {
                // An error says that the client has gone by himself.
                let _ = line.outlet.with_socket(|socket| SockRef::from(socket).shutdown(Shutdown::Both));
            }
            true
        });
    }
}

/// A request under way on its connection, until this is dropped.
pub struct UnderWay(Arc<Line>);

impl UnderWay {
    /// Counts a request, where its connection is watched.
    pub fn of(request: &ServiceRequest) -> Option<Self> {
        let line = request.conn_data::<Arc<Line>>()?.clone();
        line.count(|under_way| under_way + 1);
        Some(Self(line))
    }

    /// Lasts as long as the answer does: a feed may be long.
    pub fn until_answered(self, response: ServiceResponse) -> ServiceResponse {
        response.map_body(|_, body| BoxBody::new(Lasting { body, _under_way: self }))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.count(|under_way| under_way.saturating_sub(1));
    }
}

/// The body of an answer, and the request that is under way until it ends.
struct Lasting {
    body: BoxBody,
    _under_way: UnderWay,
}

impl MessageBody for Lasting {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}
