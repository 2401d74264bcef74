//! Connections: one pool per way of connecting.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::ClientConfig;
use url::Url;

use super::connections::{Clients, Connections};
use super::failure::{self, CONNECT_TIMEOUT};
use super::throttle::Throttle;
use super::tls;
use crate::certificates::FiledCertificates;
use crate::distribution::error::Error;
use crate::distribution::location;
use crate::distribution::options::ClientOptions;
use crate::image::Host;
use crate::network::names;
use crate::network::proxies::Proxies;

/// Load balancers close idle connections after 60 seconds; ours are closed before, so that no request meets a closing
/// one.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);
/// Bytes of the headers of one HTTP/2 answer: ten times those of real registries, tokens in redirects included.
const MAX_HEADERS: u32 = 64 * 1024;

/// The process's connections.
pub(crate) struct Transport {
    options: ClientOptions,
    /// For content that is sent, and for content that is received: a copy does both at once.
    throttles: Option<[Arc<Throttle>; 2]>,
    pools: Mutex<HashMap<Pool, Clients>>,
    hosts: Mutex<HashMap<Host, Connections>>,
}

/// Hosts share a pool unless connecting to them is special.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Pool {
    /// Through the proxy that the environment names, if any.
    Common,
    /// To this machine, which a proxy can't reach.
    Loopback,
    /// With certificates filed for this host.
    Host(Host),
}

impl Transport {
    pub(crate) fn new(options: ClientOptions) -> Result<Self, Error> {
        let common = build(&options, tls::config(FiledCertificates::default(), None)?, false)?;
        let throttles = options.limit_rate.map(|rate| [Throttle::new(rate), Throttle::new(rate)].map(Arc::new));
        Ok(Self {
            options,
            throttles,
            pools: Mutex::new(HashMap::from([(Pool::Common, common)])),
            hosts: Mutex::default(),
        })
    }

    pub(crate) fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Keeps content that is sent below the user's rate, if there is one.
    pub(crate) fn sending(&self) -> Option<&Arc<Throttle>> {
        self.throttles.as_ref().map(|[sending, _]| sending)
    }

    /// Keeps content that is received below the user's rate, if there is one.
    pub(crate) fn receiving(&self) -> Option<&Arc<Throttle>> {
        self.throttles.as_ref().map(|[_, receiving]| receiving)
    }

    /// The connections to a registry.
    ///
    /// # Errors
    /// When certificates that are filed for the host can't be used.
    pub(crate) fn to_host(&self, host: &Host) -> Result<Connections, Error> {
        let mut hosts = self.hosts.lock();
        if let Some(connections) = hosts.get(host) {
            return Ok(connections.clone());
        }
        let connections = Connections::new(self.pool(host)?);
        hosts.insert(host.clone(), connections.clone());
        Ok(connections)
    }

    fn pool(&self, host: &Host) -> Result<Clients, Error> {
        let mut pools = self.pools.lock();
        let filed = FiledCertificates::load(&self.options.certificate_directories, host)?;
        let is_own = names::is_this_machine(host);
        let pool = match (filed.is_empty(), is_own) {
            (false, _) => Pool::Host(host.clone()),
            (true, true) => Pool::Loopback,
            (true, false) => Pool::Common,
        };
        if let Some(clients) = pools.get(&pool) {
            return Ok(clients.clone());
        }
        let clients = build(&self.options, tls::config(filed, Some(host))?, is_own)?;
        pools.insert(pool, clients.clone());
        Ok(clients)
    }

    /// The connections to a place that a registry named, with the certificates that are filed for that place and not
    /// for the registry.
    ///
    /// # Errors
    /// As for [`to_host`](Self::to_host), and for a host that no registry could have.
    pub(crate) fn to_url(&self, url: &Url) -> Result<Connections, Error> {
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        self.to_host(&authority.parse().map_err(|_| location::unusable(url))?)
    }
}

fn build(options: &ClientOptions, tls: ClientConfig, direct: bool) -> Result<Clients, Error> {
    let client = |keep: usize| builder(options, tls.clone(), direct).pool_max_idle_per_host(keep).build();
    let unusable = |error: reqwest::Error| Error::Setup(failure::cause(&error).into());
    Ok(Clients { keeping: client(usize::MAX).map_err(unusable)?, opening: client(0).map_err(unusable)? })
}

fn builder(options: &ClientOptions, tls: ClientConfig, direct: bool) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .referer(false)
        // The certificate's dates, for those who ask about them.
        .tls_info(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_CONNECTION)
        .http2_max_header_list_size(MAX_HEADERS);
    // The library's default of 30 seconds also ends connections whose other side leaves its receive window shut, which
    // a busy registry may do for as long as the idle timeout lasts.
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(options.idle_timeout);
    let builder = builder.no_proxy().dns_resolver(names::Resolver);
    let proxies = Arc::clone(Proxies::of_the_system());
    let proxy = reqwest::Proxy::custom(move |url| proxies.url_towards(url));
    if direct { builder } else { builder.proxy(proxy) }
}
