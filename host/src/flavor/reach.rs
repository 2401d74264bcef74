//! What a call may reach of all that a flavor declares.

/// The requests that a call may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that `describe` declares.
    Described,
    /// Those of a clean-up, too: a push can't send what deletes.
    Cleanup,
}
