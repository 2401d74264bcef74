//! Builds by a daemon: what its builders can do, a build, and the session that serves it.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use http_body_util::{Empty, StreamBody};
use hyper::body::Frame;
use hyper::upgrade::Upgraded;

use super::{ANSWER_TIMEOUT, ApiVersion, Engine, EngineError};
use crate::docker::client::{self, Failure, Request};
use crate::text::Escaped;

/// What a daemon's builders can do, as its answer to a ping tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Builders {
    /// The newest version of the API; absent where a proxy leaves it out.
    pub(crate) api: Option<ApiVersion>,
    /// Whether it is Podman, which builds with Buildah whatever builder is asked for.
    pub(crate) is_podman: bool,
    /// Whether it builds images for Windows, for which Docker has no BuildKit.
    pub(crate) is_windows: bool,
}

/// The header with logins for the images that a build is made of.
const LOGINS: HeaderName = HeaderName::from_static("x-registry-config");
/// The header for each method that a session has.
const METHOD: HeaderName = HeaderName::from_static("x-docker-expose-session-grpc-method");

impl Builders {
    /// Whether BuildKit is among them.
    #[must_use]
    pub(crate) fn has_buildkit(&self) -> bool {
        !self.is_podman && !self.is_windows && self.api.is_some_and(|api| api >= ApiVersion::BUILDKIT)
    }
}

impl Engine {
    /// What the daemon's builders can do, within a minute.
    ///
    /// # Errors
    /// When the daemon does not answer.
    pub(crate) async fn builders(&self) -> Result<Builders, EngineError> {
        let headers = client::headers(&self.endpoint, "/_ping", ANSWER_TIMEOUT).await;
        let headers = headers.map_err(|failure| self.build_failure(failure))?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_podman = header("Libpod-Api-Version").is_some();
        let is_windows = header("Ostype") == Some("windows");
        Ok(Builders { api: ApiVersion::of(&headers), is_podman, is_windows })
    }

    /// Builds an image of a context, a tar stream, and gives the daemon's messages: JSON objects, one behind another.
    /// Dropping the stream ends the build. `logins` are credentials for the images that it is made of, in the form of
    /// `X-Registry-Config`.
    ///
    /// # Errors
    /// When the daemon refuses; an item is an error when the connection breaks.
    pub(crate) async fn build<S>(
        &self,
        query: &str,
        logins: Option<HeaderValue>,
        context: S,
    ) -> Result<impl Stream<Item = Result<Bytes, EngineError>> + Send + use<S>, EngineError>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let path = format!("/build?{query}");
        let mut request = Request::new(Method::POST, &path);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
        request.headers.extend(logins.map(|logins| (LOGINS, logins)));
        let body = StreamBody::new(context.map_ok(Frame::data));
        let answer =
            client::send(&self.endpoint, request, body).await.map_err(|failure| self.build_failure(failure))?;
        let engine = self.clone();
        Ok(client::body(answer).map(move |chunk| chunk.map_err(|failure| engine.build_failure(failure))))
    }

    /// Opens a session, on which the daemon's BuildKit then asks this side for what a build needs, over HTTP/2.
    /// `methods` are those that it may call.
    ///
    /// # Errors
    /// When the daemon has no sessions, or does not answer.
    pub(crate) async fn session(&self, id: &str, methods: &[&'static str]) -> Result<Upgraded, EngineError> {
        let mut request = Request::new(Method::POST, "/session");
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "h2c"),
            ("x-docker-expose-session-uuid", id),
            ("x-docker-expose-session-name", "crhost"),
            ("x-docker-expose-session-sharedkey", ""),
        ] {
            // Names and values that were written for this, or hexadecimal.
            request
                .headers
                .extend(HeaderValue::from_str(value).ok().map(|value| (HeaderName::from_static(name), value)));
        }
        for method in methods {
            request.headers.append(METHOD, HeaderValue::from_static(method));
        }
        let answer = client::send(&self.endpoint, request, Empty::<Bytes>::new());
        let answer = answer.await.map_err(|failure| self.build_failure(failure))?;
        hyper::upgrade::on(answer).await.map_err(|error| self.build_failed(error.to_string().into()))
    }

    fn build_failure(&self, failure: Failure) -> EngineError {
        self.build_failed(failure.reason)
    }

    fn build_failed(&self, reason: Escaped) -> EngineError {
        EngineError::Build { endpoint: Escaped::of(&self.endpoint), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildkit_is_there_from_docker_18_09_on_but_not_in_podman_or_for_windows() {
        let docker = |api| Builders { api: ApiVersion::parse(api), is_podman: false, is_windows: false };
        assert!(docker("1.39").has_buildkit() && docker("2.0").has_buildkit());
        assert!(!docker("1.38").has_buildkit() && !docker("").has_buildkit());
        assert!(!Builders { is_podman: true, ..docker("1.41") }.has_buildkit());
        assert!(!Builders { is_windows: true, ..docker("1.41") }.has_buildkit());
    }
}
