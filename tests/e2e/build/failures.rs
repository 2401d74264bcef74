//! Builds that fail.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::programs::remote;
use super::{NO_CACHE, SCRATCH, home_with_context, write};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process::Running;
use crate::support::programs::registry::Registry;

#[test]
fn a_step_that_fails_is_named_with_its_reason_by_each_builder_of_the_daemon() {
    ensure_daemon();
    for switch in ["1", "0"] {
        let mut home = home_with_context("FROM scratch\nCOPY missing /\n", &[("a", "")]);
        home.set("DOCKER_BUILDKIT", switch);
        home.run(&["build", "context", NO_CACHE, "-t", "failed:1"]);
        let failed = home.run(&["build", "context", NO_CACHE, "-t", "failed:1"]);
        assert_eq!(failed.code, Some(1), "{failed}");
        let error = failed.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        let step = if switch == "0" { "`3/3 COPY missing /`" } else { "COPY missing /`" };
        assert!(error.contains(step), "{failed}");
    }
    let home = home_with_context("FROM scratch\nNONSENSE\n", &[]);
    let failed = home.run(&["build", "context"]);
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(failed.stderr.contains("NONSENSE"), "{failed}");
}

#[test]
fn another_platform_than_asked_for_is_an_error_after_the_build() {
    let registry = Registry::open();
    let mut home = home_with_context("FROM scratch\nCOPY . /\n", &[("a", "")]);
    // The fake of a builder that does not look at what it is asked for.
    let script = export_script(&home);
    fake(&mut home, "buildctl", &script);
    let arguments = ["build", "context", "-t", "x:1", "--to", registry.host(), "--builder", "tcp://fake:1"];
    home.fails(8, &[&arguments[..], &["--platform", "linux/s390x"]].concat()).says("asks for linux/s390x");
    home.ok(&arguments);
}

#[test]
fn a_builder_that_writes_half_an_archive_or_nothing_pushes_nothing() {
    let registry = Registry::open();
    let mut home = home_with_context(SCRATCH, &[]);
    let (arguments, _) = remote(&registry);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for script in ["exit 0", "head -c 3000 /dev/zero", "printf garbage"] {
        fake(&mut home, "buildctl", script);
        let failed = home.run(&arguments);
        assert_eq!(failed.code, Some(8), "{script}{failed}");
        assert!(failed.stderr.contains("buildctl") && !failed.stderr.contains("docker save"), "{failed}");
    }
    fake(
        &mut home,
        "buildctl",
        "echo '#5 [1/1] RUN make' >&2; echo '#5 0.1 broken' >&2; echo '#5 ERROR: code 2' >&2; exit 1",
    );
    home.run(&arguments).printable();
    let failed = home.run(&arguments);
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(failed.stderr.contains("error: the build failed at `[1/1] RUN make`: code 2; "), "{failed}");
    assert!(failed.stderr.contains("`broken`"), "{failed}");
}

#[test]
fn a_builder_that_is_missing_is_told_with_all_that_was_looked_for() {
    let mut home = home_with_context(SCRATCH, &[]);
    without_daemon(&mut home);
    home.set("PATH", "/nonexistent");
    let refused = home.fails(3, &["build", "context", "-t", "x:1"]);
    for looked_for in ["https://localhost:2376", "docker buildx", "buildctl", "buildah", "podman"] {
        assert!(refused.error().contains(looked_for), "{}", refused.error());
    }
    home.fails(3, &["build", "context", "-t", "x:1", "--builder", "podman"]).says("`podman` is not on the `PATH`");
    home.fails(3, &["build", "context", "-t", "x:1", "--builder", "tcp://b:1"]).says("buildctl");
}

#[test]
fn a_daemon_that_does_not_answer_is_passed_over_unless_the_user_names_it() {
    let mut home = home_with_context(SCRATCH, &[]);
    fake(&mut home, "buildah", "exit 0");
    let fakes = home.path("fakes");
    home.set("PATH", fakes);
    without_daemon(&mut home);
    let build = ["build", "context", "-t", "x:1"];
    assert!(home.ok(&build).stderr.contains("`buildah`"));
    let nowhere = "unix:///nonexistent/docker.sock";
    home.fails(6, &[&build[..], &["--host", nowhere]].concat()).says("where `--host` says");
    home.fails(3, &[&build[..], &["--context", "nowhere"]].concat()).says("`nowhere`");
    let platforms = ["--platform", "linux/amd64,linux/arm64"];
    home.set("DOCKER_CONTEXT", "nowhere");
    home.fails(3, &build).says("`nowhere`");
    home.set("DOCKER_HOST", nowhere);
    home.fails(6, &build).says("where `DOCKER_HOST` says");
    // It is not asked for several platforms, and no program here builds for them.
    home.fails(3, &[&build[..], &platforms].concat()).says("one platform at once");
}

/// Has the daemon that no setting names be one that does not answer.
fn without_daemon(home: &mut Home) {
    home.set("DOCKER_HOST", "");
    home.set("DOCKER_TLS_VERIFY", "1");
    home.set("DOCKER_CERT_PATH", "/nonexistent");
}

#[test]
fn a_build_that_is_cancelled_ends_its_builder() {
    let registry = Registry::open();
    let mut home = home_with_context(SCRATCH, &[]);
    let pid = home.path("pid");
    fake(&mut home, "buildctl", &format!("sleep 600 &\necho $! > {}\nwait", pid.display()));
    let (arguments, _) = remote(&registry);
    let running = Running::start(&mut home.command(&arguments));
    let child = wait_for(|| fs::read_to_string(&pid).ok().filter(|text| text.ends_with('\n')));
    running.signal("-INT");
    let ended = running.end();
    assert_eq!(ended.code, Some(130), "{ended}");
    wait_for(|| (!Path::new(&format!("/proc/{}", child.trim())).exists()).then_some(()));
}

/// A program of this name that is a fake: a script.
pub(super) fn fake(home: &mut Home, name: &str, script: &str) {
    let path = write(home, &format!("fakes/{name}"), &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let directory = home.path("fakes");
    home.prepend_path(&directory);
}

/// A script that writes an OCI archive of an image for this machine to standard output.
pub(super) fn export_script(home: &Home) -> String {
    let image = Image::small(here!(), architecture());
    image_files::layout(&home.path("fake-layout"), &[("v1", &image)]);
    format!("tar -C {} -c .", home.path("fake-layout").display())
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it does not happen");
        thread::sleep(Duration::from_millis(20));
    }
}
