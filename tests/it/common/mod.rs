//! A market under test: a real server on a database of its own, and clients that speak HTTP to it.

pub mod cluster;
pub mod database;
pub mod discreet;
pub mod feeds;
pub mod fixtures;
pub mod play;
pub mod post;
pub mod program;
pub mod proxy;
pub mod rebuilt;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use sea_orm::ConnectionTrait;
use zhepai::client::Client;
use zhepai::house::House;
use zhepai::platform::config::{Config, PasswordCost, SANDBOX_PASSWORD};
use zhepai::platform::db::Ending;
use zhepai::platform::http::limits::LimitConfig;
use zhepai::play::Staff;
use zhepai::server::Server;

pub use database::Base;

/// A running market.
pub struct Market {
    /// Its server.
    pub server: Server,
    /// A stranger's client.
    pub stranger: Client,
    /// The sandbox's staff.
    pub staff: Staff,
    /// How it was set up; a second server can be started from it on PostgreSQL.
    pub config: Config,
    _folder: tempfile::TempDir,
}

/// Where sandbox time starts in tests, unless said otherwise: a Monday morning in Shanghai.
pub fn monday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap()
}

/// A plain client.
pub fn http() -> reqwest::Client {
    let tls = zhepai::platform::tls::trusting_authorities();
    reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(std::time::Duration::from_mins(2)).build().unwrap()
}

impl Market {
    /// A sandbox whose time stands on Monday morning.
    pub async fn start(base: Base) -> Self {
        Self::starting_at(base, monday()).await
    }

    /// A sandbox whose time stands at an instant.
    pub async fn starting_at(base: Base, at: DateTime<Utc>) -> Self {
        Self::set_up(base, at, |config| config).await
    }

    /// A sandbox whose settings are others.
    pub async fn set_up(base: Base, at: DateTime<Utc>, change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(config(base, folder.path(), at).await);
        let server = Server::start(config.clone()).await.unwrap();
        let stranger = Client::new(&server.url()).unwrap();
        let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
        Self { server, stranger, staff, config, _folder: folder }
    }

    /// What a deed can reach, for looking at the database.
    pub fn house(&self) -> &House {
        &self.server.house
    }

    /// The database it runs on.
    pub fn base(&self) -> Base {
        if self.house().db.is_sqlite() { Base::Sqlite } else { Base::Postgres }
    }

    /// A second server on the same PostgreSQL database.
    pub async fn second_server(&self) -> (Server, Client) {
        let server = Server::start(self.config.clone()).await.unwrap();
        let client = Client::new(&server.url()).unwrap();
        (server, client)
    }

    /// Moves time on by so many minutes.
    pub async fn pass(&self, minutes: i64) {
        let now = self.staff.now().await.unwrap();
        self.staff.move_clock(now + TimeDelta::minutes(minutes)).await.unwrap();
    }

    /// Changes the database by hand.
    pub async fn by_hand(&self, statement: &str) {
        let statement = statement.to_owned();
        let changed = self.house().db.transact(move |tx| {
            let statement = statement.clone();
            async move {
                tx.execute_unprepared(&statement).await?;
                Ok(Ending::Commit(()))
            }
        });
        changed.await.unwrap();
    }
}

/// Settings for tests: cheap passwords, a port of its own, time standing, webhooks to this machine.
pub async fn config(base: Base, folder: &std::path::Path, at: DateTime<Utc>) -> Config {
    Config {
        listen: "127.0.0.1:0".into(),
        database: database::with_tables(base, folder).await,
        documents: folder.join("documents"),
        master_key_file: folder.join("master.key"),
        sandbox: true,
        sandbox_start: Some(at),
        sandbox_factor: 0,
        workers: 2,
        limits: Some(LimitConfig::NONE),
        webhooks_allow_private: true,
        passwords: PasswordCost { memory_kib: 8, passes: 1, at_once: 4, waiting: 256 },
        ..Config::default()
    }
}

/// Runs one test on both databases. Without `ZHEPAI_TEST_POSTGRES` the second half says loudly that it is skipped.
#[macro_export]
macro_rules! on_both {
    ($(#[$meta:meta])* async fn $name:ident($market:ident) $body:block) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            pub async fn run($market: $crate::common::Market) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::common::Market::start($crate::common::Base::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if $crate::common::database::has_postgres() {
                    run($crate::common::Market::start($crate::common::Base::Postgres).await).await;
                }
            }
        }
    };
}
