//! A Docker daemon to push from: the one that answers, or one that we start and leave running.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::announce::say;
use crate::command::{answer, command, find};
use crate::failure::{Failure, Result};
use crate::packages;
use crate::paths;

/// The endpoint that a daemon started here listens on, and that a `docker` without settings asks.
const SYSTEM_ENDPOINT: &str = "unix:///var/run/docker.sock";

/// Pushing needs images, never a container's network: so no bridge, and the firewall stays as the user made it.
/// That is also what lets the daemon start in a container. The storage driver is left to the daemon, which takes
/// overlay2 where the file system allows it and vfs where nothing else works.
const DAEMON_ARGUMENTS: [&str; 3] = ["--bridge=none", "--iptables=false", "--ip6tables=false"];

const START_LIMIT: Duration = Duration::from_secs(60);

/// Sees to it that a daemon answers the `docker` command.
pub(crate) fn provide() -> Result<()> {
    if find("docker").is_none() {
        packages::install(&["docker.io"])?;
        // Newer releases of Debian have the command in a package of its own.
        if find("docker").is_none() {
            packages::install(&["docker-cli"])?;
        }
    }
    let endpoint = endpoint()?;
    if let Some(version) = daemon_version() {
        say("Docker daemon", format_args!("{version} at {endpoint}"));
        return Ok(());
    }
    let silent = || Failure::new(format!("no Docker daemon answers at `{endpoint}`"));
    if endpoint != SYSTEM_ENDPOINT {
        // A daemon started here would listen elsewhere.
        return Err(silent().hint("start it, or choose another one with DOCKER_HOST or `docker context use`"));
    }
    if !packages::we_are_root() {
        return Err(silent().hint("start it, or run this as root, or point DOCKER_HOST to a daemon that you may use"));
    }
    if find("dockerd").is_none() {
        packages::install(&["docker.io"])?;
    }
    // Two daemons that start at once trip over each other's pid file.
    let _lock = paths::lock("dockerd")?;
    match daemon_version() {
        // Where an init system runs, the package starts its own daemon.
        Some(version) => say("Docker daemon", format_args!("{version} at {endpoint}")),
        None => start()?,
    }
    Ok(())
}

/// The daemon that the user's settings (DOCKER_HOST, DOCKER_CONTEXT, the current context) lead to.
pub(crate) fn endpoint() -> Result<String> {
    let format = "{{.Endpoints.docker.Host}}";
    answer(&mut command("docker", ["context", "inspect", "--format", format])).ok_or_else(|| {
        Failure::new("`docker context inspect` does not say which daemon is meant").hint("run it to see why")
    })
}

fn daemon_version() -> Option<String> {
    answer(&mut command("docker", ["version", "--format", "{{.Server.Version}}"]))
}

fn start() -> Result<()> {
    let Some(program) = find("dockerd") else {
        return Err(
            Failure::new("there is no `dockerd` to start").hint("install the Docker daemon (Debian: docker.io)")
        );
    };
    let log = paths::cache()?.join("dockerd.log");
    let output = File::create(&log).map_err(Failure::io("write", &log))?;
    let errors = output.try_clone().map_err(Failure::io("write", &log))?;
    let mut daemon = command(program, DAEMON_ARGUMENTS)
        .stdout(Stdio::from(output))
        .stderr(Stdio::from(errors))
        // Its own group: Ctrl-C here is not meant for it.
        .process_group(0)
        .spawn()
        .map_err(|error| Failure::new(format!("cannot run `dockerd`: {error}")))?;
    let Some(version) = wait_until_it_answers(&mut daemon) else {
        let last = fs::read_to_string(&log).unwrap_or_default().lines().last().unwrap_or("it said nothing").to_owned();
        return Err(Failure::new(format!("dockerd does not come up: {last}")).hint(format!("see `{}`", log.display())));
    };
    let pid = daemon.id();
    say("Docker daemon", format_args!("{version} started, and left running (pid {pid}, log {})", log.display()));
    Ok(())
}

/// Its version, or nothing if it ends, or has to be stopped because it takes too long.
fn wait_until_it_answers(daemon: &mut Child) -> Option<String> {
    let start = Instant::now();
    while start.elapsed() < START_LIMIT {
        if let Some(version) = daemon_version() {
            return Some(version);
        }
        if daemon.try_wait().is_ok_and(|status| status.is_some()) {
            return None;
        }
        thread::sleep(Duration::from_millis(200));
    }
    // Asked politely, it takes its containerd with it.
    let _ = answer(&mut command("kill", [daemon.id().to_string()]));
    None
}
