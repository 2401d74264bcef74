//! Why a component gave no answer.

use crate::error::{Explain, Kind};
use crate::flavor::{CallError, PolicyFailure};
use crate::grant::Guest;
use crate::text::{Escaped, Printable};

/// Why a component gave no answer.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum Stopped {
    /// A flavor refused, or failed.
    #[error(transparent)]
    Flavor(Box<CallError>),
    /// A policy failed.
    #[error("{0} failed: {1}")]
    Policy(Guest, Box<PolicyFailure>),
}

impl Explain for Stopped {
    fn kind(&self) -> Kind {
        match self {
            Self::Flavor(error) => error.kind(),
            Self::Policy(..) => Kind::Flavor,
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Flavor(error) => Some(error.hint_for_author()),
            Self::Policy(_, failure) => Some(failure.hint_for_author()),
        }
    }
}
