//! Docker daemons that are reached in other ways than by a socket: through `ssh`, and below a path.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::fakes::listener::Listener;
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{self, Loaded};
use crate::support::programs::registry::Registry;

/// Installs a fake `ssh` that notes its arguments and then runs a line of shell here.
fn fake_ssh(home: &mut Home, line: &str) -> PathBuf {
    home.helper("docker-credential-none", "", "");
    let (program, arguments) = (home.path("helpers/ssh"), home.path("ssh-arguments"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{}'\n{line}\n", arguments.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    arguments
}

#[test]
fn an_image_of_a_daemon_behind_ssh_is_pushed() {
    let (mut home, registry) = (Home::new(), Registry::open());
    let Some(socket) = daemon::socket() else { return };
    let (name, image) = (format!("{}/behind-ssh:v1", registry.host()), Image::small(here!(), architecture()));
    let _loaded = Loaded::new(&name, &image);
    home.register("local", registry.host());
    // What the real one would run on the other machine.
    let arguments =
        fake_ssh(&mut home, &format!("DOCKER_HOST='unix://{}' exec docker system dial-stdio", socket.display()));
    home.set("DOCKER_HOST", "ssh://ann@build.example:2222");
    home.ok(&["push", &name]);
    skopeo::assert_same(registry.access(), &name, &image);
    let expected = "-l ann -p 2222 -o ConnectTimeout=30 -T -- build.example docker system dial-stdio";
    assert!(fs::read_to_string(arguments).unwrap().lines().all(|line| line == expected));
}

#[test]
fn what_ssh_complains_about_is_told() {
    let mut home = Home::new();
    home.register("local", "127.0.0.1:1");
    fake_ssh(&mut home, "echo 'ssh: Could not resolve hostname build.example' >&2\nexit 255");
    home.set("DOCKER_HOST", "ssh://build.example");
    let push = ["push", "train:v1", "--to", "local", "--as", "train:v1"];
    home.fails(6, &push).says("`ssh://build.example`: `ssh` ended with exit status: 255: ssh: Could not resolve");
    for words in ["ann@build.example: Permission denied (publickey).", "Host key verification failed."] {
        fake_ssh(&mut home, &format!("echo '{words}' >&2\nexit 255"));
        let refused = home.fails(4, &push).says(words.trim_end_matches('.'));
        assert!(refused.hint().contains("`ssh` to that host by hand"), "{}", *refused);
    }
    // Nothing of it can become an option or a command.
    home.set("DOCKER_HOST", "ssh://-oProxyCommand=x");
    home.fails(2, &push).says("expected `ssh://[user@]host");
}

#[test]
fn a_daemon_below_a_path_is_asked_there() {
    let mut home = Home::new();
    home.register("local", "127.0.0.1:1");
    let daemon = Listener::start(|mut stream, log| {
        use std::io::Write as _;
        let request = log.request(&mut stream)?;
        let (status, body) = if request.starts_with("GET /prefix/_ping ") {
            ("200 OK", "OK")
        } else {
            ("404 Not Found", r#"{"message":"No such image"}"#)
        };
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    });
    home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}/prefix", daemon.port()));
    home.fails(3, &["push", "train:v1", "--to", "local", "--as", "train:v1"]).says("/prefix` has no image `train:v1`");
    assert!(daemon.requests()[1].starts_with("GET /prefix/images/train:v1/json "), "{:?}", daemon.requests());
}
