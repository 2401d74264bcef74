//! Proxies that the environment names, and tunnels through them.

use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt as _;

use super::error::EgressError;
use super::stream::Stream;
use crate::grant::{Scheme, Target};
use crate::image::Host;

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl reads them.
pub(super) struct Proxies(Matcher);

/// A proxy on the way to a target. Without `Debug`: it may hold a password.
pub(super) struct Proxy {
    /// How the proxy itself is spoken to.
    pub(super) scheme: Scheme,
    /// Its host, an IPv6 address in brackets.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    authorization: Option<HeaderValue>,
}

impl Proxies {
    /// The proxies of the environment, and of the operating system where it has settings for them. The library reads
    /// both.
    pub(super) fn of_the_system() -> Self {
        Self(Matcher::from_system())
    }

    /// No proxy.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(Matcher::builder().build())
    }

    /// One proxy for every target.
    #[cfg(test)]
    pub(super) fn all(proxy: &str) -> Self {
        Self(Matcher::builder().all(proxy.to_owned()).build())
    }

    /// The proxy for a target, if there is one. This machine itself is reached without: a proxy would reach its own.
    ///
    /// # Errors
    /// When the environment names a proxy that can't be used.
    pub(super) fn towards(&self, target: &Target) -> Result<Option<Proxy>, EgressError> {
        if target.authority().parse::<Host>().is_ok_and(|host| host.is_loopback()) {
            return Ok(None);
        }
        let uri = target.origin().parse::<Uri>().map_err(|_| EgressError::invalid("the URL's host is odd"))?;
        self.0.intercept(&uri).map(|proxy| Proxy::new(&proxy)).transpose()
    }
}

impl Proxy {
    fn new(proxy: &Intercept) -> Result<Self, EgressError> {
        let uri = proxy.uri();
        let scheme = match uri.scheme_str() {
            Some("http") | None => Scheme::Http,
            Some("https") => Scheme::Https,
            Some(_) => {
                return Err(EgressError::unreachable("the environment names a proxy that is neither http nor https"));
            }
        };
        let host =
            uri.host().ok_or_else(|| EgressError::unreachable("the environment names a proxy without a host"))?;
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(scheme.default_port()),
            authorization: proxy.basic_auth().cloned(),
        })
    }

    /// Adds the proxy's credentials to a request that is sent to the proxy.
    pub(super) fn authorize<B>(&self, request: &mut http::Request<B>) {
        if let Some(authorization) = &self.authorization {
            let mut authorization = authorization.clone();
            authorization.set_sensitive(true);
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
    }

    /// Asks the proxy to connect to `authority` (RFC 9110, section 9.3.6) and gives the tunnel.
    ///
    /// # Errors
    /// When it does not answer, or not with success. The proxy's own words could tell a guest about the user's network
    /// and are left out.
    pub(super) async fn tunnel(&self, stream: Stream, authority: &str) -> Result<Stream, EgressError> {
        let no_answer = |_| EgressError::unreachable("the proxy that the environment names did not answer");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
        let request = self.connect_request(authority)?;
        let answer = async move {
            // The body of a refusal is dropped with it, unread; that and the end of the sender end the connection's
            // future.
            sender.send_request(request).await.map(|response| response.status())
        };
        // Not an upgrade, which hyper offers after 200 and not after 204: the connection gives its stream back.
        let (status, connection) = tokio::join!(answer, connection.without_shutdown());
        match status.map_err(no_answer)? {
            status if status.is_success() => {}
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                return Err(EgressError::unreachable("the proxy that the environment names wants other credentials"));
            }
            _ => return Err(EgressError::unreachable("the proxy that the environment names would not connect")),
        }
        let connection = connection.map_err(no_answer)?;
        let (read, write) = tokio::io::split(connection.io.into_inner());
        // Bytes that came with the proxy's answer belong to the tunnel.
        Ok(Box::new(tokio::io::join(std::io::Cursor::new(connection.read_buf).chain(read), write)))
    }

    fn connect_request(&self, authority: &str) -> Result<http::Request<Empty<Bytes>>, EgressError> {
        let odd = || EgressError::invalid("the URL's host is odd");
        let mut request = http::Request::new(Empty::new());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = authority.parse().map_err(|_| odd())?;
        request.headers_mut().insert(HOST, HeaderValue::from_str(authority).map_err(|_| odd())?);
        self.authorize(&mut request);
        Ok(request)
    }
}
