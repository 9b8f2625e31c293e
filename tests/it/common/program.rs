//! The program itself as a process, for tests that kill it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use zhepai::client::Client;

/// The program `ZHEPAI_TEST_PROGRAM` names, where it does: another build may be quicker than the one tests are built with.
pub fn shipped() -> Option<String> {
    std::env::var("ZHEPAI_TEST_PROGRAM").ok()
}

/// The program that is tested.
pub fn program() -> String {
    shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into())
}

/// What shows when something was read, written and synced.
pub const TRACED: &str = "trace=fsync,fdatasync,read,recvfrom,write,writev,sendto,sendmsg";

/// How often servers are killed: so often, or as often as `ZHEPAI_TEST_KILLS` says (`tests/run --long`).
pub fn kills(usually: u32) -> u32 {
    times("ZHEPAI_TEST_KILLS", usually)
}

/// How often lines are cut: so often, or as often as `ZHEPAI_TEST_CUTS` says (`tests/run --long`).
pub fn cuts(usually: u32) -> u32 {
    times("ZHEPAI_TEST_CUTS", usually)
}

/// How often somebody goes away before he is answered: so often, or as often as `ZHEPAI_TEST_LEAVES` says (`tests/run --long`).
pub fn leaves(usually: u32) -> u32 {
    times("ZHEPAI_TEST_LEAVES", usually)
}

fn times(named: &str, usually: u32) -> u32 {
    std::env::var(named).ok().map_or(usually, |times| times.parse().unwrap())
}

/// A server process.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub url: String,
    log: Arc<Mutex<String>>,
}

impl Program {
    /// Starts `zhepai serve` with cheap passwords, as a sandbox whose time runs.
    pub fn serve(database: &str, folder: &Path, extra: &[(&str, &str)]) -> Self {
        Self::started(Command::new(program()), database, folder, extra)
    }

    /// The same, where files may come to be limited: a write past the limit then fails, as on a full disk, and no
    /// signal ends the process.
    pub fn serve_in_limits(database: &str, folder: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", &program()]);
        Self::started(shell, database, folder, &[])
    }

    /// The same, where what the process reads, writes and syncs is written down in a file, call by call.
    pub fn serve_traced(database: &str, folder: &Path, trace: &Path) -> Self {
        let mut strace = Command::new("strace");
        // The tracer steps aside, so that the process started is the server.
        strace.args(["-D", "-f", "-y", "-ttt", "-T", "-s", "96", "-e", TRACED, "-o"]).arg(trace).arg(program());
        Self::started(strace, database, folder, &[])
    }

    fn started(mut command: Command, database: &str, folder: &Path, extra: &[(&str, &str)]) -> Self {
        command
            .args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--database", database])
            .current_dir(folder)
            .env("ZHEPAI_DOCUMENTS", folder.join("documents"))
            .env("ZHEPAI_MASTER_KEY_FILE", folder.join("master.key"))
            .env("ZHEPAI_PASSWORDS__MEMORY_KIB", "8")
            .env("ZHEPAI_PASSWORDS__PASSES", "1")
            .env("ZHEPAI_WORKERS", "2")
            .env("ZHEPAI_LIMITS__STRANGER_PER_MINUTE", "0")
            .env("ZHEPAI_LIMITS__CALLER_PER_MINUTE", "0")
            .env("ZHEPAI_LIMITS__BIDS_PER_SECOND", "0")
            .env("ZHEPAI_LOG", "warn")
            .envs(extra.iter().copied())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let url = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the server ended: {seen}")).unwrap();
            if let Some(url) = line.strip_prefix("zhepai: listening on ") {
                break url.to_owned();
            }
            seen.push_str(&line);
        };
        // Keep reading, or the pipe fills and the server stops.
        let log: Arc<Mutex<String>> = Arc::new(Mutex::new(seen));
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("server: {line}");
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, url, log }
    }

    /// A stranger's client.
    pub fn client(&self) -> Client {
        Client::new(&self.url).unwrap()
    }

    /// What it has told of itself so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The most memory it has had at once, KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Lets no file of the process be written past so many bytes, or past any number (`unlimited`).
    pub fn limit_files(&self, bytes: &str) {
        let (process, limit) = (self.child.id().to_string(), format!("--fsize={bytes}:"));
        assert!(Command::new("prlimit").args(["--pid", &process, &limit]).status().unwrap().success());
    }

    /// Lets every sync of a file by the process fail, as on a disk that is broken, until the tracer that is given is stopped.
    pub fn fail_syncs(&self) -> Child {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-p"]);
        strace.arg(self.child.id().to_string()).spawn().unwrap()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
