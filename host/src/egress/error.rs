//! Why a request of a flavor got no answer.

use std::fmt;

use crate::address::{Reach, reach};
use crate::grant::Target;
use crate::text::printable;

/// Why there is no answer. What a guest learns of it holds no address that a name resolved to, nothing of a proxy, and no
/// secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    #[error("{0}")]
    Denied(Denial),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("no complete answer within {} s", crate::egress::limits::REQUEST_TIME.as_secs())]
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
pub(crate) struct Denial {
    message: String,
    hint: Option<String>,
}

impl Denial {
    /// A call that may reach nothing at all.
    pub(super) fn closed() -> Self {
        let message = "no requests are sent while a flavor describes itself or validates a URI".to_owned();
        Self { message, hint: None }
    }

    /// A target that nobody granted: where it is written as an address, in the words for such an address.
    pub(super) fn of(flavor: &str, target: &Target) -> Self {
        match target.address().map(reach) {
            Some(Reach::Nowhere) => Self::nowhere(target),
            Some(Reach::Inside) => Self::inside(flavor, target),
            Some(Reach::Public) | None => Self::host(flavor, target),
        }
    }

    fn host(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!("`{origin}` is not granted to this flavor"),
            hint: Some(format!(
                "if it should reach it, grant it: `crhost flavor grant {flavor} --allow-host {origin}`"
            )),
        }
    }

    /// A host that leads where only the user can allow.
    pub(super) fn inside(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!("`{origin}` is inside a private network, which is closed to this flavor"),
            hint: Some(format!(
                "if it should reach it, write it out: `crhost flavor grant {flavor} --allow-host {origin}`"
            )),
        }
    }

    /// An address that is no host's.
    pub(super) fn nowhere(target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self { message: format!("`{origin}` has an address that is no host's"), hint: None }
    }

    /// A secret on its way to a host that its auth method does not name.
    pub(super) fn secret(flavor: &str, target: &Target) -> Self {
        let origin = printable(&target.origin(), 300);
        Self {
            message: format!("`{origin}` may not have this secret, whose auth method does not name it"),
            hint: Some(format!("if it should, grant it: `crhost flavor grant {flavor} --allow-secret-host {origin}`")),
        }
    }

    /// What the person can do about it.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
