//! Credentials, as they were given.

use crate::credential::Credential;

/// Credentials as a flavor gave them.
pub(super) struct Given {
    /// They.
    pub(super) credential: Credential,
    /// Unix time in seconds at which they were given; absent where they are not the flavor's own.
    pub(super) given_at: Option<u64>,
    /// Unix time in seconds after which they no longer work; absent if no end is known.
    pub(super) expires_at: Option<u64>,
    /// Whether a credential helper may have some, which is asked only where the registry wants some.
    pub(super) is_for_later: bool,
}

impl Given {
    /// Those that the flavor left to others.
    pub(super) fn elsewhere(credential: Credential) -> Self {
        Self { credential, given_at: None, expires_at: None, is_for_later: false }
    }
}
