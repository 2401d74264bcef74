//! Failures of the HTTP library in words.

use std::error::Error as StdError;
use std::io::Error;

use super::tls::TlsFailure;
use super::words::io_words;
use crate::text::Foreign;

/// Why a request of the HTTP library failed, as the end of a sentence. The library's own text quotes the URL with its
/// query.
#[must_use]
pub(crate) fn request_words(error: &reqwest::Error) -> String {
    match connection_words(error) {
        Ok(words) => words,
        Err(_) if error.is_timeout() => "no answer in time".to_owned(),
        Err(cause) => Foreign(cause).to_string(),
    }
}

/// Whether a server refused the client's certificate, or wants one. `is_shown` where the client has shown one.
#[must_use]
pub(crate) fn refuses_certificate(error: &reqwest::Error, is_shown: bool) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(tls) = found.downcast_ref::<rustls::Error>() {
            // Of an authority that has the name of the server's, and another key.
            let is_of_other_key = *tls == rustls::Error::AlertReceived(rustls::AlertDescription::DecryptError);
            return matches!(TlsFailure::of(tls), TlsFailure::ClientCertificate(_)) || is_shown && is_of_other_key;
        }
        let inner = found.downcast_ref::<Error>().and_then(|error| error.get_ref());
        cause = inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| found.source());
    }
    false
}

/// Why a connection failed, where that is TLS or the operating system, below whatever libraries say of it.
///
/// # Errors
/// The innermost cause, where it is neither.
pub(crate) fn connection_words<'a>(
    error: &'a (dyn StdError + 'static),
) -> Result<String, &'a (dyn StdError + 'static)> {
    let mut cause = error;
    loop {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Ok(TlsFailure::of(tls).to_string());
        }
        let inner = cause.downcast_ref::<Error>().and_then(|error| error.get_ref());
        match inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| cause.source()) {
            Some(inner) => cause = inner,
            None => return cause.downcast_ref::<Error>().map(io_words).ok_or(cause),
        }
    }
}
