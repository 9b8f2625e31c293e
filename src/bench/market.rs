//! The server under measure: fresh, on a fresh database, with its bidders.
//!
//! One offer is listed over the API in a sandbox whose time is real time; then the sandbox's clock is taken away and the
//! server started anew as a market's, so that no bid is slowed by asking what time it is in the sandbox.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entity::ids::LotId;
use entity::money::{Currency, Money};
use entity::platform::{audit, event, event_cursor, sandbox_clock};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Statement};
use serde_json::{Value, json};

use super::Failure;
use super::base::{Base, Fresh};
use super::load::{self, Bidder, Tally, Target};
use super::lots::{self, Admitted, Ends, Lot};
use super::people::{self, Person};
use super::routes::routes;
use crate::client::Client;
use crate::house::House;
use crate::platform::config::{Config, PasswordCost};
use crate::platform::db::Ending;
use crate::platform::http::limits::LimitConfig;
use crate::platform::timers::next_due;
use crate::play::market::patent;
use crate::play::parties::{found, invented_uscc};
use crate::play::{NewAsset, NewParty, Staff, publish, register};
use crate::server::Server;

/// How many bidders there are.
pub const BIDDERS: u32 = 256;
/// The most watchers there may be at once: those of the run before may not have been seen to leave.
const WATCHERS: usize = 20_000;
/// How long is waited for the clockwork to have done what a run left.
const PATIENCE: Duration = Duration::from_mins(10);

/// By which way a bid comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As anybody's.
    Usual,
    /// In a transaction of its own.
    Alone,
    /// To a handler that does nothing.
    Nothing,
}

/// A market under measure.
pub struct Market {
    /// Its server.
    pub server: Server,
    /// Its bidders.
    pub people: Arc<Vec<Person>>,
    config: Config,
    like: LotId,
    tokens: Vec<String>,
    fresh: Fresh,
}

impl Market {
    /// Sets one up within a folder.
    pub async fn set_up(base: &Base, within: &Path) -> Result<Self, Failure> {
        let fresh = Fresh::make(base, within).await?;
        let config = config(&fresh);
        match Box::pin(peopled(&config)).await {
            Ok((server, like, people, tokens)) => Ok(Self { server, people: Arc::new(people), config, like, tokens, fresh }),
            Err(error) => {
                fresh.remove().await?;
                Err(error)
            }
        }
    }

    /// Ends it and removes its database.
    pub async fn end(self) -> Result<(), Failure> {
        self.server.stop().await;
        self.fresh.remove().await
    }

    /// What a deed can reach.
    pub fn house(&self) -> &House {
        &self.server.house
    }

    /// A second server on the same database.
    pub async fn second(&self) -> Result<Server, Failure> {
        Server::start_with(self.config.clone(), routes).await
    }

    /// Opens lots.
    pub async fn lots(&self, count: usize, admitted: Admitted) -> Result<Vec<Lot>, Failure> {
        self.lots_that_end(count, admitted, Ends::InDays).await
    }

    /// The same, where it is said when they end.
    pub async fn lots_that_end(&self, count: usize, admitted: Admitted, ends: Ends) -> Result<Vec<Lot>, Failure> {
        let lots = Box::pin(lots::open(self.house(), self.like, &self.people, count, admitted, ends)).await?;
        self.rest().await?;
        Ok(lots)
    }

    /// Opens a lot to which everybody is admitted.
    pub async fn lot(&self) -> Result<Lot, Failure> {
        self.lots(1, Admitted::All).await?.pop().ok_or_else(|| "no lot was opened".into())
    }

    /// The access token of a bidder.
    pub fn token(&self, bidder: usize) -> &str {
        self.tokens.get(bidder).map_or("", String::as_str)
    }

    /// So many bidders bid for lots for so long, at one server or at several; what was acknowledged must have been stored.
    pub async fn bids(&self, way: Way, lots: &[Lot], admitted: Admitted, clients: usize, lasts: Duration) -> Result<Tally, Failure> {
        self.bids_at(&[self.server.address], way, lots, admitted, clients, lasts).await
    }

    /// The same at several servers.
    pub async fn bids_at(
        &self,
        servers: &[SocketAddr],
        way: Way,
        lots: &[Lot],
        admitted: Admitted,
        clients: usize,
        lasts: Duration,
    ) -> Result<Tally, Failure> {
        let targets: Vec<_> = lots.iter().map(|lot| Arc::new(Target { path: path(way, lot.id), price: lot.price.clone() })).collect();
        let bidder = |number: usize, address: &SocketAddr| {
            let own = |(place, target): (usize, &Arc<Target>)| {
                let is_his = admitted == Admitted::All || place % self.people.len().max(1) == number;
                is_his.then(|| target.clone())
            };
            let targets = targets.iter().enumerate().filter_map(own).collect();
            Bidder { address: *address, token: self.token(number).to_owned(), targets, first: number }
        };
        let bidders = servers.iter().cycle().take(clients).enumerate().map(|(number, address)| bidder(number, address)).collect();
        let before = self.stored().await?;
        let tally = load::run(bidders, lasts).await?;
        if !matches!(way, Way::Nothing) {
            let after = self.stored().await?;
            let stored = (after.0 - before.0, after.1 - before.1);
            let acknowledged = i64::try_from(tally.acknowledged)?;
            if stored != (acknowledged, acknowledged) {
                let (events, counted) = stored;
                return Err(format!("{acknowledged} bids were acknowledged, {events} are in logs and {counted} count").into());
            }
        }
        self.rest().await?;
        tally.worth_something()
    }

