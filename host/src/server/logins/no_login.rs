//! Why there is no login.

use crate::access::AccessError;
use crate::error::{Explain as _, Kind};
use crate::store::StoreError;
use crate::text::Escaped;

/// Why there is no login, in the words of those below. It is told to all who asked.
#[derive(Debug, Clone)]
pub(crate) struct NoLogin {
    /// The kind of failure.
    pub(crate) kind: Kind,
    /// What happened, for the caller; absent where it is the server's own affair.
    pub(crate) detail: Option<Escaped>,
    /// What to do.
    pub(crate) hint: Option<Escaped>,
    /// All of it, for the log.
    pub(crate) log: Escaped,
}

impl From<StoreError> for NoLogin {
    fn from(error: StoreError) -> Self {
        let log = Escaped::of(&error);
        match error {
            // The other names are none of the caller's business.
            StoreError::NoRegistry { name, .. } => Self {
                kind: Kind::NotFound,
                detail: Some(format!("there is no registry named `{name}`").into()),
                hint: Some("`GET /v1/registries` lists those that you may use".into()),
                log,
            },
            // They pass, or end when the server's key is put back: callers ask again.
            StoreError::Locked { .. }
            | StoreError::NoKeyFile
            | StoreError::NoWrappingKey(_)
            | StoreError::WrappingKeyFile { .. }
            | StoreError::OtherWrappingKey { .. }
            | StoreError::OtherServiceKey(_)
            | StoreError::KeyService(_)
            | StoreError::NoKey(_)
            | StoreError::Full(_)
            | StoreError::ReadOnly(_) => Self { kind: Kind::Network, detail: None, hint: None, log },
            error => Self { kind: error.kind(), detail: None, hint: None, log },
        }
    }
}

impl From<AccessError> for NoLogin {
    fn from(error: AccessError) -> Self {
        let (kind, log) = (error.kind(), Escaped::of(&error));
        match error {
            AccessError::Store(error) => error.into(),
            // Words of the flavor, for those who push; never a secret.
            AccessError::Flavor(_) => Self { kind, detail: Some(log.clone()), hint: error.hint(), log },
            _ => Self { kind, detail: None, hint: None, log },
        }
    }
}
