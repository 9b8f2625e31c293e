//! Markets from seeds: every promise kept, the same run again, and a planted fault found.

use std::collections::BTreeSet;

use super::{Ground, Options, Report, run};
use crate::platform::db::faults::Fault;

/// How many steps a run has in tests.
const STEPS: u32 = 150;

/// How many seeds are run; `tests/run` runs more.
const SEEDS: u64 = 8;

#[tokio::test]
async fn whatever_goes_wrong_every_promise_is_kept() {
    let ground = Ground::lay().await.unwrap();
    let mut all: Vec<Report> = Vec::new();
    for seed in 0..SEEDS {
        let report = run(&ground, Options::new(seed, STEPS)).await;
        all.push(report.unwrap_or_else(|broken| panic!("zhepai simulate market --seed {seed} --steps {STEPS}: {broken}")));
    }
    // Or nothing was tried.
    let bids: usize = all.iter().map(|report| report.bids).sum();
    let crashes: u32 = all.iter().map(|report| report.crashes).sum();
    let together: usize = all.iter().map(|report| report.together).sum();
    let sold: usize = all.iter().map(|report| report.sold).sum();
    let formats: BTreeSet<_> = all.iter().flat_map(|report| &report.formats).collect();
    assert!(formats.len() > 4, "hardly any format but {formats:?}");
    assert!(bids > 100 && together > 20 && crashes > 20 && sold > 0, "{bids} bids, {together} with others, {crashes} crashes, {sold} sold");
}

#[tokio::test]
async fn a_seed_gives_the_same_run_again_and_another_seed_another() {
    let ground = Ground::lay().await.unwrap();
    let first = run(&ground, Options::new(7, STEPS)).await.unwrap();
    assert_eq!(run(&ground, Options::new(7, STEPS)).await.unwrap(), first);
    assert_ne!(run(&ground, Options::new(8, STEPS)).await.unwrap().digest, first.digest);
}

/// What is found wrong in some markets with a planted fault.
async fn found(faults: &'static [Fault]) -> Vec<String> {
    let ground = Ground::lay().await.unwrap();
    let mut found = Vec::new();
    for seed in 0..8 {
        let options = Options { faults, ..Options::new(seed, STEPS) };
        found.extend(run(&ground, options).await.err().map(|broken| broken.to_string()));
    }
    found
}

#[tokio::test]
async fn a_commit_that_is_told_of_and_never_was_is_found() {
    let found = found(&[Fault::Lie]).await;
    assert!(
        found.iter().any(|broken| ["is not stored", "were acknowledged", "repeated"].iter().any(|said| broken.contains(said))),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_key_that_is_forgotten_is_found() {
    let found = found(&[Fault::Forgets]).await;
    assert!(found.iter().any(|broken| broken.contains("repeated")), "{found:?}");
}
