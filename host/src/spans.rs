//! The spans of a trace: which there are, and what they say. They are spans of `tracing`, so that those who make them
//! know nothing of how they are sent, and cost an atomic read where no trace is taken.
//!
//! Names and attributes are those of OpenTelemetry's semantic conventions 1.37 where these have some, and begin with
//! `crhost.` otherwise. Of a request there are the method, the host and the status: a path, a query, a header or a body
//! may hold a secret. Nothing here takes a secret's type, and texts are those that users are shown.

use std::fmt::Display;
use std::time::Duration;

use tracing::field::Empty;
use tracing::{Span, info, info_span};
use url::Url;

/// The target of all spans and of their events, by which they are told from the log.
pub(crate) const TARGET: &str = "spans";

/// The command of this process (conventions for command line programs: "CLI span").
pub(crate) fn command(name: &str) -> Span {
    info_span!(
        target: TARGET,
        "command",
        otel.name = name,
        otel.status_description = Empty,
        process.executable.name = "crhost",
        process.pid = i64::from(std::process::id()),
        process.exit.code = Empty,
        "error.type" = Empty,
    )
}

/// Notes how the command ended: its exit code and, of a failure, its kind and message.
pub(crate) fn command_ended(span: &Span, exit_code: u8, failure: Option<(&str, &str)>) {
    span.record("process.exit.code", i64::from(exit_code));
    if let Some((kind, message)) = failure {
        span.record("error.type", kind);
        span.record("otel.status_description", message);
    }
}

/// The push of one image.
pub(crate) fn push() -> Span {
    info_span!(
        target: TARGET,
        "push",
        otel.status_description = Empty,
        container.image.name = Empty,
        container.image.tags = Empty,
        oci.manifest.digest = Empty,
    )
}

/// The push of one image to one of several registries.
pub(crate) fn push_to(registry: &str) -> Span {
    info_span!(
        target: TARGET,
        "push to registry",
        otel.status_description = Empty,
        crhost.registry = registry,
        container.image.name = Empty,
        container.image.tags = Empty,
        oci.manifest.digest = Empty,
    )
}

/// Notes what was pushed: the image's name, its tags, joined by commas, and its manifest's digest.
pub(crate) fn pushed(span: &Span, name: &str, tags: &str, digest: Option<&str>) {
    span.record("container.image.name", name);
    span.record("container.image.tags", tags);
    span.record("oci.manifest.digest", digest);
}

/// Notes why nothing was pushed.
pub(crate) fn push_failed(span: &Span, error: &dyn Display) {
    span.record("otel.status_description", tracing::field::display(error));
}

/// The image's source, until its configuration and layers are known.
pub(crate) fn open_source() -> Span {
    info_span!(target: TARGET, "open source")
}

/// One layer on its way to the registry, with all its tries.
pub(crate) fn layer(is_compressed: bool) -> Span {
    info_span!(
        target: TARGET,
        "layer",
        otel.status_code = Empty,
        crhost.layer.digest = Empty,
        crhost.layer.size = Empty,
        crhost.layer.outcome = Empty,
        // Whether it is compressed on its way.
        crhost.layer.compressed = is_compressed,
    )
}

/// Notes that the layer is in the registry; its size is in bytes.
pub(crate) fn layer_sent(span: &Span, digest: &str, size: u64) {
    span.record("crhost.layer.digest", digest);
    span.record("crhost.layer.size", number(size));
    span.record("crhost.layer.outcome", "uploaded");
}

/// Notes that the layer could not be sent.
pub(crate) fn layer_failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// An event: a layer that was not sent, and why; its size is in bytes.
pub(crate) fn layer_skipped(digest: &str, size: Option<u64>, outcome: &str) {
    info!(
        target: TARGET,
        { crhost.layer.digest = digest, crhost.layer.size = size.map(number), crhost.layer.outcome = outcome },
        "layer skipped"
    );
}

/// An event: something is tried again after this wait, for this reason.
pub(crate) fn retry(wait: Duration, reason: &dyn Display) {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    info!(target: TARGET, { crhost.retry.wait_ms = wait, crhost.retry.reason = %reason }, "retry");
}

/// A call of a component's function; `kind` is the word for it, `flavor` or `policy`.
pub(crate) fn component_call(kind: &str, name: &str, function: &str) -> Span {
    info_span!(
        target: TARGET,
        "flavor call",
        otel.name = format!("{kind} {function}"),
        otel.status_code = Empty,
        "error.type" = Empty,
        crhost.flavor.name = name,
        crhost.flavor.function = function,
        // The most linear memory that it had, in bytes.
        crhost.flavor.memory = Empty,
        crhost.flavor.requests = Empty,
    )
}

/// Notes what a call used, and the word for its end unless it gave a value.
pub(crate) fn component_call_ended(span: &Span, memory: usize, requests: usize, failure: Option<&str>) {
    span.record("crhost.flavor.memory", number(memory as u64));
    span.record("crhost.flavor.requests", number(requests as u64));
    if let Some(failure) = failure {
        failed(span, failure);
    }
}

/// The compilation of a component, or the loading of its machine code.
pub(crate) fn compile() -> Span {
    info_span!(target: TARGET, "flavor compile")
}

/// A request over HTTP (conventions for HTTP: "HTTP client span").
pub(crate) struct RequestSpan {
    span: Span,
}

impl RequestSpan {
    /// A request to this server; an IPv6 address may be in brackets.
    pub(crate) fn new(method: &dyn Display, scheme: &dyn Display, host: &str, port: Option<u16>) -> Self {
        let span = info_span!(
            target: TARGET,
            "request",
            otel.name = %method,
            otel.kind = "client",
            otel.status_code = Empty,
            "error.type" = Empty,
            http.request.method = %method,
            url.scheme = %scheme,
            server.address = host.trim_matches(['[', ']']),
            server.port = port.map(i64::from),
            http.response.status_code = Empty,
        );
        Self { span }
    }

    /// A request to the server of this URL, of which nothing else is kept.
    pub(crate) fn to_url(method: &dyn Display, url: &Url) -> Self {
        Self::new(method, &url.scheme(), url.host_str().unwrap_or_default(), url.port_or_known_default())
    }

    /// The span, for what belongs to the request.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Notes the answer's status. A challenge, and that something is absent, are answers, and no errors.
    pub(crate) fn answered(&self, status: u16) {
        self.span.record("http.response.status_code", i64::from(status));
        if status >= 400 && !matches!(status, 401 | 404) && !self.span.is_disabled() {
            failed(&self.span, &status.to_string());
        }
    }

    /// Notes that no answer came, with a word for the reason.
    pub(crate) fn failed(&self, reason: &str) {
        failed(&self.span, reason);
    }
}

/// A number as the trace has it, which knows signed ones alone: others would be texts.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn failed(span: &Span, reason: &str) {
    span.record("error.type", reason);
    span.record("otel.status_code", "ERROR");
}

/// A request that a server answers, at one of its routes.
pub(crate) fn served(method: &dyn Display, route: &'static str) -> Span {
    info_span!(
        target: TARGET,
        "served",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
    )
}

/// Notes how such a request was answered.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    // What a caller does wrong is no error of a server.
    if status >= 500 {
        failed(span, &status.to_string());
    }
}
