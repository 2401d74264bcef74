//! Text from outside that is meant for the terminal or for the CI system: from image files, registries, daemons,
//! credential helpers, configurations, the environment and the command line. (That of flavors is in `hostile::output`.)

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::images::digest;
use crate::support::images::image::{Image, append, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::screen::{HOSTILE, assert_harmless, assert_harmless_screen};
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::terminal;

/// Runs crhost in every form of output, on a terminal and elsewhere, and expects a failure in words that do no harm.
#[track_caller]
fn assert_refused(home: &Home, arguments: &[&str]) {
    for form in [&[][..], &["-vv"], &["-o", "json"]] {
        let arguments = [arguments, form].concat();
        let refused = process::run(&mut home.command(&arguments));
        assert!(refused.code.is_some_and(|code| code != 0), "{refused}");
        assert!(!refused.stderr.contains("panicked"), "{refused}");
        assert_harmless(&refused.stdout);
        assert_harmless(&refused.stderr);
    }
    let session = terminal::converse(home.command(arguments), &[]);
    assert!(session.code.is_some_and(|code| code != 0), "{}", session.screen);
    assert_harmless_screen(&session.screen);
}

/// Writes an archive as `docker save` does, of one empty layer.
fn archive(file: &Path, name: &str, config: &Value, layer: &str) {
    let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": [layer]}]);
    let mut archive = tar::Builder::new(fs::File::create(file).unwrap());
    append(&mut archive, "manifest.json", manifest.to_string().as_bytes());
    append(&mut archive, "config.json", config.to_string().as_bytes());
    append(&mut archive, "layer.tar", &[0; 1024]);
    archive.finish().unwrap();
}

fn config(os: &str, diff_id: &str) -> Value {
    json!({"os": os, "architecture": architecture(), "rootfs": {"type": "layers", "diff_ids": [diff_id]}})
}

#[test]
fn an_archive_writes_nothing_to_the_terminal_but_its_refusal() {
    let home = Home::new();
    home.register("local", "localhost:1");
    let empty = digest::of(&[0; 1024]);
    for (case, name, config, layer) in [
        ("name", HOSTILE, config("linux", &empty), "layer.tar"),
        ("repository", &format!("localhost:1/{HOSTILE}:v1"), config("linux", &empty), "layer.tar"),
        ("tag", &format!("localhost:1/train:{HOSTILE}"), config("linux", &empty), "layer.tar"),
        ("diff-id", "train:v1", config("linux", HOSTILE), "layer.tar"),
        ("os", "train:v1", config(HOSTILE, &empty), "layer.tar"),
        ("layer", "train:v1", config("linux", &empty), HOSTILE),
    ] {
        let file = format!("{case}.tar");
        archive(&home.path(&file), name, &config, layer);
        let source = format!("docker-archive:{file}");
        assert_refused(&home, &["push", &source, "--to", "local"]);
        assert_refused(&home, &["push", &source]);
        assert_refused(&home, &["push", &format!("{source}:other:v1"), "--to", "local"]);
        assert_refused(&home, &["push", &source, "--to", "local", "--platform", "plan9/mips"]);
    }
}

#[test]
fn a_layout_writes_nothing_to_the_terminal_but_its_refusal() {
    let home = Home::new();
    home.register("local", "localhost:1");
    let good = |home: &Home| image_files::manifest(&home.path("layout"), &Image::small(here!(), architecture()));
    let with = |member: &str, value: Value| {
        let mut entry = good(&home);
        entry[member] = value;
        entry
    };
    let blob = |media_type: &str, value: &Value| {
        image_files::blob(&home.path("layout"), media_type, value.to_string().as_bytes())
    };
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": HOSTILE, "digest": HOSTILE, "size": 1}]});
    let names = json!({"org.opencontainers.image.ref.name": HOSTILE, "io.containerd.image.name": HOSTILE});
    for entry in [
        with("digest", json!(HOSTILE)),
        with("mediaType", json!(HOSTILE)),
        with("size", json!(HOSTILE)),
        with("platform", json!({"os": HOSTILE, "architecture": "amd64"})),
        with("platform", json!({"os": "plan9", "architecture": "mips", "variant": HOSTILE})),
        with("annotations", names),
        blob(image_files::INDEX, &index),
        blob(image_files::MANIFEST, &json!({"schemaVersion": HOSTILE})),
        blob(image_files::MANIFEST, &json!(HOSTILE)),
    ] {
        image_files::finish_layout(&home.path("layout"), &[entry]);
        for source in ["oci:layout", "oci:layout:v1"] {
            assert_refused(&home, &["push", source, "--to", "local"]);
            assert_refused(&home, &["push", source, "--to", "local", "--as", "train", "--all-platforms"]);
        }
        assert_refused(&home, &["push", &format!("oci:layout:{HOSTILE}"), "--to", "local"]);
    }
}

/// An answer of a server with a body that JSON can hold.
fn refusal(status: &str, body: &Value) -> String {
    answer(status, "content-type: application/json\r\n", &body.to_string())
}

#[test]
fn a_registry_writes_nothing_to_the_terminal_but_its_refusal() {
    let (home, _) = Home::with_image();
    for body in [
        json!({"errors": [{"code": HOSTILE, "message": HOSTILE, "detail": HOSTILE}]}),
        json!({"error": HOSTILE, "error_description": HOSTILE}),
        json!({"errors": HOSTILE}),
    ] {
        for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "400 Bad Request"] {
            let registry = Listener::answering(refusal(status, &body));
            let name = format!("r{}", registry.port());
            home.register(&name, &format!("localhost:{}", registry.port()));
            assert_refused(&home, &["push", "oci:layout:v1", "--to", &name, "--as", "train"]);
        }
    }
    let realm = answer(
        "401 Unauthorized",
        "www-authenticate: Bearer realm=\"https://mine.example/\u{9b}2J%0A\",service=\"\u{1b}[2J\",scope=\"::error::x\"\r\n",
        HOSTILE,
    );
    let registry = Listener::answering(realm);
    home.register("realm", &format!("localhost:{}", registry.port()));
    assert_refused(&home, &["push", "oci:layout:v1", "--to", "realm", "--as", "train"]);
}

