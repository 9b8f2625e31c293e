//! `zhepai replay`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::client::Client;
use crate::platform::config::SANDBOX_PASSWORD;
use crate::play::recorded::sealed::Paying;
use crate::play::recorded::{self, Record, ebay, extension, reverse, sealed};

/// What to replay, and where.
#[derive(Args)]
pub struct Arguments {
    /// The server; a fresh sandbox started before the first recorded bid
    #[arg(long, value_name = "URL")]
    server: String,
    /// The rules the record was made under
    #[arg(long, value_enum)]
    rules: Rules,
    /// Password of the sandbox's staff accounts
    #[arg(long, default_value = SANDBOX_PASSWORD, hide_default_value = true, env = "ZHEPAI_SANDBOX_STAFF_PASSWORD")]
    staff_password: String,
    /// Folder with auctions.csv and bids.csv
    folder: PathBuf,
}

/// Rules a record may be made under.
#[derive(Clone, Copy, ValueEnum)]
enum Rules {
    /// English, proxy bids, the ladder in increment_table_2003.csv, hard close; at any time of the sandbox
    Ebay,
    /// English, ten per cent step of the best bid, 24 hours, ten minutes' extension
    Extension,
    /// The lowest bid wins: open auctions, each bid a dollar lower, and sealed ones
    Reverse,
    /// The best bids of eBay auctions fed sealed; the winner pays his own
    SealedFirst,
    /// The best bids of eBay auctions fed sealed; the winner pays the best of the others
    SealedSecond,
}

impl Rules {
    fn read(self, folder: &Path) -> Result<Record, Failure> {
        match self {
            Self::Ebay => ebay::read(folder),
            Self::Extension => extension::read(folder),
            Self::Reverse => reverse::read(folder),
            Self::SealedFirst => sealed::read(folder, Paying::First),
            Self::SealedSecond => sealed::read(folder, Paying::Second),
        }
    }
}

/// Plays the record and compares.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let record = arguments.rules.read(&arguments.folder)?;
    let base = Client::new(&arguments.server)?.patient();
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg} {pos}")?);
    bar.set_message("setting the stage");
    let stage = recorded::set(&base, &arguments.staff_password, record, || bar.inc(1)).await?;
    bar.finish_and_clear();
    let bar = ProgressBar::new(stage.steps());
    let outcomes = stage.play(|| bar.inc(1)).await?;
    bar.finish_and_clear();
    let mut failed = 0;
    for outcome in &outcomes {
        say(&outcome.line);
        for difference in &outcome.differences {
            say(&format!("       {difference}"));
        }
        failed += usize::from(!outcome.differences.is_empty());
    }
    for what in stage.left_out() {
        say(&format!("left out {what}"));
    }
    say(&format!("{} passed, {failed} failed", outcomes.len() - failed));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A line of the result, on standard output.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
