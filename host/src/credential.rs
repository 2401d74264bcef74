//! Credentials for a registry, as the distribution client uses them.

use std::fmt;
use std::time::Instant;

use secrecy::SecretString;

/// Bytes of a user name that is shown; the tokens that stand in its place are longer.
const MAX_SHOWN: usize = 64;

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

/// The credential as a noun, such as ``credentials of `alice` ``; without its secret.
impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("lack of credentials"),
            // Some registries take a token as the user name, which is a secret then.
            Self::Basic { username, .. } if username.is_empty() || username.len() > MAX_SHOWN => {
                f.write_str("credentials")
            }
            Self::Basic { username, .. } => write!(f, "credentials of `{username}`"),
            Self::IdentityToken(_) => f.write_str("identity token"),
        }
    }
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
