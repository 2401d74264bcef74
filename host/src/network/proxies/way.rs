//! The way to a server, and the reason for it.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::{Proxies, Proxy, is_own, origin_of, with_port, without_star};
use crate::text::Escaped;

/// The way to a server.
pub(crate) enum Way {
    /// Through a proxy.
    Proxy(Proxy),
    /// Directly, as no proxy is set for it.
    Direct,
    /// Directly, as it is this machine, whatever proxies are set.
    OwnMachine,
    /// Directly, as an entry of a variable says so.
    Excepted {
        /// `NO_PROXY` or `no_proxy`.
        variable: &'static str,
        /// The entry.
        entry: Escaped,
    },
}

impl Proxies {
    /// The way to a server's URL.
    pub(crate) fn way(&self, url: &Url) -> Way {
        let Some(origin) = origin_of(url) else { return Way::Direct };
        if let Some(proxy) = self.towards(&origin) {
            return Way::Proxy(proxy);
        }
        if self.named(&origin).is_none() {
            return Way::Direct;
        }
        if origin.authority().is_some_and(is_own) {
            return Way::OwnMachine;
        }
        let server = with_port(&origin);
        let excepts = |entry: &&String| entry.eq_ignore_ascii_case(&server) || is_excepted(&origin, entry);
        let found = self.no.as_ref().and_then(|(variable, entries)| Some((*variable, entries.iter().find(excepts)?)));
        found.map_or(Way::Direct, |(variable, entry)| Way::Excepted { variable, entry: entry.into() })
    }
}

/// Whether a server is reached directly because of this entry alone.
fn is_excepted(origin: &Uri, entry: &str) -> bool {
    // Any proxy: only whether it is taken matters.
    let matcher = Matcher::builder().all("http://proxy.invalid").no(without_star(entry)).build();
    matcher.intercept(origin).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(variables: &[(&str, &str)], url: &str) -> String {
        match Proxies::new(&variables.iter().copied().collect()).way(&Url::parse(url).unwrap()) {
            Way::Proxy(proxy) => proxy.name().into(),
            Way::Direct => "direct".to_owned(),
            Way::OwnMachine => "own".to_owned(),
            Way::Excepted { variable, entry } => format!("{variable}: {entry}"),
        }
    }

    #[test]
    fn the_way_to_a_server_has_a_reason() {
        const URL: &str = "https://registry.example/v2/";
        let proxy = ("HTTPS_PROXY", "p:1");
        for (variables, url, expected) in [
            (&[("HTTP_PROXY", "p:1")][..], URL, "direct"),
            (&[proxy], URL, "p:1 (HTTPS_PROXY)"),
            (&[proxy], "https://localhost:5000", "own"),
            (&[proxy, ("NO_PROXY", "a.test, *.example ,b")], URL, "NO_PROXY: *.example"),
            (&[proxy, ("no_proxy", "registry.example:443")], URL, "no_proxy: registry.example:443"),
            (&[proxy, ("NO_PROXY", "other.example:443,.example")], URL, "NO_PROXY: .example"),
            (&[proxy, ("NO_PROXY", "*")], URL, "NO_PROXY: *"),
            (&[proxy, ("NO_PROXY", "registry.example:5000")], URL, "p:1 (HTTPS_PROXY)"),
        ] {
            assert_eq!(way(variables, url), expected, "{variables:?} {url}");
        }
    }
}
