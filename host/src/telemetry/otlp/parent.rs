//! The span of the process that started this one, as the environment carries it ("Environment Variables as Context
//! Propagation Carriers" of OpenTelemetry, in the form of W3C Trace Context).

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::span::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::environment::{EnvVars, Environment};

/// Reads `TRACEPARENT` and `TRACESTATE`; what is not valid is ignored, and then this process begins a trace.
pub(super) fn read(environment: &Environment) -> Context {
    let variables = [("traceparent", EnvVars::TRACEPARENT), ("tracestate", EnvVars::TRACESTATE)];
    let values = variables
        .into_iter()
        .filter_map(|(name, variable)| Some((name.to_owned(), environment.text(variable)?.into_owned())));
    let carrier: HashMap<String, String> = values.collect();
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier)
}

/// Has a span go on with the trace of a caller, by the headers of his request (W3C Trace Context).
pub(crate) fn continue_from(span: &Span, headers: &HeaderMap) {
    let value = |name: &str| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    let carrier: HashMap<String, String> = ["traceparent", "tracestate"].into_iter().filter_map(value).collect();
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
    // Fails where no trace is taken.
    let _ = span.set_parent(parent);
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceContextExt as _;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_span_that_started_this_process_is_known_by_its_variable() {
        let read = |variables: &[(&str, &str)]| read(&variables.iter().copied().collect());
        let context = read(&[("TRACEPARENT", PARENT), ("TRACESTATE", "a=1")]);
        let parent = context.span().span_context().clone();
        assert_eq!(parent.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(parent.span_id().to_string(), "b7ad6b7169203331");
        assert!(parent.is_remote() && parent.is_sampled());
        assert_eq!(parent.trace_state().header(), "a=1");
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        for invalid in ["", "x", zeros, &PARENT.to_uppercase(), &PARENT.replace("00-", "ff-"), &format!("{PARENT}-x")] {
            assert!(!read(&[("TRACEPARENT", invalid)]).span().span_context().is_valid(), "{invalid}");
        }
    }
}
