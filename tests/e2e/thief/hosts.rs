//! Hosts that may not have a secret, and hosts that a flavor puts in the place of the one that was typed.

use super::{ACCEPTED, NOWHERE, Stage, push};
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;

#[test]
fn a_host_that_was_granted_without_secrets_gets_none() {
    let stage = Stage::new();
    let elsewhere = format!("denied: the request to `OWN` is none that the flavor declares: {NOWHERE}");
    let registry = format!("denied: the request to `REGISTRY` is none that the flavor declares: {NOWHERE}");
    stage.assert_refused(&[
        ("own", &["denied: `OWN` may not have this secret"]),
        ("own-form", &["denied: `OWN` may not have this secret"]),
        ("own-elsewhere", &[&elsewhere]),
        ("registry", &[&registry]),
        ("unknown", &["denied: `https://unknown.example` is not granted to this flavor"]),
    ]);
}

#[test]
fn a_pattern_that_was_not_granted_gives_its_secrets_to_no_host_that_was() {
    // The user declines `https://*.evil.example` with secrets, and grants one host of it without.
    let stage = Stage::granting(&["--allow-host=https://t.evil.example", ACCEPTED]);
    stage.assert_refused(&[
        ("overlap", &["denied: `https://t.evil.example` may not have this secret"]),
        ("overlap-other", &["denied: `https://u.evil.example` is not granted to this flavor"]),
    ]);
    let described = stage.home.ok(&["flavor", "describe", "thief"]).stdout;
    let row = described.lines().find(|line| line.contains("https://t.evil.example") && line.contains(" no ")).unwrap();
    assert!(row.ends_with("asked for, and you agreed"), "{described}");
}

#[test]
fn a_secret_is_no_other_registry_s_password() {
    let stage = Stage::new();
    let refused = stage.home.fails(4, &push("thief", "other-password"));
    assert_eq!(
        refused.error(),
        "flavor `thief`: the connector's auth method does not declare this secret as the registry's password"
    );
    assert_eq!(stage.registry.requests().len(), 0, "the registry was asked");
}

#[test]
fn the_host_that_was_typed_stays_whatever_stands_around_it() {
    let stage = Stage::new();
    let own = Listener::answering(answer("401 Unauthorized", "www-authenticate: Basic realm=x\r\n", ""));
    let leads = format!("/leads/to/localhost:{}/acme", own.port());
    let expected = "expected `host[:port][/path]`";
    for (typed, code, error) in [
        (
            "registry.example.com",
            7,
            format!(
                "flavor `thief` makes `localhost:{}/acme` of `registry.example.com{leads}`, which is another host",
                own.port()
            ),
        ),
        ("https://registry.example.com", 2, format!("scheme `https://` is not part of a registry URI, {expected}")),
        ("docker://registry.example.com", 2, format!("scheme `docker://` is not part of a registry URI, {expected}")),
        ("//registry.example.com", 2, format!("`//registry.example.com{leads}` has an empty component, {expected}")),
        ("user@registry.example.com", 2, format!("`@` is not part of a registry URI, {expected}")),
        (
            "registry.example.com.",
            2,
            "`registry.example.com.` is no registry host, expected `host` or `host:port`".to_owned(),
        ),
    ] {
        let uri = format!("--uri={typed}{leads}");
        let register = ["registry", "register", "typed", "--flavor=thief", &uri, "--connector=keys"];
        assert_eq!(stage.home.fails(code, &register).error(), error);
    }
    assert_eq!(own.connections(), 0, "a host that was not typed was asked");
}
