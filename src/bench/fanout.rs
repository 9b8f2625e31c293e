//! How soon the last watcher has heard, and what watchers cost.

use std::cell::Cell;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Failure;
use super::connection::Connection;
use super::figures::{Figure, percentile};
use super::load::{STEP, Writer};
use super::lots::{Admitted, Lot};
use super::market::Way;
use super::rounds::{Bench, Outcome, compare, ratios};
use super::watchers::{Crowd, ask, enough_files, hear_first};
use crate::auctions::store;

/// From one event to the next: long enough that a feed which gathers events holds none back.
const PAUSE: Duration = Duration::from_millis(110);
/// How many events a run has at least: of fewer the slowest hundredth would be whatever the machine did at one of them.
const EVENTS: u32 = 200;
/// Connections that bid.
const MANY: usize = 256;
/// Watchers while bids are counted, and of a round in which memory is measured.
const WATCHERS: usize = 1_000;

impl Bench<'_> {
    /// From publication to the last of so many watchers, against a loop that writes as many bytes to as many sockets.
    pub async fn fan_out(&self, watchers: usize) -> Result<Outcome, Failure> {
        enough_files(watchers)?;
        let length = Cell::new(1);
        let feed = async || {
            let (slowest, bytes) = self.feed(watchers).await?;
            length.set(bytes);
            (self.tell)(&format!("    {watchers} watchers: p99 {slowest} µs, {bytes} bytes each"));
            Ok::<u64, Failure>(slowest)
        };
        let raw = async || {
            let slowest = self.raw(watchers, length.get()).await?;
            (self.tell)(&format!("    raw loop over {watchers} sockets: p99 {slowest} µs"));
            Ok::<u64, Failure>(slowest)
        };
        ratios(&compare(self.rounds, feed, raw).await?)
    }

    /// How many events a round has.
    fn events(&self) -> u32 {
        u32::try_from(self.lasts.as_millis() / PAUSE.as_millis()).unwrap_or(u32::MAX).max(EVENTS)
    }

    /// The market's feed: from the acknowledgement, or from when the first heard where that was earlier, to the last.
    async fn feed(&self, watchers: usize) -> Result<(u64, usize), Failure> {
        let lot = self.market.lot().await?;
        let crowd = self.watch(&lot, watchers).await?;
        let mut connection = Connection::open(self.market.server.address).await?;
        let mut writer = Writer::of(self.market.token(0));
        let path = format!("/v1/lots/{}/bids", lot.id);
        let mut micros = Vec::new();
        for _ in 0..self.events() {
            tokio::time::sleep(PAUSE).await;
            let price = lot.price.fetch_add(STEP, Ordering::Relaxed) + STEP;
            let since = crowd.attend();
            let answered = connection.ask(writer.bid(&path, price).as_bytes()).await?;
            let acknowledged = since.elapsed();
            if answered.status != 201 {
                return Err(format!("a bid was refused: {}", String::from_utf8_lossy(connection.body(answered))).into());
            }
            let times = crowd.all_heard(since).await?;
            let published = acknowledged.min(times.first);
            micros.push(u64::try_from(times.last.saturating_sub(published).as_micros())?.max(1));
        }
        let bytes = crowd.length();
        crowd.leave().await?;
        Ok((percentile(&mut micros, 990).ok_or("nothing was said")?, bytes))
    }

    async fn watch(&self, lot: &Lot, watchers: usize) -> Result<Crowd, Failure> {
        let row = store::lot(self.market.house().db.read(), lot.id).await?.ok_or("the lot is gone")?;
        let crowd = Crowd::watch(self.market.server.feeds, lot.id, row.seq, watchers).await?;
        // What they are told first has been told by then.
        tokio::time::sleep(2 * PAUSE).await;
        Ok(crowd)
    }

    /// A loop of writes by one thread: from before the first to when the last was heard.
    async fn raw(&self, watchers: usize, length: usize) -> Result<u64, Failure> {
        let (reading, mut writing) = tokio::task::spawn_blocking(move || pairs(watchers)).await??;
        let crowd = Crowd::of(reading);
        let mut message = b"id: ".to_vec();
        message.resize(length.max(message.len()), b'x');
        let message = Arc::new(message);
        let mut micros = Vec::new();
        for _ in 0..self.events() {
            tokio::time::sleep(PAUSE).await;
            let since = crowd.attend();
            let said = message.clone();
            let written = tokio::task::spawn_blocking(move || -> std::io::Result<(Vec<TcpStream>, Instant)> {
                let begun = Instant::now();
                for socket in &mut writing {
                    socket.write_all(&said)?;
                }
                Ok((writing, begun))
            });
            let (back, begun) = written.await??;
            writing = back;
            let times = crowd.all_heard(since).await?;
            let waited = begun.duration_since(since);
            micros.push(u64::try_from(times.last.saturating_sub(waited).as_micros())?.max(1));
        }
        crowd.leave().await?;
        percentile(&mut micros, 990).ok_or_else(|| "nothing was said".into())
    }

    /// Bids a second with watchers on the lot, against without.
    pub async fn watched(&self) -> Result<Outcome, Failure> {
        let with = async || {
            let lot = self.market.lot().await?;
            let crowd = self.watch(&lot, WATCHERS).await?;
            let rate = self.rate_of(&lot).await;
            crowd.leave().await?;
            rate
        };
        let without = async || {
            let lot = self.market.lot().await?;
            self.rate_of(&lot).await
        };
        ratios(&compare(self.rounds, with, without).await?)
    }

    async fn rate_of(&self, lot: &Lot) -> Result<u64, Failure> {
        let tally = self.market.bids(Way::Usual, std::slice::from_ref(lot), Admitted::All, MANY, self.lasts).await?;
        (self.tell)(&format!("    {}/s, {} refused, {} sent away", tally.rate(), tally.refused, tally.sent_away));
        Ok(tally.rate())
    }

    /// By how much the process grows with each watcher. Those of earlier rounds stay, so that no memory is used twice, and what a
    /// first crowd finds free is not counted. The watchers' own side has no buffers, so what grows is the server.
    pub async fn memory(&self) -> Result<Outcome, Failure> {
        let crowds = usize::try_from(self.rounds)? + 1;
        // The server has so many feeds at most, however many rounds there are.
        let each = (self.market.house().config.live_limit / crowds).min(WATCHERS);
        enough_files(crowds * each)?;
        let lot = self.market.lot().await?;
        let row = store::lot(self.market.house().db.read(), lot.id).await?.ok_or("the lot is gone")?;
        let (address, seq) = (self.market.server.feeds, row.seq);
        let mut kept = Vec::new();
        let mut figures = Vec::new();
        let mut before = resident()?;
        for crowd in 0..crowds {
            let sockets = tokio::task::spawn_blocking(move || {
                let mut sockets = ask(address, lot.id, seq, each)?;
                hear_first(&mut sockets)?;
                Ok::<_, std::io::Error>(sockets)
            });
            kept.push(sockets.await??);
            tokio::time::sleep(2 * PAUSE).await;
            let after = resident()?;
            let grown = after.saturating_sub(before);
            (self.tell)(&format!("    {} watchers: {after} KiB resident, {grown} more", (crowd + 1) * each));
            if crowd > 0 {
                figures.extend(Figure::ratio(grown, u64::try_from(each)?));
            }
            before = after;
        }
        drop(kept);
        Ok(Outcome { figures, broken: None })
    }
}

/// Connected sockets: those that read, and those that are written to.
fn pairs(count: usize) -> std::io::Result<(Vec<TcpStream>, Vec<TcpStream>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let pair = |_| -> std::io::Result<(TcpStream, TcpStream)> {
        let reading = TcpStream::connect(address)?;
        let (writing, _) = listener.accept()?;
        writing.set_nodelay(true)?;
        Ok((reading, writing))
    };
    let pairs: std::io::Result<Vec<_>> = (0..count).map(pair).collect();
    Ok(pairs?.into_iter().unzip())
}

/// Resident memory of this process, KiB.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| format!("/proc/self/status: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the system does not tell resident memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
