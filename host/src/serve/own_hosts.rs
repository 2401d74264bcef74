//! Requests that web pages send are refused.
//!
//! A browser on this machine, or in its network, reaches the registry too. A page whose name its author lets resolve to
//! `127.0.0.1` (DNS rebinding) would read and replace every image, and any page can send uploads, whose answers it
//! can't read. So a request must name the registry by a name of its own, and must not come from another site.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::api_error::{ApiError, Code};
use super::listener::LocalAddress;
use crate::image::Host;
use crate::text::printable;

/// Port of a `Host` that names none (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;
/// How a page's request relates to the registry, by the browser's word ("Fetch Metadata Request Headers").
const SEC_FETCH_SITE: &str = "sec-fetch-site";
/// Longest part of a request that an error repeats, in characters.
const MAX_SHOWN: usize = 100;

/// The names of the registry besides `localhost`, loopback addresses and the address that a connection came to.
#[derive(Debug, Default)]
pub(super) struct OwnHosts {
    names: Vec<Host>,
}

impl OwnHosts {
    /// Further names, each for the port that is listened on, or for the one that it has.
    pub(super) fn new(names: Vec<Host>) -> Self {
        Self { names }
    }

    /// Whether `host` is the registry for a connection to the address `local`. Of a registry that listens on all
    /// addresses, the one that the connection came to is meant.
    fn contain(&self, host: &Host, local: SocketAddr) -> bool {
        let port = host.port().unwrap_or(HTTP_PORT);
        let name = host.name();
        let is_named = |own: &Host| own.name() == name && own.port().unwrap_or(local.port()) == port;
        let is_own_address = |ip: IpAddr| ip.is_loopback() || ip == local.ip().to_canonical();
        self.names.iter().any(is_named)
            || port == local.port() && (name == "localhost" || address(name).is_some_and(is_own_address))
    }

    /// Whether a request's head names this registry and comes from no other site.
    fn check(&self, request: &Request, local: SocketAddr) -> Result<(), ApiError> {
        let headers = request.headers();
        let named: Vec<&[u8]> = headers.get_all(header::HOST).iter().map(|value| value.as_bytes()).collect();
        let [host] = named[..] else {
            let message = format!("a request has one Host header; this one has {}", named.len());
            return Err(ApiError::new(Code::Denied, message).with_status(StatusCode::BAD_REQUEST));
        };
        // A target in absolute form names a host besides (RFC 9112, section 3.2.2).
        let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        for host in [host].into_iter().chain(target) {
            if !self.is_own(host, local) {
                return Err(self.misdirected(host, local));
            }
        }
        self.check_site(headers, local)
    }

    fn is_own(&self, host: &[u8], local: SocketAddr) -> bool {
        let host = std::str::from_utf8(host).ok().and_then(|text| text.parse::<Host>().ok());
        host.is_some_and(|host| self.contain(&host, local))
    }

    /// Browsers send `Origin` with every request that changes something, and newer ones `Sec-Fetch-Site` with all.
    fn check_site(&self, headers: &HeaderMap, local: SocketAddr) -> Result<(), ApiError> {
        let is_own = |origin: &[u8]| origin.strip_prefix(b"http://").is_some_and(|host| self.is_own(host, local));
        let foreign = headers.get_all(header::ORIGIN).iter().find(|origin| !is_own(origin.as_bytes()));
        if let Some(origin) = foreign {
            let origin = printable(&String::from_utf8_lossy(origin.as_bytes()), MAX_SHOWN);
            return Err(ApiError::new(Code::Denied, format!("requests of web pages are refused: `{origin}`")));
        }
        let is_other = |site: &&HeaderValue| !matches!(site.as_bytes(), b"none" | b"same-origin");
        match headers.get_all(SEC_FETCH_SITE).iter().find(is_other) {
            Some(_) => Err(ApiError::new(Code::Denied, "requests of web pages of other sites are refused")),
            None => Ok(()),
        }
    }

