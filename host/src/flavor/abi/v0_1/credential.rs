//! From the contract's types to the host's own: the answer of `credentials`.

use secrecy::{ExposeSecret as _, SecretString};

use super::bindings::exports::crhost::flavor::flavor as wit;
use crate::flavor::abi::answer::Outcome;
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{Failure, FailureKind, FlavorCredential};
use crate::flavor::sandbox::SandboxState;

/// The credentials that a flavor chose.
pub(super) fn credential(state: &mut SandboxState, credential: wit::Credential) -> Outcome<FlavorCredential> {
    match credential {
        wit::Credential::Anonymous => Outcome::Value(FlavorCredential::Anonymous),
        wit::Credential::DockerConfig => Outcome::Value(FlavorCredential::DockerConfig),
        wit::Credential::Basic(basic) => self::basic(state, basic),
    }
}

/// A user name with a password. A secret of the connector becomes a password only where a request could send it too.
fn basic(state: &mut SandboxState, basic: wit::Basic) -> Outcome<FlavorCredential> {
    let wit::Basic { username, password, expires_at, whole_registry } = basic;
    let password: SecretString = match password {
        wit::Password::Plain(password) => password.into(),
        wit::Password::Secret(handle) => {
            let Ok(secret) = state.table.delete(handle) else { return Outcome::Broken(OutputError::handle()) };
            if let Err(denial) = state.egress.allow_password(&secret.for_egress()) {
                let (kind, message) = (FailureKind::Denied, denial.message().clone());
                return Outcome::Refused(Failure { kind, message, hint: None, retry_after: None });
            }
            match secret.text() {
                Some(text) => text,
                None => return Outcome::Broken(OutputError::password()),
            }
        }
    };
    let checked = check(&username, password.expose_secret());
    checked.map(|()| FlavorCredential::Basic { username, password, expires_at, whole_registry }).into()
}

/// Both become an HTTP header: no control character ends it, no `:` moves a part of the user name into the password
/// (RFC 7617).
fn check(username: &str, password: &str) -> Result<(), OutputError> {
    let has_control = |text: &str| text.chars().any(char::is_control);
    for (what, length) in [("user name", username.len()), ("password", password.len())] {
        if length > limits::CREDENTIAL_BYTES {
            return Err(OutputError::too_long(what, length, limits::CREDENTIAL_BYTES));
        }
    }
    if username.contains(':') || has_control(username) {
        return Err(OutputError::expected("user name", username, "expected no `:` and no control characters"));
    }
    if has_control(password) {
        return Err(OutputError::password());
    }
    Ok(())
}
