//! `zhepai course-schema`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::auctions::course_schema;

/// Where to write.
#[derive(Args)]
pub struct Arguments {
    /// File to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the schema.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let text = course_schema::text()?;
    match &arguments.output {
        Some(path) => std::fs::write(path, text)?,
        None => std::io::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
