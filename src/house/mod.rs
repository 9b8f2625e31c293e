//! The house: what a deed can reach. Cheap to clone, no globals.

mod batch;
pub mod clockwork;
pub mod idempotency;
mod leaving;
mod tx;
mod wiring;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::{NaiveDate, TimeDelta};
use entity::sealed::Sealed;
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use batch::Asked;
use tx::Afterwards;
pub use tx::{Done, Heard, Reading, Tx};

use crate::auctions::floor::Floor;
use crate::auctions::flows::{Lots, Rights};
use crate::auctions::live::Hub;
use crate::data_rooms::stamps::Stamps;
use crate::documents::files::Files;
use crate::identity::keys::log::KeyLog;
use crate::identity::passwords::Passwords;
use crate::identity::remembered::Remembered;
use crate::identity::token_keys::TokenKeys;
use crate::identity::verified::VerifiedTokens;
use crate::notifications::feed::Feed;
use crate::notifications::post::Post;
use crate::platform::access::Context;
use crate::platform::config::Config;
use crate::platform::data_keys::{Cell, DataKeys};
use crate::platform::db::{self, Db, Ending};
use crate::platform::http::limits::Limits;
use crate::platform::keys::{KeyError, Keys};
use crate::platform::mail::Mailer;
use crate::platform::problem::{Code, Problem};
use crate::platform::world::{SYNC_LIMIT, World};
use crate::rulebook::rules::{Rulebook, RulebookError, Span, shanghai_date};
use crate::rulebook::shelf::Shelf;

/// What a deed can reach.
#[derive(Clone)]
pub struct House(Arc<Rooms>);

/// What is in the house.
pub struct Rooms {
    /// How it is set up.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub world: World,
    /// Secrets.
    pub keys: Keys,
    /// The keys access tokens are signed with, as last read.
    pub token_keys: TokenKeys,
    /// The keys personal data is sealed under, as last read.
    pub data_keys: DataKeys,
    /// Who was let in a moment ago.
    pub remembered: Remembered,
    /// What tokens say whose signature was verified.
    pub verified: VerifiedTokens,
    /// The law as data, as last loaded.
    pub rulebook: Shelf,
    /// Uploaded files.
    pub files: Files,
    /// What was called with keys and is not written down yet.
    pub key_log: KeyLog,
    /// Live feeds of lots.
    pub live: Hub,
    /// The live feed of the market.
    pub market: Feed,
    /// Where bids queue.
    pub floor: Floor,
    /// What is remembered of those who bid.
    pub rights: Rights,
    /// What is remembered of the lots that are bid for.
    pub lots: Lots,
    /// How often callers may call.
    pub limits: Limits,
    /// Password hashing, bounded.
    pub passwords: Passwords,
    /// Watermarks, drawn one at a time.
    pub stamps: Stamps,
    /// Rung after every commit that may have armed a timer.
    pub wake: Notify,
    /// Rung after every commit that may have something to tell the rooms.
    pub happened: Notify,
    /// Rung when there is something to tell the organisations.
    pub news: Notify,
    /// Brings events to webhooks.
    pub post: Post,
    /// Hands letters in at the post, where that is set up.
    pub mailer: Option<Mailer>,
    /// Ends everything in the background.
    pub stop: CancellationToken,
    closing: AtomicBool,
}

impl Deref for House {
    type Target = Rooms;
    fn deref(&self) -> &Rooms {
        &self.0
    }
}

