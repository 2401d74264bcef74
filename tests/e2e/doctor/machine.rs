//! Faults of the machine: variables, crhost's own directories, disks, the daemon.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{examine, examine_as_an_ordinary_user};
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registration::Connector;
use crate::support::skip::{Capability, skip};

#[test]
fn a_daemon_that_is_set_and_is_not_there_is_a_problem() {
    for (variable, value, code, found, next) in [
        (
            "DOCKER_HOST",
            "unix:///nowhere/docker.sock",
            6,
            "no Docker daemon answers where `DOCKER_HOST` says: `unix:///nowhere/docker.sock`: there is no such socket",
            "start Docker, set `DOCKER_HOST`, or push from an OCI layout or a Docker archive, which need no daemon",
        ),
        (
            "DOCKER_HOST",
            "tcp://127.0.0.1:1",
            6,
            "no Docker daemon answers where `DOCKER_HOST` says: `http://127.0.0.1:1`: connection refused",
            "start Docker, set `DOCKER_HOST`, or push from an OCI layout or a Docker archive, which need no daemon",
        ),
        (
            "DOCKER_CONTEXT",
            "nowhere",
            3,
            "there is no Docker context `nowhere`",
            "`docker context ls` lists them; `DOCKER_CONTEXT=default` uses none",
        ),
    ] {
        let mut home = Home::without_cache();
        home.set("DOCKER_HOST", "");
        home.set(variable, value);
        let examination = examine(&home, &[]);
        examination.finds(code, "daemon", found, next);
        assert_eq!(examination.of("engine"), ["skipped: no daemon, whose images would be read"]);
    }
}

#[test]
fn a_daemon_that_is_too_old_is_a_problem() {
    let daemon = Listener::start(|mut stream, log| {
        let request = log.request(&mut stream)?;
        let version = r#"{"Version":"1.9.1","ApiVersion":"1.21"}"#;
        let body = if request.starts_with("GET /version ") { version } else { "OK" };
        stream.write_all(answer("200 OK", "connection: close\r\n", body).as_bytes())
    });
    let mut home = Home::without_cache();
    home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", daemon.port()));
    examine(&home, &[]).finds(
        1,
        "daemon",
        &format!(
            "the Docker daemon at `http://127.0.0.1:{}` speaks version 1.21 of Docker's API, expected 1.24 or newer",
            daemon.port()
        ),
        "update Docker there to 1.12 or newer, or push what it saves: `docker save NAME | crhost push docker-archive:- \
         --as NAME`",
    );
}

#[test]
fn a_socket_without_permission_is_a_problem_and_the_group_is_named() {
    let mut home = Home::without_cache();
    let socket = home.path("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o000)).unwrap();
    home.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    let examination = examine_as_an_ordinary_user(&home);
    assert_eq!(examination.finished.code, Some(4), "{}", examination.finished);
    let [found] = examination.of("daemon").try_into().unwrap();
    let words =
        "problem: no Docker daemon answers where `DOCKER_HOST` says: `unix://~/docker.sock`: permission denied ->";
    assert!(found.starts_with(words) && found.contains("group"), "{found}");
}

/// In two pieces, as it is no variable that the reference could name.
const MISSPELT: &str = concat!("CRHOST", "_REGISTY");

#[test]
fn a_variable_that_is_misspelt_is_told() {
    let mut home = Home::without_cache();
    home.set(MISSPELT, "prod");
    let examination = examine(&home, &[]);
    let found = format!("`{MISSPELT}` is no variable that crhost reads");
    examination.warns("environment", &found, "did you mean `CRHOST_REGISTRY`?");
    assert_eq!(examination.finished.code, Some(0), "{}", examination.finished);
}

/// A home with a registry and a connector.
fn home_with_a_connector() -> Home {
    let mut home = Home::new();
    home.set("PASSWORD_OF_THE_TEST", "s3cret");
    let connector = Connector::new("ci", "docker", "password").field("username", "alice");
    connector.field("password", "@env:PASSWORD_OF_THE_TEST").register(&home);
    home.register("local", "localhost:1");
    home
}

#[test]
fn a_home_that_others_can_write_to_is_a_problem_and_the_rest_is_examined() {
    let home = home_with_a_connector();
    fs::set_permissions(home.path("crhost"), Permissions::from_mode(0o777)).unwrap();
    let examination = examine(&home, &["local"]);
    let next = "if all that is in it is yours: `chmod go-w ~/crhost`";
    examination.finds(1, "home", "others can write to `~/crhost`", next);
    assert_eq!(examination.of("registry"), ["skipped: the store can't be read, so that no registered one is known"]);
    assert_eq!(examination.of("login-files"), ["ok: there are none"]);
}

#[test]
fn a_damaged_database_is_a_problem_wherever_the_damage_is() {
    for damage in [0, 5 * 4096] {
        let home = home_with_a_connector();
        let file = home.path("crhost/crhost.db");
        let mut bytes = fs::read(&file).unwrap();
        bytes[damage..damage + 2048].fill(0xff);
        fs::write(&file, bytes).unwrap();
        examine(&home, &[]).finds(
            1,
            "database",
            "`~/crhost/crhost.db` is no database, or damaged",
            "put it back from a backup, or move it away (`mv ~/crhost/crhost.db ~/crhost/crhost.db.damaged`) and \
             register all again",
        );
    }
}

#[test]
fn a_key_that_is_gone_is_a_problem() {
    let home = home_with_a_connector();
    assert_eq!(examine(&home, &[]).of("key"), ["ok: `~/crhost/key` opens 1 connector"]);
    fs::remove_file(home.path("crhost/key")).unwrap();
    let next = "put it back from a backup, or remove the connectors and register them again";
    // The first problem is the machine's, whatever the registries have.
    examine(&home, &[]).finds(1, "key", "`~/crhost/key`, which opens the connectors, is missing", next);
}

#[test]
fn a_full_disk_is_a_problem() {
    let mut home = Home::without_cache();
    let disk = home.path("disk");
    fs::create_dir(&disk).unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs"];
    if process::run(Command::new("mount").args(mount).arg(&disk)).code != Some(0) {
        return skip(Capability::Root, "only root can mount a file system");
    }
    home.set("CRHOST_HOME", disk.join("crhost"));
    let examination = examine(&home, &[]);
    let umount = process::run(Command::new("umount").arg(&disk));
    examination.finds(
        1,
        "disk",
        "64.0 KiB of 64.0 KiB are free for what crhost keeps at `~/disk/crhost`",
        "free space, or set CRHOST_HOME to a directory elsewhere",
    );
    umount.ok();
    home.set("TMPDIR", "/nowhere");
    let next = "free space, or set TMPDIR to a directory elsewhere";
    examine(&home, &[]).finds(1, "disk", "`/nowhere`, for images from a pipe, is no directory", next);
}
