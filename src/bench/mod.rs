//! How fast the market is on this machine, against other ways to do the same, beside it in the same run.
//!
//! For each measure a fresh server on a fresh database is called through its API by bidders on a thread of their own (`load`). What it
//! is compared with runs in the same server (`routes`), in the same minutes (`rounds`): figures of different hours say nothing, ratios
//! within a round do. Only what was acknowledged counts, and it must have been stored. What cannot be measured says why.

mod base;
mod bids;
mod call;
mod chart;
mod closing;
mod connection;
mod fanout;
mod figures;
mod growth;
mod load;
mod lots;
mod market;
mod measures;
mod people;
mod register;
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
    let mut report = Report { machine: machine(settings)?, ..Report::default() };
    if let Some(cluster) = &settings.postgres {
        base::check(cluster).await?;
    }
    for measure in &MEASURES {
        let base = match place(measure.name, settings) {
            Ok(base) => base,
            Err(why) => {
                report.left_out.push((measure.name, why));
                continue;
            }
        };
        match Box::pin(measured(&base, measure, settings, tell)).await {
            Ok(taken) => report.taken.push(taken),
            Err(error) => {
                tell(&format!("    failed: {error}"));
                report.failed.push((measure.name, error.to_string()));
            }
        }
    }
    Ok(report)
}

/// The state of the machine, and how it is measured.
fn machine(settings: &Settings) -> Result<Vec<String>, Failure> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let syncs = base::syncs_a_second(&settings.folder)?;
    // What is not shipped says nothing of what is.
    let built = if cfg!(debug_assertions) { "built to be debugged, not as it is shipped (--release)" } else { "built as it is shipped" };
    Ok(vec![
        format!("{cores} cores, load {load} before"),
        format!("{syncs} syncs of 8 KiB/s"),
        format!("{} rounds of {} ms", settings.rounds, settings.lasts.as_millis()),
        built.to_owned(),
    ])
}

/// On which database a measure is taken; or why it is not.
fn place(name: &str, settings: &Settings) -> Result<Base, String> {
    if !settings.only.is_empty() && !settings.only.iter().any(|only| only == name) {
        return Err("not asked for".into());
    }
    if name == measures::SQLITE_HOT_VS_NAIVE {
        return Ok(Base::Sqlite);
    }
    if let Some(cluster) = &settings.postgres {
        return Ok(Base::Postgres(cluster.clone()));
    }
    match name {
        measures::HOT_VS_NAIVE => Err(format!("needs PostgreSQL (--postgres); on SQLite it is {}", measures::SQLITE_HOT_VS_NAIVE)),
        measures::TWO_VS_ONE => Err("needs PostgreSQL (--postgres): SQLite has one server".into()),
        measures::SINGLE_VS_CALL => Err("needs PostgreSQL (--postgres): SQLite has no functions".into()),
        _ => Ok(Base::Sqlite),
    }
}

/// Takes a measure on a fresh market.
async fn measured(base: &Base, measure: &'static Measure, settings: &Settings, tell: &dyn Fn(&str)) -> Result<Taken, Failure> {
    tell(&format!("{} on {}: {}", measure.name, base.name(), measure.says));
    let market = Box::pin(Market::set_up(base, &settings.folder)).await?;
    let bench = Bench { market: &market, base, folder: &settings.folder, rounds: settings.rounds, lasts: settings.lasts, tell };
    let outcome = Box::pin(bench.measure(measure.name)).await;
    market.end().await?;
    let Outcome { figures, broken } = outcome?;
    let spread = Spread::of(figures).ok_or("no round came to anything")?;
    Ok(Taken { measure, database: base.name(), spread, broken })
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
            measures::CLOSE_STORM => self.close_storm().await,
            measures::REGISTER_VS_KEY => self.register_against_key().await,
            measures::OLD_REGISTER => self.many_licences().await,
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
        assert_eq!(place(measures::P99_VS_NAIVE, &settings).map(|base| base.name()), Ok("postgres"));
        assert_eq!(place(measures::HOT_VS_NAIVE, &settings).map(|base| base.name()), Err("not asked for".into()));
    }
}
