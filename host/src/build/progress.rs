//! The events of a build.

use crate::text::Escaped;

/// Longest line of a builder that is shown, in characters.
const MAX_LINE: usize = 2_000;

/// An event of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The builder was chosen.
    Builder(Escaped),
    /// A step began, or came from the cache.
    Step(Escaped),
    /// A line of a step or of the builder.
    Line(Escaped),
}

/// Receives the events of a build.
pub(crate) trait Progress: Send + Sync {
    /// An event.
    fn event(&self, event: Event);
}

impl Event {
    /// A line of a builder's output.
    pub(super) fn line(text: &str) -> Self {
        Self::Line(shown(text))
    }
}

/// A builder's line as it is shown: without colours, since other characters of control are shown escaped.
pub(super) fn shown(text: &str) -> Escaped {
    let text = text.trim_end();
    Escaped::new(text.rsplit('\r').next().unwrap_or(text), MAX_LINE)
}
