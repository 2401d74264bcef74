//! Requests that ended without an answer: which part failed, and in which words.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use crate::distribution::error::Error;
use crate::distribution::server::Server;
use crate::network::tls::TlsFailure;
use crate::text::printable;

/// How long a connection may take to come about. A TCP connection's first packet is repeated after 1, 3 and 7 seconds;
/// one more repetition has never helped.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a request has no answer, each with the cause in the operating system's or the TLS library's words.
pub(crate) enum Failure {
    /// No connection came about.
    Connect(String),
    /// A connection came about and broke. Over https that is after TLS: a server may look at the client's certificate
    /// only then.
    Broken(String),
    /// The other side speaks TLS, and one of the sides doesn't accept the other.
    Tls(TlsFailure),
    /// The other side doesn't speak TLS.
    NotTls,
}

impl Failure {
    /// The failure of a request to a server. The library's own text is not used: it quotes the URL with its query.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        match find_tls(error) {
            Some(rustls::Error::InvalidMessage(_)) => Self::NotTls,
            Some(tls) => Self::Tls(TlsFailure::of(tls)),
            None if error.is_connect() && error.is_timeout() => {
                Self::Connect(format!("no connection in {} seconds", CONNECT_TIMEOUT.as_secs()))
            }
            None if error.is_connect() => Self::Connect(cause(error)),
            // Of an alert that comes late, the HTTP/2 library keeps only the words.
            None => {
                let cause = cause(error);
                TlsFailure::of_late_alert(&cause).map_or_else(|| Self::Broken(cause), Self::Tls)
            }
        }
    }

    /// The error of a request to a server that failed like this.
    pub(crate) fn into_error(self, server: Server, request: &str) -> Error {
        match self {
            Self::Connect(cause) => Error::Unreachable { server, cause: cause.into() },
            Self::NotTls => Error::Unreachable { server, cause: "it doesn't speak https".into() },
            Self::Broken(cause) => Error::Interrupted { server, request: request.into(), cause: cause.into() },
            Self::Tls(reason @ TlsFailure::ClientCertificate(_)) => Error::ClientCertificate { server, reason },
            Self::Tls(reason) => Error::Tls { server, reason },
        }
    }
}

/// The causes below the library's own layers, whose texts say only that a request failed.
pub(super) fn cause(error: &reqwest::Error) -> String {
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
