//! Failures of other machines that a source reads from.

use crate::error::{Explain, Kind};
use crate::text::{Escaped, Printable};

/// A failure of another machine, in the words of the client that speaks to it.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{message}")]
pub(crate) struct RemoteFailure {
    message: Escaped,
    kind: Kind,
    hint: Option<Escaped>,
}

impl RemoteFailure {
    /// The failure that an error explains.
    pub(crate) fn of(error: &impl Explain) -> Self {
        Self { message: error.to_string().into(), kind: error.kind(), hint: error.hint() }
    }
}

impl Explain for RemoteFailure {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<Escaped> {
        self.hint.clone()
    }
}
