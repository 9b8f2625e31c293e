//! `zhepai serve`

use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::documents::files::Files;
use crate::platform::config::{Config, Profile};
use crate::platform::db::open;
use crate::platform::files;
use crate::platform::keys::Keys;
use crate::platform::mail::Mailer;
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
    warn_of_few_files(config.live_limit);
    let server = match Server::start(config).await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("zhepai: {error}");
            return Ok(ExitCode::from(78));
        }
    };
    eprintln!("zhepai: listening on {}", server.url());
    if server.feeds != server.address {
        eprintln!("zhepai: live feeds are also served at http://{}", server.feeds);
    }
    if server.house.config.sandbox {
        eprintln!("zhepai: sandbox; staff accounts such as {}", crate::sandbox::flows::staff_email(entity::identity::StaffRole::Reviewer));
    }
    server.run().await?;
    Ok(ExitCode::SUCCESS)
}

/// Says what to set where fewer may be connected than may watch: as many again are left for whoever bids and reads.
fn warn_of_few_files(watchers: usize) {
    let wanted = u64::try_from(watchers.saturating_mul(2)).unwrap_or(u64::MAX);
    if let Some(most) = files::most().filter(|most| *most < wanted) {
        eprintln!("zhepai: only {most} files may be open: set {wanted} (ulimit -n, LimitNOFILE) or a lower live_limit than {watchers}");
    }
}

/// What is wrong with the database. One that is not there yet would be made at the start, not by looking.
async fn unfit_database(config: &Config) -> Option<String> {
    if !config.is_postgres() && !open::sqlite_path(config).exists() {
        return None;
    }
    let database = match open::open(config, false).await {
        Ok(database) => database,
        Err(error) => return Some(error.to_string()),
    };
    let unfit = crate::sandbox::flows::unfit(&database, config.sandbox).await;
    database.close().await;
    unfit
}

/// Everything that would keep the server from starting, at once; the database is only looked at.
async fn check(config: Config) -> ExitCode {
    let mut found = config.unsafe_settings();
    let key_is_missing = config.profile == Profile::Production && !config.master_key_file.exists();
    if !key_is_missing && let Err(error) = Keys::load(&config) {
        found.push(error.to_string());
    }
    if let Err(error) = Mailer::open(&config) {
        found.push(error.to_string());
    }
    found.extend(unfit_database(&config).await);
    if let Err(error) = Files::open(&config) {
        found.push(format!("documents: {error}"));
    }
    // Held until all have been tried, so that no two are the same.
    let mut taken = Vec::new();
    for (name, address) in [("listen", Some(&config.listen)), ("listen_feeds", config.listen_feeds.as_ref())] {
        let Some(address) = address else { continue };
        match std::net::TcpListener::bind(address) {
            Ok(listener) => taken.push(listener),
            Err(error) => found.push(format!("{name} = {address}: {error}")),
        }
    }
    for fault in &found {
        eprintln!("zhepai: {fault}");
    }
    if !found.is_empty() {
        return ExitCode::from(78);
    }
    eprintln!("zhepai: settings, keys and database are fit to serve");
    ExitCode::SUCCESS
}
