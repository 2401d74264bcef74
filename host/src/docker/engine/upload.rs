//! What a daemon is told for a push of its own, and how one fails.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use http::StatusCode;
use http::header::{HeaderValue, InvalidHeaderValue};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credential::Credential;
use crate::docker::client::Failure;
use crate::docker::shown::shown;
use crate::image::{Platform, Tag};
use crate::text::Escaped;

/// What the daemon is to push.
pub(crate) struct Upload<'a> {
    /// The registry's host, by which the daemon may look for credentials of its own.
    pub(crate) host: &'a str,
    /// The name that the image has in the daemon, without its tag.
    pub(crate) name: &'a str,
    /// The tag.
    pub(crate) tag: &'a Tag,
    /// The only platform that is pushed, for daemons that take one ([`ApiVersion::PUSHES_PLATFORM`]).
    ///
    /// [`ApiVersion::PUSHES_PLATFORM`]: super::ApiVersion::PUSHES_PLATFORM
    pub(crate) platform: Option<&'a Platform>,
    /// The registry's credentials.
    pub(crate) credential: &'a Credential,
    /// Whether the registry may speak plain HTTP, which Podman is told; Docker decides by its own configuration.
    pub(crate) plain_http: bool,
}

/// A push that the daemon did not make.
#[derive(Debug)]
pub(crate) struct UploadFailure {
    /// The cause on one line, mostly in the words of the registry or the daemon.
    pub(crate) words: Escaped,
    /// The status with which the daemon refused to begin.
    pub(crate) status: Option<StatusCode>,
    /// Whether the connection to the daemon failed.
    pub(crate) is_connection: bool,
}

impl UploadFailure {
    /// A failed connection.
    pub(super) fn connection(words: &str) -> Self {
        Self { words: shown(words), status: None, is_connection: true }
    }

    pub(super) fn of(Failure { reason, status, .. }: Failure) -> Self {
        Self { words: reason, status, is_connection: status.is_none() }
    }

    /// An error that the daemon wrote between its messages.
    pub(crate) fn told(words: &str) -> Self {
        Self { words: shown(words), status: None, is_connection: false }
    }
}

/// The credentials as the daemon takes them (`AuthConfig`), in base64.
pub(super) fn authorization(upload: &Upload<'_>) -> Result<HeaderValue, UploadFailure> {
    let members = match upload.credential {
        Credential::Anonymous => json!({}),
        Credential::Basic { username, password } => {
            json!({ "username": username, "password": password.expose_secret(), "serveraddress": upload.host })
        }
        Credential::IdentityToken(token) => {
            json!({ "identitytoken": token.expose_secret(), "serveraddress": upload.host })
        }
    };
    login_header(&members).map_err(|error| UploadFailure::told(&error.to_string()))
}

/// Logins as the API's headers have them: JSON in base64 for URLs.
///
/// # Errors
/// Never, as base64 has no character that a header may not have.
pub(crate) fn login_header(members: &Value) -> Result<HeaderValue, InvalidHeaderValue> {
    let text = Zeroizing::new(members.to_string());
    let encoded = Zeroizing::new(URL_SAFE.encode(text.as_bytes()));
    let mut value = HeaderValue::from_str(&encoded)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(credential: &Credential) -> Value {
        let tag = Tag::latest();
        let upload = Upload {
            host: "registry.example:5000",
            name: "x",
            tag: &tag,
            platform: None,
            credential,
            plain_http: false,
        };
        let value = authorization(&upload).unwrap();
        assert!(value.is_sensitive());
        serde_json::from_slice(&URL_SAFE.decode(value.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn credentials_are_given_as_docker_gives_them() {
        assert_eq!(sent(&Credential::Anonymous), json!({}));
        let basic = Credential::Basic { username: "alice".to_owned(), password: "päss?>".to_owned().into() };
        let expected = json!({"username": "alice", "password": "päss?>", "serveraddress": "registry.example:5000"});
        assert_eq!(sent(&basic), expected);
        let token = sent(&Credential::IdentityToken("t".to_owned().into()));
        assert_eq!(token, json!({"identitytoken": "t", "serveraddress": "registry.example:5000"}));
    }
}
