//! Servers that come back after they were killed, behind lines that can be cut.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use zhepai::client::Client;

use crate::common::program::Program;
use crate::common::proxy::Proxy;

/// What is set in a program's environment.
pub type Environment = Vec<(String, String)>;

/// A server, the line to its database, and the line by which clients reach it wherever it listens.
pub struct Standing {
    /// To its database.
    pub to_database: Proxy,
    /// Where clients reach it.
    pub door: Proxy,
    program: Program,
    database: String,
    folder: PathBuf,
    environment: Environment,
}

impl Standing {
    /// Starts one.
    pub async fn start(database: &str, folder: &Path, environment: Environment) -> Self {
        let (to_database, database) = Proxy::before_database(database).await;
        let program = served(&database, folder, &environment);
        let door = Proxy::before_server(&program.url).await;
        Self { to_database, door, program, database, folder: folder.to_owned(), environment }
    }

    /// A stranger's client.
    pub fn client(&self) -> Client {
        Client::new(&self.door.url()).unwrap()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.program.kill();
    }

    /// Starts it again; clients reach it where they did.
    pub fn come_back(&mut self) {
        self.program = served(&self.database, &self.folder, &self.environment);
        self.door.lead_to(&self.program.url);
    }
}

/// Waits for a server to listen while others here go on: they carry what it says to its database.
fn served(database: &str, folder: &Path, environment: &[(String, String)]) -> Program {
    let mut extra: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // Nobody is sent away for the number of processors: what is tried here is who else is at work.
    extra.push(("ZHEPAI_LIMITS__UNDER_WAY", "64"));
    tokio::task::block_in_place(|| Program::serve(database, folder, &extra))
}

/// Three servers on one database; the clock of the last is an hour ahead, where this machine can do that.
pub async fn three(database: &str, folder: &Path) -> Vec<Standing> {
    let mut servers = Vec::new();
    for environment in [Vec::new(), Vec::new(), an_hour_ahead()] {
        let is_ahead = !environment.is_empty();
        let server = Standing::start(database, folder, environment).await;
        assert_eq!(is_ahead, clock_of(&server.client()).await > Utc::now() + TimeDelta::minutes(59), "its clock is not as it was set");
        servers.push(server);
    }
    servers
}

/// What sets the clock of a program an hour ahead. Says loudly what is skipped where `faketime` is missing.
fn an_hour_ahead() -> Environment {
    // Not run by it: it would stay between the program and whoever kills it.
    let asked = Command::new("faketime").args(["-f", "+1h", "printenv", "LD_PRELOAD"]).output();
    let Some(library) = asked.ok().filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok()) else {
        eprintln!("SKIPPED: no server's clock is wrong, since faketime is missing: on Debian, apt-get install faketime (tests/run does)");
        return Vec::new();
    };
    // Only the clock on the wall: what is measured by the other is waited for in the kernel, which knows of no such hour.
    let set = [("LD_PRELOAD", library.trim()), ("FAKETIME", "+1h"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// What a server's machine takes the time to be: it dates its answers by it.
async fn clock_of(client: &Client) -> DateTime<Utc> {
    let reply = client.look("/v1/time").await.unwrap();
    DateTime::parse_from_rfc2822(reply.header("date").unwrap()).unwrap().to_utc()
}
