//! A private PostgreSQL for the tests of the store: in a temporary directory, on a loopback port, gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::announce::say;
use crate::command::{answer, command, is_executable, run, run_quietly};
use crate::failure::{Failure, Result};
use crate::packages;

/// Names a database to the tests.
pub(crate) const VARIABLE: &str = "CRHOST_TEST_DATABASE";

/// Where Debian keeps the programs of each version, which are not on PATH.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The server refuses to run as root; this user is the package's.
const USER: &str = "postgres";

const START_LIMIT: Duration = Duration::from_secs(30);

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It does not: nothing outlives the tests.
    None,
    /// It does, as a team's database does.
    Full,
}

/// A server that stops when this is dropped.
pub(crate) struct Cluster {
    server: Child,
    url: String,
    _directory: TempDir,
}

/// Sees to it that the programs are there.
pub(crate) fn provide() -> Result<()> {
    if programs().is_none() {
        packages::install(&["postgresql"])?;
    }
    match programs() {
        Some(directory) => {
            say("PostgreSQL", format_args!("{}", directory.display()));
            Ok(())
        }
        None => Err(Failure::new(format!("the package `postgresql` is installed, but `{VERSIONS}` has no server"))),
    }
}

/// Runs a command with a server whose URL is in its environment.
pub(crate) fn run_with(words: &[String]) -> Result<()> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::new("no command is given").hint("`cargo xtask postgres psql` shows how"));
    };
    let cluster = Cluster::start(Durability::None)?;
    run(command(program, arguments).env(VARIABLE, cluster.url()))
}

impl Cluster {
    /// Makes a cluster and starts its server.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        let missing = || Failure::new("there is no PostgreSQL").hint("`cargo xtask setup` installs it");
        let programs = programs().ok_or_else(missing)?;
        let directory = TempDir::new().map_err(|error| Failure::new(format!("no temporary directory: {error}")))?;
        if packages::we_are_root() {
            run_quietly(&mut command("chown", [USER.as_ref(), directory.path().as_os_str()]))?;
        }
        let data = directory.path().join("data");
        let mut initdb = as_user(&programs.join("initdb"));
        // Nothing of it outlives the tests.
        initdb
            .args(["--username=crhost", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "-D"])
            .arg(&data);
        run_quietly(&mut initdb)?;
        let port = free_port()?;
        let mut server = as_user(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(directory.path());
        server.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        if durability == Durability::None {
            server.args(["-c", "fsync=off"]);
        }
        server.args(["-c", "max_connections=200", "-c", "logging_collector=on"]);
        let server = server.spawn().map_err(|error| Failure::new(format!("PostgreSQL does not start: {error}")))?;
        let url = format!("postgres://crhost@127.0.0.1:{port}/postgres");
        let mut cluster = Self { server, url, _directory: directory };
        cluster.wait(&programs, port)?;
        Ok(cluster)
    }

    /// Its database for the tests.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self, programs: &Path, port: u16) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            let asked = &mut command(programs.join("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if answer(asked).is_some() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(Failure::new(format!("PostgreSQL ended: {status}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::new("PostgreSQL does not answer"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A fast shutdown, which frees what it has in shared memory. It is gone in any case afterwards.
        let _ = run_quietly(&mut command("kill", ["-INT", &self.server.id().to_string()]));
        let _ = self.server.wait();
    }
}

/// The newest server's directory of programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let mut found: Vec<PathBuf> = versions.filter(|directory| is_executable(&directory.join("postgres"))).collect();
    found.sort();
    found.pop()
}

/// A program, as a user that the server accepts.
fn as_user(program: &Path) -> Command {
    if !packages::we_are_root() {
        return command::<&str>(program, []);
    }
    let mut wrapped = command("setpriv", ["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
    wrapped.arg(program);
    wrapped
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| Failure::new(format!("no free port: {error}")))
}
