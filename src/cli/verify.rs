//! `zhepai verify`: what was published and signed, checked by whoever has it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::verify::{Passed, Receipts, Wrong, verify_with};

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
    },
}

/// Checks it.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let What::Lot { course, receipts } = &arguments.what;
    let mut read_receipts = Receipts::default();
    let mut unreadable = Vec::new();
    for place in receipts {
        if !read_receipts.add(&read(place)?) {
            unreadable.push(format!("{}: {}", Wrong::ReceiptUnreadable.told(), place.display()));
        }
    }
    let mut lines = Vec::new();
    let verdict = match parsed(course, &read(course)?) {
        Err(error) => Err(format!("{}: {error}", Wrong::CourseUnreadable.told())),
        Ok(course) => {
            let note = |passed: Passed| lines.push(format!("passed  {passed}"));
            verify_with(&course, &read_receipts, note).map_err(|fault| fault.to_string())
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

fn parsed(place: &Path, text: &str) -> Result<LotCourse, String> {
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
