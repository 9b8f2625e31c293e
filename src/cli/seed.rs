//! `zhepai seed`

use std::process::ExitCode;

use super::Failure;
use super::demo::{played, sandbox};
use crate::platform::config::Config;
use crate::server::Server;

/// Plays the seed market into a new sandbox database.
pub async fn run(config: Config) -> Result<ExitCode, Failure> {
    let server = Server::start(sandbox(Config { listen: "127.0.0.1:0".into(), ..config })).await?;
    let outcome = played(&server).await;
    server.stop().await;
    outcome?;
    eprintln!("zhepai: the seed market is in the database");
    Ok(ExitCode::SUCCESS)
}
