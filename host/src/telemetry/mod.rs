//! Traces by OTLP, where the environment names a collector. Without one nothing is set up and nothing is sent.
//!
//! The cargo feature `otel` has it; without that, the same interface takes no trace, and says so once where the
//! environment asks for one. No other module knows which of the two it is.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod otlp;
mod settings;

#[cfg(not(feature = "otel"))]
pub(crate) use absent::{Traces, continue_from};
#[cfg(feature = "otel")]
pub(crate) use otlp::{Traces, continue_from};
