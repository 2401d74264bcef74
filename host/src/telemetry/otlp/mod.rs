//! The trace of this process, sent by OpenTelemetry's SDK through crhost's own connections.

mod client;
mod parent;
mod resource;

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::span::Span;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::registry::LookupSpan;

use super::settings::Settings;
use crate::environment::Environment;
use crate::spans;
use crate::text::{Escaped, Foreign};
use client::{Client, Problem};
pub(crate) use parent::continue_from;

/// The longest time for which a command waits at its end until its trace is sent: more than a collector needs, and
/// short enough to be borne at each command where it can't be reached.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// The trace of this process, if one is taken.
pub(crate) struct Traces {
    taken: Option<Taken>,
    /// What is wrong with the settings.
    remarks: Vec<Escaped>,
}

/// A trace that is taken.
struct Taken {
    provider: SdkTracerProvider,
    /// The span of the process that started this one, or nothing.
    parent: Context,
    /// The collector's name, for messages.
    collector: String,
    problem: Problem,
}

impl Traces {
    /// None, whatever the environment says.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self { taken: None, remarks: Vec::new() }
    }

    /// Sets up the trace that the environment asks for. Requests to the collector run in this runtime.
    #[must_use]
    pub(crate) fn start(environment: &Environment, runtime: &Handle) -> Self {
        let mut settings = match Settings::read(environment) {
            Ok(Some(settings)) => settings,
            Ok(None) => return Self::none(),
            Err(remark) => return Self { taken: None, remarks: vec![not_taken(&remark)] },
        };
        let mut remarks = std::mem::take(&mut settings.remarks);
        match Taken::start(settings, environment, runtime) {
            Ok(taken) => Self { taken: Some(taken), remarks },
            Err(remark) => {
                remarks.push(not_taken(&remark));
                Self { taken: None, remarks }
            }
        }
    }

    /// The layer that turns spans into those of the trace.
    #[must_use]
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.taken.as_ref()?.provider.tracer("crhost");
        // Threads and lines of the source are no concern of those who read a trace.
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false);
        let is_span = FilterFn::new(|metadata| metadata.target() == spans::TARGET);
        Some(layer.with_filter(is_span.with_max_level_hint(LevelFilter::INFO)))
    }

    /// The span of the command, below the one of the process that started this one.
    #[must_use]
    pub(crate) fn command(&self, name: impl FnOnce() -> String) -> Span {
        let Some(taken) = &self.taken else { return Span::none() };
        let span = spans::command(&name());
        // Fails for a span that has begun, or of which no trace is taken.
        let _ = span.set_parent(taken.parent.clone());
        span
    }

    /// Says what is wrong with the settings, once the log has begun.
    pub(crate) fn tell(&self) {
        self.remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
    }

    /// Sends the rest, once all spans have ended, and waits for that for a bounded time. A trace that could not be sent
    /// is one warning, and changes nothing else.
    pub(crate) async fn end(&self) {
        let Some(taken) = &self.taken else { return };
        let provider = taken.provider.clone();
        let sent = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_WAIT)).await;
        let problem = taken.problem.lock().take();
        let problem = problem.or_else(|| match sent {
            Ok(Ok(())) => None,
            _ => Some(format!("it took longer than {} seconds", LAST_WAIT.as_secs()).into()),
        });
        if let Some(problem) = problem {
            tracing::warn!("the trace was not sent to `{}`: {problem}", taken.collector);
        }
    }
}

impl Taken {
    fn start(settings: Settings, environment: &Environment, runtime: &Handle) -> Result<Self, Escaped> {
        let (problem, collector) = (Problem::default(), settings.collector());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            // The client knows the whole of it, and the headers.
            .with_endpoint(collector.clone())
            // What is waited for at the end is shorter than more of them.
            .with_retry_policy(RetryPolicy::recommended().with_max_retries(1))
            .with_http_client(Client::new(settings, runtime.clone(), problem.clone()))
            .build()
            .map_err(|reason| Escaped::from(Foreign(reason).to_string()))?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource::describe(environment))
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider, parent: parent::read(environment), collector, problem })
    }
}

fn not_taken(reason: &str) -> Escaped {
    format!("no trace is taken: {reason}").into()
}