    /// How many bids are in logs, and how many lots say they have.
    async fn stored(&self) -> Result<(i64, i64), Failure> {
        let db = self.house().db.read_long();
        let asked = "SELECT (SELECT CAST(COUNT(*) AS bigint) FROM lot_event WHERE kind = 'bid_placed') AS events, \
                     (SELECT CAST(COALESCE(SUM(bid_count), 0) AS bigint) FROM lot) AS counted";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), asked)).await?.ok_or("nothing is stored")?;
        Ok((row.try_get("", "events")?, row.try_get("", "counted")?))
    }

    /// Waits until what a run left to the clockwork is done, so that it is not counted against the next.
    pub async fn rest(&self) -> Result<(), Failure> {
        let begun = std::time::Instant::now();
        while !self.is_at_rest().await? {
            if begun.elapsed() > PATIENCE {
                return Err("the clockwork does not come to rest".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Whether no timer is due, every event and audit row has its position, and every event was told to whoever reads them.
    async fn is_at_rest(&self) -> Result<bool, Failure> {
        let (db, now) = (self.house().db.read_long(), self.house().world.now());
        if next_due(db, None).await?.is_some_and(|due| due <= now) {
            return Ok(false);
        }
        let events = event::Entity::find().filter(event::Column::Position.is_null()).count(db).await?;
        let audited = audit::Entity::find().filter(audit::Column::Position.is_null()).filter(audit::Column::WithheldWith.is_null());
        if events + audited.count(db).await? > 0 {
            return Ok(false);
        }
        let last = event::Entity::find().order_by_desc(event::Column::Position).one(db).await?;
        let last = last.and_then(|event| event.position).unwrap_or_default();
        Ok(event_cursor::Entity::find().all(db).await?.iter().all(|reader| reader.position >= last))
    }
}

fn path(way: Way, lot: LotId) -> String {
    match way {
        Way::Usual => format!("/v1/lots/{lot}/bids"),
        Way::Alone => format!("/v1/bench/lots/{lot}/bids-alone"),
        Way::Nothing => format!("/v1/bench/lots/{lot}/nothing"),
    }
}

/// As a market is set up, but that callers are not limited: it is one machine that plays them all.
fn config(fresh: &Fresh) -> Config {
    Config {
        listen: "127.0.0.1:0".into(),
        listen_feeds: Some("127.0.0.1:0".into()),
        database: fresh.address.clone(),
        documents: fresh.folder.join("documents"),
        master_key_file: fresh.folder.join("master.key"),
        limits: Some(LimitConfig::NONE),
        live_limit: WATCHERS,
        passwords: PasswordCost { memory_kib: 8, passes: 1, at_once: 4, waiting: 256 },
        ..Config::default()
    }
}

/// A server with something listed, and its bidders with their access tokens.
async fn peopled(config: &Config) -> Result<(Server, LotId, Vec<Person>, Vec<String>), Failure> {
    let like = Box::pin(listed(config)).await?;
    let server = started(config).await?;
    let people = people::bring(&server.house, BIDDERS).await?;
    let tokens = people.iter().map(|person| person.access_token(&server.house)).collect::<Result<_, _>>()?;
    Ok((server, like, people, tokens))
}

/// Starts the server, waiting for an earlier one of this process to let go of the database.
async fn started(config: &Config) -> Result<Server, Failure> {
    let mut tries = 0;
    loop {
        match Server::start_with(config.clone(), routes).await {
            Err(error) if error.to_string().contains("in use by another server") && tries < 100 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            other => return other,
        }
    }
}

/// Lists an offer over the API; its lot, by which others are made.
async fn listed(config: &Config) -> Result<LotId, Failure> {
    let server = Server::start(Config { sandbox: true, sandbox_factor: 1, ..config.clone() }).await?;
    let lot = Box::pin(announced(&server)).await;
    // From here on it is no sandbox.
    let forgotten = server.house.db.transact(|tx| async move {
        sandbox_clock::Entity::delete_many().exec(&*tx).await?;
        Ok(Ending::Commit(()))
    });
    let forgotten = forgotten.await;
    server.stop().await;
    forgotten?;
    lot
}

async fn announced(server: &Server) -> Result<LotId, Failure> {
    let base = Client::new(&server.url())?;
    let staff = Staff::of_sandbox(&base, &server.house.config.sandbox_staff_password).await?;
    let seller = NewParty {
        email: "seller@bench.example".into(),
        password: "nobody else signs in with this".into(),
        kind: "enterprise".into(),
        ownership: "private".into(),
        name: "出让企业".into(),
        name_en: None,
        uscc: invented_uscc(1),
    };
    let seller = found(&base, &staff, &seller).await?;
    let right = NewAsset { body: patent("一种河岸带减污方法", "ZL201610200331.9", &seller.name), status: "granted".into() };
    let achievement = json!({
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法，可用于小流域治理。",
        "field": "07",
        "completers": ["完成人甲"],
        "state_funded": false
    });
    let (achievement, rights) = register(&seller, achievement, &[right]).await?;
    let published = publish(&seller, &staff, offer(), &achievement, &rights).await?;
    Ok(published.lot.parse::<LotId>()?)
}

/// An English auction of ten days that ends softly, without a reserve.
fn offer() -> Value {
    json!({
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法。",
        "terms": {"mode": "assignment"},
        "rehearsal": true,
        "base_price": Money { minor: 10_000_000, currency: Currency::Cny },
        "base_price_basis": "own_decision",
        "auction": {
            "closing_mode": "soft_close",
            "step": {"kind": "fixed", "amount": Money { minor: 10_000, currency: Currency::Cny }},
            "free_period_seconds": 864_000,
            "timed_cycle_seconds": 300,
            "min_bidders": 1
        },
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "BM-1", "no_other_encumbrances": true},
        "contact": {"office": "技术转移中心", "phone": "0571-88000000"}
    })
}
