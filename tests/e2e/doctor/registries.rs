//! Faults of registries: their flavors, the way to them, their certificates, clocks and credentials.

use std::fs;

use serde_json::json;

use super::{Examination, examine};
use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::certificates::{Authority, Identity};
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, USER};
use crate::support::programs::tree::files;

/// Examines a registry behind TLS with a certificate of this authority, which the user trusts or not.
#[track_caller]
fn behind_tls(identity: &Identity, trusted: Option<&Authority>) -> (Examination, u16) {
    let server = Listener::https(identity, answer("200 OK", "", "{}"));
    let mut home = Home::new();
    if let Some(authority) = trusted {
        fs::write(home.path("authority.pem"), authority.pem()).unwrap();
        let file = home.path("authority.pem");
        home.set("SSL_CERT_FILE", file);
    }
    (examine(&home, &[&format!("localhost:{}", server.port())]), server.port())
}

#[test]
fn a_certificate_that_is_not_accepted_is_a_problem_with_its_reason() {
    let authority = Authority::new();
    let (examination, port) = behind_tls(&authority.identity(&["localhost"]), None);
    examination.finds(
        1,
        "tls",
        &format!(
            "no secure connection to registry `localhost:{port}`: its certificate is signed by an authority that this \
             machine doesn't trust"
        ),
        &format!(
            "if the authority is your own, put its certificate into `/etc/docker/certs.d/localhost:{port}/ca.crt`, or \
             name it in `SSL_CERT_FILE`; the certificate of a server that signed it itself goes there, too"
        ),
    );
    assert_eq!(examination.of("credentials"), ["skipped: the registry is not reached"]);
    let (examination, _) = behind_tls(&authority.expired(&["localhost"]), Some(&authority));
    assert_eq!(examination.finished.code, Some(1), "{}", examination.finished);
    let [found] = examination.of("tls").try_into().unwrap();
    assert!(found.contains("its certificate expired on 2021-01-01 ("), "{found}");
    assert!(found.contains("-> renew the certificate; if it is good elsewhere, check this machine's clock"), "{found}");
    let [clock] = examination.of("clock").try_into().unwrap();
    assert!(clock.starts_with("warning: this machine's clock says 20") && clock.contains("timedatectl"), "{clock}");
    let (examination, _) = behind_tls(&authority.identity(&["other.example"]), Some(&authority));
    let [found] = examination.of("tls").try_into().unwrap();
    assert!(
        found.starts_with("problem: ") && found.contains("its certificate is for other.example, not for localhost -> "),
        "{found}"
    );
    let (examination, _) = behind_tls(&authority.identity(&["localhost"]), Some(&authority));
    assert_eq!(examination.finished.code, Some(0), "{}", examination.finished);
    let [found] = examination.of("tls").try_into().unwrap();
    assert!(found.starts_with("ok: its certificate is trusted until "), "{found}");
    let (examination, _) = behind_tls(&authority.ending_soon(&["localhost"]), Some(&authority));
    let [found] = examination.of("tls").try_into().unwrap();
    assert!(found.starts_with("warning: its certificate is trusted only until "), "{found}");
    assert!(found.ends_with("(4 days) -> have whoever runs the registry renew it"), "{found}");
}

#[test]
fn a_name_that_does_not_resolve_is_a_problem() {
    let home = Home::new();
    let examination = examine(&home, &["registry.invalid"]);
    let [found] = examination.of("dns").try_into().unwrap();
    assert!(found.starts_with("problem: the name `registry.invalid` can't be resolved: "), "{found}");
    assert!(
        found.ends_with("-> check the name and this machine's resolver: `getent hosts registry.invalid`"),
        "{found}"
    );
    assert_eq!(examination.finished.code, Some(6), "{}", examination.finished);
    assert_eq!(examination.of("connection"), ["skipped: the registry's name is not known"]);
}

