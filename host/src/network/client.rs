//! A client of the HTTP library for the requests of crhost's own that go to one address.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use url::Url;

use super::names;
use super::proxies::Proxies;
use super::request_words::request_words;
use super::tls::{self, HTTP_1, HTTP_2, Identity};
use crate::image::Host;
use crate::text::{Escaped, Foreign};

/// A client for `url`, which trusts these authorities besides the platform's, takes `timeout` at most for a request,
/// and goes through the proxy of the environment unless the address is on this machine or the way has to be direct.
///
/// # Errors
/// When TLS can't be set up.
pub(crate) fn client(
    url: &Url,
    authorities: Vec<CertificateDer<'static>>,
    timeout: Duration,
    is_direct: bool,
) -> Result<reqwest::Client, Escaped> {
    client_as(url, authorities, None, timeout, is_direct)
}

/// As above, for a client that shows a certificate where the server asks for one.
///
/// # Errors
/// When TLS can't be set up, as where the certificate is not that of the key.
pub(crate) fn client_as(
    url: &Url,
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
    timeout: Duration,
    is_direct: bool,
) -> Result<reqwest::Client, Escaped> {
    let tls = tls::client_config(authorities, identity, &[HTTP_2, HTTP_1]);
    let tls = tls.map_err(|error| Escaped::from(Foreign(error).to_string()))?;
    let builder = reqwest::Client::builder()
        .user_agent(concat!("crhost/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls)
        // What authorizes a request is for this address.
        .redirect(Policy::none())
        .referer(false)
        .timeout(timeout)
        .no_proxy()
        .dns_resolver(names::Resolver);
    let builder = if is_direct || is_this_machine(url) {
        builder
    } else {
        let proxies = Arc::clone(Proxies::of_the_system());
        builder.proxy(reqwest::Proxy::custom(move |url| proxies.url_towards(url)))
    };
    builder.build().map_err(|error| request_words(&error).into())
}

/// Whether the host of a URL is this machine.
#[must_use]
pub(crate) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().and_then(|host| host.parse::<Host>().ok());
    host.is_some_and(|host| names::is_this_machine(&host))
}
