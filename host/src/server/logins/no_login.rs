//! Why there is no login.

use crate::access::AccessError;
use crate::error::{Explain as _, Kind};
use crate::flavor::{CallError, FailureKind};
use crate::store::StoreError;
use crate::text::{Escaped, Moment};

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
    /// What came of asking the flavor, where it was asked.
    pub(super) asked: Option<Asked>,
}

/// How a flavor's failure is told to others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Unix time in seconds until which nothing is to be asked again.
    pub(super) until: u64,
    /// Whether that holds for all logins of the registry: its provider has had too many requests, or is down.
    pub(super) is_of_registry: bool,
}

/// A failure is told to others for so long, in seconds: a provider that fails is not asked by each of a thousand
/// callers.
const TOLD: u64 = 2;

/// The longest time, in seconds, for which a provider's wish to be left alone is kept.
const MAX_TOLD: u64 = 300;

impl NoLogin {
    /// Until when it is told to all who ask: a Unix time in seconds.
    pub(super) fn until(&self) -> u64 {
        self.asked.map_or_else(|| Moment::now().0.saturating_add(TOLD), |asked| asked.until)
    }

    /// The seconds after which asking again may help, where the provider has said so.
    pub(crate) fn wait(&self) -> Option<u64> {
        let asked = self.asked.filter(|asked| asked.is_of_registry)?;
        Some(asked.until.saturating_sub(Moment::now().0).max(1))
    }
}

impl Asked {
    fn of(error: &CallError) -> Self {
        let wait = error.retry_after().map_or(0, |wait| wait.as_secs()).clamp(TOLD, MAX_TOLD);
        let is_of_registry = error.retry_after().is_some() || error.failure_kind() == Some(FailureKind::RateLimited);
        Self { until: Moment::now().0.saturating_add(wait), is_of_registry }
    }
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
                asked: None,
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
            // A server of a newer version answers instead.
            | StoreError::Newer { .. }
            | StoreError::ReadOnly(_) => Self { kind: Kind::Network, detail: None, hint: None, log, asked: None },
            error => Self { kind: error.kind(), detail: None, hint: None, log, asked: None },
        }
    }
}

impl From<AccessError> for NoLogin {
    fn from(error: AccessError) -> Self {
        let (kind, log) = (error.kind(), Escaped::of(&error));
        match error {
            AccessError::Store(error) => error.into(),
            // Words of the flavor, for those who push; never a secret.
            AccessError::Flavor(ref call) => {
                Self { kind, detail: Some(log.clone()), hint: error.hint(), asked: Some(Asked::of(call)), log }
            }
            _ => Self { kind, detail: None, hint: None, log, asked: None },
        }
    }
}
