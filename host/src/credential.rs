//! Credentials for a registry, as the distribution client uses them.

use std::time::Instant;

use secrecy::SecretString;

/// Credentials for a registry. Deliberately without `Debug`: a secret has no printed form.
#[derive(Clone)]
pub(crate) enum Credential {
    /// No credentials.
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

/// A credential with its lifetime. Without `Debug`, too.
#[derive(Clone)]
pub(crate) struct Login {
    /// The credential.
    pub(crate) credential: Credential,
    /// The time to ask for a new one; `None` if no end is known.
    pub(crate) renew_at: Option<Instant>,
}

impl Login {
    /// A credential without a known end.
    #[must_use]
    pub(crate) fn lasting(credential: Credential) -> Self {
        Self { credential, renew_at: None }
    }
}
