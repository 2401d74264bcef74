//! A private PostgreSQL: in a temporary directory, on a loopback port, stopped and started again at will.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::eventually::eventually;
use crate::support::skip::{Capability, skip};

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A running server.
pub(crate) struct Postgres {
    programs: PathBuf,
    directory: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// A new cluster, started; `None` where this machine has no PostgreSQL, which is said.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            skip(Capability::Postgresql, "there is no PostgreSQL, which `cargo xtask setup` installs");
            return None;
        };
        let directory = TempDir::new().unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(directory.path()).status().unwrap().success());
        }
        let data = directory.path().join("data");
        let mut initdb = as_user(&programs.join("initdb"));
        initdb
            .args(["--username=crhost", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "-D"])
            .arg(&data);
        let made = initdb.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = Self { programs, directory, port, server: None };
        postgres.start_again();
        Some(postgres)
    }

    /// The URL of its database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://crhost@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it with what it had.
    pub(crate) fn start_again(&mut self) {
        let mut server = as_user(&self.programs.join("postgres"));
        server.arg("-D").arg(self.directory.path().join("data")).arg("-k").arg(self.directory.path());
        server.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        server.args(["-c", "max_connections=200", "-c", "logging_collector=on"]);
        self.server = Some(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let port = self.port.to_string();
        let answers = || {
            let mut asked = Command::new(self.programs.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port]).status().unwrap().success().then_some(())
        };
        eventually("PostgreSQL answers", answers);
    }

    /// Stops it at once: clients lose their connections in the middle of what they do.
    pub(crate) fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let _ = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
        server.wait().unwrap();
    }

    /// Everything in the database, as text.
    pub(crate) fn dump(&self) -> String {
        let mut dump = Command::new(self.programs.join("pg_dump"));
        let dump = dump.arg(self.url()).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        String::from_utf8_lossy(&dump.stdout).into_owned()
    }

    /// What `psql` says to a statement, errors included.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"));
        let said = psql.args(["-X", "-q", "-A", "-t", "-c", sql]).arg(self.url()).output().unwrap();
        [said.stdout, said.stderr].iter().map(|said| String::from_utf8_lossy(said).into_owned()).collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).ok()?.map(|entry| entry.unwrap().path().join("bin"));
    let mut found: Vec<PathBuf> = versions.filter(|directory| directory.join("postgres").is_file()).collect();
    found.sort();
    found.pop()
}

/// The server refuses to run as root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut wrapped = Command::new("setpriv");
    wrapped.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]).arg(program);
    wrapped
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
