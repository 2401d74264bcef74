//! Connections: one pool per way of connecting, and what a failed connection means.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::redirect::Policy;
use url::Url;

use super::client::ClientOptions;
use super::error::Error;
use super::tls::{self, Certificates};
use crate::image::Host;
use crate::text::printable;

/// A TCP connection's first packet is repeated after 1, 3 and 7 seconds; one more repetition has never helped anyone.
const CONNECT: Duration = Duration::from_secs(10);
/// Load balancers close idle connections after 60 seconds; ours are gone before, so that none closes under a request.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);
/// Of one HTTP/2 answer's headers. Ten times what registries send, tokens in redirects included.
const MAX_HEADERS: u32 = 64 * 1024;

/// The process's connections.
pub(super) struct Transport {
    options: ClientOptions,
    pools: Mutex<HashMap<Pool, reqwest::Client>>,
}

/// Hosts share a pool unless something about connecting to them is special.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Pool {
    /// Through the proxy that the environment names, if any.
    Common,
    /// To this machine, which no proxy can reach for us.
    Loopback,
    /// With certificates filed for this host.
    Host(Host),
}

impl Transport {
    pub(super) fn new(options: ClientOptions) -> Result<Self, Error> {
        tls::install_provider();
        let common = build(&options, Certificates::default(), false)?;
        Ok(Self { options, pools: Mutex::new(HashMap::from([(Pool::Common, common)])) })
    }

    pub(super) fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The pool for a registry.
    pub(super) fn to_host(&self, host: &Host) -> Result<reqwest::Client, Error> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pools.get(&Pool::Host(host.clone())) {
            return Ok(client.clone());
        }
        let certificates = Certificates::load(&self.options.certificate_directories, host)?;
        let pool = match (certificates.is_empty(), host.is_loopback()) {
            (false, _) => Pool::Host(host.clone()),
            (true, true) => Pool::Loopback,
            (true, false) => Pool::Common,
        };
        if let Some(client) = pools.get(&pool) {
            return Ok(client.clone());
        }
        let client = build(&self.options, certificates, host.is_loopback())?;
        pools.insert(pool, client.clone());
        Ok(client)
    }

    /// The pool for a place that a registry named, with what is filed for that place and not for the registry.
    pub(super) fn to_url(&self, url: &Url) -> Result<reqwest::Client, Error> {
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let no_host = |_| Error::Destination {
            what: "location",
            url: printable(&authority, 200),
            reason: "it names no host that certificates could be for",
        };
        self.to_host(&authority.parse().map_err(no_host)?)
    }
}

fn build(options: &ClientOptions, certificates: Certificates, direct: bool) -> Result<reqwest::Client, Error> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .http2_max_header_list_size(MAX_HEADERS);
        // The library's default of 30 seconds also ends connections whose other side leaves its receive window shut, which
        // is a busy registry's right for as long as we are patient.
        #[cfg(target_os = "linux")]
        let builder = builder.tcp_user_timeout(options.patience);
        let builder = if direct { builder.no_proxy() } else { builder };
        certificates.identity.iter().fold(builder, |builder, identity| builder.identity(identity.clone()))
    };
    let with_platform = builder().tls_certs_merge(certificates.authorities.iter().cloned()).build();
    // Bare containers have no authorities at all, which must not keep anyone from a registry on the same machine. Trusting
    // only what is filed for the host is the safe side of that: https to others then fails with its own hint.
    with_platform
        .or_else(|error| {
            tracing::warn!("the platform's certificate authorities can't be used: {}", cause(&error));
            builder().tls_certs_only(certificates.authorities.iter().cloned()).build()
        })
        .map_err(|error| Error::Setup(cause(&error)))
}

/// Why a connection didn't come about.
pub(super) enum Failure {
    /// No connection came about.
    Connect(String),
    /// A connection came about and broke. Over https that is after TLS: a server may look at the client's certificate only
    /// then.
    Broken(String),
    /// Something answers there in TLS, and TLS says no.
    Tls(String),
    /// Something answers there, and not in TLS.
    NotTls(String),
}

/// What a failed request means. The library's own text is not used: it quotes the URL with its query.
pub(super) fn failure(error: &reqwest::Error) -> Failure {
    match find_tls(error) {
        Some(rustls::Error::InvalidMessage(_)) => Failure::NotTls(cause(error)),
        Some(_) => Failure::Tls(cause(error)),
        None if error.is_connect() && error.is_timeout() => {
            Failure::Connect(format!("no connection in {} seconds", CONNECT.as_secs()))
        }
        None if error.is_connect() => Failure::Connect(cause(error)),
        // Of an alert that comes late, the HTTP/2 library keeps only the words.
        None => match cause(error) {
            cause if cause.contains("received fatal alert") => Failure::Tls(cause),
            cause => Failure::Broken(cause),
        },
    }
}

/// The causes below the library's own layers, whose texts say only that a request failed.
fn cause(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !text.starts_with("client error") && !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    let text = if texts.is_empty() { "the request failed".to_owned() } else { texts.join(": ") };
    printable(&text, 300)
}

fn find_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    // An I/O error that wraps another is not its `source`.
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let inner = inner.and_then(|inner| find_tls(inner as &(dyn StdError + 'static)));
    inner.or_else(|| error.source().and_then(find_tls))
}
