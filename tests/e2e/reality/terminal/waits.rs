//! Waits, logs and signals.

use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use super::{PUSH, home};
use crate::support::fakes::faulty_proxy::{Fate, deciding};
use crate::support::fakes::listener::Listener;
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{Running, Server, tool};
use crate::support::programs::registry::Registry;
use crate::support::programs::terminal::watch;

/// A server that takes connections and never answers.
fn mute() -> Listener {
    Listener::start(|mut client, _| std::io::copy(&mut client, &mut std::io::sink()).map(drop))
}

#[test]
fn a_wait_says_for_whom_on_a_terminal() {
    let listener = mute();
    let home = home(&format!("localhost:{}", listener.port()), &Image::new(here!()));
    let expected = format!("waiting for registry localhost:{} (", listener.port());
    let mut is_told = false;
    watch(home.command(&PUSH), (24, 80), |screen, process, _| {
        if !is_told && screen.contents().contains(&expected) {
            is_told = true;
            tool("kill", ["-INT", &process.to_string()]).ok();
        }
    });
    assert!(is_told);
}

#[test]
fn a_wait_for_a_credential_helper_is_an_event() {
    let registry = Registry::with_password();
    let mut home = home(registry.host(), &Image::new(here!()));
    home.helper("docker-credential-slow", "alice", "secret");
    std::fs::write(home.path("helpers/docker-credential-slow"), "#!/bin/sh\nexec sleep 600\n").unwrap();
    home.docker_config(&json!({"credsStore": "slow"}));
    let mut server = Server::start(&mut home.command(&[&PUSH[..], &["--progress", "json"]].concat()));
    server.wait_for(|line| {
        let event: Value = serde_json::from_str(line).ok()?;
        (event["event"] == "waiting" && event["waitingFor"] == "docker-credential-slow").then_some(())
    });
    server.stop();
}

#[test]
fn an_ignored_interrupt_stays_ignored() {
    let registry = Registry::open();
    let (sender, arrived) = mpsc::channel();
    let sender = Mutex::new(sender);
    let proxy = deciding(registry.host(), move |line| {
        if line.starts_with("PUT ") {
            let _ = sender.lock().unwrap().send(());
            return Fate::PassesAfter(Duration::from_millis(500));
        }
        Fate::Passes
    });
    let home = home(&format!("localhost:{}", proxy.port()), &Image::of_noise(here!()));
    let push = home.command(&PUSH);
    for signal in ["INT", "HUP"] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' {signal}; exec \"$0\" \"$@\"")]).arg(push.get_program());
        shell.args(&PUSH[..5]).arg(signal.to_lowercase()).current_dir(push.get_current_dir().unwrap());
        shell.env_clear().envs(push.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let running = Running::start(&mut shell);
        arrived.recv().unwrap();
        running.signal(&format!("-{signal}"));
        let ended = running.end();
        assert_eq!(ended.code, Some(0), "{signal}: {ended}");
        while arrived.try_recv().is_ok() {}
    }
}

#[test]
fn a_filter_of_the_log_that_means_nothing_is_told_by_the_variables_name() {
    let mut home = Home::new();
    for filter in ["blah=foo=bar", "verbose"] {
        home.set("CRHOST_LOG", filter);
        let listed = home.ok(&["registry", "list"]);
        assert!(listed.stderr.starts_with("warning: `CRHOST_LOG` is not used: "), "{listed}");
    }
}

#[test]
fn a_server_logs_its_requests() {
    let home = Home::new();
    let (server, host) = home.serve_with(&["serve", "--listen", "127.0.0.1:0", "-v"]);
    let _ = tool("curl", ["-s", &format!("http://{host}/v2/x/tags/list")]);
    server.wait_for(|line| line.contains("GET /v2/x/tags/list: ").then_some(()));
}
