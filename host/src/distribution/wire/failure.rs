//! Requests that ended without an answer: which part failed, and in which words.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use crate::distribution::error::Error;
use crate::distribution::server::Server;
use crate::network::io_words;
use crate::network::names::NameError;
use crate::network::proxies::{Proxies, Proxy};
use crate::network::tls::TlsFailure;
use crate::text::printable;

/// How long a connection may take to come about. A TCP connection's first packet is repeated after 1, 3 and 7 seconds;
/// one more repetition has never helped.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a request has no answer, each with the cause in words.
pub(crate) enum Failure {
    /// No connection came about.
    Connect(String),
    /// A proxy did not make the connection.
    Proxy(Proxy, ProxyFailure),
    /// A connection came about and broke. Over https that is after TLS: a server may look at the client's certificate
    /// only then.
    Broken(String),
    /// The other side speaks TLS, and one of the sides doesn't accept the other.
    Tls(TlsFailure),
    /// The other side doesn't speak TLS.
    NotTls,
}

/// Whether the connection was gone before anything of the request was sent.
pub(super) fn is_unsent(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_closed)
}

/// What a proxy did instead.
pub(crate) enum ProxyFailure {
    /// It can't be reached, for this reason if it is known.
    Unreachable(Option<String>),
    /// It wants a user and a password, or others.
    Login,
    /// It does not connect to the server, in its own words if there are some.
    Refused(Option<String>),
    /// The server's name can't be resolved here, as the proxy's kind wants it.
    Name(String),
}

impl Failure {
    /// The failure of a request to a server. The library's own text is not used: it quotes the URL with its query.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        match find::<rustls::Error>(error) {
            Some(rustls::Error::InvalidMessage(_)) => Self::NotTls,
            Some(tls) => Self::Tls(TlsFailure::of(tls)),
            None if error.is_connect() => match error.url().and_then(|url| Proxies::of_the_system().towards_url(url)) {
                Some(proxy) => Self::Proxy(proxy, ProxyFailure::of(error)),
                None => Self::Connect(connect_words(error).unwrap_or_else(|| cause(error))),
            },
            // Of an alert that comes late, the HTTP/2 library keeps only the words.
            None => {
                let cause = cause(error);
                TlsFailure::of_late_alert(&cause).map_or_else(|| Self::Broken(broken_words(error, cause)), Self::Tls)
            }
        }
    }

    /// The error of a request to a server that failed like this.
    pub(crate) fn into_error(self, server: Server, request: &str) -> Error {
        match self {
            Self::Connect(cause) => Error::Unreachable { server, cause: cause.into() },
            Self::NotTls => Error::Unreachable { server, cause: "it doesn't speak https".into() },
            Self::Proxy(proxy, ProxyFailure::Login) => Error::ProxyLogin { server, proxy: proxy.name() },
            Self::Proxy(proxy, failure) => Error::Proxy { server, proxy: proxy.name(), cause: failure.words().into() },
            Self::Broken(cause) => Error::Interrupted { server, request: request.into(), cause: cause.into() },
            Self::Tls(reason @ TlsFailure::ClientCertificate(_)) => Error::ClientCertificate { server, reason },
            Self::Tls(reason) => Error::Tls { server, reason },
        }
    }
}

impl ProxyFailure {
    /// What the library says of a proxy is text alone: its types of errors are private.
    fn of(error: &reqwest::Error) -> Self {
        let text = cause(error);
        let socks = text.split_once("SOCKS error: ").map(|(_, words)| words);
        let is_login = |words: &&str| words.contains("user/pass") || words.contains("credentials not accepted");
        if text.contains("proxy authorization required") || socks.as_ref().is_some_and(is_login) {
            Self::Login
        } else if text.contains("error resolving for socks proxy") {
            Self::Name(connect_words(error).unwrap_or(text))
        } else if text.contains("tunnel error: unsuccessful") {
            Self::Refused(None)
        } else {
            match socks {
                Some(words) if words.contains("underlying connection") => Self::Unreachable(None),
                Some(words) if words.contains("io error") || words.contains("parsing") => {
                    Self::Unreachable(Some("it doesn't speak SOCKS as it should".to_owned()))
                }
                Some(words) => Self::Refused(Some(words.to_owned())),
                None => Self::Unreachable(Some(connect_words(error).unwrap_or(text))),
            }
        }
    }

    /// The end of a sentence whose subject is the proxy.
    fn words(&self) -> String {
        let why = |words: &Option<String>| words.as_ref().map_or_else(String::new, |words| format!(": {words}"));
        match self {
            Self::Unreachable(words) => format!("can't be reached{}", why(words)),
            Self::Login => "wants a user and a password".to_owned(),
            Self::Refused(words) => format!("doesn't connect to it{}", why(words)),
            Self::Name(words) => {
                format!("is given addresses alone, and {words}; `socks5h://` has the proxy resolve names")
            }
        }
    }
}

/// Why no connection came about, where that is known.
fn connect_words(error: &reqwest::Error) -> Option<String> {
    if error.is_timeout() {
        return Some(format!("no connection in {} seconds", CONNECT_TIMEOUT.as_secs()));
    }
    if let Some(NameError(cause)) = find::<NameError>(error) {
        return Some(format!("its name can't be resolved: {}", io_words(cause)));
    }
    find::<io::Error>(error).map(io_words)
}

/// Why a connection broke, where that is known.
fn broken_words(error: &reqwest::Error, cause: String) -> String {
    let is_incomplete = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message);
    match find::<io::Error>(error) {
        Some(error) if error.raw_os_error().is_some() => io_words(error),
        _ if is_incomplete => "the other side closed it without an answer".to_owned(),
        _ => cause,
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

/// The cause of a type among the causes of an error.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        // An I/O error may be nothing but the envelope of another cause.
        let is_envelope = error.downcast_ref::<io::Error>().is_some_and(|error| error.get_ref().is_some());
        if !is_envelope || inner::<T>(error).is_none() {
            return Some(found);
        }
    }
    inner(error).or_else(|| error.source().and_then(find))
}

/// The same inside of an I/O error that wraps another, which is not its `source`.
fn inner<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.and_then(|inner| find(inner as &(dyn StdError + 'static)))
}
