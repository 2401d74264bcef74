//! Why a request of a flavor got no answer.

use std::fmt;

use crate::grant::Target;
use crate::text::printable;

/// Why there is no answer. What a guest learns of it holds no address that a name resolved to, nothing of a proxy, and no
/// secret.
#[derive(Debug, thiserror::Error)]
pub(in crate::flavor) enum EgressError {
    #[error("{0}")]
    Denied(Denial),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("no complete answer within {} s", crate::flavor::limits::REQUEST_TIME.as_secs())]
    Timeout,
    #[error("the request or the answer is too large")]
    TooLarge,
    #[error("the call has used up its requests")]
    Exhausted,
}

impl EgressError {
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }

    pub(super) fn unreachable(reason: impl Into<String>) -> Self {
        Self::Unreachable(reason.into())
    }
}

/// Something that is not granted, and how it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flavor) struct Denial {
    message: String,
    hint: Option<String>,
}

impl Denial {
    /// A call that may reach nothing at all.
    pub(super) fn closed(flavor: &str) -> Self {
        let message = format!("flavor `{flavor}` may send no requests while it describes itself or validates a URI");
        Self { message, hint: None }
    }

    /// A host that nobody granted.
    pub(super) fn host(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!("flavor `{flavor}` may not reach `{origin}`"),
            hint: Some(format!("if it should, grant it: `crhost flavor grant {flavor} --allow-host {origin}`")),
        }
    }

    /// A host that leads where only the user can allow.
    pub(super) fn inside(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!("flavor `{flavor}` may not reach `{origin}`, which is inside a private network"),
            hint: Some(format!("if it should, write it out: `crhost flavor grant {flavor} --allow-host {origin}`")),
        }
    }

    /// An address that is no host's.
    pub(super) fn nowhere(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        let message = format!("flavor `{flavor}` may not reach `{origin}`, whose address is no host's");
        Self { message, hint: None }
    }

    /// A secret on its way to a host that its auth method does not name.
    pub(super) fn secret(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!(
                "flavor `{flavor}` may not send a secret to `{origin}`, which its auth method does not name"
            ),
            hint: Some(format!("if it should, grant it: `crhost flavor grant {flavor} --allow-secret-host {origin}`")),
        }
    }

    /// What the person can do about it.
    pub(in crate::flavor) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
