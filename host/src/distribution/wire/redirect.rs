//! Which redirects are followed.

use http::{Method, StatusCode};

/// Whether a redirect with this status is followed. Questions follow any; requests that change something only those
/// that keep method and content (RFC 9110, sections 15.4.8 and 15.4.9).
pub(crate) fn is_followed(method: &Method, status: StatusCode) -> bool {
    match status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        _ => status.is_redirection() && matches!(*method, Method::GET | Method::HEAD),
    }
}
