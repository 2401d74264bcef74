//! Why a flavor itself failed: a limit, a trap, or an answer outside of the contract's bounds.

use std::fmt::Display;
use std::time::Duration;

use super::limits;
use super::maker::Maker;
use crate::grant::GuestKind;
use crate::grant::operation::OperationError;
use crate::text::{Escaped, Printable};

/// Why a flavor failed, in words that follow the name of the function.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum Cause {
    /// Its time was up.
    #[error("took longer than {} s", .0.as_secs())]
    Time(Duration),
    /// It exceeded the limit of linear memory.
    #[error("needed more than {} MiB of memory", limits::MEMORY_BYTES >> 20)]
    Memory,
    /// It exceeded the limit of table elements.
    #[error("needed more than {} table elements", limits::TABLE_ELEMENTS)]
    Tables,
    /// It exceeded the limit of handles.
    #[error("needed more than {} handles", limits::HANDLES)]
    Handles,
    /// It gave, or took, more data than one call may.
    #[error("exchanged more than {} MiB with crhost in one call", limits::LIFTED_BYTES >> 20)]
    Exchange,
    /// Its functions called each other too deeply.
    #[error("filled its stack ({} KiB, or as much as it was linked with): its functions call each other too deeply",
        limits::STACK_BYTES >> 10)]
    Stack,
    /// It trapped or exited.
    #[error("stopped: {0}")]
    Trap(Escaped),
    /// Its answer breaks the contract.
    #[error("answered {0}")]
    Output(#[from] OutputError),
}

impl Cause {
    /// The next step for the author who made the call, whose log and stack are shown besides.
    pub(super) fn hint_for_author(&self, guest: GuestKind) -> String {
        match self {
            Self::Trap(_) | Self::Stack => {
                "the lines above say where it was; `strip = \"debuginfo\"` leaves the functions their names".to_owned()
            }
            _ => self.hint(Maker::User, guest),
        }
    }

    /// The next step, which depends on whose component it is.
    pub(super) fn hint(&self, maker: Maker, guest: GuestKind) -> String {
        let guest = guest.word();
        let own = match self {
            Self::Trap(_) | Self::Stack => format!("`-vv` shows what the {guest} wrote before, and where it was"),
            Self::Output(_) => format!("`wit/` says what a {guest} may answer"),
            _ => "`docs/reference/limits.md` says what a call may use".to_owned(),
        };
        match (maker, self) {
            (Maker::User, _) => own,
            (Maker::Crhost, Self::Trap(_) | Self::Stack) => format!("{own}; report it as a fault of crhost"),
            (Maker::Crhost, _) => "report it as a fault of crhost".to_owned(),
            (Maker::Other, Self::Trap(_) | Self::Stack) => format!("{own}; report it to the {guest}'s author"),
            (Maker::Other, _) => format!("report it to the {guest}'s author"),
        }
    }
}

/// An answer outside of the contract's bounds, in words that follow "answered".
#[derive(Debug, thiserror::Error, Printable)]
#[error("{0}")]
pub(crate) struct OutputError(Escaped);

impl OutputError {
    /// A value that is not valid, and what it should have been.
    pub(super) fn expected(what: &str, value: &str, expected: impl Display) -> Self {
        let value = Escaped::new(value, 100);
        Self(Escaped::of(format_args!("`{value}`, which is no valid {what}: {expected}")))
    }

    /// A list with too many entries.
    pub(super) fn too_many(what: &str, count: usize, most: usize) -> Self {
        Self(format!("{count} {what}, expected at most {most}").into())
    }

    /// A name that is not a [`KebabName`](super::kebab_name::KebabName).
    pub(super) fn name(what: &str, value: &str) -> Self {
        let rule = "expected lower-case letters and digits with single `-` between them, at most 63";
        Self::expected(what, value, rule)
    }

    /// A name that occurs twice in a list.
    pub(super) fn repeated(what: &str, name: &str) -> Self {
        Self(format!("two {what} named `{name}`").into())
    }

    /// A list without an entry that needs one.
    pub(super) fn none(what: &str) -> Self {
        Self(format!("no {what}, expected at least one").into())
    }

    /// An operation that breaks a rule.
    pub(super) fn operation(name: &str, broken: &OperationError) -> Self {
        Self(format!("an operation that is not accepted: `{}` {broken}", Escaped::new(name, 80)).into())
    }

    /// A text that is too long to be shown.
    pub(super) fn too_long(what: &str, length: usize, max: usize) -> Self {
        Self(format!("a {what} of {length} bytes, expected at most {max}").into())
    }

    /// A key that is none of a service's. It is not shown.
    pub(super) fn key() -> Self {
        Self("a key that is not one of 32 bytes that the service answered with".into())
    }

    /// A password that can't be sent. It is not shown.
    pub(super) fn password() -> Self {
        Self("a password that holds control characters".into())
    }

    /// A handle that the guest does not hold.
    pub(super) fn handle() -> Self {
        Self("a secret that it does not hold".into())
    }
}
