//! Failures: constructors for each kind, and the hint.

use crate::types::{Failure, FailureKind};

impl Failure {
    /// A failure of the given kind, without hint; `message` is one line for the user.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, retry_after: None }
    }

    /// The URI, the image, an option or a field is not valid.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(FailureKind::InvalidInput, message)
    }

    /// There are no credentials, or the registry's side does not accept them.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unauthenticated, message)
    }

    /// The credentials are good and do not allow this.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Denied, message)
    }

    /// Something that has to exist does not.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FailureKind::NotFound, message)
    }

    /// What exists, or is being changed by another, stands in the way.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Conflict, message)
    }

    /// The other side has had too many requests, and asked to come back later; say when with
    /// [`retry_after`](Self::retry_after).
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new(FailureKind::RateLimited, message)
    }

    /// The other side did not answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unavailable, message)
    }

    /// This flavor cannot do that at all.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unsupported, message)
    }

    /// The connector lacks a field that its auth method has to have.
    pub fn missing_field(name: &str) -> Self {
        Self::invalid_input(format!("the connector lacks `{name}`"))
            .hint("run `crhost connector describe NAME` to see what it holds")
    }

    /// Any other failure.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Other, message)
    }

    /// Sets the hint, the user's next step in one line; replaces an earlier one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the seconds after which trying again may help; the host then waits and calls again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_its_kind_its_message_and_its_hint() {
        let failure = Failure::denied("no").hint("ask").hint("ask again");
        assert_eq!(failure.kind, FailureKind::Denied);
        assert_eq!(failure.message, "no");
        assert_eq!(failure.hint.as_deref(), Some("ask again"));
    }
}
