//! `zhepai verify`: what was published and signed, checked by whoever has it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Failure;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::verify::{Known, Passed, Receipts, Wrong, verify_with};
use crate::certificates::rules::verify as certificate;
use crate::evidence::rules::{File, Verified, verified};
use crate::platform::json;
use crate::platform::keys::unhex;
use crate::platform::problem::Language;
use crate::platform::world::World;

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
    /// Check a certificate of a licence: its signature, and that the licence is in force; exit code 1 with what is wrong
    Licence(Certificate),
}

#[derive(Args)]
struct Certificate {
    /// What `POST /v1/licences/{id}/certificates` answered, or the certificate alone (JWS); `-` is standard input
    file: PathBuf,
    /// The keys it is signed by one of: what `GET /v1/receipt-keys` answered
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// How it stood: what `GET /v1/certificates/{number}` answered; without it, it is not known whether it was revoked
    #[arg(long, value_name = "FILE")]
    status: Option<PathBuf>,
    /// When the licence is to be in force (RFC 3339); now unless given
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime<Utc>>,
    /// In which language its words are printed, `zh` or `en`; that of `LANG` unless given
    #[arg(long, value_name = "LANGUAGE", env = "LANG", hide_env_values = true)]
    language: Option<String>,
}

/// A language by its code, or by the name of a locale; Chinese where none is named.
fn language(named: Option<&str>) -> Language {
    match named {
        Some(name) if !name.starts_with("zh") => Language::English,
        _ => Language::Chinese,
    }
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
        What::Licence(arguments) => licence(arguments),
    }
}

fn evidence(file: &Path, keys: &Path) -> Result<ExitCode, Failure> {
    let keys: ReceiptKeys = parsed(keys, &read(keys)?)?;
    let verdict = evidence_in(file, &read(file)?).and_then(|file| verified(&file, &keys.keys).map_err(|fault| fault.to_string()));
    match verdict {
        Ok(Verified { texts, deeds, key }) => {
            let texts = format!("passed  {texts} texts, each by its hash; {deeds} rows of the trail stand in the file");
            printed(vec![by_key(&key), texts], None)
        }
        Err(wrong) => printed(Vec::new(), Some(wrong)),
    }
}

fn by_key(key: &str) -> String {
    format!("passed  the signature, by key {key}")
}

/// What was found, and the first thing wrong.
fn printed(mut lines: Vec<String>, wrong: Option<String>) -> Result<ExitCode, Failure> {
    let code = if wrong.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    lines.extend(wrong.map(|wrong| format!("WRONG   {wrong}")));
    let mut out = std::io::stdout();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(code)
}

fn licence(arguments: &Certificate) -> Result<ExitCode, Failure> {
    let keys: ReceiptKeys = parsed(&arguments.keys, &read(&arguments.keys)?)?;
    let at = arguments.at.unwrap_or_else(World::machine_time);
    let text = read(&arguments.file)?;
    let status = arguments.status.as_ref().map(|place| Ok::<_, Failure>((place, read(place)?))).transpose()?;
    let verdict = signed_in(&arguments.file, &text).and_then(|jws| {
        let status = status.map(|(place, text)| signed_in(place, &text)).transpose()?;
        certificate::verified(&jws, status.as_deref(), &keys.keys, at).map_err(|fault| fault.to_string())
    });
    match verdict {
        Ok(found) => {
            let mut lines = vec![by_key(&found.key), format!("passed  the term: the licence is in force at {at}")];
            lines.push(match found.standing {
                Some(standing) => format!("passed  the status, as of {}", standing.as_of),
                None => format!("unknown whether it was revoked since: ask {}", found.claims.status_url),
            });
            let words = found.claims.words.lines(language(arguments.language.as_deref()));
            lines.extend(words.iter().map(|line| format!("        {line}")));
            printed(lines, None)
        }
        Err(wrong) => printed(Vec::new(), Some(wrong)),
    }
}

/// What is signed: all of a file, or its member `jws`.
fn signed_in(place: &Path, text: &str) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Answer {
        jws: String,
    }
    if !text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    json::sound(text).map_err(|problem| format!("{}: {problem}", place.display()))?;
    parsed::<Answer>(place, text).map(|answer| answer.jws)
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
    printed(lines, wrong)
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
