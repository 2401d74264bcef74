//! The proxies that the environment names.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in capitals or small letters are read as Go and curl read
//! them; an empty variable counts as unset. Without any of them the settings of the operating system count, where it
//! has some. The same proxies are used for registries and for the requests of flavors.

pub(crate) mod way;

use std::sync::{Arc, LazyLock};

use http::Uri;
use http::header::HeaderValue;
use http::uri::Authority;
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::SecretString;
use url::Url;

use super::names::is_this_machine;
use crate::environment::{EnvVars, Environment};
use crate::image::Host;
use crate::text::Escaped;

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// HTTP, with `CONNECT` for tunnels.
    Http,
    /// The same through TLS.
    Https,
    /// SOCKS 4, and 4a where the proxy resolves names.
    Socks4,
    /// SOCKS 5 (RFC 1928).
    Socks5 {
        /// Whether the proxy is to resolve names (`socks5h`).
        resolves: bool,
    },
}

/// A proxy on the way to a server. Without `Debug`: it may hold a password.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// How it is spoken to.
    pub(crate) kind: ProxyKind,
    /// Its host, an IPv6 address in brackets.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// The variable that names it; absent for the operating system's.
    pub(crate) variable: Option<&'static str>,
    /// `Proxy-Authorization` for proxies that speak HTTP.
    pub(crate) authorization: Option<HeaderValue>,
    /// User and password for SOCKS.
    pub(crate) login: Option<(String, SecretString)>,
}

/// The proxies of one environment.
pub(crate) struct Proxies {
    matcher: Matcher,
    https: Option<Named>,
    http: Option<Named>,
    /// `host:port` of `NO_PROXY`, in small letters, which the library does not know.
    direct: Vec<String>,
    /// The variable with hosts that are reached without a proxy, and its entries.
    no: Option<(&'static str, Vec<String>)>,
}

/// A proxy that a variable names.
#[derive(Clone)]
struct Named {
    variable: &'static str,
    /// With its user information.
    url: Url,
}

impl Proxies {
    /// Those of this process, read once.
    pub(crate) fn of_the_system() -> &'static Arc<Self> {
        static PROXIES: LazyLock<Arc<Proxies>> =
            LazyLock::new(|| Arc::new(Proxies::new(&Environment::of_this_process())));
        &PROXIES
    }

