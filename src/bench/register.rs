//! What it costs to ask the register of licences, however many there are of other rights.

use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::achievements::asset;
use entity::ids::{AssetId, LicenceGrantId};
use entity::licences::{LicenceMode, licence_event, licence_grant, licence_grant_asset};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde_json::json;

use super::Failure;
use super::figures::percentile;
use super::market::Market;
use super::people::Person;
use super::rounds::{Bench, Outcome, compare, ratios};
use crate::house::House;
use crate::licences::flows::{Question, answer};
use crate::licences::rules::grant::{self, Made, Source};
use crate::licences::rules::history;
use crate::licences::rules::scope::{ALL, AskedUse, ScopeTerms};
use crate::licences::store;
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;

/// How many licences there are of each right.
const EACH: usize = 5;
/// How many there are in a young register.
const FEW: usize = 1_000;
/// How many in an old one.
const MANY: usize = 100_000;
/// How many rights are written in one transaction, with their licences.
const AT_ONCE: usize = 100;
/// How far from one right to the next that is asked about, so that neighbours are not: a prime, so that each has its turn.
const APART: usize = 7_919;

impl Bench<'_> {
    /// Whether somebody could be licensed a right alone, in a register of a hundred thousand licences, against a licence found by its key.
    pub async fn register_against_key(&self) -> Result<Outcome, Failure> {
        let register = Register::filled(self.market, MANY).await?;
        let by_key = async || {
            let median = median(&register.licences, self.lasts, async |id| register.find(id).await).await?;
            (self.tell)(&format!("    a licence by its key: p50 {median} ns"));
            Ok(median)
        };
        ratios(&compare(self.rounds, async || self.asked("the register", &register).await, by_key).await?)
    }

    /// The same in a register of a hundred thousand licences, against one of a thousand; of each right there are as many.
    pub async fn many_licences(&self) -> Result<Outcome, Failure> {
        let old = Register::filled(self.market, MANY).await?;
        let market = Box::pin(Market::set_up(self.base, self.folder)).await?;
        let outcome = self.against_young(&old, &market).await;
        market.end().await?;
        outcome
    }

    async fn against_young(&self, old: &Register<'_>, market: &Market) -> Result<Outcome, Failure> {
        let young = Register::filled(market, FEW).await?;
        let asked = async || self.asked("old register", old).await;
        ratios(&compare(self.rounds, asked, async || self.asked("young register", &young).await).await?)
    }

    async fn asked(&self, what: &str, register: &Register<'_>) -> Result<u64, Failure> {
        let median = median(&register.rights, self.lasts, async |id| register.ask(id).await).await?;
        (self.tell)(&format!("    {what}, {} licences: p50 {median} ns", register.licences.len()));
        Ok(median)
    }
}

/// Half of what is asked in so long took at most, nanoseconds.
async fn median<T: Copy>(of: &[T], lasts: Duration, mut ask: impl AsyncFnMut(T) -> Result<(), Failure>) -> Result<u64, Failure> {
    let (begun, mut nanos, mut place) = (Instant::now(), Vec::new(), 0);
    while nanos.is_empty() || begun.elapsed() < lasts {
        let one = *of.get(place).ok_or("there is nothing to ask about")?;
        let asked = Instant::now();
        ask(one).await?;
        nanos.push(u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX));
        place = (place + APART) % of.len();
    }
    percentile(&mut nanos, 500).ok_or_else(|| "nothing was asked".into())
}

/// A register with licences in it.
struct Register<'a> {
    house: &'a House,
    rights: Vec<AssetId>,
    licences: Vec<LicenceGrantId>,
    by: Context,
    question: Question,
}

