//! What a session is for, in the words of those who are asked for it.

use crate::distribution::Actions;
use crate::flavor::Purpose;
use crate::registry::Use;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To read images.
    Pull,
    /// To write images, and read what is there already.
    Push,
    /// To read, and to delete manifests and tags.
    Delete,
}

impl Intent {
    /// What a flavor is asked for credentials for.
    pub(super) fn purpose(self) -> Purpose {
        match self {
            Self::Pull => Purpose::Pull,
            Self::Push => Purpose::Push,
            Self::Delete => Purpose::Delete,
        }
    }

    /// What a token of the registry has to allow.
    pub(super) fn actions(self) -> Actions {
        match self {
            Self::Pull => Actions::Pull,
            Self::Push => Actions::Push,
            Self::Delete => Actions::Delete,
        }
    }

    /// How the registry is used, by which one of several is chosen.
    pub(super) fn registry_use(self) -> Use {
        match self {
            Self::Pull => Use::Reads,
            Self::Push | Self::Delete => Use::Writes,
        }
    }
}