    /// Those of an environment.
    pub(crate) fn new(environment: &Environment) -> Self {
        let named = |names: &[&'static str]| names.iter().find_map(|name| Named::new(name, environment));
        let all = named(&[EnvVars::ALL_PROXY, "all_proxy"]);
        let https = named(&[EnvVars::HTTPS_PROXY, "https_proxy"]).or_else(|| all.clone());
        let http = named(&[EnvVars::HTTP_PROXY, "http_proxy"]).or(all);
        let no = [EnvVars::NO_PROXY, "no_proxy"].into_iter().find_map(|name| Some((name, environment.text(name)?)));
        let no = no.map(|(name, text)| (name, entries(&text)));
        let entries = || no.iter().flat_map(|(_, entries)| entries).map(String::as_str);
        let is_with_port = |entry: &&str| entry.parse::<Host>().is_ok_and(|host| host.port().is_some());
        let variables = [EnvVars::HTTPS_PROXY, "https_proxy", EnvVars::HTTP_PROXY, "http_proxy"];
        let mut variables = variables.into_iter().chain([EnvVars::ALL_PROXY, "all_proxy"]);
        let is_named = variables.any(|name| environment.text(name).is_some());
        let matcher = if !is_named {
            // The library reads the same variables, so that one of them which can't be used must not come there.
            Matcher::from_system()
        } else {
            let text = |named: &Option<Named>| named.as_ref().map_or_else(String::new, |named| named.url.to_string());
            // `*.example.com` is written by many, and Go reads it as `.example.com`.
            let rest: Vec<_> = entries().filter(|entry| !is_with_port(entry)).map(without_star).collect();
            Matcher::builder().https(text(&https)).http(text(&http)).no(rest.join(",")).build()
        };
        let direct = entries().filter(is_with_port).map(str::to_ascii_lowercase).collect();
        Self { matcher, https, http, direct, no }
    }

    /// The proxy towards an origin, if there is one. This machine itself is reached without: a proxy would reach its
    /// own.
    pub(crate) fn towards(&self, origin: &Uri) -> Option<Proxy> {
        let authority = origin.authority()?;
        // First, as most machines have no proxy: whether a host is this machine is read from a file.
        let found = self.matcher.intercept(origin)?;
        if is_own(authority) || self.direct.contains(&with_port(origin)) {
            return None;
        }
        let uri = found.uri();
        let kind = match uri.scheme_str() {
            Some("https") => ProxyKind::Https,
            Some("socks4" | "socks4a") => ProxyKind::Socks4,
            Some("socks5") => ProxyKind::Socks5 { resolves: false },
            Some("socks5h") => ProxyKind::Socks5 { resolves: true },
            _ => ProxyKind::Http,
        };
        Some(Proxy {
            kind,
            host: uri.host()?.to_owned(),
            port: uri.port_u16().unwrap_or(kind.default_port()),
            variable: self.named(origin).map(|named| named.variable),
            authorization: found.basic_auth().cloned(),
            login: found.raw_auth().map(|(user, password)| (user.to_owned(), password.into())),
        })
    }

    /// The URL of the proxy towards a server's URL, with its user information, for the HTTP library.
    pub(crate) fn url_towards(&self, url: &Url) -> Option<Url> {
        let origin = origin_of(url)?;
        let proxy = self.towards(&origin)?;
        let system = || Url::parse(&format!("http://{}:{}", proxy.host, proxy.port)).ok();
        self.named(&origin).map_or_else(system, |named| Some(named.url.clone()))
    }

    /// The proxy towards a server's URL.
    pub(crate) fn towards_url(&self, url: &Url) -> Option<Proxy> {
        self.towards(&origin_of(url)?)
    }

    /// The proxy that a variable names for the scheme of an origin, whatever server it is.
    fn named(&self, origin: &Uri) -> Option<&Named> {
        if origin.scheme_str() == Some("https") { self.https.as_ref() } else { self.http.as_ref() }
    }

    /// No proxy.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { matcher: Matcher::builder().build(), https: None, http: None, direct: Vec::new(), no: None }
    }

    /// One proxy for every server.
    #[cfg(test)]
    pub(crate) fn all(proxy: &str) -> Self {
        Self::new(&[("ALL_PROXY", proxy)].into_iter().collect())
    }
}

impl ProxyKind {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            // "Socks" in IANA's registry of ports.
            Self::Socks4 | Self::Socks5 { .. } => 1080,
        }
    }
}

impl Proxy {
    /// The proxy as messages name it: `127.0.0.1:3128 (HTTPS_PROXY)`.
    pub(crate) fn name(&self) -> Escaped {
        let Self { host, port, variable, .. } = self;
        format!("{host}:{port} ({})", variable.unwrap_or("settings of the system")).into()
    }
}

