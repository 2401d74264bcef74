//! Why a configuration can't be used.

use crate::error::{Explain, Kind};
use crate::text::{Escaped, Printable};

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum ConfigurationError {
    /// A file can't be read or written.
    #[error("`{path}` can't be {action}: {reason}")]
    #[explain(kind = NotFound, hint = "{hint}")]
    File {
        /// The file.
        path: Escaped,
        /// What was to be done with it.
        action: &'static str,
        /// Why not.
        reason: Escaped,
        /// The next step.
        hint: &'static str,
    },
    /// It is not as the format says.
    #[error("{at}: {problem}")]
    #[explain(hint = "docs/guide/team.md has the format, and schema/configuration-file.json its schema")]
    Malformed {
        /// The file, and the line where that is known.
        at: Escaped,
        /// What is wrong.
        problem: Escaped,
    },
    /// A secret stands in the file.
    #[error("{at}: field `{field}` is a secret, and its value stands in the file")]
    #[explain(hint = format!("{REFERENCES} in its place; who has read the file knows the value: change it"))]
    Literal {
        /// The file and the connector.
        at: Escaped,
        /// The field.
        field: Escaped,
    },
    /// A reference of no known form.
    #[error("{at}: field `{field}` names no place that a value can be read from")]
    #[explain(hint = REFERENCES.to_owned())]
    Reference {
        /// The file and the connector.
        at: Escaped,
        /// The field.
        field: Escaped,
    },
    /// The place of a field's value has a variable in it.
    #[error("{at}: field `{field}` names a place with `${{` in it, where nothing is filled in")]
    #[explain(hint = "write the place out: others have to review it")]
    VariableInReference {
        /// The file and the connector.
        at: Escaped,
        /// The field.
        field: Escaped,
    },
    /// The value of a field is said to be stored, and is not.
    #[error("{at}: field `{field}` is `@stored`, and no store here has its value")]
    #[explain(hint = format!("register the connector where it is used, or {REFERENCES}"))]
    NotStored {
        /// The file and the connector.
        at: Escaped,
        /// The field.
        field: Escaped,
    },
    /// A variable that the file names is not set.
    #[error("{at}: `${{{variable}}}` is not set")]
    #[explain(hint = "set the variable, or write the value; `$${{{variable}}}` is this text itself")]
    Variable {
        /// The place in the file.
        at: Escaped,
        /// The variable.
        variable: Escaped,
    },
    /// The lock is not for this file.
    #[error("{lock} does not fit: {problem}")]
    #[explain(kind = Conflict, hint = "{hint}")]
    Lock {
        /// The lock.
        lock: Escaped,
        /// What does not fit.
        problem: Escaped,
        /// The next step.
        hint: Escaped,
    },
    /// A component has other bytes than the lock says.
    #[error("{at}: the component has digest {found}, and the lock has {locked}")]
    #[explain(
        kind = Verification,
        hint = "if the other one is meant, `crhost apply --update` takes it and shows what it asks for"
    )]
    Digest {
        /// The file and the flavor or policy.
        at: Escaped,
        /// The digest that was found.
        found: Escaped,
        /// The digest of the lock.
        locked: Escaped,
    },
    /// A component is not on this machine.
    #[error("{at}: its component is not on this machine, and `--offline` fetches none")]
    #[explain(kind = NotFound, hint = "leave `--offline` out once, or fill the cache with `crhost flavor precompile`")]
    Offline {
        /// The file and the flavor or policy.
        at: Escaped,
    },
    /// An entry of the file is wrong.
    #[error(transparent)]
    #[explain(transparent)]
    Entry(Box<EntryError>),
    /// The store can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    Store(Box<crate::store::StoreError>),
    /// A registry that is not in the file would work no more.
    #[error("registry `{registry}`: {problem}")]
    #[explain(kind = Conflict, hint = "add it to the file, or remove it: `crhost registry remove {registry}`")]
    Others {
        /// The registry.
        registry: Escaped,
        /// Why not.
        problem: Escaped,
    },
    /// The store was changed after the plan was shown.
    #[error("what is registered has changed since the plan was made")]
    #[explain(kind = Conflict, hint = "nothing was changed; `crhost apply` makes a new plan")]
    Moved,
}

/// The forms in which a field names the place of its value.
const REFERENCES: &str = "write `@env:NAME`, `@file:PATH`, `@oidc`, or `@command:PROGRAM ARGS`";

/// An error about an entry of the file, as the module that found it explains it.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{at}: {message}")]
pub(crate) struct EntryError {
    at: Escaped,
    kind: Kind,
    message: Escaped,
    hint: Option<Escaped>,
}

impl Explain for EntryError {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<Escaped> {
        self.hint.clone()
    }
}

impl ConfigurationError {
    /// An error about an entry.
    pub(super) fn of_entry(at: &str, error: &impl Explain) -> Self {
        Self::with_hint(at, error, error.hint())
    }

    /// The same with another next step: commands would change what the file says.
    pub(super) fn with_hint(at: &str, error: &impl Explain, hint: Option<Escaped>) -> Self {
        let (kind, message) = (error.kind(), Escaped::of(error));
        Self::Entry(Box::new(EntryError { at: at.into(), kind, message, hint }))
    }

    /// An entry that is wrong by itself.
    pub(super) fn malformed(at: &str, problem: impl Into<Escaped>) -> Self {
        Self::Malformed { at: at.into(), problem: problem.into() }
    }
}

impl From<crate::store::StoreError> for ConfigurationError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}
