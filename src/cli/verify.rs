//! `zhepai verify`: what was published and signed, checked by whoever has it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;

use super::Failure;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::verify::{Known, Passed, Receipts, Wrong, verify_with};
use crate::evidence::rules::{File, Verified, verified};
use crate::platform::json;
use crate::platform::keys::unhex;

/// What to check.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Recompute a lot's published course and hold receipts against it; exit code 1 with the first thing wrong
    Lot {
        /// What `GET /v1/lots/{id}/course` answered; `-` is standard input
        course: PathBuf,
        /// What bids were answered with, or their member `receipt`
        #[arg(value_name = "RECEIPT")]
        receipts: Vec<PathBuf>,
        /// The hash its log must end in, which the notice of the result publishes as `bid_log.sha256`
        #[arg(long, value_name = "HASH", value_parser = hash)]
        head: Option<[u8; 32]>,
        /// The keys its own must be among: what `GET /v1/receipt-keys` answered when they were noted
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Check a file of evidence: its signature, and that every text has its hash; exit code 1 with the first thing wrong
    Evidence {
        /// What `GET /v1/listings/{id}/evidence` answered, or the same of another matter; `-` is standard input
        file: PathBuf,
        /// The keys it is signed by one of: what `GET /v1/receipt-keys` answered
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
}

fn hash(text: &str) -> Result<[u8; 32], String> {
    let found = unhex(text).and_then(|bytes| bytes.try_into().ok());
    found.ok_or_else(|| "a hash of 64 hexadecimal digits".into())
}

/// Checks it.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::Lot { course, receipts, head, keys } => lot(course, receipts, *head, keys.as_deref()),
        What::Evidence { file, keys } => evidence(file, keys),
    }
}

fn evidence(file: &Path, keys: &Path) -> Result<ExitCode, Failure> {
    let keys: ReceiptKeys = parsed(keys, &read(keys)?)?;
    let verdict = evidence_in(file, &read(file)?).and_then(|file| verified(&file, &keys.keys).map_err(|fault| fault.to_string()));
    let mut out = std::io::stdout();
    match verdict {
        Ok(Verified { texts, deeds, key }) => {
            writeln!(out, "passed  the signature, by key {key}")?;
            writeln!(out, "passed  {texts} texts, each by its hash; {deeds} rows of the trail stand in the file")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(wrong) => {
            writeln!(out, "WRONG   {wrong}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A file of evidence, in which no member stands twice: two readers would read it differently.
fn evidence_in(place: &Path, text: &str) -> Result<File, String> {
    json::sound(text).map_err(|problem| format!("{}: {problem}", place.display()))?;
    parsed(place, text)
}

fn lot(course: &Path, receipts: &[PathBuf], head: Option<[u8; 32]>, keys: Option<&Path>) -> Result<ExitCode, Failure> {
    let mut known = Known { head, keys: None };
    let mut read_receipts = Receipts::default();
    let mut unreadable = Vec::new();
    if let Some(place) = keys {
        match serde_json::from_str::<ReceiptKeys>(&read(place)?) {
            Ok(keys) => known.keys = Some(keys),
            Err(error) => unreadable.push(format!("{}: {}: {error}", Wrong::KeysUnreadable.told(), place.display())),
        }
    }
    for place in receipts {
        if !read_receipts.add(&read(place)?) {
            unreadable.push(format!("{}: {}", Wrong::ReceiptUnreadable.told(), place.display()));
        }
    }
    let mut lines = Vec::new();
    let verdict = match parsed::<LotCourse>(course, &read(course)?) {
        Err(error) => Err(format!("{}: {error}", Wrong::CourseUnreadable.told())),
        Ok(course) => {
            let note = |passed: Passed| lines.push(format!("passed  {passed}"));
            verify_with(&course, &read_receipts, &known, note).map_err(|fault| fault.to_string())
        }
    };
    // What follows from the log comes before what is held against it.
    let wrong = verdict.err().or(unreadable.into_iter().next());
    lines.extend(wrong.as_ref().map(|wrong| format!("WRONG   {wrong}")));
    let mut out = std::io::stdout();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(if wrong.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A published course from a file.
pub(super) fn read_course(place: &Path) -> Result<LotCourse, Failure> {
    parsed(place, &read(place)?).map_err(Into::into)
}

fn parsed<T: DeserializeOwned>(place: &Path, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("{}: {error}", place.display()))
}

fn read(place: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let done = match place.to_str() {
        Some("-") => std::io::stdin().read_to_string(&mut text),
        _ => std::fs::File::open(place).and_then(|mut file| file.read_to_string(&mut text)),
    };
    done.map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(text)
}
