//! Traces by OTLP: to a fake collector that decodes what it is sent.

mod collectors;
mod settings;

use crate::support::fakes::collector::{Collector, Span};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// The span of the process that starts crhost.
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

/// Names the collector to a home.
fn trace(home: &mut Home, collector: &Collector) {
    home.set("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
}

/// The only span of this name.
#[track_caller]
fn only<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut named = spans.iter().filter(|span| span.name == name);
    let found = named.next().unwrap_or_else(|| panic!("no span `{name}`: {spans:#?}"));
    assert!(named.next().is_none(), "several spans `{name}`: {spans:#?}");
    found
}

/// Whether a span is, or lies below, another.
fn is_below<'a>(spans: &'a [Span], mut span: &'a Span, above: &Span) -> bool {
    while span.id != above.id {
        match spans.iter().find(|other| other.id == span.parent) {
            Some(parent) => span = parent,
            None => return false,
        }
    }
    true
}

#[test]
fn a_push_is_one_trace_below_the_process_that_started_it() {
    let (registry, collector) = (Registry::open(), Collector::start());
    let mut home = Home::with_registry(&registry);
    trace(&mut home, &collector);
    home.set("TRACEPARENT", PARENT);
    home.set("TRACESTATE", "vendor=1");
    let pushed = home.ok(&[&PUSH[..], &["--quiet"]].concat());
    assert_eq!(pushed.stderr, "", "{pushed}");
    let spans = collector.spans();
    let (_, digest) = pushed.stdout.trim().split_once('@').unwrap();

    let command = only(&spans, "crhost push");
    assert_eq!(format!("00-{}-{}-01", command.trace, command.parent), PARENT);
    assert_eq!((command.state.as_str(), command.status), ("vendor=1", 0));
    assert_eq!(command.attributes["process.executable.name"], "crhost");
    assert_eq!(command.attributes["process.exit.code"], "0");
    for span in &spans {
        assert_eq!(span.trace, command.trace);
        assert!(is_below(&spans, span, command), "{span:#?}");
    }

    let push = only(&spans, "push");
    assert_eq!(push.attributes["container.image.name"], format!("{}/train", registry.host()));
    assert_eq!(push.attributes["oci.manifest.digest"], digest);
    let call = only(&spans, "flavor credentials");
    assert_eq!(call.attributes["crhost.flavor.name"], "default");
    assert!(is_below(&spans, call, push) && is_below(&spans, only(&spans, "open source"), push));

    let layer = spans.iter().find(|span| span.name == "layer").unwrap();
    assert_eq!(layer.attributes["crhost.layer.outcome"], "uploaded");
    assert_eq!(layer.attributes["crhost.layer.compressed"], "false");
    assert!(layer.attributes["crhost.layer.digest"].starts_with("sha256:"), "{layer:#?}");
    assert!(layer.attributes["crhost.layer.size"].parse::<u64>().unwrap() > 0);
    let upload = spans.iter().find(|span| span.name == "PUT" && span.parent == layer.id).unwrap();
    assert_eq!(upload.kind, 3, "a client's span: {upload:#?}");
    let port = registry.host().split_once(':').unwrap().1;
    for (name, value) in [
        ("http.request.method", "PUT"),
        ("server.address", "localhost"),
        ("server.port", port),
        ("url.scheme", "http"),
        ("http.response.status_code", "201"),
    ] {
        assert_eq!(upload.attributes[name], value, "{upload:#?}");
    }
}

#[test]
fn a_layer_that_is_not_sent_is_an_event_of_the_push() {
    let (registry, collector) = (Registry::open(), Collector::start());
    let mut home = Home::with_registry(&registry);
    home.ok(&PUSH);
    trace(&mut home, &collector);
    home.ok(&PUSH);
    let spans = collector.spans();
    assert!(!spans.iter().any(|span| span.name == "layer"), "{spans:#?}");
    let push = only(&spans, "push");
    let (_, event) = push.events.iter().find(|(name, _)| name == "layer skipped").unwrap();
    assert_eq!(event["crhost.layer.outcome"], "present");
}

#[test]
fn a_failure_is_told_with_its_kind_and_exit_code() {
    let (registry, collector) = (Registry::with_password(), Collector::start());
    let mut home = Home::with_registry(&registry);
    trace(&mut home, &collector);
    home.fails(4, &PUSH);
    let spans = collector.spans();
    let command = only(&spans, "crhost push");
    assert_eq!((command.status, command.parent.as_str()), (2, ""), "{command:#?}");
    assert_eq!(
        (command.attributes["error.type"].as_str(), command.attributes["process.exit.code"].as_str()),
        ("auth", "4")
    );
    assert!(command.message.contains("localhost"), "{command:#?}");
    assert_eq!(only(&spans, "push").status, 2);
}

#[test]
fn commands_that_push_nothing_are_traced_by_their_whole_name() {
    let (registry, collector) = (Registry::open(), Collector::start());
    let mut home = Home::with_registry(&registry);
    trace(&mut home, &collector);
    home.ok(&["registry", "list"]);
    home.ok(&["registry", "describe", "local"]);
    let names: Vec<String> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["crhost registry list", "crhost registry describe"]);
}
