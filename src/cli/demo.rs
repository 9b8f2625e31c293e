//! `zhepai demo`

use std::process::ExitCode;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::client::Client;
use crate::house::House;
use crate::identity::second_factor::spelled;
use crate::platform::config::Config;
use crate::platform::db;
use crate::play::market::{self, Played};
use crate::sandbox::flows::{secret, staff_email};
use crate::server::Server;

/// How to run the demo.
#[derive(Args)]
pub struct Arguments {
    /// Seconds between two scripted bids
    #[arg(long, default_value_t = 12, env = "ZHEPAI_DEMO_PACE", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pace: u64,
}

/// How far back the demo market begins.
const PAST: TimeDelta = TimeDelta::days(100);

/// A sandbox whose time starts in the past and stands.
pub fn sandbox(config: Config) -> Config {
    Config { sandbox: true, sandbox_start: Some(Utc::now() - PAST), sandbox_factor: 0, ..config }
}

/// Plays the seeds into a running server.
pub async fn played(server: &Server) -> Result<Played, Failure> {
    let seeds = market::seeds()?;
    let bar = ProgressBar::new(market::steps(&seeds)).with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let base = Client::new(&server.url())?;
    let password = server.house.config.sandbox_staff_password.clone();
    let played = market::play(&base, &password, &seeds, Utc::now(), |what| {
        bar.set_message(what.chars().take(40).collect::<String>());
        bar.inc(1);
    })
    .await;
    bar.finish_and_clear();
    played
}

/// Plays the seed market and serves it until told to stop.
pub async fn run(config: Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = demo_files(config);
    clear(&config)?;
    let server = Server::start(sandbox(config)).await?;
    let played = played(&server).await?;
    tell(&server.house, &server.url(), &played).await;
    let bidders = tokio::spawn(bid_on(played, arguments.pace, server.house.clone()));
    server.run().await?;
    bidders.abort();
    Ok(ExitCode::SUCCESS)
}

/// The demo keeps its files apart from a real market's.
fn demo_files(config: Config) -> Config {
    let unset = Config::default();
    let database = if config.database == unset.database { "sqlite:./data/demo.db".into() } else { config.database };
    let documents = if config.documents == unset.documents { "./data/demo-documents".into() } else { config.documents };
    Config { database, documents, ..config }
}

/// Removes the files of an earlier demo. A PostgreSQL database is left alone.
fn clear(config: &Config) -> Result<(), Failure> {
    if config.is_postgres() {
        return Ok(());
    }
    let path = config.database.trim_start_matches("sqlite:").trim_start_matches("//");
    if !path.ends_with("demo.db") {
        return Ok(());
    }
    // A demo that still runs keeps its files.
    db::open::unused(std::path::Path::new(path))?;
    for end in ["", "-wal", "-shm"] {
        match std::fs::remove_file(format!("{path}{end}")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Scripted bidders, each outbidding the other now and then.
async fn bid_on(played: Played, pace: u64, house: House) {
    loop {
        tokio::select! {
            () = house.stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(pace)) => {}
        }
        for (published, keys) in &played.live {
            // The first bidder is the reader's own; the script bids for the others.
            let others = keys.get(1..).unwrap_or_default();
            let Ok(bidders) = played.parties_of(others) else { return };
            if let Err(error) = market::keep_alive(&published.lot, &bidders).await {
                tracing::warn!(%error, "a scripted bid");
            }
        }
    }
}

/// Accounts, a token, and the first bid to copy.
#[allow(clippy::print_stdout)]
async fn tell(house: &House, url: &str, played: &Played) {
    let Some((published, keys)) = played.live.first() else { return };
    let Some(you) = keys.first().and_then(|key| played.parties.get(key)) else { return };
    println!("\n浙拍 Zhepai demo market (sandbox) — {url}\nAPI: {url}/docs/   problems: {url}/docs/problems\n");
    println!("Accounts (password of every owner: {}):", played.password);
    for party in played.parties.values() {
        let secret = party.client.secret().await.map(|secret| format!("  authenticator {secret}")).unwrap_or_default();
        println!("  {:<28} {}{secret}", party.email, party.name);
    }
    println!("Staff (password: {}):", house.config.sandbox_staff_password);
    for role in entity::identity::StaffRole::ALL {
        let email = staff_email(*role);
        let secret = spelled(&secret(&email, &house.config.sandbox_staff_password));
        println!("  {email:<36} authenticator {secret}");
    }
    println!("Tokens of officers, good for the next 15 minutes:");
    let staff = &played.staff;
    for (name, client) in
        [("REVIEWER", &staff.reviewer), ("PUBLISHER", &staff.publisher), ("FINANCE", &staff.finance), ("SECURITY", &staff.security)]
    {
        println!("  export {name}={}", client.token().unwrap_or_default());
    }
    println!("\nA token of {} for the next 15 minutes, and the live lot:", you.name);
    println!("  export ZHEPAI={url}");
    println!("  export TOKEN={}", you.client.token().unwrap_or_default());
    println!("  export LOT={}", published.lot);
    println!("\nLook, then place your first bid at the next acceptable price:");
    println!("  curl -s $ZHEPAI/v1/lots/$LOT");
    println!(
        "  PRICE=$(curl -s $ZHEPAI/v1/lots/$LOT | sed -E 's/.*\"next_price\":\\{{\"amount\":\"([0-9.]+)\".*/\\1/')\n  curl -s -X POST $ZHEPAI/v1/lots/$LOT/bids -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n    -H \"Idempotency-Key: first-bid-$RANDOM$RANDOM\" -d \"{{\\\"price\\\":{{\\\"amount\\\":\\\"$PRICE\\\",\\\"currency\\\":\\\"CNY\\\"}}}}\""
    );
    println!("  curl -N $ZHEPAI/v1/lots/$LOT/stream\n");
    println!("Listing {}. Ctrl-C stops the demo.", published.listing);
}
