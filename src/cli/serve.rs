//! `zhepai serve`

use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::house::House;
use crate::platform::config::Config;
use crate::server::Server;

/// How to serve.
#[derive(Args)]
pub struct Arguments {
    /// Check settings, keys and database, then leave: exit code 0 if the server would start, 78 if not
    #[arg(long)]
    check: bool,
}

/// Serves until told to stop.
pub async fn run(config: Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.check {
        return Ok(check(config).await);
    }
    let server = match Server::start(config).await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("zhepai: {error}");
            return Ok(ExitCode::from(78));
        }
    };
    eprintln!("zhepai: listening on {}", server.url());
    if server.house.config.sandbox {
        eprintln!("zhepai: sandbox; staff accounts such as {}", crate::sandbox::flows::staff_email(entity::identity::StaffRole::Reviewer));
    }
    server.run().await?;
    Ok(ExitCode::SUCCESS)
}

async fn check(config: Config) -> ExitCode {
    match House::open(config).await {
        Ok(house) => {
            eprintln!("zhepai: settings, keys and database are fit to serve");
            house.db.clone().close().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("zhepai: {error}");
            ExitCode::from(78)
        }
    }
}
