//! Decisions from messages.

use super::admission::Decision;

impl Decision {
    /// A denial for one reason.
    pub fn deny(message: impl Into<String>) -> Self {
        Self::Deny(vec![message.into()])
    }

    /// A warning of one thing.
    pub fn warn(message: impl Into<String>) -> Self {
        Self::Warn(vec![message.into()])
    }

    /// A denial for all of these reasons; without any, it may happen.
    pub fn deny_all(messages: impl IntoIterator<Item = String>) -> Self {
        let messages: Vec<String> = messages.into_iter().collect();
        if messages.is_empty() { Self::Allow } else { Self::Deny(messages) }
    }

    /// A warning of all of these; without any, it may happen.
    pub fn warn_all(messages: impl IntoIterator<Item = String>) -> Self {
        let messages: Vec<String> = messages.into_iter().collect();
        if messages.is_empty() { Self::Allow } else { Self::Warn(messages) }
    }

    /// The same messages as a warning, where it was a denial.
    #[must_use]
    pub fn softened(self) -> Self {
        match self {
            Self::Deny(messages) => Self::Warn(messages),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_message_it_may_happen() {
        assert_eq!(Decision::deny_all([]), Decision::Allow);
        assert_eq!(Decision::deny_all(["a".to_owned()]), Decision::deny("a"));
        assert_eq!(Decision::warn_all(["a".to_owned()]), Decision::warn("a"));
        assert_eq!(Decision::deny("a").softened(), Decision::warn("a"));
        assert_eq!(Decision::Allow.softened(), Decision::Allow);
    }
}
