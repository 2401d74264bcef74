//! Proxies that the environment names, and tunnels through them.

use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::connect::Stream;
use super::error::EgressError;
use crate::grant::{Scheme, Target};
use crate::image::Host;

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl reads them.
pub(super) struct Proxies(Matcher);

/// A proxy on the way to a target. Without `Debug`: it may hold a password.
pub(super) struct Proxy {
    pub(super) scheme: Scheme,
    pub(super) host: String,
    pub(super) port: u16,
    authorization: Option<HeaderValue>,
}

impl Proxies {
    pub(super) fn of_this_process() -> Self {
        Self(Matcher::from_system())
    }

    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(Matcher::builder().build())
    }

    #[cfg(test)]
    pub(super) fn all(proxy: &str) -> Self {
        Self(Matcher::builder().all(proxy.to_owned()).build())
    }

    /// The proxy for a target, if there is one. None is asked for this machine itself, which it could not reach for us.
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

    /// Adds what the proxy wants to see on a request that it passes on itself.
    pub(super) fn authorize<B>(&self, request: &mut http::Request<B>) {
        if let Some(authorization) = &self.authorization {
            let mut authorization = authorization.clone();
            authorization.set_sensitive(true);
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
    }

    /// Has the proxy connect to `authority` (RFC 9110, section 9.3.6) and gives what leads there.
    pub(super) async fn tunnel(&self, stream: Stream, authority: &str) -> Result<Stream, EgressError> {
        // Its own words could tell the guest about the user's network.
        let failed = |_| EgressError::unreachable("the proxy that the environment names did not answer");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(connection.with_upgrades());
        let mut request = http::Request::new(Empty::<Bytes>::new());
        let odd = |_| EgressError::invalid("the URL's host is odd");
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = authority.parse().map_err(odd)?;
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(authority).map_err(|_| EgressError::invalid("the URL's host is odd"))?);
        self.authorize(&mut request);
        let response = sender.send_request(request).await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                return Err(EgressError::unreachable("the proxy that the environment names wants other credentials"));
            }
            _ => return Err(EgressError::unreachable("the proxy that the environment names would not connect")),
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(failed)?;
        // The connection has been taken out of its task, which is done.
        tasks.detach_all();
        Ok(Box::new(TokioIo::new(upgraded)))
    }
}