impl House {
    /// Opens the database, brings it to its newest form, loads the rulebook and sets the clock.
    pub async fn open(config: Config) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let refused = config.unsafe_settings();
        if !refused.is_empty() {
            return Err(Box::new(crate::platform::config::ConfigError::Unsafe(refused)));
        }
        let keys = Keys::load(&config)?;
        let db = db::open::open(&config, true).await?;
        let world = World::starting_at(earliest(&db, config.sandbox).await?);
        Self::furnish(config, keys, db, world).await
    }

    /// A house over a database that has its tables, in a world that turns already: loads the rulebook and sets the clock.
    pub(crate) async fn furnish(
        config: Config,
        keys: Keys,
        db: Db,
        world: World,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let house = Self(Arc::new(Rooms {
            files: Files::open(&config)?,
            key_log: KeyLog::default(),
            live: Hub::new(config.live_limit),
            market: Feed::default(),
            floor: Floor::new(config.bid_queue),
            rights: Rights::default(),
            lots: Lots::default(),
            limits: Limits::new(&config.limits_in_force(), config.is_postgres().then_some(config.read_connections), &world),
            passwords: Passwords::new(&config.passwords),
            stamps: Stamps::default(),
            rulebook: Shelf::empty(),
            remembered: Remembered::default(),
            verified: VerifiedTokens::default(),
            wake: Notify::new(),
            happened: Notify::new(),
            news: Notify::new(),
            post: Post::new(config.webhooks_allow_private)?,
            mailer: Mailer::open(&config)?,
            stop: CancellationToken::new(),
            closing: AtomicBool::new(false),
            config,
            db,
            world,
            token_keys: TokenKeys::empty(),
            data_keys: DataKeys::empty(),
            keys,
        }));
        // Boxed, for what is done once need not lie in the future of everybody who opens a house.
        Box::pin(house.synchronise()).await?;
        Box::pin(crate::sandbox::flows::prepare_clock(&house)).await?;
        Box::pin(crate::rulebook::flows::load(&house)).await?;
        Box::pin(crate::identity::flows::token_keys::first(&house)).await?;
        Box::pin(crate::privacy::flows::data_keys::first(&house)).await?;
        Box::pin(crate::auctions::flows::note_receipt_key(&house)).await?;
        Ok(house)
    }

    /// A length of time the rulebook in force at an instant sets for all, such as the life of something.
    pub fn span(&self, name: &'static str, at: entity::Timestamp) -> Result<TimeDelta, Problem> {
        let span = self.rulebook.current().rulebook.span(name, None, shanghai_date(at)).ok().and_then(Span::elapsed);
        span.ok_or_else(|| {
            tracing::error!(name, "the rulebook has no such length of time");
            Code::Internal.into()
        })
    }

    /// Rules made from the rulebook in force at an instant.
    pub fn rules_at<R>(
        &self,
        at: entity::Timestamp,
        of: impl FnOnce(&Rulebook, NaiveDate) -> Result<R, RulebookError>,
    ) -> Result<R, Problem> {
        of(&self.rulebook.current().rulebook, shanghai_date(at)).map_err(|_| Code::Internal.into())
    }

    /// The number of the key that seals now, held to the end of a transaction: a key is destroyed only once nobody
    /// is at sealing under it.
    pub async fn hold_sealing_key(&self, conn: &impl ConnectionTrait) -> Result<i64, Problem> {
        let generation = self.data_keys.sealing(self.world.real_now()).ok_or(Code::Internal)?;
        let held = crate::privacy::store::share_data_key(conn, generation).await?;
        match held.filter(|key| key.destroyed_at.is_none()) {
            Some(_) => Ok(generation),
            // This server has not heard of the next key for long.
            None => Err(Problem::transient()),
        }
    }

    /// Text of or about a person, sealed for the cell it is kept in under a key that is held.
    pub fn sealed(&self, generation: i64, cell: Cell, text: &str) -> Result<Sealed, Problem> {
        self.data_keys.seal(generation, cell, self.world.random(), text).map_err(|error| unreadable(cell, &error))
    }

    /// The text sealed in a cell.
    pub fn opened(&self, cell: Cell, sealed: &Sealed) -> Result<String, Problem> {
        self.data_keys.open(cell, sealed).map_err(|error| unreadable(cell, &error))
    }

    /// Asks the database what time it is.
    pub async fn synchronise(&self) -> Result<(), sea_orm::DbErr> {
        let asked = Instant::now();
        let real = if self.db.is_sqlite() { World::machine_time() } else { database_time(self.db.read()).await? };
        self.world.synchronise(real, asked);
        if self.config.sandbox
            && let Some(clock) = crate::sandbox::store::clock(self.db.read()).await?
        {
            self.world.remember_sandbox(clock);
        }
        Ok(())
    }

    /// Whether the server should be sent requests, and if not, why.
    pub fn readiness(&self) -> Result<(), &'static str> {
        if self.closing.load(Ordering::Acquire) {
            return Err("closing");
        }
        if self.world.sync_age() > SYNC_LIMIT {
            return Err("clock_not_synchronised");
        }
        Ok(())
    }

    /// Says that the server is going down.
    pub fn announce_closing(&self) {
        self.closing.store(true, Ordering::Release);
    }

    /// Does a deed: one transaction, once per idempotency key, undone on a dry run.
    pub async fn write<I, T, F, Fut>(&self, by: &Context, input: I, deed: F) -> Result<Done<T>, Problem>
    where
        I: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Tx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        self.done(by, input, deed, true).await
    }

    /// The same for what the market does all the time by itself and that changes nobody's rights.
    pub async fn write_aside<I, T, F, Fut>(&self, by: &Context, input: I, deed: F) -> Result<Done<T>, Problem>
    where
        I: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Tx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        self.done(by, input, deed, false).await
    }

    async fn done<I, T, F, Fut>(&self, by: &Context, input: I, deed: F, is_change: bool) -> Result<Done<T>, Problem>
    where
        I: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Tx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let house = self.clone();
        let context = Arc::new(by.clone());
        let deed = Arc::new(deed);
        let afterwards = Arc::new(std::sync::Mutex::new(Afterwards::default()));
        let kept = afterwards.clone();
        let unit = move |conn| {
            let (house, context, deed, input, kept) = (house.clone(), context.clone(), deed.clone(), input.clone(), kept.clone());
            async move {
                if let Ok(mut earlier) = kept.lock() {
                    *earlier = Afterwards::default();
                }
                let tx = Tx::begin(house, conn, context, kept).await?;
                if let Some(done) = idempotency::begin(&tx).await? {
                    return Ok(Ending::Rollback(Done { value: done, replayed: true }));
                }
                let value = deed(tx.clone(), input).await?;
                if tx.by.dry_run {
                    return Ok(Ending::Rollback(Done { value, replayed: false }));
                }
                tx.check_audited()?;
                tx.leave().await?;
                let outcome = serde_json::to_string(&value).map_err(|_| Problem::from(Code::Internal))?;
                idempotency::finish(&tx, outcome).await?;
                Ok(Ending::Commit(Done { value, replayed: false }))
            }
        };
        let outcome = if is_change { self.db.transact(unit).await } else { self.db.transact_aside(unit).await };
        match outcome {
            Ok(done) => {
                if !done.replayed && !by.dry_run {
                    self.after_commit(&afterwards);
                }
                Ok(done)
            }
            // A commit whose answer was lost is settled by the idempotency record, never guessed.
            Err(problem) if problem.code == Code::Busy && !problem.unreached && !by.dry_run => match idempotency::settled(self, by).await {
                Some(value) => Ok(Done { value, replayed: true }),
                None => Err(problem),
            },
            Err(problem) => Err(problem),
        }
    }

    fn after_commit(&self, afterwards: &std::sync::Mutex<Afterwards>) {
        let Afterwards { lots, pressing } = afterwards.lock().map(|mut left| std::mem::take(&mut *left)).unwrap_or_default();
        if pressing {
            self.wake.notify_one();
            self.happened.notify_one();
        }
        for lot in &lots {
            self.live.changed(*lot);
        }
        // SQLite has one server.
        if !self.db.is_sqlite() {
            self.live.tell_others_of(lots);
        }
    }
}

