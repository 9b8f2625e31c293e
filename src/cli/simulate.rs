//! `zhepai simulate`: what the rules make of something described in a file, without a server or a database; or of a whole
//! market that follows from a seed, on servers of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use crate::platform::problem::Problem;
use crate::rulebook::flows::shipped;
use crate::simulation::chart::{Drawing, svg};
use crate::simulation::course::{self, Course};
use crate::simulation::market::{Ground, Options, Report, run as run_market};
use crate::simulation::{description, table};

/// What to simulate.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run a described auction and print its course, refusals too
    Lot {
        /// The description, JSON
        file: PathBuf,
        /// Print the course as JSON
        #[arg(long)]
        json: bool,
        /// Draw price over time into a file, SVG
        #[arg(long, value_name = "FILE")]
        chart: Option<PathBuf>,
    },
    /// Run whole markets from seeds, with several servers, crashes and repeated requests, and check what was promised; exit
    /// code 1 with the first promise broken
    Market {
        /// What everything follows from: the same seed gives the same run, of the same program
        #[arg(long, value_name = "N")]
        seed: u64,
        /// How many steps a run has before everything is let come to its end
        #[arg(long, value_name = "M", default_value_t = 300)]
        steps: u32,
        /// How many seeds are run, one after another from the first on
        #[arg(long, value_name = "K", default_value_t = 1)]
        seeds: u64,
    },
}

/// Simulates it.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::Lot { file, json, chart } => lot(file, *json, chart.as_deref()),
        What::Market { seed, steps, seeds } => {
            let (seed, steps, seeds) = (*seed, *steps, *seeds);
            tokio::task::spawn_blocking(move || markets(seed, steps, seeds)).await?
        }
    }
}

/// Runs markets until a promise is broken.
fn markets(first: u64, steps: u32, seeds: u64) -> Result<ExitCode, Failure> {
    // Of one thread, or what is begun at once would not go on in the same order every time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ground = runtime.block_on(Ground::lay())?;
    for seed in first..first.saturating_add(seeds) {
        match runtime.block_on(run_market(&ground, Options::new(seed, steps))) {
            Ok(report) => writeln!(std::io::stdout(), "seed {seed}: {}", told(&report))?,
            Err(broken) => {
                eprintln!("zhepai: seed {seed}: {broken}\nAgain: zhepai simulate market --seed {seed} --steps {steps}");
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(report: &Report) -> String {
    let Report { lots, sold, formats, bids, together, requests, crashes, simulated, digest } = report;
    let formats: Vec<_> = formats.iter().copied().collect();
    let (bids, seconds) = (format!("{bids} bids ({together} together)"), simulated.num_seconds());
    let formats = formats.join(" ");
    format!("{sold} of {lots} lots sold ({formats}), {bids} of {requests} requests, {crashes} crashes, {seconds} s; digest {digest}")
}

fn lot(file: &Path, json: bool, chart: Option<&Path>) -> Result<ExitCode, Failure> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let described = description::read(&bytes).map_err(|problem| refused(file, &problem))?;
    let course = course::run(&described, &shipped()?)?;
    draw(&course, chart)?;
    let text = if json { format!("{:#}\n", course.json()) } else { table::text(&course) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Draws price over time, where a file is named for it.
pub(super) fn draw(course: &Course, chart: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = chart else { return Ok(()) };
    std::fs::write(path, svg(&Drawing::of(course))).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// What is wrong with a file, each fault by the path of its field.
fn refused(file: &Path, problem: &Problem) -> String {
    let faults: Vec<_> = problem.errors.iter().map(|fault| format!("\n  {}: {}", fault.pointer, fault.en)).collect();
    let said = if faults.is_empty() { format!(" {problem}") } else { faults.concat() };
    format!("{}:{said}", file.display())
}
