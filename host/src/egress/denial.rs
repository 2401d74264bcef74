//! Requests that the policy does not allow, and how the user allows them.

use std::fmt;

use crate::address::AddressScope;
use crate::grant::{Guest, GuestKind, Target};
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
        let message = "no requests are sent while a component describes itself, or a flavor validates a URI".into();
        Self { message, hint: None }
    }

    /// A target without a grant. Where it is written as an address, the message is the one for an address of that
    /// scope.
    pub(super) fn not_granted(guest: &Guest, target: &Target) -> Self {
        match target.address().map(AddressScope::of) {
            Some(AddressScope::Unroutable) => Self::unroutable(target),
            Some(AddressScope::Private) => Self::private(guest, target),
            Some(AddressScope::Public) | None => {
                let origin = shown(target);
                Self::hinted(
                    format!("`{origin}` is not granted to this {}", guest.kind().word()),
                    metadata(guest, target).unwrap_or_else(|| {
                        format!(
                            "only if you trust the {} with it: `{}` lets it send any request there, without secrets",
                            guest.kind().word(),
                            guest.grant_command("--allow-host", &origin)
                        )
                    }),
                )
            }
        }
    }

    /// A host with private addresses alone, which a flavor reaches only where the user wrote that exact host.
    pub(super) fn private(guest: &Guest, target: &Target) -> Self {
        let origin = shown(target);
        Self::hinted(
            format!("`{origin}` is inside a private network, which is closed to this {}", guest.kind().word()),
            metadata(guest, target).unwrap_or_else(|| {
                format!(
                    "only if you trust the {} inside your network: `{}`",
                    guest.kind().word(),
                    guest.grant_command("--allow-private-host", &origin)
                )
            }),
        )
    }

    /// A host without an address that can be connected to; no grant changes that.
    pub(super) fn unroutable(target: &Target) -> Self {
        Self { message: format!("`{}` has an address that is no host's", shown(target)).into(), hint: None }
    }

    /// A secret on its way to a host that it is not granted for. No command is recommended: it would give the secret
    /// away.
    pub(super) fn secret(guest: &Guest, target: &Target) -> Self {
        let origin = shown(target);
        Self::hinted(
            format!("`{origin}` may not have this secret"),
            format!(
                "the flavor tried to send a secret of the connector to `{origin}`, which you have not granted for \
                 secrets; `{}` shows what it declares, and whoever runs `{origin}` would get the secret",
                guest.describe_command()
            ),
        )
    }

    /// A request that no operation of the flavor allows.
    pub(super) fn undeclared(guest: &Guest, target: &Target, mismatch: Option<(&str, &str)>) -> Self {
        let origin = shown(target);
        let why = match mismatch {
            Some((operation, mismatch)) => format!("its operation `{operation}` {mismatch}"),
            None => "its operations have no such host and path".to_owned(),
        };
        Self::hinted(
            format!("the request to `{origin}` is none that the {} declares: {why}", guest.kind().word()),
            format!("its author has to declare the request; `{}` shows its operations", guest.describe_command()),
        )
    }

    /// An operation that the connector's auth method did not have when the connector was stored.
    pub(super) fn unrecorded(target: &Target) -> Self {
        Self::hinted(
            format!("the connector was stored before this flavor declared what it would send to `{}`", shown(target)),
            "only if you trust the flavor with the connector's secrets: `crhost connector update NAME --renew` stores \
             it for what its auth method declares now",
        )
    }

    /// An operation with an odd place, which the user has not accepted by name.
    pub(super) fn unaccepted(target: &Target, operation: &str) -> Self {
        Self::hinted(
            format!(
                "the operation `{operation}` would send a secret to `{}` at a place that no standard defines, and was \
                 not accepted",
                shown(target)
            ),
            format!(
                "only if you trust the flavor with the secret: `--allow-operation {operation}` accepts it, of `crhost \
                 flavor register` or `call`"
            ),
        )
    }

    /// A secret that its auth method does not declare as the registry's password.
    pub(super) fn password() -> Self {
        Self::hinted(
            "the connector's auth method does not declare this secret as the registry's password",
            "its author has to name the field as `registry-password` in the auth method",
        )
    }

    fn hinted(message: impl Into<Escaped>, hint: impl Into<Escaped>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    /// The line for the guest and the user.
    pub(crate) fn message(&self) -> &Escaped {
        &self.message
    }

    /// The next step, where there is one.
    pub(crate) fn hint(&self) -> Option<&Escaped> {
        self.hint.as_ref()
    }
}

/// How a flavor gets to the metadata of the machine: by the name of the flavor, or to that address alone.
fn metadata(guest: &Guest, target: &Target) -> Option<String> {
    let is_of_flavor = guest.kind() == GuestKind::Flavor && target.is_of_machine();
    is_of_flavor.then(|| {
        format!(
            "only if you trust the flavor with the metadata of this machine: `{}`, or to this address alone `{}`",
            guest.grant_command("--allow-metadata", guest.name()),
            guest.grant_command("--allow-private-host", &shown(target).to_string())
        )
    })
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
