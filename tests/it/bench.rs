//! The market measured by its own program: a run too short to say how fast it is shows that it can be repeated, and that what
//! is written down has the names others look for.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::common::cluster::Cluster;

/// The names of measures, which stay.
const NAMES: [&str; 16] = [
    "http_hot_lot_vs_naive",
    "http_hot_lot_vs_empty",
    "sqlite_hot_lot_vs_naive",
    "p99_vs_naive",
    "lots100_vs_naive",
    "two_servers_vs_one",
    "single_p50_vs_call",
    "fanout_1000_p99_vs_raw",
    "fanout_5000_p99_vs_raw",
    "bids_with_1000_watchers_vs_without",
    "watcher_kib",
    "close_storm_300_late_ms",
    "cost_1e6_vs_1e3_bids",
    "cost_1e4_vs_1_lots",
    "register_query_vs_key",
    "register_cost_1e5_vs_1e3_grants",
];

/// What is measured on SQLite here, and what comes beside it on PostgreSQL: all there is, with `WHOLE`.
const ON_SQLITE: [&str; 3] = ["sqlite_hot_lot_vs_naive", "http_hot_lot_vs_empty", "p99_vs_naive"];
const OF_BIDS: [&str; 4] = ["http_hot_lot_vs_naive", "lots100_vs_naive", "two_servers_vs_one", "single_p50_vs_call"];
const OF_CROWDS: [&str; 3] = ["watcher_kib", "bids_with_1000_watchers_vs_without", "close_storm_300_late_ms"];
/// Half a minute each and more, however short a run is.
const LONG: [&str; 6] = [
    "fanout_1000_p99_vs_raw",
    "fanout_5000_p99_vs_raw",
    "cost_1e4_vs_1_lots",
    "cost_1e6_vs_1e3_bids",
    "register_query_vs_key",
    "register_cost_1e5_vs_1e3_grants",
];

/// Says that those are measured too (`tests/run --long`).
const WHOLE: &str = "ZHEPAI_TEST_WHOLE_BENCH";

/// Runs the program for some measures; what it wrote as JSON, and what it said.
fn measured(only: &[&str], postgres: Option<&str>) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhepai"));
    command.args(["bench", "--seconds", "0.2", "--rounds", "1"]).current_dir(folder.path()).env_remove("ZHEPAI_BENCH_POSTGRES");
    command.args(only.iter().flat_map(|name| ["--only", *name]));
    command.args(postgres.iter().flat_map(|address| ["--postgres", *address]));
    for (option, name) in [("--json", "bench.json"), ("--chart", "bench.svg"), ("--table", "bench.md")] {
        command.arg(option).arg(file(name));
    }
    let ended = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    // So short a run may well miss what must hold, which is the other exit code.
    assert!(matches!(ended.status.code(), Some(0 | 1)), "{said}");
    let written = |name: &str| std::fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}: {said}"));
    assert!(written("bench.svg").ends_with("</svg>\n"));
    let table = written("bench.md");
    assert!(NAMES.iter().all(|name| table.contains(&format!("`{name}`"))), "{table}");
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(file("data")).unwrap().count(), 0);
    (serde_json::from_str(&written("bench.json")).unwrap(), said)
}

/// Every name is there once: those with figures of a database that were asked for of it, the rest with why they have none.
#[track_caller]
fn has_figures(json: &Value, database: &str, wanted: &[&str], said: &str) {
    let names = |member: &str| json[member].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names("failed"), Vec::<String>::new(), "{said}");
    let all = [names("measures"), names("left_out")].concat();
    assert_eq!(all.len(), NAMES.len(), "{json}");
    assert_eq!(all.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(NAMES));
    let taken = names("measures");
    assert_eq!(taken.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted.iter().copied().collect::<BTreeSet<_>>(), "{said}");
    for (name, taken) in json["measures"].as_object().unwrap() {
        let figure = |member: &str| taken[member].as_f64().unwrap();
        assert!(figure("min") > 0.0 && figure("min") <= figure("median") && figure("median") <= figure("max"), "{name}: {taken}");
        assert_eq!(taken["database"], database, "{name}: {taken}");
    }
}

/// Measures on a PostgreSQL of its own that syncs, as that of the other tests does not.
#[track_caller]
fn is_measured_on_postgresql(wanted: &[&str]) {
    let Some(mut cluster) = Cluster::made() else { return };
    cluster.start();
    let (json, said) = measured(wanted, Some(&cluster.database()));
    has_figures(&json, "postgres", wanted, &said);
}

#[test]
fn a_short_run_on_sqlite_writes_figures_under_the_names_that_stay() {
    let (json, said) = measured(&[&ON_SQLITE[..], &["two_servers_vs_one"]].concat(), None);
    has_figures(&json, "sqlite", &ON_SQLITE, &said);
    let why = json["left_out"]["two_servers_vs_one"].as_str().unwrap();
    assert!(why.contains("SQLite has one server") && said.contains(why), "{said}");
}

#[test]
fn many_ends_in_one_second_are_measured_on_sqlite_too() {
    let wanted = ["close_storm_300_late_ms"];
    let (json, said) = measured(&wanted, None);
    has_figures(&json, "sqlite", &wanted, &said);
}

#[test]
fn what_bids_take_is_measured_on_postgresql() {
    is_measured_on_postgresql(&OF_BIDS);
}

#[test]
fn what_watchers_and_many_ends_take_is_measured_on_postgresql() {
    is_measured_on_postgresql(&OF_CROWDS);
}

#[test]
fn what_takes_long_to_measure_is_measured_on_postgresql() {
    if std::env::var_os(WHOLE).is_none() {
        eprintln!("SKIPPED: measures that take minutes, {LONG:?} ({WHOLE}, which tests/run --long sets)");
        return;
    }
    is_measured_on_postgresql(&LONG);
}

#[test]
fn every_measure_is_taken_by_one_of_these_tests() {
    let taken = [&ON_SQLITE[..], &OF_BIDS, &OF_CROWDS, &LONG].concat();
    assert_eq!(taken.len(), NAMES.len());
    assert_eq!(BTreeSet::from_iter(taken), BTreeSet::from(NAMES));
}

/// Clusters that lose what they acknowledge are refused.
#[test]
fn a_cluster_that_does_not_sync_is_not_measured() {
    let Ok(cluster) = std::env::var("ZHEPAI_TEST_POSTGRES") else {
        eprintln!("SKIPPED on PostgreSQL: set ZHEPAI_TEST_POSTGRES (tests/run does)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhepai"));
    command.args(["bench", "--only", "single_p50_vs_call", "--seconds", "0.2", "--rounds", "1", "--postgres"]);
    let ended = command.arg(format!("{cluster}/postgres")).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    // Somebody's own cluster may well sync.
    assert!(said.contains("what is not kept is not measured") || said.contains("one SQL call: p50"), "{said}");
}

/// What the server under measure has beside the market is no part of any other.
#[test]
fn nothing_of_the_measuring_is_in_the_document() {
    let document = zhepai::platform::http::server::document_text().unwrap();
    assert!(!document.contains("/v1/bench/"));
}
