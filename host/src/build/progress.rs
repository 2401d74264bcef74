//! The events of a build.

use std::borrow::Cow;

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
    let text = without_escapes(text);
    let text = text.trim_end();
    Escaped::new(text.rsplit('\r').next().unwrap_or(text), MAX_LINE)
}

/// The start of a control sequence (ECMA-48, section 5.4), such as a colour.
const SEQUENCE: &str = "\u{1b}[";

/// A text without the control sequences that are whole.
pub(super) fn without_escapes(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.split_once(SEQUENCE) else { return Cow::Borrowed(text) };
    let mut plain = before.to_owned();
    for part in rest.split(SEQUENCE) {
        // Parameters and intermediate bytes, then the one that ends the sequence.
        let mut after = part.trim_start_matches(|c: char| matches!(c, ' '..='?')).chars();
        match after.next() {
            Some('@'..='~') => plain.push_str(after.as_str()),
            _ => plain.extend([SEQUENCE, part]),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_of_a_line() {
        for (text, plain) in [
            ("plain", "plain"),
            ("\u{1b}[91mno such file\u{1b}[0m\n", "no such file"),
            ("a\u{1b}[1;31mb\u{1b}[K\u{1b}[m", "ab"),
            ("10 %\r\u{1b}[2K20 %", "20 %"),
            ("\u{1b}[0m", ""),
            ("\u{1b}[3", "\\u{1b}[3"),
        ] {
            assert_eq!(shown(text).as_str(), plain, "{text:?}");
        }
    }
}
