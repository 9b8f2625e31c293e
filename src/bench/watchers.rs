//! Watchers of a lot: connections that read its feed, and the instant at which the last of them has heard.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use entity::ids::LotId;
use futures_util::future::try_join_all;
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::platform::files;

/// How long is waited for the last of them.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many ask for a feed at a time.
const ASKING: usize = 100;
/// How the answer of a feed begins.
const LET_IN: &[u8] = b"HTTP/1.1 200";
/// What every event of a feed has, and a heartbeat has not.
const MARK: &[u8] = b"id: ";
/// File descriptors that are needed beside those of watchers.
const OTHER_FILES: usize = 1_000;

/// Who has heard.
struct Heard {
    clock: Instant,
    /// The number of what is to be heard.
    round: AtomicU64,
    /// How many have heard it.
    count: AtomicUsize,
    /// When the first did, nanoseconds.
    first: AtomicU64,
    /// When the last did, nanoseconds.
    last: AtomicU64,
    /// How many have been answered at all.
    open: AtomicUsize,
    /// The length of what was read last, bytes.
    length: AtomicUsize,
}

/// Watchers on a thread of their own.
pub struct Crowd {
    size: usize,
    heard: Arc<Heard>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Failure>>,
}

/// When something was heard, since an instant before it was said.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// By the first.
    pub first: Duration,
    /// By the last.
    pub last: Duration,
}

impl Crowd {
    /// Watches with connections on which the feed was asked for.
    pub fn of(sockets: Vec<TcpStream>) -> Self {
        let zero = || AtomicUsize::new(0);
        let heard = Arc::new(Heard {
            clock: Instant::now(),
            round: AtomicU64::new(0),
            count: zero(),
            first: AtomicU64::new(u64::MAX),
            last: AtomicU64::new(0),
            open: zero(),
            length: zero(),
        });
        let (size, stop) = (sockets.len(), CancellationToken::new());
        let (ears, ended) = (heard.clone(), stop.clone());
        let task = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let each = sockets.into_iter().map(|socket| listen(socket, &ears));
                tokio::select! {
                    () = ended.cancelled() => Ok(()),
                    ends = try_join_all(each) => ends.map(|_| ()).map_err(Failure::from),
                }
            })
        });
        Self { size, heard, stop, task }
    }

    /// Watches a lot after one of its events.
    pub async fn watch(server: SocketAddr, lot: LotId, after: i64, size: usize) -> Result<Self, Failure> {
        enough_files(size)?;
        let sockets = tokio::task::spawn_blocking(move || ask(server, lot, after, size)).await??;
        let crowd = Self::of(sockets);
        crowd.until(|heard| heard.open.load(Ordering::Acquire) >= size).await?;
        Ok(crowd)
    }

    /// Waits until something holds.
    async fn until(&self, holds: impl Fn(&Heard) -> bool) -> Result<(), Failure> {
        let begun = Instant::now();
        while !holds(&self.heard) {
            if begun.elapsed() > PATIENCE || self.task.is_finished() {
                let (count, size) = (self.heard.count.load(Ordering::Acquire), self.size);
                let open = self.heard.open.load(Ordering::Acquire);
                return Err(format!("of {size} watchers {open} were answered and {count} heard the last event").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// From now on something new is to be heard. The instant before it is said.
    pub fn attend(&self) -> Instant {
        self.heard.count.store(0, Ordering::Release);
        self.heard.first.store(u64::MAX, Ordering::Release);
        self.heard.last.store(0, Ordering::Release);
        self.heard.round.fetch_add(1, Ordering::AcqRel);
        Instant::now()
    }

    /// Waits until all have heard; how long after an instant the first and the last did.
    pub async fn all_heard(&self, since: Instant) -> Result<Times, Failure> {
        self.until(|heard| heard.count.load(Ordering::Acquire) >= self.size).await?;
        let at = |nanos: &AtomicU64| {
            let instant = self.heard.clock + Duration::from_nanos(nanos.load(Ordering::Acquire));
            instant.saturating_duration_since(since)
        };
        Ok(Times { first: at(&self.heard.first), last: at(&self.heard.last) })
    }

    /// The length of what was read last, bytes.
    pub fn length(&self) -> usize {
        self.heard.length.load(Ordering::Acquire)
    }

    /// Ends it.
    pub async fn leave(self) -> Result<(), Failure> {
        self.stop.cancel();
        self.task.await?
    }
}

/// Reads to the end, and notes when each new event is heard.
async fn listen(socket: TcpStream, heard: &Heard) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let mut stream = tokio::net::TcpStream::from_std(socket)?;
    let mut buffer = vec![0; 4 << 10];
    let (mut known, mut is_open) = (0, false);
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Err(io::Error::other("a feed ended"));
        }
        if !is_open {
            is_open = true;
            heard.open.fetch_add(1, Ordering::AcqRel);
        }
        let round = heard.round.load(Ordering::Acquire);
        let said = buffer.get(..read).unwrap_or_default();
        if round != known && said.windows(MARK.len()).any(|four| four == MARK) {
            known = round;
            let nanos = u64::try_from(heard.clock.elapsed().as_nanos()).unwrap_or(u64::MAX);
            heard.first.fetch_min(nanos, Ordering::AcqRel);
            heard.last.fetch_max(nanos, Ordering::AcqRel);
            heard.length.store(read, Ordering::Release);
            heard.count.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// Opens connections and asks for a lot's feed on each, some at a time: whoever comes with too many others is sent away.
pub fn ask(server: SocketAddr, lot: LotId, after: i64, count: usize) -> io::Result<Vec<TcpStream>> {
    let request =
        format!("GET /v1/lots/{lot}/stream HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nLast-Event-ID: {after}\r\n\r\n");
    let one = || -> io::Result<TcpStream> {
        let mut socket = TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        socket.write_all(request.as_bytes())?;
        Ok(socket)
    };
    let mut sockets = Vec::with_capacity(count);
    while sockets.len() < count {
        let begun = sockets.len();
        for _ in 0..ASKING.min(count - begun) {
            sockets.push(one()?);
        }
        for socket in &sockets[begun..] {
            is_let_in(socket)?;
        }
    }
    Ok(sockets)
}

/// Waits for an answer, and leaves it to be read.
fn is_let_in(socket: &TcpStream) -> io::Result<()> {
    let mut head = [0; LET_IN.len()];
    socket.set_read_timeout(Some(PATIENCE))?;
    let seen = socket.peek(&mut head)?;
    if LET_IN.starts_with(&head[..seen]) && seen > 0 { Ok(()) } else { Err(io::Error::other("a watcher was sent away")) }
}

/// Reads what each connection has to say first, with one small buffer for all: what they take is the server's alone.
pub fn hear_first(sockets: &mut [TcpStream]) -> io::Result<()> {
    let mut buffer = [0; 512];
    for socket in sockets {
        socket.set_read_timeout(Some(PATIENCE))?;
        if socket.read(&mut buffer)? == 0 {
            return Err(io::Error::other("a feed ended"));
        }
    }
    Ok(())
}

/// Whether so many watchers can be served and played by this process.
pub fn enough_files(watchers: usize) -> Result<(), Failure> {
    let needed = u64::try_from(2 * watchers + OTHER_FILES)?;
    match files::most() {
        Some(most) if most < needed => Err(format!("{most} files may be open and {needed} are needed: ulimit -n {needed}").into()),
        _ => Ok(()),
    }
}
