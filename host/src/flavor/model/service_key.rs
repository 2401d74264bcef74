//! What the optional interface `key-wrapping` answers. Without `Debug`, as every type that holds a secret.

use zeroize::Zeroizing;

/// A key that a service made.
pub(crate) struct ServiceKey(pub(crate) Zeroizing<[u8; Self::BYTES]>);

impl ServiceKey {
    /// Its length.
    pub(crate) const BYTES: usize = 32;
}

/// A new key.
pub(crate) struct WrappedKey {
    /// The key.
    pub(crate) key: ServiceKey,
    /// What gives it again, together with the service's key.
    pub(crate) wrapped: String,
    /// The service's key, for users.
    pub(crate) by: String,
}