impl Named {
    /// The proxy of a variable; `None` where it is unset, or names none that can be used, with a warning.
    fn new(variable: &'static str, environment: &Environment) -> Option<Self> {
        let text = environment.text(variable)?;
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            // As desktops write it for a SOCKS proxy of any version.
            "socks" => "socks5".to_owned(),
            other => other.to_owned(),
        };
        let is_known = matches!(scheme.as_str(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
        let url = Url::parse(&format!("{scheme}://{rest}")).ok();
        let url = url.filter(|url| is_known && url.host_str().is_some_and(|host| !host.is_empty()));
        if url.is_none() {
            // It may hold a password, and is not quoted.
            tracing::warn!(
                "`{variable}` names no proxy that can be used, and is ignored: expected `http://host:port`, \
                 `https://…`, `socks5://…` or `socks5h://…`; in a user's name and password `#`, `/` and `?` are \
                 written `%23`, `%2F` and `%3F`"
            );
        }
        Some(Self { variable, url: url? })
    }
}

/// The origin of a server's URL.
fn origin_of(url: &Url) -> Option<Uri> {
    url.origin().ascii_serialization().parse().ok()
}

/// Whether a server is this machine itself.
fn is_own(authority: &Authority) -> bool {
    authority.as_str().parse::<Host>().is_ok_and(|host| is_this_machine(&host))
}

/// `host:port` of an origin, in small letters.
fn with_port(origin: &Uri) -> String {
    let default_port = if origin.scheme_str() == Some("https") { 443 } else { 80 };
    let (host, port) = (origin.host().unwrap_or_default(), origin.port_u16().unwrap_or(default_port));
    format!("{host}:{port}").to_ascii_lowercase()
}

/// The entries of `NO_PROXY`.
fn entries(text: &str) -> Vec<String> {
    text.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

fn without_star(entry: &str) -> &str {
    entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(variables: &[(&str, &str)], url: &str) -> Option<Proxy> {
        Proxies::new(&variables.iter().copied().collect()).towards_url(&Url::parse(url).unwrap())
    }

    fn name(variables: &[(&str, &str)], url: &str) -> Option<String> {
        towards(variables, url).map(|proxy| proxy.name().to_string())
    }

    const REGISTRY: &str = "https://registry.example/v2/";

    #[test]
    fn a_proxy_is_named_with_the_variable_that_names_it() {
        for (variables, url, expected) in [
            (&[("HTTPS_PROXY", "http://127.0.0.1:1")][..], REGISTRY, Some("127.0.0.1:1 (HTTPS_PROXY)")),
            (&[("https_proxy", "proxy.example")], REGISTRY, Some("proxy.example:80 (https_proxy)")),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "p:3128")], REGISTRY, Some("p:3128 (https_proxy)")),
            (&[("ALL_PROXY", "socks5h://p")], REGISTRY, Some("p:1080 (ALL_PROXY)")),
            (&[("all_proxy", "socks://p:1/")], "http://registry.example", Some("p:1 (all_proxy)")),
            (&[("HTTP_PROXY", "p:1")], REGISTRY, None),
            (&[("HTTPS_PROXY", "ftp://p:1")], REGISTRY, None),
            (&[("HTTPS_PROXY", "http://u:a#b@p:1")], REGISTRY, None),
            (&[("HTTPS_PROXY", "p:1")], "https://localhost:5000", None),
            (&[("HTTPS_PROXY", "p:1")], "https://x.localhost:5000", None),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "*.example")], REGISTRY, None),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "registry.example:443")], REGISTRY, None),
            (&[("HTTPS_PROXY", "p:1"), ("no_proxy", "x registry.example")], REGISTRY, None),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "registry.example:5000")], REGISTRY, Some("p:1 (HTTPS_PROXY)")),
        ] {
            assert_eq!(name(variables, url).as_deref(), expected, "{variables:?} {url}");
        }
    }

    #[test]
    fn user_and_password_of_a_proxy_are_for_it_and_not_for_messages() {
        use secrecy::ExposeSecret as _;
        let socks = towards(&[("ALL_PROXY", "SOCKS5://ann:p%40ss@p:1")], REGISTRY).unwrap();
        let (user, password) = socks.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ann", "p@ss"));
        assert_eq!((socks.kind, socks.name().as_str()), (ProxyKind::Socks5 { resolves: false }, "p:1 (ALL_PROXY)"));
        // An `@` in a password that is not escaped.
        let http = towards(&[("HTTPS_PROXY", "http://ann:p@ss@p:1")], REGISTRY).unwrap();
        assert_eq!(http.authorization.as_ref().unwrap(), "Basic YW5uOnBAc3M=");
        assert_eq!(http.name(), "p:1 (HTTPS_PROXY)");
    }
}
