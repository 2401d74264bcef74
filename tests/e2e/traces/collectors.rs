//! Collectors that can't be reached, that refuse, and that never answer, and the way to those of others.

use std::fs;
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::{PUSH, trace};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::collector::Collector;
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// What an unreachable collector may cost a command: the two seconds that are waited for it, and the command itself on
/// a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_collector_that_takes_nothing_is_one_warning_and_changes_no_result() {
    let registry = Registry::open();
    let (refusing, silent) = (Collector::refusing(StatusCode::FORBIDDEN), Collector::silent());
    for (url, reason) in [
        ("http://127.0.0.1:1", "connection refused"),
        (refusing.url().as_str(), "it answered 403 Forbidden"),
        (silent.url().as_str(), "it took longer than 2 seconds"),
    ] {
        let mut home = Home::with_registry(&registry);
        home.set("OTEL_EXPORTER_OTLP_ENDPOINT", url);
        let start = Instant::now();
        let pushed = home.ok(&[&PUSH[..], &["--quiet"]].concat());
        assert!(start.elapsed() < LIMIT, "{pushed}");
        assert_eq!(pushed.stdout.lines().count(), 1, "{pushed}");
        assert_eq!(pushed.stderr, format!("warning: the trace was not sent to `{url}`: {reason}\n"), "{pushed}");
        let failed = home.run(&["push", "oci:layout:nosuch", "--to", "local", "--as", "a"]);
        assert_eq!(failed.code, Some(3), "{failed}");
        assert_eq!(failed.stderr.matches("the trace was not sent").count(), 1, "{failed}");
    }
}

#[test]
fn with_json_the_warning_is_an_object_before_the_error() {
    let mut home = Home::new();
    home.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let failed = home.run(&["registry", "describe", "nosuch", "-o", "json"]);
    let lines: Vec<serde_json::Value> = failed.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{failed}");
    assert!(lines[0]["warning"]["message"].as_str().unwrap().contains("the trace was not sent"), "{failed}");
    assert_eq!(lines[1]["error"]["exitCode"], 3, "{failed}");
}

#[test]
fn a_collector_with_a_certificate_of_its_own_is_verified_by_the_authority_that_is_named() {
    let authority = Authority::new();
    let identity = authority.identity(&["localhost"]);
    let collector = Listener::https(&identity, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut home = Home::new();
    home.set("OTEL_EXPORTER_OTLP_ENDPOINT", format!("https://localhost:{}", collector.port()));
    let untrusted = home.ok(&["registry", "list", "-o", "json"]);
    assert!(untrusted.stderr.contains("the trace was not sent"), "{untrusted}");
    fs::write(home.path("ca.pem"), authority.pem()).unwrap();
    for name in ["OTEL_EXPORTER_OTLP_CERTIFICATE", "SSL_CERT_FILE"] {
        home.set(name, home.path("ca.pem"));
        let before = collector.requests().len();
        let finished = home.ok(&["registry", "list", "-o", "json"]);
        assert_eq!((finished.stderr.as_str(), collector.requests().len()), ("", before + 1), "{finished}");
        home.set(name, "");
    }
}

#[test]
fn a_collector_elsewhere_is_reached_through_the_proxy_of_the_environment() {
    let collector = Collector::start();
    let proxy = forward_proxy::leading_to(1, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut home = Home::new();
    home.set("HTTP_PROXY", format!("http://127.0.0.1:{}", proxy.port()));
    home.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318");
    home.ok(&["registry", "list"]);
    assert_eq!(proxy.connections(), 1);
    // This machine's own is reached without.
    trace(&mut home, &collector);
    home.ok(&["registry", "list"]);
    assert_eq!((proxy.connections(), collector.spans().len()), (1, 1));
}
