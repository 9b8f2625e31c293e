//! The command line: one file per subcommand.

mod admin;
mod asyncapi;
mod audit;
mod bench;
mod course_schema;
mod demo;
mod migrate;
mod openapi;
mod replay;
mod seed;
mod serve;
mod simulate;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};

use crate::platform::config::Config;
use crate::platform::files;

/// What every subcommand may fail with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Zhepai 浙拍: the open backend on which a province trades technology.
#[derive(Parser)]
#[command(name = "zhepai", version, about, long_about = None, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings every subcommand understands. The environment (`ZHEPAI_…`) and the file say the rest.
#[derive(Args, Clone)]
struct Settings {
    /// TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database: `sqlite:PATH`, a path, or `postgres://user@host/name`
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Address to listen on
    #[arg(long, global = true, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Sandbox: time can be moved, a simulated bank pays, staff accounts are made
    #[arg(long, global = true)]
    sandbox: bool,
    /// Where the time of a new sandbox database starts (RFC 3339)
    #[arg(long, global = true, value_name = "TIME", requires = "sandbox")]
    sandbox_start: Option<DateTime<Utc>>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Run a demo market: plays the seed market into a new sandbox, keeps an auction alive, prints accounts and curl lines
    Demo(demo::Arguments),
    /// Bring the database to its newest form
    Migrate,
    /// Play the seed market into a new sandbox database
    Seed,
    /// Print the OpenAPI document, or write it to a file
    Openapi(openapi::Arguments),
    /// Print the AsyncAPI document of the events, or write it to a file
    Asyncapi(asyncapi::Arguments),
    /// Print the JSON Schema of a lot's published course, or write it to a file
    CourseSchema(course_schema::Arguments),
    /// Replay recorded auctions against a sandbox server and compare the results, or a lot from its published course
    Replay(replay::Arguments),
    /// Show what the rules make of something described in a file, without a server, or run whole markets from seeds
    Simulate(simulate::Arguments),
    /// Check what was published and signed, without a database
    Verify(verify::Arguments),
    /// Look after staff from this machine
    Admin(admin::Arguments),
    /// Check the audit trail, and keep it as long as the law asks
    Audit(audit::Arguments),
    /// Measure how fast the market is on this machine, against other ways to do the same; exit code 1 if it is slower than it must be
    Bench(bench::Arguments),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match cli.settings.read() {
        Ok(config) => config,
        Err(error) => return fail(&error, 78),
    };
    start_log(&config, &cli.command);
    files::allow_all();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into(), 71),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => serve::run(config, &arguments).await,
            Command::Demo(arguments) => demo::run(config, &arguments).await,
            Command::Migrate => migrate::run(config).await,
            Command::Seed => seed::run(config).await,
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::Asyncapi(arguments) => asyncapi::run(&arguments),
            Command::CourseSchema(arguments) => course_schema::run(&arguments),
            Command::Replay(arguments) => replay::run(&arguments).await,
            Command::Simulate(arguments) => simulate::run(&arguments).await,
            Command::Verify(arguments) => verify::run(&arguments),
            Command::Admin(arguments) => admin::run(config, &arguments).await,
            Command::Audit(arguments) => audit::run(config, &arguments).await,
            Command::Bench(arguments) => bench::run(&arguments).await,
        }
    });
    match outcome {
        Ok(code) => code,
        Err(error) => fail(&error, 1),
    }
}

fn fail(error: &Failure, code: u8) -> ExitCode {
    eprintln!("zhepai: {error}");
    ExitCode::from(code)
}

impl Settings {
    fn read(&self) -> Result<Config, Failure> {
        let mut config = Config::read(self.config.as_deref(), std::env::vars())?;
        if let Some(database) = &self.database {
            config.database.clone_from(database);
        }
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        config.sandbox |= self.sandbox;
        config.sandbox_start = self.sandbox_start.or(config.sandbox_start);
        Ok(config)
    }
}

/// Logs go to standard error, so that standard output is what was asked for.
fn start_log(config: &Config, command: &Command) {
    let quiet = !matches!(command, Command::Serve(_));
    let wanted = match command {
        _ if !quiet || std::env::var_os("ZHEPAI_LOG").is_some() => config.log.as_str(),
        // Servers that are made to die have much to say.
        Command::Simulate(_) => "off",
        _ => "warn",
    };
    let filter = tracing_subscriber::EnvFilter::try_new(wanted).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.log_json && !quiet { log.json().flatten_event(true).try_init() } else { log.try_init() };
    if started.is_err() {
        eprintln!("zhepai: a log is running already");
    }
}
