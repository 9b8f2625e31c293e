//! `zhepai simulate`: what the rules make of something described in a file, without a server or a database.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use crate::platform::problem::Problem;
use crate::rulebook::flows::shipped;
use crate::simulation::chart::{Drawing, svg};
use crate::simulation::course::{self, Course};
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
}

/// Simulates it.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let What::Lot { file, json, chart } = &arguments.what;
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let described = description::read(&bytes).map_err(|problem| refused(file, &problem))?;
    let course = course::run(&described, &shipped()?)?;
    draw(&course, chart.as_deref())?;
    let text = if *json { format!("{:#}\n", course.json()) } else { table::text(&course) };
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
