//! Credentials for a registry, as the distribution client uses them.

use std::fmt;
use std::time::Instant;

use secrecy::{ExposeSecret as _, SecretString};

use crate::text::Escaped;

/// As much of a user's name is shown, in characters.
const MAX_USER: usize = 100;

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
            Self::Basic { username, .. } if username.is_empty() || username.len() > MAX_USER => {
                f.write_str("credentials")
            }
            Self::Basic { username, .. } => write!(f, "credentials of `{username}`"),
            Self::IdentityToken(_) => f.write_str("identity token"),
        }
    }
}

impl Credential {
    /// Whether there is none.
    #[must_use]
    pub(crate) fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }

    /// Whether another one is the same in name and secret.
    #[must_use]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_secret = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        match (self, other) {
            (Self::Anonymous, Self::Anonymous) => true,
            (Self::Basic { username, password }, Self::Basic { username: other, password: another }) => {
                username == other && is_secret(password, another)
            }
            (Self::IdentityToken(one), Self::IdentityToken(another)) => is_secret(one, another),
            _ => false,
        }
    }

    /// Whose it is and where it is from, for messages: `` `alice` from `~/.docker/config.json` ``.
    #[must_use]
    pub(crate) fn of(&self, origin: &Escaped) -> Escaped {
        match self {
            Self::Anonymous => format!("none in {origin}"),
            Self::Basic { username, .. } if username.is_empty() => format!("a password from {origin}"),
            Self::Basic { username, .. } => format!("`{}` from {origin}", Escaped::new(username, MAX_USER)),
            Self::IdentityToken(_) => format!("an identity token from {origin}"),
        }
        .into()
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

#[cfg(test)]
impl Login {
    /// A credential without a known end.
    pub(crate) fn lasting(credential: Credential) -> Self {
        Self { credential, renew_at: None }
    }
}
