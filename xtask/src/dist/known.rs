//! What is known of a release.

/// A release, and what is known of it.
pub(super) struct Release {
    /// Such as `0.1.0`.
    pub(super) version: String,
    /// Such as `x86_64-unknown-linux-gnu`.
    pub(super) target: String,
    /// The commit, where there is one.
    pub(super) revision: Option<String>,
    /// Where the sources are.
    pub(super) source: Option<String>,
    /// The time of all that it has, in seconds since 1970.
    pub(super) time: u64,
}