    fn misdirected(&self, host: &[u8], local: SocketAddr) -> ApiError {
        let host = printable(&String::from_utf8_lossy(host), MAX_SHOWN);
        let message = format!(
            "`{host}` is no name of this registry, expected `localhost:{}` or `{local}`; it is started with \
             `--host-name NAME` or `--host-name NAME:PORT` to have another",
            local.port()
        );
        ApiError::new(Code::Denied, message).with_status(StatusCode::MISDIRECTED_REQUEST)
    }
}

/// The address that a host's name is, if it is one; that of IPv4 inside IPv6 is the former.
fn address(name: &str) -> Option<IpAddr> {
    let v6 = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    v6.unwrap_or(name).parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

/// Lets requests for this registry pass, and answers the others.
pub(super) async fn check(
    State(hosts): State<Arc<OwnHosts>>,
    ConnectInfo(LocalAddress(local)): ConnectInfo<LocalAddress>,
    request: Request,
    next: Next,
) -> Response {
    match hosts.check(&request, local) {
        Ok(()) => next.run(request).await,
        Err(refused) => {
            tracing::debug!(message = refused.message(), "refused");
            refused.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_own(own: &OwnHosts, local: &str, hosts: &[&str], expected: bool) {
        for host in hosts {
            assert_eq!(own.is_own(host.as_bytes(), local.parse().unwrap()), expected, "{host} at {local}");
        }
    }

    #[test]
    fn a_registry_is_localhost_and_the_address_that_a_connection_came_to() {
        let own = OwnHosts::default();
        let loopback = ["localhost:5000", "LOCALHOST:5000", "127.0.0.1:5000", "127.1.2.3:5000", "[::1]:5000"];
        assert_own(&own, "127.0.0.1:5000", &loopback, true);
        assert_own(&own, "[::1]:5000", &loopback, true);
        assert_own(&own, "192.168.1.5:5000", &["192.168.1.5:5000", "localhost:5000"], true);
        assert_own(&own, "[::ffff:192.168.1.5]:5000", &["192.168.1.5:5000", "[::ffff:192.168.1.5]:5000"], true);
        assert_own(&own, "127.0.0.1:80", &["localhost", "127.0.0.1", "localhost:80"], true);
    }

    #[test]
    fn no_other_name_port_or_spelling_is_the_registry() {
        let own = OwnHosts::default();
        let others = [
            "evil.example:5000",
            "evil.example",
            "localhost",
            "localhost:5001",
            "localhost.:5000",
            "localhost.evil.example:5000",
            "127.0.0.1.evil.example:5000",
            "x.localhost:5000",
            "user@localhost:5000",
            "localhost:5000@evil.example",
            "127.1:5000",
            "2130706433:5000",
            "0x7f.0.0.1:5000",
            "0.0.0.0:5000",
            "192.168.1.6:5000",
            "[::]:5000",
            "[::1%25lo]:5000",
            "localhost:05000",
            "localhost:5000 ",
            "localhost:5000, evil.example",
            "localhost:5000/",
            "",
            ":5000",
            "lo\u{200b}calhost:5000",
        ];
        assert_own(&own, "127.0.0.1:5000", &others, false);
        assert_own(&own, "192.168.1.5:5000", &others, false);
        assert!(!own.is_own(b"localhost\xff:5000", "127.0.0.1:5000".parse().unwrap()));
    }

    #[test]
    fn a_further_name_is_for_the_port_of_the_registry_or_for_its_own() {
        let own = OwnHosts::new(vec!["host.docker.internal".parse().unwrap(), "registry:443".parse().unwrap()]);
        assert_own(&own, "172.17.0.1:5000", &["host.docker.internal:5000", "registry:443"], true);
        assert_own(&own, "172.17.0.1:5000", &["host.docker.internal", "registry:5000", "registry"], false);
    }
}
