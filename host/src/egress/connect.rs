//! Connections to the targets that a policy allows.

use std::net::{IpAddr, SocketAddr};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::denial::Denial;
use super::error::EgressError;
use super::limits::EgressLimits;
use super::proxy;
use super::resolve::{self, NoAddress, Resolver};
use super::stream::Stream;
use super::tls::{self, Tls};
use crate::grant::{Guest, Scheme, Target};
use crate::network::proxies::{Proxy, ProxyKind};

/// Makes connections; one per process.
pub(super) struct Dialer {
    /// The resolver for names of targets. Names of proxies go to the system's.
    pub(super) resolver: Resolver,
    /// TLS towards targets and proxies.
    pub(super) tls: Tls,
    /// The time to connect.
    pub(super) limits: EgressLimits,
}

impl Dialer {
    /// A connection to a target, inside a private network only where `private_allowed`.
    ///
    /// # Errors
    /// When no address of the target may be connected to, or none answers, or TLS does not prove its name.
    pub(super) async fn connect(
        &self,
        guest: &Guest,
        target: &Target,
        private_allowed: bool,
        proxy: Option<&Proxy>,
    ) -> Result<Stream, EgressError> {
        let unreachable = || EgressError::unreachable(format!("`{}` can't be connected to", target.authority()));
        let stream = match (proxy, target.scheme()) {
            (None, _) => {
                let addresses = self.addresses(guest, target, private_allowed).await?;
                self.dial(&addresses, target.port()).await.ok_or_else(unreachable)?
            }
            (Some(proxy), _) if matches!(proxy.kind, ProxyKind::Socks5 { .. }) => {
                let authority = self.socks_authority(guest, target, private_allowed, proxy).await?;
                proxy::socks_tunnel(proxy, self.dial_proxy(proxy).await?, &authority).await?
            }
            (Some(Proxy { kind: ProxyKind::Socks4, .. }), _) => {
                return Err(EgressError::unreachable("the environment names a SOCKS 4 proxy, expected SOCKS 5"));
            }
            // The proxy is sent the whole request and resolves the name itself. No address is lost by that: plain HTTP
            // is allowed only towards exact hosts that the user wrote, which may have any address.
            (Some(proxy), Scheme::Http) => return self.dial_proxy(proxy).await,
            (Some(proxy), Scheme::Https) => {
                // Decided before the proxy is sent anything.
                let authority = self.tunnel_authority(guest, target, private_allowed).await?;
                proxy::tunnel(proxy, self.dial_proxy(proxy).await?, &authority).await?
            }
        };
        match target.scheme() {
            Scheme::Http => Ok(stream),
            Scheme::Https => self.secure(stream, target).await,
        }
    }

    async fn addresses(
        &self,
        guest: &Guest,
        target: &Target,
        private_allowed: bool,
    ) -> Result<Vec<IpAddr>, EgressError> {
        resolve::addresses(&self.resolver, target, private_allowed).await.map_err(|reason| match reason {
            NoAddress::Unresolved => EgressError::unreachable(format!("`{}` has no address", target.host())),
            NoAddress::Private => EgressError::Denied(Denial::private(guest, target)),
            NoAddress::Unroutable => EgressError::Denied(Denial::unroutable(target)),
        })
    }

    /// The authority that a proxy is asked to connect to: an address that was decided on here, since a proxy that
    /// looked up the name again could get another one. Where the user wrote the exact host, any address will do, and it
    /// is the name.
    async fn tunnel_authority(
        &self,
        guest: &Guest,
        target: &Target,
        private_allowed: bool,
    ) -> Result<String, EgressError> {
        let port = target.port();
        if private_allowed {
            return Ok(format!("{}:{port}", target.host()));
        }
        let mut addresses = self.addresses(guest, target, private_allowed).await?;
        // IPv4 first: more proxies lack a route to IPv6 addresses than to the others.
        addresses.sort_by_key(IpAddr::is_ipv6);
        let first = addresses.first().ok_or_else(|| EgressError::unreachable("no address is left"))?;
        Ok(SocketAddr::new(*first, port).to_string())
    }

    /// The authority that a SOCKS proxy is asked to connect to: as for any proxy, but where the proxy is not to resolve
    /// names (`socks5://`) it is an address in any case.
    async fn socks_authority(
        &self,
        guest: &Guest,
        target: &Target,
        private_allowed: bool,
        proxy: &Proxy,
    ) -> Result<String, EgressError> {
        if proxy.kind == (ProxyKind::Socks5 { resolves: true }) {
            return self.tunnel_authority(guest, target, private_allowed).await;
        }
        let addresses = self.addresses(guest, target, private_allowed).await?;
        let first = addresses.first().ok_or_else(|| EgressError::unreachable("no address is left"))?;
        Ok(SocketAddr::new(*first, target.port()).to_string())
    }

    /// A connection to a proxy, whatever its address: the user's environment names it.
    async fn dial_proxy(&self, proxy: &Proxy) -> Result<Stream, EgressError> {
        let unreachable = || EgressError::unreachable("the proxy that the environment names can't be connected to");
        let host = proxy.host.trim_matches(['[', ']']);
        let dialled = timeout(self.limits.connect_time, TcpStream::connect((host, proxy.port))).await;
        let stream = dialled.ok().and_then(Result::ok).ok_or_else(unreachable)?;
        match proxy.kind {
            ProxyKind::Http | ProxyKind::Socks4 | ProxyKind::Socks5 { .. } => Ok(Box::new(stream)),
            ProxyKind::Https => {
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

    /// Tries one address after the other.
    async fn dial(&self, addresses: &[IpAddr], port: u16) -> Option<Stream> {
        for address in addresses {
            let address = SocketAddr::new(*address, port);
            match timeout(self.limits.connect_time, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A failure costs time only.
                    let _ = stream.set_nodelay(true);
                    return Some(Box::new(stream));
                }
                // For debugging; the guest learns no address.
                Ok(Err(error)) => tracing::debug!("no connection to {address}: {error}"),
                Err(_) => tracing::debug!("no connection to {address} in time"),
            }
        }
        None
    }
}
