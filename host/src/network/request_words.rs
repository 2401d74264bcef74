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
