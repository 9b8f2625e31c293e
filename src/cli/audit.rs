//! `zhepai audit`: the trail checked and kept short, from the machine itself.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::house::House;
use crate::platform::access::Context;
use crate::platform::audit::{hash_at, retention};
use crate::platform::config::Config;
use crate::platform::keys::unhex;

/// What to do.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    /// Recompute the chain of the audit trail; exit code 1 if it is broken
    Verify {
        /// An end of the chain noted earlier (`GET /v1/audit/head`): it must still stand where it stood
        #[arg(long, value_name = "POSITION:HASH", value_parser = noted)]
        noted: Option<Noted>,
    },
    /// Seal the audit trail up to now, and remove sealed stretches whose retention has run out
    Retain,
}

/// An end of the chain that somebody noted.
#[derive(Clone)]
struct Noted {
    position: i64,
    hash: Vec<u8>,
}

fn noted(text: &str) -> Result<Noted, String> {
    let parts = text.split_once(':').and_then(|(position, hash)| Some((position.parse().ok()?, unhex(hash)?)));
    let found = parts.filter(|(position, hash): &(i64, Vec<u8>)| *position >= 0 && hash.len() == 32);
    let (position, hash) = found.ok_or("a position, a colon and a hash of 64 hexadecimal digits")?;
    Ok(Noted { position, hash })
}

/// Does it.
pub async fn run(config: Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let house = House::open(config).await?;
    let sound = match &arguments.deed {
        Deed::Verify { noted } => verify(&house, noted.as_ref()).await?,
        Deed::Retain => {
            let by = Context::system("retain_audit", "command-line".into());
            let removed = retention::retain(&house, &by, retention::limit(&house)?).await?;
            eprintln!("zhepai: {removed} rows removed after their retention");
            true
        }
    };
    house.db.clone().close().await;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verify(house: &House, noted: Option<&Noted>) -> Result<bool, Failure> {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {pos} rows")?);
    let checked = retention::verify(house.db.read(), |rows| bar.set_position(rows)).await?;
    bar.finish_and_clear();
    match checked {
        Ok(rows) => eprintln!("zhepai: {rows} rows, the chain is whole"),
        Err(position) => {
            eprintln!("zhepai: the chain breaks at position {position}");
            return Ok(false);
        }
    }
    let Some(Noted { position, hash }) = noted else { return Ok(true) };
    let stands = hash_at(house.db.read(), *position).await?;
    match &stands {
        Some(found) if found == hash => eprintln!("zhepai: position {position} stands as it was noted"),
        Some(_) => eprintln!("zhepai: position {position} is not what was noted"),
        None => eprintln!("zhepai: position {position} is not there: never written, or removed after its retention"),
    }
    Ok(stands.as_ref() == Some(hash))
}
