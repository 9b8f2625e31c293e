//! How fast the market is on this machine, against other ways to do the same, beside it in the same run.
//!
//! A fresh server on a fresh database is measured through its API by bidders on a thread of their own (`load`). What it is
//! compared with runs in the same server (`routes`), in the same minutes (`rounds`): figures of different hours say nothing, ratios
//! within a round do. Only what was acknowledged counts, and it must have been stored. What cannot be measured says why.

mod base;
mod bids;
mod call;
mod chart;
mod connection;
mod fanout;
mod figures;
mod growth;
mod load;
mod lots;
mod market;
mod measures;
mod people;
mod report;
mod rounds;
mod routes;
mod watchers;

use std::path::PathBuf;
use std::time::Duration;

pub use base::Base;
pub use chart::svg;
pub use figures::{Figure, Spread};
pub use measures::{MEASURES, Measure, named};
pub use report::{Report, Taken};

use market::Market;
use rounds::{Bench, Outcome};

/// What measuring may fail with.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What to measure, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a run lasts.
    pub lasts: Duration,
    /// How many rounds a measure has.
    pub rounds: u32,
    /// The measures asked for; all where none is named.
    pub only: Vec<String>,
    /// A database of the cluster in which one is made; only SQLite is measured where it is not said.
    pub postgres: Option<String>,
    /// Where files are made.
    pub folder: PathBuf,
}

/// Measures, telling how it goes.
pub async fn run(settings: &Settings, tell: &dyn Fn(&str)) -> Result<Report, Failure> {
    std::fs::create_dir_all(&settings.folder).map_err(|error| format!("{}: {error}", settings.folder.display()))?;
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let syncs = base::syncs_a_second(&settings.folder)?;
    let rounds = format!("{} rounds of {} ms", settings.rounds, settings.lasts.as_millis());
    let mut report = Report { machine: vec![format!("{cores} cores"), format!("{syncs} syncs of 8 KiB/s"), rounds], ..Report::default() };
    let mut on_sqlite = Vec::new();
    let mut on_postgres = Vec::new();
    for measure in &MEASURES {
        match place(measure.name, settings) {
            Ok(Place::Sqlite) => on_sqlite.push(measure),
            Ok(Place::Postgres) => on_postgres.push(measure),
            Err(why) => report.left_out.push((measure.name, why)),
        }
    }
    if let Some(cluster) = &settings.postgres {
        measured(&Base::Postgres(cluster.clone()), &on_postgres, settings, tell, &mut report).await?;
    }
    measured(&Base::Sqlite, &on_sqlite, settings, tell, &mut report).await?;
    report.sort();
    Ok(report)
}

/// On which database a measure is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Sqlite,
    Postgres,
}

/// Where a measure is taken; or why it is not.
fn place(name: &str, settings: &Settings) -> Result<Place, String> {
    if !settings.only.is_empty() && !settings.only.iter().any(|only| only == name) {
        return Err("not asked for".into());
    }
    match name {
        measures::SQLITE_HOT_VS_NAIVE => Ok(Place::Sqlite),
        _ if settings.postgres.is_some() => Ok(Place::Postgres),
        measures::HOT_VS_NAIVE => Err(format!("needs PostgreSQL (--postgres); on SQLite it is {}", measures::SQLITE_HOT_VS_NAIVE)),
        measures::TWO_VS_ONE => Err("needs PostgreSQL (--postgres): SQLite has one server".into()),
        measures::SINGLE_VS_CALL => Err("needs PostgreSQL (--postgres): SQLite has no functions".into()),
        _ => Ok(Place::Sqlite),
    }
}

/// Takes measures on one fresh market.
async fn measured(
    base: &Base,
    measures: &[&'static Measure],
    settings: &Settings,
    tell: &dyn Fn(&str),
    report: &mut Report,
) -> Result<(), Failure> {
    if measures.is_empty() {
        return Ok(());
    }
    tell(&format!("a fresh market on {}", base.name()));
    let market = Market::set_up(base, &settings.folder).await?;
    let bench = Bench { market: &market, rounds: settings.rounds, lasts: settings.lasts, tell };
    for measure in measures.iter().copied() {
        tell(&format!("  {}: {}", measure.name, measure.says));
        let outcome = Box::pin(bench.measure(measure.name)).await.and_then(|outcome| {
            let spread = Spread::of(outcome.figures).ok_or("no round came to anything")?;
            Ok(Taken { measure, database: base.name(), spread, broken: outcome.broken })
        });
        match outcome {
            Ok(taken) => report.taken.push(taken),
            Err(error) => {
                tell(&format!("    left out: {error}"));
                report.left_out.push((measure.name, error.to_string()));
            }
        }
        // What one measure left undone is not counted against the next.
        market.rest().await?;
    }
    market.end().await
}

impl Bench<'_> {
    /// Takes a measure.
    async fn measure(&self, name: &str) -> Result<Outcome, Failure> {
        let address = &self.market.house().config.database;
        match name {
            measures::HOT_VS_NAIVE | measures::SQLITE_HOT_VS_NAIVE => self.hot_against_alone().await,
            measures::HOT_VS_EMPTY => self.hot_against_nothing().await,
            measures::P99_VS_NAIVE => self.slowest_against_alone().await,
            measures::LOTS100_VS_NAIVE => self.hundred_lots_against_alone().await,
            measures::TWO_VS_ONE => self.two_servers().await,
            measures::SINGLE_VS_CALL => self.alone_against_call(address).await,
            measures::FANOUT_1000 => self.fan_out(1_000).await,
            measures::FANOUT_5000 => self.fan_out(5_000).await,
            measures::WATCHED_VS_NOT => self.watched().await,
            measures::WATCHER_KIB => self.memory().await,
            measures::STORED_BIDS => self.many_bids().await,
            measures::OPEN_LOTS => self.many_lots().await,
            other => Err(format!("nobody measures {other}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(postgres: bool, only: &[&str]) -> Settings {
        Settings {
            lasts: Duration::from_secs(1),
            rounds: 5,
            only: only.iter().map(|name| (*name).to_owned()).collect(),
            postgres: postgres.then(|| "postgres://127.0.0.1/postgres".to_owned()),
            folder: PathBuf::new(),
        }
    }

    #[test]
    fn every_measure_is_taken_where_there_are_both_databases() {
        let settings = settings(true, &[]);
        assert!(MEASURES.iter().all(|measure| place(measure.name, &settings).is_ok()));
    }

    #[test]
    fn what_needs_postgresql_says_so_where_there_is_none() {
        let settings = settings(false, &[]);
        let left_out: Vec<_> =
            MEASURES.iter().filter(|measure| place(measure.name, &settings).is_err()).map(|measure| measure.name).collect();
        assert_eq!(left_out, [measures::HOT_VS_NAIVE, measures::TWO_VS_ONE, measures::SINGLE_VS_CALL]);
    }

    #[test]
    fn what_is_not_asked_for_is_left_out() {
        let settings = settings(true, &[measures::P99_VS_NAIVE]);
        assert_eq!(place(measures::P99_VS_NAIVE, &settings), Ok(Place::Postgres));
        assert_eq!(place(measures::HOT_VS_NAIVE, &settings), Err("not asked for".into()));
    }
}
