//! A PostgreSQL of one's own, that syncs as it should and can be stopped and started.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::program::TRACED;

/// A cluster; it is stopped when it is dropped.
pub struct Cluster {
    programs: PathBuf,
    port: u16,
    folder: TempDir,
    running: Option<Child>,
    /// Whether its folder is a disk of its own.
    small: bool,
}

/// Where PostgreSQL's own programs are: as `tests/run` says, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ZHEPAI_TEST_POSTGRES_PROGRAMS") {
        return Some(named.into());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let found = versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).filter(|bin| bin.join("initdb").exists());
    found.max()
}

/// PostgreSQL does not run as root.
fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

impl Cluster {
    /// A new cluster that does not run yet; says loudly what is skipped where there is no PostgreSQL to make one with.
    pub fn made() -> Option<Self> {
        Self::made_in(false)
    }

    /// The same on a disk of its own that can be filled; only root can make one.
    pub fn made_on_a_small_disk() -> Option<Self> {
        Self::made_in(true)
    }

    fn made_in(small: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED on PostgreSQL: no initdb in ZHEPAI_TEST_POSTGRES_PROGRAMS (tests/run sets it) nor in /usr/lib/postgresql");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if small {
            let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=250m", "tmpfs"]).arg(folder.path()).output();
            if !mounted.is_ok_and(|output| output.status.success()) {
                eprintln!("SKIPPED: only root may mount a small disk, so PostgreSQL's was not filled");
                return None;
            }
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { programs, port, folder, running: None, small };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(cluster.folder.path()).status().unwrap().success());
            assert!(Command::new("chmod").arg("700").arg(cluster.folder.path()).status().unwrap().success());
        }
        let how = ["-U", "zhepai", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
        cluster.done(cluster.command("initdb").arg("-D").arg(cluster.data()).args(how));
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The address of its database.
    pub fn database(&self) -> String {
        format!("postgres://zhepai@127.0.0.1:{}/postgres", self.port)
    }

    /// One of PostgreSQL's programs, about to be run by whom it may be run by.
    fn command(&self, name: &str) -> Command {
        self.under(&[], &self.programs.join(name))
    }

    /// The same, run by another program.
    fn under(&self, runner: &[&str], program: &Path) -> Command {
        let other: &[&str] = if is_root() { &["runuser", "-u", "postgres", "--"] } else { &[] };
        let runners = other.iter().chain(runner).map(|word| OsStr::new(*word));
        let whole: Vec<&OsStr> = runners.chain([program.as_os_str()]).collect();
        let mut command = Command::new(whole[0]);
        command.args(&whole[1..]).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn done(&self, command: &mut Command) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("said")).unwrap();
        let status = command.stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
        let said = || fs::read_to_string(self.folder.path().join("said")).unwrap_or_default();
        assert!(status.success(), "{command:?}: {}", said());
    }

    /// Starts it, and waits until it takes connections.
    pub fn start(&mut self) {
        self.run(&[]);
    }

    /// Starts it under strace, which writes down what it says, hears and syncs in a file; its path.
    pub fn start_traced(&mut self) -> PathBuf {
        let trace = self.folder.path().join("trace");
        self.run(&["strace", "-f", "-y", "-ttt", "-T", "-s", "96", "-e", TRACED, "-o", trace.to_str().unwrap()]);
        trace
    }

    fn run(&mut self, runner: &[&str]) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut server = self.under(runner, &self.programs.join("postgres"));
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"]);
        // What is to be kept is kept: these are how PostgreSQL comes, said aloud.
        server.arg(self.folder.path()).args(["-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on"]);
        self.running = Some(server.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let begun = Instant::now();
        let port = self.port.to_string();
        loop {
            let mut asked = self.command("pg_isready");
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            if asked.status().unwrap().success() {
                return;
            }
            let said = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not start: {}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Fills its disk, or makes room on it again.
    pub fn fill(&self, full: bool) {
        let filling = self.folder.path().join("filling");
        if !full {
            return fs::remove_file(filling).unwrap();
        }
        // A new file of the log is begun while there is room for one: without any PostgreSQL would go down.
        let port = self.port.to_string();
        let door = ["-h", "127.0.0.1", "-p", &port, "-U", "zhepai", "-d", "postgres", "-qAt"];
        let asked = ["-c", "SELECT pg_switch_wal()", "-c", "SELECT pg_logical_emit_message(true, 'zhepai', '')"];
        self.done(self.command("psql").args(door).args(asked));
        let mut file = File::create(filling).unwrap();
        let piece = vec![0_u8; 65_536];
        while file.write_all(&piece).is_ok() {}
    }

    /// Looks through every table and index of its database (`pg_amcheck`), and that each index knows every row.
    pub fn is_sound(&self) {
        let port = self.port.to_string();
        let door = ["-h", "127.0.0.1", "-p", &port, "-U", "zhepai", "-d", "postgres"];
        self.done(self.command("pg_amcheck").args(door).args(["--install-missing", "--heapallindexed"]));
    }

    /// Stops it as a power cut would as far as it can tell: nothing is finished, the next start replays the log.
    pub fn stop_at_once(&mut self) {
        self.done(self.command("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]));
        if let Some(mut server) = self.running.take() {
            server.wait().unwrap();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.running.take() {
            let _ = self.command("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]).output();
            let _ = server.wait();
        }
        if self.small {
            let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
        }
    }
}