impl<'a> Register<'a> {
    /// Writes rights like the one that was listed, with so many licences, until which the database has counted them.
    async fn filled(market: &'a Market, count: usize) -> Result<Self, Failure> {
        let house = market.house();
        let like = asset::Entity::find().one(house.db.read()).await?.ok_or("no right is registered")?;
        let holder = *market.people.first().ok_or("there are no bidders")?;
        let (mut rights, mut licences) = (Vec::new(), Vec::new());
        while licences.len() < count {
            let batch = Batch::like(&like, holder, house)?;
            rights.extend(batch.rights.iter().map(|right| right.id));
            licences.extend(batch.licences.iter().map(|licence| licence.id));
            batch.written(house).await?;
        }
        // As a market that grew to this would have been by then.
        let counted = house.db.transact(|tx| async move {
            tx.execute_unprepared("ANALYZE").await?;
            Ok(Ending::Commit(()))
        });
        counted.await?;
        let question = Question { asked: AskedUse::default(), on: None, at: None };
        Ok(Self { house, rights, licences, by: Context::system("bench", "bench".into()), question })
    }

    /// Asks as anybody does: who may use a right, and what may still be granted of it.
    async fn ask(&self, right: AssetId) -> Result<(), Failure> {
        let told = answer(self.house, &self.by, right, &self.question).await?.licences.len();
        if told == EACH { Ok(()) } else { Err(format!("the register tells of {told} licences of a right with {EACH}").into()) }
    }

    /// Reads a licence.
    async fn find(&self, id: LicenceGrantId) -> Result<(), Failure> {
        store::find(self.house.db.read(), id).await?.map(|_| ()).ok_or_else(|| "a licence is gone".into())
    }
}

/// Some rights with their licences.
struct Batch {
    rights: Vec<asset::Model>,
    licences: Vec<licence_grant::Model>,
    of_rights: Vec<licence_grant_asset::Model>,
    history: Vec<licence_event::Model>,
}

impl Batch {
    fn like(like: &asset::Model, holder: Person, house: &House) -> Result<Self, Problem> {
        let unnumbered = || asset::Model {
            id: house.world.id(),
            identifier_scheme: None,
            identifier: None,
            identifier_raw: None,
            publication_number: None,
            ..like.clone()
        };
        let rights: Vec<_> = (0..AT_ONCE).map(|_| unnumbered()).collect();
        let mut batch = Self { rights, licences: Vec::new(), of_rights: Vec::new(), history: Vec::new() };
        for right in &batch.rights {
            for _ in 0..EACH {
                let row = licence(right, holder, house)?;
                batch.of_rights.extend(grant::of_assets(row.id, &[right.id]));
                batch.history.push(history::next((None, &row), None, row.created_at));
                batch.licences.push(row);
            }
        }
        Ok(batch)
    }

    /// Writes it, in one transaction.
    async fn written(self, house: &House) -> Result<(), Problem> {
        let batch = Arc::new(self);
        let written = house.db.transact(move |tx| {
            let batch = batch.clone();
            async move {
                batch.write(&*tx).await?;
                Ok(Ending::Commit(()))
            }
        });
        written.await
    }

    async fn write(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        db::insert_all(db, self.rights.clone()).await?;
        db::insert_all(db, self.licences.clone()).await?;
        db::insert_all(db, self.of_rights.clone()).await?;
        db::insert_all(db, self.history.clone()).await
    }
}

/// One of several licences of all of a right.
fn licence(right: &asset::Model, holder: Person, house: &House) -> Result<licence_grant::Model, Problem> {
    let (at, all) = (house.world.now(), || vec![ALL.to_owned()]);
    grant::entered(Made {
        id: house.world.id(),
        by: (right.organisation_id, holder.id),
        grantee: (Some(holder.organisation), "被许可企业".into()),
        mode: LicenceMode::NonExclusive,
        source: Source::Recorded(json!({})),
        scope: ScopeTerms { acts: all(), fields: all(), territory: all(), from: shanghai_date(at), until: None },
        ends_on: right.expires_on,
        may_sublicense: false,
        is_proxy: false,
        parent: None,
        beside: [json!([]), json!([])],
        at,
    })
}
