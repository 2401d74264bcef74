//! Connections to what a flavor may reach.

use std::net::{IpAddr, SocketAddr};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::error::{Denial, EgressError};
use super::proxy::Proxy;
use super::resolve::{self, Refusal};
use super::{Egress, tls};
use crate::egress::limits;
use crate::grant::{Scheme, Target};

/// Something to speak HTTP on.
pub(super) type Stream = Box<dyn Duplex>;

/// Both directions of a connection.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Egress {
    /// A connection to a target that may be reached; `inside` says whether it may lead into a private network.
    pub(super) async fn connect(
        &self,
        flavor: &str,
        target: &Target,
        inside: bool,
        proxy: Option<&Proxy>,
    ) -> Result<Stream, EgressError> {
        let unreachable = || EgressError::unreachable(format!("`{}` can't be connected to", target.authority()));
        let stream = match (proxy, target.scheme()) {
            (None, _) => {
                let addresses = self.addresses(flavor, target, inside).await?;
                dial(&addresses, target.port()).await.ok_or_else(unreachable)?
            }
            // It is handed the whole request; plain HTTP is for hosts that the user wrote out.
            (Some(proxy), Scheme::Http) => return self.dial_proxy(proxy).await,
            (Some(proxy), Scheme::Https) => {
                // Judged before the proxy hears of anything.
                let authority = self.behind_proxy(flavor, target, inside).await?;
                proxy.tunnel(self.dial_proxy(proxy).await?, &authority).await?
            }
        };
        match target.scheme() {
            Scheme::Http => Ok(stream),
            Scheme::Https => self.secure(stream, target).await,
        }
    }

    async fn addresses(&self, flavor: &str, target: &Target, inside: bool) -> Result<Vec<IpAddr>, EgressError> {
        resolve::addresses(&self.lookup, target, inside).await.map_err(|refusal| match refusal {
            Refusal::Unknown => EgressError::unreachable(format!("`{}` has no address", target.host())),
            Refusal::Inside => EgressError::Denied(Denial::inside(flavor, target)),
            Refusal::Nowhere => EgressError::Denied(Denial::nowhere(target)),
        })
    }

    /// What a proxy is asked to connect to: an address that was judged here, or the name itself where the user wrote it out
    /// and any address will do. A proxy that looked up a judged name could get another answer.
    async fn behind_proxy(&self, flavor: &str, target: &Target, inside: bool) -> Result<String, EgressError> {
        let port = target.port();
        if inside {
            return Ok(format!("{}:{port}", target.host()));
        }
        let mut addresses = self.addresses(flavor, target, inside).await?;
        // More proxies lack the way to IPv6 addresses than to the others.
        addresses.sort_by_key(IpAddr::is_ipv6);
        let first = addresses.first().ok_or_else(|| EgressError::unreachable("no address is left"))?;
        Ok(SocketAddr::new(*first, port).to_string())
    }

    /// The user named the proxy: its address is nobody's to judge.
    async fn dial_proxy(&self, proxy: &Proxy) -> Result<Stream, EgressError> {
        let unreachable = || EgressError::unreachable("the proxy that the environment names can't be connected to");
        let host = proxy.host.trim_matches(['[', ']']);
        let dialled = timeout(limits::CONNECT_TIME, TcpStream::connect((host, proxy.port))).await;
        let stream = dialled.ok().and_then(Result::ok).ok_or_else(unreachable)?;
        match proxy.scheme {
            Scheme::Http => Ok(Box::new(stream)),
            Scheme::Https => {
                let config = self.tls.config(&proxy.host).map_err(|_| unreachable())?;
                let name = ServerName::try_from(host.to_owned()).map_err(|_| unreachable())?;
                let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|_| unreachable())?;
                Ok(Box::new(stream))
            }
        }
    }

    /// TLS that proves the target's name.
    async fn secure(&self, stream: Stream, target: &Target) -> Result<Stream, EgressError> {
        let failed = |reason| EgressError::unreachable(format!("TLS with `{}` failed: {reason}", target.authority()));
        let config = self.tls.config(&target.authority()).map_err(failed)?;
        let host = target.host().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| EgressError::invalid("no certificate has such a host"))?;
        let secured = TlsConnector::from(config).connect(name, stream).await;
        Ok(Box::new(secured.map_err(|error| failed(tls::reason(&error)))?))
    }
}

/// Tries one address after the other.
async fn dial(addresses: &[IpAddr], port: u16) -> Option<Stream> {
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        match timeout(limits::CONNECT_TIME, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A failure costs time only.
                let _ = stream.set_nodelay(true);
                return Some(Box::new(stream));
            }
            // For the person who debugs; the guest hears of no address.
            Ok(Err(error)) => tracing::debug!("no connection to {address}: {error}"),
            Err(_) => tracing::debug!("no connection to {address} in time"),
        }
    }
    None
}
