//! The market measured by its own program: a run too short to say how fast it is shows that it can be repeated, and that what
//! is written down has the names others look for.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The names of measures, which stay.
const NAMES: [&str; 13] = [
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
    "cost_1e6_vs_1e3_bids",
    "cost_1e4_vs_1_lots",
];

/// Runs the program; what it wrote as JSON, and what it said.
fn measured(folder: &Path, extra: &[&str]) -> (Value, String) {
    let (json, chart) = (folder.join("bench.json"), folder.join("bench.svg"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhepai"));
    command.args(["bench", "--seconds", "0.2", "--rounds", "1"]).args(extra).current_dir(folder).env_remove("ZHEPAI_BENCH_POSTGRES");
    command.arg("--json").arg(&json).arg("--chart").arg(&chart);
    let ended = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    // So short a run may well miss what must hold, which is the other exit code.
    assert!(matches!(ended.status.code(), Some(0 | 1)), "{said}");
    let written = std::fs::read(&json).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert!(std::fs::read_to_string(&chart).unwrap().ends_with("</svg>\n"));
    (serde_json::from_slice(&written).unwrap(), said)
}

/// Every name is there once: with its figures, or with why it has none.
#[track_caller]
fn is_complete(json: &Value) {
    let names = |member: &str| json[member].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let all = [names("measures"), names("left_out")].concat();
    assert_eq!(all.len(), NAMES.len(), "{json}");
    assert_eq!(all.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(NAMES));
    for (name, taken) in json["measures"].as_object().unwrap() {
        let figure = |member: &str| taken[member].as_f64().unwrap();
        assert!(figure("min") > 0.0 && figure("min") <= figure("median") && figure("median") <= figure("max"), "{name}: {taken}");
    }
}

const CHOSEN: [&str; 8] =
    ["--only", "sqlite_hot_lot_vs_naive", "--only", "http_hot_lot_vs_empty", "--only", "p99_vs_naive", "--only", "two_servers_vs_one"];

#[test]
fn a_short_run_on_sqlite_writes_figures_under_the_names_that_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (json, said) = measured(folder.path(), &CHOSEN);
    is_complete(&json);
    for name in ["sqlite_hot_lot_vs_naive", "http_hot_lot_vs_empty", "p99_vs_naive"] {
        assert_eq!(json["measures"][name]["database"], "sqlite", "{said}");
    }
    let why = json["left_out"]["two_servers_vs_one"].as_str().unwrap();
    assert!(why.contains("SQLite has one server") && said.contains(why), "{said}");
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(folder.path().join("data")).unwrap().count(), 0);
}

#[test]
fn a_short_run_on_postgresql_takes_what_sqlite_cannot() {
    let Ok(cluster) = std::env::var("ZHEPAI_TEST_POSTGRES") else {
        eprintln!("SKIPPED on PostgreSQL: set ZHEPAI_TEST_POSTGRES (tests/run does)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let address = format!("{cluster}/postgres");
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhepai"));
    command.args(["bench", "--seconds", "0.2", "--rounds", "1", "--only", "single_p50_vs_call", "--postgres", &address]);
    let ended = command.arg("--json").arg("bench.json").current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    // The cluster of the tests may be one that does not keep what it is told: that is never measured.
    if said.contains("what is not kept is not measured") {
        assert_eq!(ended.status.code(), Some(1));
        return;
    }
    let json: Value = serde_json::from_slice(&std::fs::read(folder.path().join("bench.json")).unwrap()).unwrap();
    is_complete(&json);
    assert_eq!(json["measures"]["single_p50_vs_call"]["database"], "postgres", "{said}");
}

/// What the server under measure has beside the market is no part of any other.
#[test]
fn nothing_of_the_measuring_is_in_the_document() {
    let document = zhepai::platform::http::server::document_text().unwrap();
    assert!(!document.contains("/v1/bench/"));
}
