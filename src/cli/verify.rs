//! `zhepai verify`: what was published and signed, checked by whoever has it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::verify::{Passed, Receipts, verify_with};

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
    let read_course = read_course(course)?;
    let mut read_receipts = Receipts::default();
    for place in receipts {
        if !read_receipts.add(&read(place)?) {
            return Err(format!("{}: this is no receipt", place.display()).into());
        }
    }
    let mut lines = Vec::new();
    let note = |passed: Passed| lines.push(format!("passed  {passed}"));
    let verdict = verify_with(&read_course, &read_receipts, note);
    lines.extend(verdict.as_ref().err().map(|fault| format!("WRONG   {fault}")));
    let mut out = std::io::stdout();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(if verdict.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A published course from a file.
pub(super) fn read_course(place: &Path) -> Result<LotCourse, Failure> {
    serde_json::from_str(&read(place)?).map_err(|error| format!("{}: {error}", place.display()).into())
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
