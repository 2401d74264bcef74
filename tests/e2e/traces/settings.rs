//! The variables of OpenTelemetry.

use super::{PARENT, PUSH, trace};
use crate::support::fakes::collector::Collector;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration;
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A token for the collector, as it may stand in a header.
const TOKEN: &str = "cAnary-token.of-the-collector/81Zq";

#[test]
fn no_secret_is_in_a_trace_and_the_collector_s_own_goes_to_it_alone() {
    let (registry, collector) = (Registry::with_unusual_password(), Collector::start());
    let mut home = Home::with_registry(&registry);
    registration::with_password(&mut home, "closed", registry.host(), (USER, UNUSUAL_PASSWORD));
    trace(&mut home, &collector);
    home.set("OTEL_EXPORTER_OTLP_HEADERS", format!("x-token={TOKEN}"));
    home.set("CRHOST_LOG", "trace");
    for arguments in [
        &["push", "oci:layout:v1", "--to", "closed", "--as", "train"][..],
        &["auth", "token", "closed", "--fresh"],
        &["registry", "verify", "closed"],
    ] {
        let finished = home.ok(arguments);
        Needle::new(TOKEN).assert_not_in(finished.stderr.as_bytes(), "the log");
    }
    assert!(collector.spans().len() > 10);
    Needle::new(UNUSUAL_PASSWORD).assert_not_in(&collector.raw(), "a trace");
    assert!(collector.heads().iter().all(|head| head.contains(&format!("x-token: {TOKEN}\n"))));
}

#[test]
fn the_service_is_crhost_unless_it_is_named() {
    let collector = Collector::start();
    let mut home = Home::new();
    trace(&mut home, &collector);
    home.ok(&["registry", "list"]);
    assert_eq!(collector.resource()["service.name"], "crhost");
    home.set("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=a");
    home.ok(&["registry", "list"]);
    assert_eq!((collector.resource()["service.name"].as_str(), collector.resource()["team"].as_str()), ("other", "a"));
    home.set("OTEL_SERVICE_NAME", "mine");
    home.ok(&["registry", "list"]);
    assert_eq!(collector.resource()["service.name"], "mine");
    let posted = |head: &String| {
        head.starts_with("POST /v1/traces\n") && head.contains("content-type: application/x-protobuf\n")
    };
    assert!(collector.heads().iter().all(posted), "{:?}", collector.heads());
}

#[test]
fn nothing_is_sent_where_traces_are_off_or_not_sampled() {
    let collector = Collector::start();
    for (name, value) in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ("TRACEPARENT", &PARENT.replace("-01", "-00")),
    ] {
        let mut home = Home::new();
        trace(&mut home, &collector);
        home.set(name, value);
        let finished = home.ok(&["registry", "list", "-o", "json"]);
        assert_eq!(finished.stderr, "", "{finished}");
    }
    assert_eq!(collector.heads(), Vec::<String>::new());
}

#[test]
fn a_parent_that_is_not_valid_is_ignored() {
    let collector = Collector::start();
    let mut home = Home::new();
    trace(&mut home, &collector);
    home.set("TRACEPARENT", "00-zz-zz-01");
    let finished = home.ok(&["registry", "list", "-o", "json"]);
    assert_eq!((finished.stderr.as_str(), collector.spans()[0].parent.as_str()), ("", ""));
}

#[test]
fn another_protocol_is_one_warning_and_no_trace() {
    let (registry, collector) = (Registry::open(), Collector::start());
    let mut home = Home::with_registry(&registry);
    trace(&mut home, &collector);
    home.set("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let pushed = home.ok(&[&PUSH[..], &["--quiet"]].concat());
    assert_eq!(pushed.stderr.lines().count(), 1, "{pushed}");
    assert!(
        pushed.stderr.starts_with("warning: no trace is taken: `OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`"),
        "{pushed}"
    );
    assert_eq!(collector.heads(), Vec::<String>::new());
}