#[test]
fn a_daemon_writes_nothing_to_the_terminal_but_its_refusal() {
    let mut home = Home::new();
    home.register("local", "localhost:1");
    for message in [
        answer(
            "500 Internal Server Error",
            "content-type: application/json\r\n",
            &json!({"message": HOSTILE}).to_string(),
        ),
        answer("500 Internal Server Error", "", HOSTILE),
        refusal("200 OK", &json!({"Id": HOSTILE, "Os": HOSTILE, "Architecture": HOSTILE})),
        refusal("200 OK", &json!({"Id": digest::of(b""), "Os": HOSTILE, "Architecture": "amd64"})),
    ] {
        let daemon = Listener::start(move |mut stream, log| {
            use std::io::Write as _;
            loop {
                let request = log.request(&mut stream)?;
                let ping = answer("200 OK", "api-version: 1.44\r\n", "OK");
                stream.write_all(if request.contains("/_ping") { ping.as_bytes() } else { message.as_bytes() })?;
            }
        });
        home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", daemon.port()));
        assert_refused(&home, &["push", "train:v1", "--to", "local"]);
    }
}

#[test]
fn docker_s_configuration_and_helpers_write_nothing_to_the_terminal() {
    let (mut home, _) = Home::with_image();
    let registry = Listener::answering(answer("401 Unauthorized", "www-authenticate: Basic realm=\"x\"\r\n", ""));
    let host = format!("localhost:{}", registry.port());
    home.register("local", &host);
    let push = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

    home.helper("docker-credential-mine", "user", "password");
    let helper = home.path("helpers/docker-credential-mine");
    let message = home.path("message");
    fs::write(&message, HOSTILE).unwrap();
    let script = format!("#!/bin/sh\ncat '{0}'\ncat '{0}' >&2\nexit 1\n", message.display());
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    home.docker_config(&json!({"credHelpers": {&host: "mine"}}));
    assert_refused(&home, &push);

    for config in [
        json!({"credHelpers": {&host: HOSTILE}}),
        json!({"credsStore": HOSTILE}),
        json!({"auths": {&host: {"auth": HOSTILE}}}),
        json!({"auths": HOSTILE}),
    ] {
        home.docker_config(&config);
        assert_refused(&home, &push);
    }

    home.docker_config(&json!({"currentContext": HOSTILE}));
    assert_refused(&home, &["push", "train:v1", "--to", "local"]);
    home.docker_config(&json!({}));
    for (variable, value) in [
        ("DOCKER_HOST", HOSTILE.to_owned()),
        ("DOCKER_HOST", format!("unix:///{HOSTILE}")),
        ("DOCKER_HOST", format!("ssh://{HOSTILE}")),
    ] {
        home.set(variable, value);
        assert_refused(&home, &["push", "train:v1", "--to", "local"]);
    }
}

#[test]
fn the_command_line_and_its_variables_write_nothing_to_the_terminal_but_their_refusal() {
    let mut home = Home::new();
    home.register("local", "localhost:1");
    for arguments in [
        &[HOSTILE][..],
        &["push", HOSTILE],
        &["push", "x", HOSTILE],
        &["push", "x", "--to", HOSTILE],
        &["push", "x", "--to", "local", "--as", HOSTILE],
        &["push", "x", "--platform", HOSTILE],
        &["push", "x", "--compression", HOSTILE],
        &["push", &format!("docker-archive:{HOSTILE}"), "--to", "local"],
        &["push", &format!("oci:{HOSTILE}"), "--to", "local"],
        &[&format!("--{HOSTILE}")],
        &["registry", "describe", HOSTILE],
        &["registry", "register", "x", "--flavor", HOSTILE, "--uri", "localhost:1"],
        &["registry", "register", "x", "--flavor", "default", "--uri", HOSTILE],
        &["registry", "register", "x", "--flavor", "default", "--uri", "localhost:1", "--option", HOSTILE],
        &[
            "registry",
            "register",
            "x",
            "--flavor",
            "default",
            "--uri",
            "localhost:1",
            "--option",
            &format!("{HOSTILE}=x"),
        ],
        &["connector", "register", "x", "--type", HOSTILE, "--auth-method", HOSTILE],
        &["connector", "register", "x", "--type", "docker", "--auth-method", HOSTILE],
        &["connector", "register", "x", "--type", "docker", "--auth-method", "password", &format!("--{HOSTILE}=x")],
        &["flavor", "register", HOSTILE],
        &["flavor", "describe", HOSTILE],
        &["serve", "--listen", HOSTILE],
    ] {
        assert_refused(&home, arguments);
    }
    for variable in ["CRHOST_OUTPUT", "CRHOST_TIMEOUT", "CRHOST_PROGRESS", "CRHOST_LISTEN"] {
        let mut home = Home::new();
        home.set(variable, HOSTILE);
        assert_refused(&home, &["push", "x", "--to", "local"]);
    }
    // A file is where the directory of this name would have to be made.
    fs::write(home.path("file"), "").unwrap();
    home.set("CRHOST_HOME", home.path("file").join(HOSTILE));
    assert_refused(&home, &["registry", "describe", "x"]);
}
