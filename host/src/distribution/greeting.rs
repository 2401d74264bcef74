//! What the first answer of a registry shows of the machine behind it, beside the registry.

use std::time::SystemTime;

use http::header::{AGE, DATE};
use reqwest::Response;
use reqwest::tls::TlsInfo;

use super::wire::headers;
use crate::network::tls::Validity;

/// What a registry's first answer shows.
#[derive(Debug, Clone)]
pub(crate) struct Greeting {
    /// Whether it came over TLS.
    pub(crate) is_secure: bool,
    /// The dates of the server's certificate, where they are known.
    pub(crate) certificate: Option<Validity>,
    /// The registry's clock (RFC 9110, section 6.6.1); absent where it tells none, or a cache has answered.
    pub(crate) date: Option<SystemTime>,
    /// This machine's clock when the answer came.
    pub(crate) received: SystemTime,
}

impl Greeting {
    /// What an answer shows.
    pub(super) fn of(response: &Response) -> Self {
        let date = headers::text(response.headers(), DATE).filter(|_| !response.headers().contains_key(AGE));
        let certificate = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
        Self {
            is_secure: response.url().scheme() == "https",
            certificate: certificate.and_then(Validity::of),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
            received: SystemTime::now(),
        }
    }
}
