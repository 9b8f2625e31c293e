//! Courses that verify for ever: one of every format, as it was published once, with every receipt that was given. Whoever
//! keeps a course must get the same answer from every later version of this program.
//!
//! They lie in `tests/courses`, beside what each came to. One that is new is written with `UPDATE_SNAPSHOTS=1`; one that is
//! there is never written over.

mod events;
pub(super) mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use entity::auctions::UnitAward;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::{Known, Receipts, verify_with};
use crate::auctions::rules::course::LotCourse;
use made::Made;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/courses");

/// What a course came to, and how many receipts were given.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    winner: String,
    price: String,
    #[serde(default)]
    awards: Vec<String>,
    receipts: usize,
}

/// What all that are kept came to, by name.
fn outcomes() -> BTreeMap<String, Outcome> {
    toml::from_str(&std::fs::read_to_string(format!("{FOLDER}/outcomes.toml")).unwrap()).unwrap()
}

/// The names of the files that are kept.
fn kept() -> BTreeSet<String> {
    let files = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter(|file| file != "outcomes.toml").collect()
}

/// The files of a course.
fn files(name: &str) -> [String; 2] {
    [format!("{name}.json"), format!("{name}.receipts.json")]
}

fn read<T: DeserializeOwned>(file: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap()).unwrap()
}

/// What a course says it came to, if `zhepai verify lot` passes it with these receipts; else the first thing wrong.
fn verified(course: &LotCourse, receipts: &[Value]) -> Result<Outcome, String> {
    let mut read = Receipts::default();
    for receipt in receipts {
        assert!(read.add(&receipt.to_string()), "no receipt: {receipt}");
    }
    let mut passed = 0;
    verify_with(course, &read, &Known::default(), |_| passed += 1).map_err(|fault| fault.to_string())?;
    let award = |one: &UnitAward| format!("{} has {} for {}", one.bidder, one.units, one.price);
    Ok(Outcome {
        winner: course.outcome.winner.clone().unwrap_or_default(),
        price: course.outcome.price.as_ref().map(ToString::to_string).unwrap_or_default(),
        awards: course.outcome.awards.iter().map(award).collect(),
        // Chain, terms, rules and outcome pass too.
        receipts: passed - 4,
    })
}

#[test]
fn every_course_that_was_kept_still_verifies_with_its_receipts() {
    let outcomes = outcomes();
    let due: BTreeSet<_> = outcomes.keys().flat_map(|name| files(name)).collect();
    assert_eq!(kept(), due, "UPDATE_SNAPSHOTS=1 writes courses that are new; outcomes.toml says which there are");
    for (name, outcome) in &outcomes {
        let [course, receipts] = files(name);
        assert_eq!(verified(&read(&course), &read::<Vec<Value>>(&receipts)).as_ref(), Ok(outcome), "{name}");
    }
}

/// Writes a file that is not there yet, where new ones are to be written; whether it is there.
fn is_kept(file: &str, holds: &Value) -> bool {
    let path = format!("{FOLDER}/{file}");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some()
        && let Ok(mut new) = File::create_new(&path)
    {
        writeln!(new, "{holds:#}").unwrap();
    }
    Path::new(&path).exists()
}

#[test]
fn every_course_that_is_kept_can_be_made_by_the_rules() {
    let outcomes = outcomes();
    let made: Vec<_> = made::all().into_iter().chain(events::all()).collect();
    let names: BTreeSet<_> = made.iter().map(|one| one.name).collect();
    let due: BTreeSet<_> = outcomes.keys().map(String::as_str).collect();
    assert_eq!(names, due);
    let mut missing = Vec::new();
    for Made { name, course, receipts } in made {
        assert_eq!(verified(&course, &receipts).as_ref(), Ok(&outcomes[name]), "{name}");
        for (file, holds) in files(name).into_iter().zip([json!(course), json!(receipts)]) {
            if !is_kept(&file, &holds) {
                missing.push(file);
            }
        }
    }
    assert!(missing.is_empty(), "UPDATE_SNAPSHOTS=1 writes these, once and for ever: {missing:?}");
}
