//! What is said about id tokens between the host and a flavor.

use crate::text::Escaped;

/// Whom an id token is about, by its own claims, which nobody has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdentityClaims {
    /// The claim `iss`.
    pub(crate) issuer: String,
    /// The claim `sub`.
    pub(crate) subject: String,
    /// The audience that tokens are issued for.
    pub(crate) audience: String,
}

/// A text for the user to use elsewhere, such as a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// What it is and where it belongs.
    pub(crate) summary: Escaped,
    /// Its lines, each escaped.
    pub(crate) lines: Vec<String>,
}
