//! No traces: the cargo feature `otel` is off.

use http::HeaderMap;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing::span::Span;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;

use super::settings::Settings;
use crate::environment::Environment;
use crate::spans;

/// Nothing: no trace goes on.
pub(crate) fn continue_from(_span: &Span, _headers: &HeaderMap) {}

/// The trace of this process, which is never taken.
pub(crate) struct Traces {
    is_wanted: bool,
}

impl Traces {
    /// None, whatever the environment says.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self { is_wanted: false }
    }

    /// Reads whether the environment asks for a trace.
    #[must_use]
    pub(crate) fn start(environment: &Environment, _runtime: &Handle) -> Self {
        Self { is_wanted: matches!(Settings::read(environment), Ok(Some(_))) }
    }

    /// No layer.
    #[must_use]
    pub(crate) fn layer<S: Subscriber>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>> {
        None::<Identity>
    }

    /// A span that no trace takes.
    #[must_use]
    pub(crate) fn command(&self, _name: impl FnOnce() -> String) -> Span {
        spans::command("crhost")
    }

    /// Says what is wrong with the settings, once the log has begun.
    pub(crate) fn tell(&self) {
        if self.is_wanted {
            tracing::warn!("no trace is taken: this crhost was built without the feature `otel`");
        }
    }

    /// Nothing is sent.
    pub(crate) async fn end(&self) {}
}
