//! One request and its answer, on a connection of their own.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use http::header::CONTENT_ENCODING;
use http_body_util::{BodyDataStream, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::connect::Dialer;
use super::error::EgressError;
use super::limits::{self, EgressLimits};
use super::proxy;
use super::resolve;
use super::response::Response;
use super::tls::Tls;
use crate::bounded::{self, ReadError};
use crate::grant::{Guest, Scheme, Target};
use crate::network::proxies::{Proxies, Proxy, ProxyKind};

/// Sends requests and reads answers; one per process, shared by the clients of all calls.
pub(crate) struct Transport {
    /// Makes the connections.
    pub(super) dialer: Dialer,
    /// The proxies of the environment.
    pub(super) proxies: Arc<Proxies>,
}

impl Transport {
    /// A transport with the system's resolver and proxies, and the authorities of the platform and of these directories
    /// of certificates.
    #[must_use]
    pub(crate) fn new(certificate_directories: Vec<PathBuf>) -> Self {
        let (resolver, tls) = (resolve::system_resolver(), Tls::new(certificate_directories));
        let dialer = Dialer { resolver, tls, limits: EgressLimits::DEFAULT };
        Self { dialer, proxies: Arc::clone(Proxies::of_the_system()) }
    }

    /// The limits of requests.
    pub(super) fn limits(&self) -> &EgressLimits {
        &self.dialer.limits
    }

    /// Sends a request that the policy allows and gives its whole answer. Each request has a connection of its own, so
    /// that each takes all steps of a connection: a sign-in is three requests, and reuse would gain little.
    ///
    /// # Errors
    /// When no connection is made, it breaks, or the answer is too large or compressed.
    pub(super) async fn exchange(
        &self,
        guest: &Guest,
        target: &Target,
        private_allowed: bool,
        mut request: http::Request<Full<Bytes>>,
    ) -> Result<Response, EgressError> {
        let origin = target.origin().parse::<Uri>().map_err(|_| EgressError::invalid("the URL's host is odd"))?;
        let proxy = self.proxies.towards(&origin);
        let stream = self.dialer.connect(guest, target, private_allowed, proxy.as_ref()).await?;
        let forwards = |proxy: &&Proxy| matches!(proxy.kind, ProxyKind::Http | ProxyKind::Https);
        if let (Some(proxy), Scheme::Http) = (proxy.as_ref().filter(forwards), target.scheme()) {
            // A request that a proxy forwards has the whole URL in its request line (RFC 9112, section 3.2.2).
            let absolute: Result<Uri, _> = format!("{}{}", target.origin(), target.path()).parse();
            *request.uri_mut() = absolute.map_err(|_| EgressError::invalid("the URL's path is odd"))?;
            proxy::authorize(proxy, &mut request);
        }
        let broken = |_| EgressError::unreachable(format!("the connection to `{}` broke", target.authority()));
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::ANSWER_HEADER_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // Aborted when this function ends, in whatever way.
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| if error.is_parse_too_large() { EgressError::TooLarge } else { broken(error) })?;
        let (head, body) = answer.into_parts();
        // Secrets could not be redacted in a compressed answer.
        let is_plain = |encoding: &http::HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"identity");
        if !head.headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
            let authority = target.authority();
            return Err(EgressError::unreachable(format!(
                "`{authority}` sent its answer compressed, which was not asked for"
            )));
        }
        let headers =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        Ok(Response { status: head.status.as_u16(), headers, body: read(body, target).await? })
    }
}

/// Reads a body, never more of it than an answer may have.
async fn read(body: Incoming, target: &Target) -> Result<Vec<u8>, EgressError> {
    bounded::collect(BodyDataStream::new(body), limits::ANSWER_BYTES).await.map_err(|error| match error {
        ReadError::TooLarge { .. } => EgressError::TooLarge,
        ReadError::Failed(_) => EgressError::unreachable(format!("the answer of `{}` broke off", target.authority())),
    })
}
