//! Failures of the HTTP library in words.

use std::io::Error;

use super::tls::TlsFailure;
use super::words::io_words;
use crate::text::Foreign;

/// Why a request of the HTTP library failed, as the end of a sentence. The library's own text quotes the URL with its
/// query.
#[must_use]
pub(crate) fn request_words(error: &reqwest::Error) -> String {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    loop {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return TlsFailure::of(tls).to_string();
        }
        let inner = cause.downcast_ref::<Error>().and_then(|error| error.get_ref());
        match inner.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| cause.source()) {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    match cause.downcast_ref::<Error>() {
        Some(io) => io_words(io),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => Foreign(cause).to_string(),
    }
}
