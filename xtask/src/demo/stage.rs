//! What the demo needs around it: a directory, a registry on a free port, and somebody who cleans up.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::command::{command, find};
use crate::failure::{Failure, Result};
use crate::{docker, paths};

/// The repository and tag of the pushed image, below `demo/`.
pub(super) const REPOSITORY: &str = "train:v1";

/// Runs the registry until the demo ends, however it ends: the pipe on stdin closes even when the demo is killed.
const KEEPER: &str = r#"
directory=$1 image=$2 copy=$3; shift 3
"$@" >"$directory/registry.log" 2>&1 &
cat
kill $!
wait
docker image rm --force "$image" "$copy"
rm -rf "$directory"
"#;

/// Everything temporary; gone when this is dropped.
pub(super) struct Stage {
    directory: TempDir,
    docker_endpoint: String,
    port: u16,
    registry: &'static str,
    keeper: Child,
}

impl Stage {
    /// Sets it up. `image` is removed from the daemon in the end, and so is what was pulled back.
    pub(super) fn set(image: &str) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("crhost-demo-").tempdir();
        let directory = directory.map_err(|error| Failure::new(format!("cannot create a directory: {error}")))?;
        let docker_endpoint = docker::endpoint()?;
        let port = free_port()?;
        let (registry, program) = registry_command(directory.path(), port)?;

        let mut keeper = command("sh", ["-c", KEEPER, "keeper"]);
        keeper.arg(directory.path()).args([image, &pulled_image(port)]);
        keeper.arg(program.get_program()).args(program.get_args());
        surround(&mut keeper, directory.path(), &docker_endpoint);
        // Ctrl-C is for the demo; the keeper has work to do afterwards.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = keeper.spawn().map_err(|error| Failure::new(format!("cannot run `sh`: {error}")))?;
        Ok(Self { directory, docker_endpoint, port, registry, keeper })
    }

    /// Waits for the registry, and says which one it is.
    pub(super) fn registry(&self) -> Result<String> {
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(format!("{} at {}", self.registry, self.address()));
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.directory().join("registry.log")).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it said nothing");
        Err(Failure::new(format!("the registry (`{}`) does not come up: {last}", self.registry)))
    }

    /// `localhost:PORT`: a name for which Docker and crhost allow plain HTTP.
    pub(super) fn address(&self) -> String {
        address(self.port)
    }

    /// The pushed image, as the registry names it.
    pub(super) fn pulled_image(&self) -> String {
        pulled_image(self.port)
    }

    /// Where the demo may write.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A command that sees neither the user's crhost nor the user's Docker settings.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = command(program, arguments);
        surround(&mut command, self.directory(), &self.docker_endpoint);
        command
    }

    /// `docker`, asking the daemon that the user's settings lead to.
    pub(super) fn docker(&self, arguments: &[&str]) -> Command {
        self.command("docker", arguments)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Closing its stdin is the keeper's signal; waiting for it makes sure that nothing is left behind.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn surround(command: &mut Command, directory: &Path, docker_endpoint: &str) {
    command
        .env("CRHOST_HOME", directory.join("crhost"))
        .env("DOCKER_CONFIG", directory.join("docker"))
        .env("DOCKER_HOST", docker_endpoint)
        .env_remove("DOCKER_CONTEXT");
}

fn address(port: u16) -> String {
    format!("localhost:{port}")
}

fn pulled_image(port: u16) -> String {
    format!("{}/demo/{}", address(port), REPOSITORY)
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("cannot listen on 127.0.0.1: {error}")))
}

/// The distribution project's registry where it is installed, else the one that is built into crhost.
fn registry_command(directory: &Path, port: u16) -> Result<(&'static str, Command)> {
    let listen = format!("127.0.0.1:{port}");
    let Some(program) = find("docker-registry") else {
        return Ok(("crhost serve", command(paths::crhost()?, ["serve", "--listen", &listen])));
    };
    let storage = directory.join("registry");
    let settings = directory.join("registry.yml");
    // JSON is YAML, and Rust's quoting of a string is JSON's for any path that a temporary directory has.
    let text = format!(
        "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\nhttp: {{addr: {listen:?}}}\n",
        storage.display().to_string()
    );
    fs::write(&settings, text).map_err(Failure::io("write", &settings))?;
    let mut registry = command(program, ["serve"]);
    registry.arg(settings);
    Ok(("docker-registry", registry))
}
