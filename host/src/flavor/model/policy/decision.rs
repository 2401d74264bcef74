//! The answer of `admit`.

use crate::text::Escaped;

/// What a policy says. All messages are bounded, of one line, and safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It may happen.
    Allow,
    /// It may happen, and the user reads these messages; at least one.
    Warn(Vec<Escaped>),
    /// It may not happen, for these reasons; at least one.
    Deny(Vec<Escaped>),
}
