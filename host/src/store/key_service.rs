//! A service that wraps keys, as the store sees it: what asks it is in layers above.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::{Explain, Kind};
use crate::text::{Escaped, Printable};

/// Bytes of a key that a service makes: those of the cipher.
pub(crate) const KEY_BYTES: usize = 32;

/// A key of a service.
pub(crate) trait KeyService: Send + Sync {
    /// The name that the user gave it.
    fn name(&self) -> &str;

    /// Has the service make a key and wrap it.
    ///
    /// # Errors
    /// When the service can't be asked, or refuses.
    fn make(&self) -> Result<MadeKey, KeyServiceError>;

    /// Has the service unwrap a key that [`make`](Self::make) gave.
    ///
    /// # Errors
    /// As for `make`, and when another key wrapped it.
    fn unwrap(&self, wrapped: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyServiceError>;
}

/// A key that a service made. Without `Debug`, as every type that holds a secret.
pub(crate) struct MadeKey {
    /// The key.
    pub(crate) key: Zeroizing<[u8; KEY_BYTES]>,
    /// What gives it again: a text in one line.
    pub(crate) wrapped: String,
    /// The service's own name of the key that wrapped it.
    pub(crate) by: String,
}

/// Why a service gives no key.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("{message}")]
pub(crate) struct KeyServiceError {
    /// The kind of failure.
    pub(crate) kind: Kind,
    /// What is wrong.
    pub(crate) message: Escaped,
    /// The next step.
    pub(crate) hint: Option<Escaped>,
}

impl Explain for KeyServiceError {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<Escaped> {
        self.hint.clone()
    }
}

/// Gives the service of a file that names one.
pub(crate) type OpenService = dyn Fn(&Path) -> Result<Box<dyn KeyService>, KeyServiceError> + Send + Sync;

/// What gives the services of files; none where no service can be asked.
#[derive(Clone, Default)]
pub(crate) struct KeyServices(Option<Arc<OpenService>>);

impl KeyServices {
    /// Those that this gives.
    pub(crate) fn of(open: Arc<OpenService>) -> Self {
        Self(Some(open))
    }

    /// The service of a file.
    pub(super) fn open(&self, file: &Path) -> Result<Box<dyn KeyService>, KeyServiceError> {
        let none = || KeyServiceError {
            kind: Kind::Usage,
            message: format!("`{}` names a service, which this command does not ask", Escaped::from(file)).into(),
            hint: None,
        };
        self.0.as_ref().ok_or_else(none)?(file)
    }
}

impl fmt::Debug for KeyServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyServices")
    }
}
