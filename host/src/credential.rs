//! Plain credentials for a registry, as the distribution client uses them.

use secrecy::SecretString;

/// What opens a registry. Deliberately without `Debug`: a secret has no printed form.
#[derive(Clone)]
pub enum Credential {
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