/// Where real time starts: the database's clock. SQLite has none but the machine's, where time never starts
/// below the last thing that was written down.
async fn earliest(db: &Db, sandbox: bool) -> Result<entity::Timestamp, sea_orm::DbErr> {
    if !db.is_sqlite() {
        // Never the machine's: time does not go back, so that one ahead would stay.
        return database_time(db.read()).await;
    }
    let now = World::machine_time();
    if sandbox {
        return Ok(now);
    }
    let told = crate::platform::outbox::last_instant(db.read()).await?;
    let done = crate::platform::audit::last_instant(db.read()).await?;
    let ran = crate::platform::heartbeat::last(db.read()).await?;
    let bid = crate::auctions::store::last_instant(db.read_long()).await?;
    Ok([told, done, ran, bid].into_iter().flatten().fold(now, Ord::max))
}

/// What the database's clock shows.
pub async fn database_time(db: &impl ConnectionTrait) -> Result<entity::Timestamp, sea_orm::DbErr> {
    let asked = Statement::from_string(db.get_database_backend(), "SELECT clock_timestamp() AS now");
    let row = db.query_one_raw(asked).await?;
    row.ok_or_else(|| sea_orm::DbErr::RecordNotFound("clock_timestamp".into()))?.try_get("", "now")
}

fn unreadable(cell: Cell, error: &KeyError) -> Problem {
    tracing::error!(column = cell.column, row = %cell.row, %error, "personal data cannot be sealed or opened");
    Code::Internal.into()
}
