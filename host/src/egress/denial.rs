//! Requests that the policy does not allow, and how the user allows them.

use std::fmt;

use crate::address::AddressScope;
use crate::grant::Target;
use crate::text::{Escaped, Printable};

/// A request that the policy does not allow, in one line for the guest and the user.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct Denial {
    message: Escaped,
    hint: Option<Escaped>,
}

impl Denial {
    /// A call that may send no request at all.
    pub(super) fn closed() -> Self {
        let message = "no requests are sent while a flavor describes itself or validates a URI".into();
        Self { message, hint: None }
    }

    /// A target without a grant. Where it is written as an address, the message is the one for an address of that
    /// scope.
    pub(super) fn not_granted(flavor: &str, target: &Target) -> Self {
        match target.address().map(AddressScope::of) {
            Some(AddressScope::Unroutable) => Self::unroutable(target),
            Some(AddressScope::Private) => Self::private(flavor, target),
            Some(AddressScope::Public) | None => {
                let origin = shown(target);
                Self {
                    message: format!("`{origin}` is not granted to this flavor").into(),
                    hint: Some(Escaped::of(format_args!(
                        "if it should reach it, grant it: `crhost flavor grant {flavor} --allow-host {origin}`"
                    ))),
                }
            }
        }
    }

    /// A host with private addresses alone, which a flavor reaches only where the user wrote that exact host.
    pub(super) fn private(flavor: &str, target: &Target) -> Self {
        let origin = shown(target);
        Self {
            message: format!("`{origin}` is inside a private network, which is closed to this flavor").into(),
            hint: Some(Escaped::of(format_args!(
                "if it should reach it, write it out: `crhost flavor grant {flavor} --allow-host {origin}`"
            ))),
        }
    }

    /// A host without an address that can be connected to; no grant changes that.
    pub(super) fn unroutable(target: &Target) -> Self {
        Self { message: format!("`{}` has an address that is no host's", shown(target)).into(), hint: None }
    }

    /// A secret on its way to a host that its auth method does not name.
    pub(super) fn secret(flavor: &str, target: &Target) -> Self {
        let origin = shown(target);
        Self {
            message: format!("`{origin}` may not have this secret, whose auth method does not name it").into(),
            hint: Some(Escaped::of(format_args!(
                "if it should, grant it: `crhost flavor grant {flavor} --allow-secret-host {origin}`"
            ))),
        }
    }

    /// The line for the guest and the user.
    pub(crate) fn message(&self) -> &Escaped {
        &self.message
    }

    /// The command that allows it, where there is one.
    pub(crate) fn hint(&self) -> Option<&Escaped> {
        self.hint.as_ref()
    }
}

/// The origin alone: paths and queries may hold secrets.
fn shown(target: &Target) -> Escaped {
    Escaped::new(&target.origin(), 300)
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
