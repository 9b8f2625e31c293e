//! `zhepai bench`: how fast the market is on this machine.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::Failure;
use crate::bench::{self, Settings, named, svg};

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    /// A database of a PostgreSQL cluster, `postgres://user@host/name`: a fresh one is made beside it, and removed at the end
    #[arg(long, value_name = "URL", env = "ZHEPAI_BENCH_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// How long each run lasts
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    seconds: Duration,
    /// How many rounds each measure has; below five the figures are no more than a hint
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    /// Measure this and nothing else; may be given several times
    #[arg(long, value_name = "MEASURE", value_parser = measure)]
    only: Vec<String>,
    /// Where files are made; on the disk that is to be measured
    #[arg(long, default_value = "./data", value_name = "FOLDER")]
    folder: PathBuf,
    /// Write medians, minima and maxima to a file, JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the figures into a file as a table, Markdown
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Draw the figures into a file, SVG
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|lasts| !lasts.is_zero()).ok_or_else(|| "a number of seconds".into())
}

fn measure(text: &str) -> Result<String, String> {
    let names = || bench::MEASURES.iter().map(|measure| measure.name).collect::<Vec<_>>().join(", ");
    named(text).map(|measure| measure.name.to_owned()).ok_or_else(|| format!("one of {}", names()))
}

/// Measures; exit code 1 if something that must hold does not.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { postgres, seconds, rounds, only, folder, json, table, chart } = arguments;
    let settings = Settings { lasts: *seconds, rounds: *rounds, only: only.clone(), postgres: postgres.clone(), folder: folder.clone() };
    let report = Box::pin(bench::run(&settings, &|line: &str| eprintln!("{line}"))).await?;
    let written = |path: &PathBuf, text: String| std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()));
    if let Some(path) = json {
        written(path, format!("{:#}\n", report.json()))?;
    }
    if let Some(path) = table {
        written(path, report.markdown())?;
    }
    if let Some(path) = chart {
        written(path, svg(&report))?;
    }
    std::io::stdout().write_all(report.table().as_bytes())?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