#[test]
fn the_way_through_a_proxy_is_told_and_one_that_refuses_is_a_problem() {
    let proxy = forward_proxy::leading_to(1, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let mut home = Home::new();
    home.set("HTTPS_PROXY", format!("http://someone:hunter2hunter2@127.0.0.1:{}", proxy.port()));
    let examination = examine(&home, &["registry.invalid"]);
    examination.finds(
        6,
        "proxy",
        &format!(
            "registry `registry.invalid` can't be reached: the proxy 127.0.0.1:{} (HTTPS_PROXY) doesn't connect to it",
            proxy.port()
        ),
        "check the proxy's variable; hosts in `NO_PROXY` are reached without a proxy",
    );
    assert_eq!(examination.of("dns"), ["skipped: the proxy looks the name up"]);
    assert!(!examination.finished.stdout.contains("hunter2"), "{}", examination.finished);
    home.set("NO_PROXY", "other.example,.invalid");
    let found = "ok: `.invalid` in `NO_PROXY` has it reached without a proxy";
    assert_eq!(examine(&home, &["registry.invalid"]).of("proxy"), [found]);
    let found = "ok: `localhost:1` is this machine, which is reached without a proxy";
    assert_eq!(examine(&home, &["localhost:1"]).of("proxy"), [found]);
}

#[test]
fn credentials_that_are_refused_are_a_problem_and_told_by_their_owner() {
    let registry = Registry::with_password();
    let mut home = Home::new();
    home.set("PASSWORD_OF_THE_TEST", "not-hers");
    let connector = Connector::new("ci", "docker", "password").field("username", USER);
    connector.field("password", "@env:PASSWORD_OF_THE_TEST").register(&home);
    RegistrySpec::new("prod", "default", registry.host()).connector("ci").register(&home);
    let examination = examine(&home, &[]);
    let [found] = examination.of("credentials").try_into().unwrap();
    let words =
        format!("problem: registry `{}` refused the credentials of `alice` from the connector `ci`: ", registry.host());
    assert!(found.starts_with(&words), "{found}");
    assert!(found.contains("renew them with `crhost connector update ci`"), "{found}");
    assert_eq!(examination.finished.code, Some(4), "{}", examination.finished);
    assert!(!examination.finished.stdout.contains("not-hers"), "{}", examination.finished);
}

/// A fake registry that is open, and answers the start of an upload with an error.
fn refusing(status: u16, code: &'static str, message: &'static str) -> FakeApi {
    FakeApi::start(move |request: &RecordedRequest| -> Answer {
        match request.line.starts_with("POST ") {
            true => (status, Vec::new(), json!({"errors": [{"code": code, "message": message}]})),
            false => (200, Vec::new(), json!({})),
        }
    })
}

#[test]
fn a_push_that_is_not_allowed_or_has_no_repository_is_a_problem_where_it_is_asked_for() {
    let home = Home::new();
    let denied = refusing(403, "DENIED", "only maintainers may push");
    let host = denied.url().replace("http://", "");
    assert_eq!(
        examine(&home, &[&host]).of("push"),
        [format!("skipped: not asked for -> `crhost doctor {host} --push` opens an upload and gives it up")]
    );
    let examination = examine(&home, &[&host, "--push"]);
    assert_eq!(examination.finished.code, Some(4), "{}", examination.finished);
    let [found] = examination.of("push").try_into().unwrap();
    assert!(found.starts_with("problem: registry ") && found.contains("only maintainers may push"), "{found}");
    let missing = refusing(404, "NAME_UNKNOWN", "no such repository");
    let examination = examine(&home, &[&missing.url().replace("http://", ""), "--push"]);
    let [found] = examination.of("push").try_into().unwrap();
    assert!(
        found.starts_with("problem: ") && found.contains("no such repository") && found.contains(" -> "),
        "{found}"
    );
    // A real one that takes nothing.
    let read_only = Registry::read_only();
    let examination = examine(&home, &[read_only.host(), "--push"]);
    assert!(examination.of("push")[0].starts_with("problem: "), "{}", examination.finished);
    assert_eq!(read_only.open_uploads(), 0);
}

#[test]
fn a_clock_that_differs_from_the_registry_s_is_a_problem() {
    let server = Listener::http(|wire| {
        wire.write_all(answer("200 OK", "date: Sun, 01 Jan 2023 00:00:00 GMT\r\n", "{}").as_bytes())
    });
    let examination = examine(&Home::new(), &[&format!("localhost:{}", server.port())]);
    let [found] = examination.of("clock").try_into().unwrap();
    assert!(
        found.starts_with("problem: this machine's clock says 20") && found.contains(" days ahead of the registry's")
    );
    assert!(found.ends_with("-> set this machine's clock, such as with `timedatectl set-ntp true`"), "{found}");
    assert_eq!(examination.finished.code, Some(1), "{}", examination.finished);
    // The rest is examined all the same.
    assert!(examination.of("credentials")[0].starts_with("ok: "), "{}", examination.finished);
}

#[test]
fn a_flavor_whose_component_is_changed_or_gone_is_a_problem() {
    let registry = Registry::open();
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    let registered = home.ok(&["flavor", "register", "it.wasm", "--yes", "-o", "json"]).json();
    let name = registered["name"].as_str().unwrap().to_owned();
    RegistrySpec::new("mine", &name, registry.host()).register(&home);
    let good = examine(&home, &["mine"]);
    assert!(good.of("flavor")[0].starts_with(&format!("ok: `{name}` ")), "{}", good.finished);
    let component = files(&home.path("crhost/components")).pop().unwrap();
    let mut bytes = fs::read(&component).unwrap();
    bytes[100] ^= 1;
    fs::write(&component, bytes).unwrap();
    let examination = examine(&home, &["mine"]);
    let [found] = examination.of("flavor").try_into().unwrap();
    assert!(found.starts_with("problem: the store is damaged: ") && found.contains("register it again"), "{found}");
    assert_eq!(examination.of("credentials"), ["skipped: its flavor can't be used"]);
    fs::remove_file(&component).unwrap();
    let [found] = examine(&home, &["mine"]).of("flavor").try_into().unwrap();
    assert!(found.starts_with("problem: ") && found.contains(" -> "), "{found}");
}
