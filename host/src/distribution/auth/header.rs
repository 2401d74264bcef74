//! `Authorization`: the two schemes that the client answers.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::distribution::error::Error;
use crate::image::Host;

/// The header for HTTP Basic (RFC 7617).
///
/// # Errors
/// [`Error::Unanswerable`] for a name with a colon, which would move the rest of the name into the password.
pub(crate) fn basic(host: &Host, username: &str, password: &SecretString) -> Result<HeaderValue, Error> {
    let pair = (!username.contains(':')).then(|| format!("{username}:{}", password.expose_secret()));
    let header = pair.and_then(|pair| sensitive("Basic", &BASE64_STANDARD.encode(pair)));
    header.ok_or_else(|| Error::Unanswerable {
        host: host.clone(),
        wanted: "a name and a password".into(),
        given: "a name that holds a colon",
    })
}

/// The header for a bearer token (RFC 6750); `None` for a token that no header can hold.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    sensitive("Bearer", token)
}

/// Whether a header shows the credential itself.
pub(crate) fn is_basic(header: &HeaderValue) -> bool {
    header.as_bytes().starts_with(b"Basic ")
}

/// A header that no log shows.
fn sensitive(scheme: &str, secret: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("{scheme} {secret}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}
