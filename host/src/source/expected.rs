//! The form that the user said a file or directory has.

/// Whether the user said that it is a layout, or left it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// `oci:` or `oci-archive:`.
    Layout,
    /// `docker-archive:`, or a path alone.
    Any,
}
