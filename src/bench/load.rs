//! Bidders who bid again as soon as they are answered, on one thread of their own.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use uuid::Uuid;

use super::Failure;
use super::connection::{Answered, Connection};
use super::figures::percentile;

/// By how much every bid is higher than the last one that was sent, fen.
pub const STEP: i64 = 100;
/// What a bid is answered with that counts.
const ACKNOWLEDGED: u16 = 201;
/// How many refusals of one run are told in their own words.
const TOLD: usize = 1;

/// Where bids go, and the price of the last one that was sent there: every bid of every bidder takes the next, so that a bid is refused
/// only where a later one reached the lot before it; its bidder goes on with a higher one, and it counts for nothing.
pub struct Target {
    /// The lot's address, as in `/v1/lots/…/bids`.
    pub path: String,
    /// The last price, fen.
    pub price: Arc<AtomicI64>,
}

/// A bidder with a connection of his own.
pub struct Bidder {
    /// Where the server is.
    pub address: SocketAddr,
    /// His access token.
    pub token: String,
    /// What he bids for, one after the other.
    pub targets: Vec<Arc<Target>>,
    /// With which he begins.
    pub first: usize,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bids that were acknowledged.
    pub acknowledged: u64,
    /// Bids that were refused: as too low, mostly, since a higher one came first.
    pub refused: u64,
    /// Bids that were sent away (503).
    pub sent_away: u64,
    /// How long each bidder waited for each bid that was acknowledged, microseconds: from when he first asked, for one who is refused,
    /// because a later bid reached the lot before his, asks again at once and waits on. Who still waits at the end is not among them.
    pub micros: Vec<u64>,
    /// How long the request took that was acknowledged in the end, microseconds.
    pub last_try: Vec<u64>,
    /// The longest that anybody waited for an answer, whatever it was, microseconds.
    pub longest: u64,
    /// From the first bid to the last answer.
    pub lasted: Duration,
    /// What one of the refusals said.
    pub said: Vec<String>,
}

impl Tally {
    /// Acknowledged bids a second.
    pub fn rate(&self) -> u64 {
        let micros = self.lasted.as_micros().max(1);
        u64::try_from(u128::from(self.acknowledged) * 1_000_000 / micros).unwrap_or(u64::MAX)
    }

    /// How long bidders waited for bids that were acknowledged, up to so many thousandths of them, microseconds.
    pub fn within(&mut self, thousandths: usize) -> Result<u64, Failure> {
        percentile(&mut self.micros, thousandths).ok_or_else(|| self.nothing())
    }

    /// The same of the requests that were acknowledged in the end, each by itself.
    pub fn last_try_within(&mut self, thousandths: usize) -> Result<u64, Failure> {
        percentile(&mut self.last_try, thousandths).ok_or_else(|| self.nothing())
    }

    /// Refuses a run of which nothing came.
    pub fn worth_something(self) -> Result<Self, Failure> {
        if self.acknowledged == 0 { Err(self.nothing()) } else { Ok(self) }
    }

    fn nothing(&self) -> Failure {
        let said = self.said.first().map_or("nothing was said", String::as_str);
        format!("no bid was acknowledged, {} refused, {} sent away: {said}", self.refused, self.sent_away).into()
    }

    /// Counts an answer: how long it took, and how long its bidder had waited by then for a bid of his to be acknowledged.
    fn count(&mut self, answered: Answered, body: &[u8], took: Duration, waited: Duration) {
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.longest = self.longest.max(micros(took));
        match answered.status {
            ACKNOWLEDGED => {
                self.acknowledged += 1;
                self.micros.push(micros(waited));
                self.last_try.push(micros(took));
            }
            503 => self.sent_away += 1,
            _ => self.refused += 1,
        }
        if answered.status != ACKNOWLEDGED && self.said.len() < TOLD {
            self.said.push(String::from_utf8_lossy(body).into_owned());
        }
    }

    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.sent_away += other.sent_away;
        self.micros.extend(other.micros);
        self.last_try.extend(other.last_try);
        self.longest = self.longest.max(other.longest);
        self.said.extend(other.said);
        self.said.truncate(TOLD);
    }
}

/// Lets the bidders bid for so long; what was under way then is waited for and counted.
pub async fn run(bidders: Vec<Bidder>, lasts: Duration) -> Result<Tally, Failure> {
    // A thread and a runtime of their own, so that bidders take no turns with the server's tasks.
    let work = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(all(bidders, lasts))
    });
    work.await?
}

async fn all(bidders: Vec<Bidder>, lasts: Duration) -> Result<Tally, Failure> {
    let mut ready = Vec::with_capacity(bidders.len());
    for bidder in bidders {
        let connection = Connection::open(bidder.address).await?;
        ready.push((bidder, connection));
    }
    let begun = Instant::now();
    let end = begun + lasts;
    let tallies = try_join_all(ready.into_iter().map(|(bidder, connection)| bid_until(end, bidder, connection))).await?;
    let mut whole = Tally { lasted: begun.elapsed(), ..Tally::default() };
    for tally in tallies {
        whole.add(tally);
    }
    Ok(whole)
}

async fn bid_until(end: Instant, bidder: Bidder, mut connection: Connection) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut writer = Writer::of(&bidder.token);
    let mut turn = bidder.first;
    let mut since = Instant::now();
    while Instant::now() < end {
        let Some(target) = bidder.targets.get(turn % bidder.targets.len().max(1)) else { return Ok(tally) };
        turn += 1;
        let price = target.price.fetch_add(STEP, Ordering::Relaxed) + STEP;
        let request = writer.bid(&target.path, price);
        let asked = Instant::now();
        let answered = connection.ask(request.as_bytes()).await?;
        tally.count(answered, connection.body(answered), asked.elapsed(), since.elapsed());
        if answered.status == ACKNOWLEDGED {
            since = Instant::now();
        }
    }
    Ok(tally)
}

/// Writes requests, each with a key of its own.
pub struct Writer {
    fields: String,
    key: u128,
    body: String,
    request: String,
}

impl Writer {
    /// For the bearer of a token.
    pub fn of(token: &str) -> Self {
        let fields = format!(" HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        Self { fields, key: Uuid::new_v4().as_u128(), body: String::new(), request: String::new() }
    }

    /// A bid at a price in fen.
    pub fn bid(&mut self, path: &str, price: i64) -> &str {
        self.key = self.key.wrapping_add(1);
        self.body.clear();
        self.request.clear();
        let (yuan, fen) = (price / 100, price % 100);
        let _ = write!(self.body, "{{\"price\":{{\"amount\":\"{yuan}.{fen:02}\",\"currency\":\"CNY\"}},\"confirmed\":true}}");
        let (fields, key, length) = (&self.fields, self.key, self.body.len());
        let _ = write!(self.request, "POST {path}{fields}Idempotency-Key: {key:032x}\r\nContent-Length: {length}\r\n\r\n{}", self.body);
        &self.request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bid_has_a_key_of_its_own_and_says_its_length() {
        let mut writer = Writer::of("token");
        let first = writer.bid("/v1/lots/x/bids", 123_405).to_owned();
        let second = writer.bid("/v1/lots/x/bids", 123_405).to_owned();
        assert_ne!(first, second);
        let (head, body) = first.split_once("\r\n\r\n").unwrap_or_default();
        assert_eq!(body, "{\"price\":{\"amount\":\"1234.05\",\"currency\":\"CNY\"},\"confirmed\":true}");
        assert!(head.starts_with("POST /v1/lots/x/bids HTTP/1.1\r\n") && head.ends_with(&format!("Content-Length: {}", body.len())));
    }
}
