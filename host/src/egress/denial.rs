//! Requests that the policy does not allow, and how the user allows them.

use std::fmt;

use crate::address::AddressScope;
use crate::grant::{Guest, GuestKind, HostPattern, Target};
use crate::text::{Escaped, Printable};

/// What a request that lacks a grant is to its flavor: this decides on the option that opens its host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need<'a> {
    /// The reason why the request goes there.
    pub(super) cause: Cause<'a>,
    /// Whether it holds a secret.
    pub(super) secrets: bool,
}

/// Why a request goes to a host.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause<'a> {
    /// No operation goes there.
    Undeclared,
    /// It is that of an operation, but for the host.
    Elsewhere,
    /// An operation declares this pattern.
    Declared(&'a HostPattern),
    /// An option, a field or a grant names the host for an operation.
    Named,
}

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
    /// scope. The hint has the option with which the request is sent, in one step.
    pub(super) fn not_granted(guest: &Guest, target: &Target, need: Need<'_>) -> Self {
        let (origin, word) = (shown(target), guest.kind().word());
        let message = match target.address().map(AddressScope::of) {
            Some(AddressScope::Unroutable) => return Self::unroutable(target),
            Some(AddressScope::Private) => inside(guest, &origin),
            Some(AddressScope::Public) | None => format!("`{origin}` is not granted to this {word}"),
        };
        Self::hinted(message, need.hint(guest, target))
    }

    /// A host with private addresses alone, which a flavor reaches only where the user wrote that exact host.
    pub(super) fn private(guest: &Guest, target: &Target) -> Self {
        let hint = metadata(guest, target, false).unwrap_or_else(|| opened_inside(guest, target));
        Self::hinted(inside(guest, &shown(target)), hint)
    }

    /// A host without an address that can be connected to; no grant changes that.
    pub(super) fn unroutable(target: &Target) -> Self {
        Self { message: format!("`{}` has an address that is no host's", shown(target)).into(), hint: None }
    }

    /// A secret on its way to a host that is open without secrets. The command that gives it away is written out only
    /// where the user named that host: what a flavor itself sends secrets to, the user may have left closed on purpose.
    pub(super) fn secret(guest: &Guest, target: &Target, cause: Cause<'_>) -> Self {
        let origin = shown(target);
        let hint = match cause {
            Cause::Declared(_) if guest.is_tried() => all_declared(guest),
            Cause::Named => format!(
                "only if whoever runs `{origin}` may have the secret: `{}`",
                guest.grant_command("--allow-secret-host", &origin.to_string())
            ),
            Cause::Declared(_) | Cause::Undeclared | Cause::Elsewhere => tried(guest, &origin),
        };
        Self::hinted(format!("`{origin}` may not have this secret"), hint)
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

impl Need<'_> {
    /// The option with which a request is sent that lacks a grant.
    fn hint(self, guest: &Guest, target: &Target) -> String {
        let Self { cause, secrets } = self;
        if let Some(hint) = metadata(guest, target, secrets) {
            return hint;
        }
        let origin = shown(target).to_string();
        let word = guest.kind().word();
        let option = if secrets { "--allow-secret-host" } else { "--allow-host" };
        match cause {
            // An address is opened by the user's own words alone.
            Cause::Declared(pattern) if pattern.may_be_requested() && !target.is_address() => match guest.is_tried() {
                true => all_declared(guest),
                false => format!(
                    "the {word} declares it; only if you trust the {word} with it: `{}`",
                    guest.grant_command(option, &quoted(pattern))
                ),
            },
            Cause::Undeclared if secrets => format!(
                "it would send a secret there, which none of its operations does; `{}` shows them",
                guest.describe_command()
            ),
            // Such as an address of the environment that the flavor follows, or one that it made up.
            Cause::Elsewhere if secrets => tried(guest, &shown(target)),
            Cause::Undeclared | Cause::Elsewhere
                if target.address().map(AddressScope::of) == Some(AddressScope::Private) =>
            {
                opened_inside(guest, target)
            }
            Cause::Undeclared | Cause::Elsewhere => format!(
                "only if you trust the {word} with it: `{}` lets it send any request there, without secrets",
                guest.grant_command(option, &origin)
            ),
            Cause::Declared(_) | Cause::Named if secrets => format!(
                "only if you trust the {word} with it, and whoever runs `{origin}` with the secret: `{}`",
                guest.grant_command(option, &origin)
            ),
            Cause::Declared(_) | Cause::Named => {
                format!("only if you trust the {word} with it: `{}`", guest.grant_command(option, &origin))
            }
        }
    }
}

/// How a secret may be sent where the flavor alone wants it: without a command to paste.
fn tried(guest: &Guest, origin: &Escaped) -> String {
    format!(
        "the flavor tried to send a secret of the connector to `{origin}`, which you have not granted for secrets; `{}` \
         shows what it declares, whoever runs `{origin}` would get the secret, and the option `--allow-secret-host` \
         opens a host to secrets",
        guest.describe_command()
    )
}

/// How a call of a file is granted what the component declares.
fn all_declared(guest: &Guest) -> String {
    format!("the {} declares it: `--yes` grants this call all hosts that it declares", guest.kind().word())
}

/// The message for a host with private addresses alone.
fn inside(guest: &Guest, origin: &Escaped) -> String {
    format!("`{origin}` is inside a private network, which is closed to this {}", guest.kind().word())
}

/// How a host inside a private network is opened that is granted but for that.
fn opened_inside(guest: &Guest, target: &Target) -> String {
    format!(
        "only if you trust the {} inside your network: `{}`",
        guest.kind().word(),
        guest.grant_command("--allow-private-host", &shown(target).to_string())
    )
}

/// A pattern as a shell takes it for one word.
fn quoted(pattern: &HostPattern) -> String {
    let pattern = pattern.to_string();
    if pattern.contains(['*', '{']) { format!("'{pattern}'") } else { pattern }
}

/// How a flavor gets to the metadata of the machine: by the name of the flavor, or to that address alone.
fn metadata(guest: &Guest, target: &Target, secrets: bool) -> Option<String> {
    let is_of_flavor = guest.kind() == GuestKind::Flavor && target.is_of_machine();
    let option = if secrets { "--allow-secret-host" } else { "--allow-private-host" };
    is_of_flavor.then(|| {
        format!(
            "only if you trust the flavor with the metadata of this machine: `{}`, or to this address alone `{}`",
            guest.grant_command("--allow-metadata", guest.name()),
            guest.grant_command(option, &shown(target).to_string())
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
