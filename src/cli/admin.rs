//! `zhepai admin`: what must be possible from the machine itself, before anybody can sign in.

use std::io::BufRead;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use entity::identity::StaffRole;

use super::Failure;
use crate::house::House;
use crate::identity::flows::passwords;
use crate::identity::flows::people::register_within;
use crate::identity::flows::staff::appoint_within;
use crate::identity::{personal, rules, store};
use crate::platform::access::Context;
use crate::platform::config::Config;
use crate::platform::problem::Code;

/// What to do.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    /// Make a staff account; the password is read from standard input. An address that is taken is refused
    CreateStaff {
        /// Address to sign in with
        #[arg(long)]
        email: String,
        /// Name
        #[arg(long)]
        name: String,
        /// reviewer, auction_host, finance, publisher, security_admin, auditor or supervisor
        #[arg(long, value_parser = staff_role)]
        role: StaffRole,
    },
}

fn staff_role(text: &str) -> Result<StaffRole, String> {
    StaffRole::ALL.iter().copied().find(|role| role.code() == text).ok_or_else(|| format!("one of {}", StaffRole::codes().join(", ")))
}

/// Does it.
pub async fn run(config: Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let house = House::open(config).await?;
    match &arguments.deed {
        Deed::CreateStaff { email, name, role } => {
            create_staff(&house, email, name, *role).await?;
            eprintln!("zhepai: {email} is {}", role.code());
        }
    }
    house.db.clone().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn create_staff(house: &House, email: &str, name: &str, role: StaffRole) -> Result<(), Failure> {
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    let email = rules::normal_email(email);
    rules::new_person(&email, name, password, &passwords::rules_now(house)?)?;
    let hash = house.passwords.hash(password).await?;
    let by = Context::system("admin_create_staff", "command-line".into());
    let input = (email, name.to_owned(), hash, role);
    house
        .write(&by, input, |tx, (email, name, hash, role)| async move {
            // Whoever has the address already is not known to be meant: an officer appoints him over the API.
            if store::person_by_email(tx.conn(), &personal::blind(&tx.house.keys, &email)).await?.is_some() {
                return Err(Code::EmailTaken.into());
            }
            let person = register_within(&tx, &email, &name, hash, None).await?;
            appoint_within(&tx, person.id, role).await
        })
        .await?;
    Ok(())
}
