//! A request before it is authorized.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::location::Destination;
use super::wire::payload::{Payload, Taken};
use super::wire::redirect;

/// One request to a registry, or to a place that the registry named.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) destination: Destination,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    /// The request as errors name it, such as ``the start of an upload to `acme/train` ``.
    pub(super) name: String,
    /// What a token must allow for it.
    pub(super) scopes: Vec<String>,
    /// The statuses by which the specification says that it succeeded; none for a request whose success is of no
    /// consequence. Another 2xx is the answer of something that did not do what was asked for.
    pub(super) success: &'static [StatusCode],
    /// Told of the bytes of the content that the connection has taken, from 0 again where the request is repeated.
    pub(super) taken: Option<Taken>,
}

impl Request {
    /// A request without headers and content, which errors call `name`.
    pub(super) fn new(method: Method, destination: Destination, name: String, scopes: Vec<String>) -> Self {
        let (headers, payload) = (HeaderMap::new(), Payload::empty());
        Self { method, destination, headers, payload, name, scopes, success: &[], taken: None }
    }

    /// The same request with one header more.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The same request with this content.
    pub(super) fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// The same request, which only these statuses answer with success.
    pub(super) fn succeeding_with(mut self, success: &'static [StatusCode]) -> Self {
        self.success = success;
        self
    }

    /// Whether a status means success.
    pub(super) fn succeeds_with(&self, status: StatusCode) -> bool {
        status.is_success() && (self.success.is_empty() || self.success.contains(&status))
    }

    /// Whether a request without content must say so: some proxies refuse a POST or PUT without a length.
    pub(super) fn may_carry_content(&self) -> bool {
        matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }

    /// Whether it uploads bytes, which the registry may copy before it answers.
    pub(super) fn uploads(&self) -> bool {
        matches!(self.method, Method::PUT | Method::PATCH)
    }

    /// Whether a redirect with this status is followed.
    pub(super) fn follows(&self, status: StatusCode) -> bool {
        redirect::is_followed(&self.method, status)
    }
}
