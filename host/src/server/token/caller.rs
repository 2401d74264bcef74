//! Who calls.

use serde_json::Value;

use crate::store::Name;
use crate::text::Escaped;

/// Who calls, by a token that was verified.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name of the issuer in the rules.
    pub(crate) issuer: Name,
    /// Whom the token is about.
    pub(crate) subject: Escaped,
    /// All of its claims.
    pub(crate) claims: Value,
}
