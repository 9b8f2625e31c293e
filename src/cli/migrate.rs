//! `zhepai migrate`

use std::process::ExitCode;

use super::Failure;
use crate::platform::config::Config;
use crate::platform::db;

/// Brings the database to its newest form.
pub async fn run(config: Config) -> Result<ExitCode, Failure> {
    let database = db::open::open(&config, true).await?;
    database.close().await;
    eprintln!("zhepai: the database is in its newest form");
    Ok(ExitCode::SUCCESS)
}
