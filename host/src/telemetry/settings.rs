//! What the environment says about traces: OpenTelemetry's own variables ("Environment Variable Specification" and
//! "OpenTelemetry Protocol Exporter"). An empty variable is as good as one that is not set.

use std::collections::HashMap;
use std::path::PathBuf;

use url::Url;

use crate::environment::{EnvVars, Environment};
use crate::image::Host;
use crate::network::names;
use crate::text::Escaped;

/// Where traces are sent, and how.
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "without traces, only whether one is wanted counts"))]
pub(super) struct Settings {
    /// The URL that takes traces.
    pub(super) url: Url,
    /// Headers of each request. They may hold a secret.
    pub(super) headers: HashMap<String, String>,
    /// A file of authorities that are trusted besides the platform's.
    pub(super) certificate: Option<PathBuf>,
    /// What is wrong, and does not keep traces from being sent.
    pub(super) remarks: Vec<Escaped>,
}

impl Settings {
    /// Reads them; `None` where no trace is wanted.
    ///
    /// # Errors
    /// Why no trace can be sent although one is wanted, in one line.
    pub(super) fn read(environment: &Environment) -> Result<Option<Self>, Escaped> {
        let is_disabled =
            environment.text(EnvVars::OTEL_SDK_DISABLED).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let exporter = environment.text(EnvVars::OTEL_TRACES_EXPORTER);
        if is_disabled || exporter.as_deref() == Some("none") {
            return Ok(None);
        }
        let of_traces = environment.text(EnvVars::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
        let (variable, text) = match (of_traces, environment.text(EnvVars::OTEL_EXPORTER_OTLP_ENDPOINT)) {
            (Some(of_traces), _) => (EnvVars::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, of_traces),
            (None, Some(of_all)) => (EnvVars::OTEL_EXPORTER_OTLP_ENDPOINT, of_all),
            (None, None) => return Ok(None),
        };
        if let Some(other) = exporter.filter(|exporter| exporter != "otlp") {
            return Err(format!("`{}` is `{other}`, expected `otlp` or `none`", EnvVars::OTEL_TRACES_EXPORTER).into());
        }
        let protocols = [EnvVars::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, EnvVars::OTEL_EXPORTER_OTLP_PROTOCOL];
        let protocol = protocols.into_iter().find_map(|name| Some((name, environment.text(name)?)));
        if let Some((name, other)) = protocol.filter(|(_, protocol)| protocol != "http/protobuf") {
            return Err(format!("`{name}` is `{other}`, expected `http/protobuf`, usually at port 4318").into());
        }
        // It may hold a password, and is not quoted.
        let unusable = || format!("`{variable}` is no URL with `http://` or `https://`");
        let mut url = Url::parse(text.trim()).map_err(|_| unusable())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(unusable().into());
        }
        if variable == EnvVars::OTEL_EXPORTER_OTLP_ENDPOINT {
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        let headers = [EnvVars::OTEL_EXPORTER_OTLP_TRACES_HEADERS, EnvVars::OTEL_EXPORTER_OTLP_HEADERS];
        let headers = headers.into_iter().find_map(|name| environment.text(name)).unwrap_or_default();
        let certificates = [EnvVars::OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, EnvVars::OTEL_EXPORTER_OTLP_CERTIFICATE];
        let certificate = certificates.into_iter().find_map(|name| environment.path(name));
        let mut settings = Self { url, headers: parse_headers(&headers), certificate, remarks: Vec::new() };
        settings.keep_secrets();
        Ok(Some(settings))
    }

    /// Drops what may be a secret where everyone on the way could read it.
    fn keep_secrets(&mut self) {
        let has_login = !self.url.username().is_empty() || self.url.password().is_some();
        let is_own = || {
            self.url
                .host_str()
                .and_then(|host| host.parse::<Host>().ok())
                .is_some_and(|host| names::is_this_machine(&host))
        };
        if self.url.scheme() == "http" && (has_login || !self.headers.is_empty()) && !is_own() {
            self.headers.clear();
            // Fails for URLs that can't hold user information.
            let _ = self.url.set_username("").and_then(|()| self.url.set_password(None));
            let text = "the headers for traces are not sent in plain HTTP to another machine: expected an endpoint with `https://`";
            self.remarks.push(text.into());
        }
    }

    /// The collector, as messages name it: without path, query and user.
    #[cfg(any(feature = "otel", test))]
    pub(super) fn collector(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// Headers as `name=value,name=value`, with values in percent-encoding (W3C Baggage, "Header Content"). What has
/// another form is left out.
fn parse_headers(text: &str) -> HashMap<String, String> {
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.into_owned());
        let is_valid =
            http::HeaderName::from_bytes(name.as_bytes()).is_ok() && http::HeaderValue::from_str(&value).is_ok();
        is_valid.then_some((name, value))
    };
    text.split(',').filter_map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/");

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, Escaped> {
        Settings::read(&variables.iter().copied().collect())
    }

    #[test]
    fn a_trace_is_taken_where_a_collector_is_named_and_nobody_says_otherwise() {
        for (variables, url) in [
            (&[][..], None),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")], None),
            (&[ENDPOINT], Some("http://localhost:4318/v1/traces")),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c.example/otlp")], Some("https://c.example/otlp/v1/traces")),
            (&[ENDPOINT, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[::1]:1/x")], Some("http://[::1]:1/x")),
            (&[ENDPOINT, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")], Some("http://localhost:4318/v1/traces")),
            (&[ENDPOINT, ("OTEL_SDK_DISABLED", "TRUE")], None),
            (&[ENDPOINT, ("OTEL_SDK_DISABLED", "1")], Some("http://localhost:4318/v1/traces")),
            (&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "none")], None),
            (&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "")], Some("http://localhost:4318/v1/traces")),
        ] {
            let settings = read(variables).ok().unwrap();
            assert_eq!(settings.map(|settings| settings.url.to_string()).as_deref(), url, "{variables:?}");
        }
    }

    #[test]
    fn settings_that_can_t_be_followed_are_named_without_their_secrets() {
        for (variables, text) in [
            (
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", "user:secret@localhost:4318")][..],
                "`OTEL_EXPORTER_OTLP_ENDPOINT` is no URL",
            ),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")], "`OTEL_EXPORTER_OTLP_ENDPOINT` is no URL"),
            (&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], "`OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`"),
            (&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "console")], "`OTEL_TRACES_EXPORTER` is `console`"),
        ] {
            let problem = read(variables).err().unwrap();
            assert!(problem.contains(text) && !problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn headers_go_to_this_machine_and_over_tls_alone() {
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20secret, x = 1,bad,b\u{1}=2");
        for (endpoint, count) in [("https://c.example", 2), ("http://localhost:1", 2), ("http://c.example", 0)] {
            let settings = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), headers]).ok().unwrap().unwrap();
            assert_eq!(
                (settings.headers.len(), settings.remarks.len()),
                (count, usize::from(count == 0)),
                "{endpoint}"
            );
        }
        let own = read(&[ENDPOINT, headers]).ok().unwrap().unwrap();
        assert_eq!(own.headers["authorization"], "Bearer secret");
        let all = read(&[ENDPOINT, headers, ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "y=1")]).ok().unwrap().unwrap();
        assert_eq!(all.headers.len(), 1);
        let user = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:p@c.example")]).ok().unwrap().unwrap();
        assert_eq!((user.url.as_str(), user.collector().as_str()), ("http://c.example/v1/traces", "http://c.example"));
    }
}
