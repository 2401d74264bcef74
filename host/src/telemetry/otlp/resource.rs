//! Who takes the trace ("Resource" of OpenTelemetry's semantic conventions).

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, ResourceDetector as _};

use crate::environment::{EnvVars, Environment};

/// Name and version of crhost, and what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, which goes before.
pub(super) fn describe(environment: &Environment) -> Resource {
    let given = EnvResourceDetector::new().detect();
    let is_given = |key: &'static str| given.get(&Key::from_static_str(key)).is_some();
    let mut builder = Resource::builder();
    // The SDK has its own variable behind the other one, and another name without both.
    let named = environment.text(EnvVars::OTEL_SERVICE_NAME).map(|name| name.into_owned());
    if let Some(name) = named.or_else(|| (!is_given("service.name")).then(|| "crhost".to_owned())) {
        builder = builder.with_service_name(name);
    }
    if !is_given("service.version") {
        builder = builder.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    }
    builder.build()
}
