//! The secrets that a request carries, which an answer may echo and an error must not show.

use http::header::HeaderValue;
use secrecy::ExposeSecret as _;

use crate::credential::Credential;

/// The secret part of a credential; empty where there is none.
pub(crate) fn secret_in(credential: &Credential) -> &str {
    match credential {
        Credential::Anonymous => "",
        Credential::Basic { password: secret, .. } | Credential::IdentityToken(secret) => secret.expose_secret(),
    }
}

/// The secret part of an `Authorization` header.
pub(crate) fn secret_of(header: &HeaderValue) -> &str {
    header.to_str().ok().and_then(|text| text.split_once(' ')).map(|(_, secret)| secret).unwrap_or_default()
}
