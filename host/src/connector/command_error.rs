//! Errors of fields that take the output of a program, or a file that is read anew.

use super::hints::either;
use crate::error::{Explain, Kind};
use crate::implicit_sources::CommandError;
use crate::store::Name;
use crate::text::{Escaped, Printable};

/// A failure to fill a field with the output of a program.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum CommandFault {
    /// It gave no value.
    #[error(transparent)]
    #[explain(transparent)]
    Run(RunError),
    /// A name that no flavor declares for the method.
    #[error("`{method}` asks for no command `{name}`")]
    #[explain(hint = either(name, known, "it asks for", "`--FIELD=@command:'PROGRAM ARGUMENTS'` names one of your own"))]
    Unknown {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The name that was given.
        name: Escaped,
        /// Those that are declared.
        known: Vec<Escaped>,
    },
    /// A program that is not there.
    #[error("`{program}`, which is to give field `{field}`, is not installed")]
    #[explain(kind = NotFound, hint = "install it, and have it in an absolute directory of `PATH`, or give the value: `--{field}=@FILE`")]
    NotInstalled {
        /// The program.
        program: Escaped,
        /// The field.
        field: Escaped,
    },
    /// A field that flavors read.
    #[error("field `{field}` of `{method}` takes no {what}, expected a secret field")]
    #[explain(hint = "give its value: `--{field}=…`")]
    NoSecret {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The field.
        field: Escaped,
        /// What it was to take.
        what: &'static str,
    },
    /// A field that was stored as something else.
    #[error("field `{field}` of connector `{connector}` was stored as another kind of value than it is now")]
    #[explain(hint = "register the connector again: `crhost connector register {connector} --replace`")]
    OtherKind {
        /// The connector.
        connector: Name,
        /// The field.
        field: Escaped,
    },
}

/// A program that gave no value for a field.
#[derive(Debug, thiserror::Error, Printable)]
#[error("field `{field}` of connector `{connector}`: {reason}")]
pub(crate) struct RunError {
    /// The connector.
    pub(super) connector: Name,
    /// The field.
    pub(super) field: Escaped,
    /// Why not.
    pub(super) reason: Box<CommandError>,
}

impl Explain for RunError {
    fn kind(&self) -> Kind {
        self.reason.kind()
    }

    fn hint(&self) -> Option<Escaped> {
        self.reason.hint()
    }
}
