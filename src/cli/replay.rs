//! `zhepai replay`: recorded auctions played again, or a lot that was held.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::simulate::draw;
use super::verify::read_course;
use crate::client::Client;
use crate::platform::config::SANDBOX_PASSWORD;
use crate::play::recorded::sealed::Paying;
use crate::play::recorded::{self, Record, ebay, extension, reverse, sealed};
use crate::simulation::{published, table};

/// What to replay, and where.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    recorded: Option<Recorded>,
    // Not among what is recorded: it may come from the environment, which says nothing of what to replay.
    /// Password of the sandbox's staff accounts
    #[arg(long, default_value = SANDBOX_PASSWORD, hide_default_value = true, env = "ZHEPAI_SANDBOX_STAFF_PASSWORD")]
    staff_password: String,
}

#[derive(Subcommand)]
enum What {
    /// Replay a lot from its published course, without a server; exit code 1 with the first thing wrong if it does not verify
    Lot {
        /// What `GET /v1/lots/{id}/course` answered; `-` is standard input
        course: PathBuf,
        /// Draw price over time into a file, SVG
        #[arg(long, value_name = "FILE")]
        chart: Option<PathBuf>,
    },
}

/// Recorded auctions, and where to play them.
#[derive(Args)]
struct Recorded {
    /// The server; a fresh sandbox started before the first recorded bid
    #[arg(long, value_name = "URL")]
    server: String,
    /// The rules the record was made under
    #[arg(long, value_enum)]
    rules: Rules,
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

/// Replays it.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match (&arguments.what, &arguments.recorded) {
        (Some(What::Lot { course, chart }), _) => lot(course, chart.as_deref()),
        (None, Some(recorded)) => play(recorded, &arguments.staff_password).await,
        (None, None) => Err("what to replay? A lot, or a folder of recorded auctions".into()),
    }
}

/// Prints the course of a lot that was held, and draws it.
fn lot(file: &Path, chart: Option<&Path>) -> Result<ExitCode, Failure> {
    let course = published::replay(&read_course(file)?).map_err(|fault| format!("{}: {fault}", file.display()))?;
    draw(&course, chart)?;
    std::io::stdout().write_all(table::text(&course).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Plays the record and compares.
async fn play(recorded: &Recorded, staff_password: &str) -> Result<ExitCode, Failure> {
    let record = recorded.rules.read(&recorded.folder)?;
    let base = Client::new(&recorded.server)?.patient();
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg} {pos}")?);
    bar.set_message("setting the stage");
    let stage = recorded::set(&base, staff_password, record, || bar.inc(1)).await?;
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
