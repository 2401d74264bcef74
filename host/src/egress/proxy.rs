//! Tunnels through the proxies of the environment.

use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use tokio::io::AsyncReadExt as _;
use tower_service::Service;

use super::error::EgressError;
use super::stream::Stream;
use crate::network::proxies::Proxy;

/// Adds a proxy's credentials to a request that is sent to the proxy.
pub(super) fn authorize<B>(proxy: &Proxy, request: &mut http::Request<B>) {
    if let Some(authorization) = &proxy.authorization {
        let mut authorization = authorization.clone();
        authorization.set_sensitive(true);
        request.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
    }
}

/// Asks a proxy that speaks HTTP to connect to `authority` (RFC 9110, section 9.3.6) and gives the tunnel.
///
/// # Errors
/// When it does not answer, or not with success. The proxy's own words could tell a guest about the user's network and
/// are left out.
pub(super) async fn tunnel(proxy: &Proxy, stream: Stream, authority: &str) -> Result<Stream, EgressError> {
    let no_answer = |_| EgressError::unreachable("the proxy that the environment names did not answer");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
    let request = connect_request(proxy, authority)?;
    let answer = async move {
        // The body of a refusal is dropped with it, unread; that and the end of the sender end the connection's future.
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

fn connect_request(proxy: &Proxy, authority: &str) -> Result<http::Request<Empty<Bytes>>, EgressError> {
    let odd = || EgressError::invalid("the URL's host is odd");
    let mut request = http::Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = authority.parse().map_err(|_| odd())?;
    request.headers_mut().insert(HOST, HeaderValue::from_str(authority).map_err(|_| odd())?);
    authorize(proxy, &mut request);
    Ok(request)
}

/// Asks a SOCKS 5 proxy to connect to `authority` (RFC 1928) and gives the tunnel.
///
/// # Errors
/// When it does not answer, or not with success; as for [`tunnel`], without its words.
pub(super) async fn socks_tunnel(proxy: &Proxy, stream: Stream, authority: &str) -> Result<Stream, EgressError> {
    let target = format!("https://{authority}").parse::<Uri>();
    let target = target.map_err(|_| EgressError::invalid("the URL's host is odd"))?;
    let mut socks = SocksV5::new(Uri::default(), Connected(Some(stream)));
    if let Some((user, password)) = &proxy.login {
        socks = socks.with_auth(user.clone(), password.expose_secret().to_owned());
    }
    let tunnel = socks.call(target).await.map_err(|error| {
        tracing::debug!("the SOCKS proxy failed: {error}");
        EgressError::unreachable("the proxy that the environment names would not connect")
    })?;
    Ok(Box::new(tunnel.into_inner()))
}

/// The connection to a proxy that was made already, where the library would make one.
struct Connected(Option<Stream>);

impl Service<Uri> for Connected {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Stream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}
