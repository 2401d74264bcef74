//! What a login is for, and what it is.

use std::time::Instant;

use crate::credential::Credential;
use crate::image::{Digest, Repository, Tag};
use crate::server::rules::Operation;
use crate::server_client::WireProfile;
use crate::store::{Name, RegistryRecord};

/// What a login is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LoginKey {
    /// The registry's name.
    pub(crate) registry: Name,
    /// The operation.
    pub(crate) operation: Operation,
    /// The repository; `None` for the whole registry.
    pub(crate) repository: Option<Repository>,
    /// The tag, where the flavor prepares its push.
    pub(crate) tag: Option<Tag>,
}

/// A login, with what was prepared for it.
pub(crate) struct Granted {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// The credentials.
    pub(crate) credential: Credential,
    /// Unix time in seconds at which they end; absent if no end is known.
    pub(crate) expires_at: Option<u64>,
    /// How the registry takes uploads, for a push.
    pub(crate) upload: Option<WireProfile>,
    /// The flavor's notes.
    pub(crate) notes: Vec<String>,
    /// The digest of the flavor's component.
    pub(crate) component: Option<Digest>,
    /// When they were given, or found.
    pub(super) given: Instant,
}

impl Granted {
    /// Whether no end of the credentials is known.
    pub(crate) fn is_lasting(&self) -> bool {
        self.expires_at.is_none() && !self.credential.is_anonymous()
    }
}
