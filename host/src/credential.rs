//! Plain credentials for a registry, as the distribution client uses them.

use std::time::Instant;

use secrecy::SecretString;

/// What opens a registry. Deliberately without `Debug`: a secret has no printed form.
#[derive(Clone)]
pub(crate) enum Credential {
    /// No credentials at all.
    Anonymous,
    /// A user name and a password, sent as HTTP Basic to the registry or to its token endpoint.
    Basic {
        /// The user name; may be public.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// An OAuth 2 refresh token ("identity token" in Docker's words), exchanged at the registry's token endpoint.
    IdentityToken(SecretString),
}

/// A credential, and how long it is good for. Without `Debug`, too.
#[derive(Clone)]
pub(crate) struct Login {
    /// The credential.
    pub(crate) credential: Credential,
    /// When to ask for a new one; none if it lasts as long as anyone knows.
    pub(crate) renew_at: Option<Instant>,
}

impl Login {
    /// A credential that lasts.
    #[must_use]
    pub(crate) fn lasting(credential: Credential) -> Self {
        Self { credential, renew_at: None }
    }
}
