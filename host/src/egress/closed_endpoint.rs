//! A host that an option or field names in the place of an operation's own, and that is not granted.

use crate::text::Escaped;

/// An option or a text field whose URL the operations that it is for can't be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClosedEndpoint {
    /// The name of the option or field.
    pub(crate) name: Escaped,
    /// The origin of its URL, which is the pattern that would open it.
    pub(crate) origin: Escaped,
    /// Whether secrets would go there.
    pub(crate) secrets: bool,
}
