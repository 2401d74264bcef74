//! The type of text from outside.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use super::escape;
use super::unicode::is_blank;

/// Text that may be shown, whoever wrote it: one line of bounded length, without characters that move a cursor or hide
/// others, without runs of blanks that look like a line of their own, and without the form of a CI system's command.
///
/// Errors, hints, events and notes hold text as this type. The original can't be had back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Escaped(String);

/// Longest text in characters where no other limit is given: the longest path of Linux (`PATH_MAX`) is shown whole.
const MAX: usize = 4_096;

impl Escaped {
    /// `text` without blanks at its ends, cut after `max` characters with an ellipsis. Text that was escaped and not
    /// cut stays as it is.
    #[must_use]
    pub(crate) fn new(text: &str, max: usize) -> Self {
        let mut shown = String::new();
        let mut before = None;
        let mut count = 0;
        for c in text.trim().chars() {
            let c = if is_blank(c) { ' ' } else { c };
            if c == ' ' && before == Some(' ') {
                continue;
            }
            if count == max {
                shown.push('…');
                break;
            }
            escape::push(&mut shown, before, c);
            before = Some(c);
            count += 1;
        }
        Self(escape::without_command(shown))
    }

    /// The text of a value.
    #[must_use]
    pub(crate) fn of(value: impl fmt::Display) -> Self {
        value.to_string().into()
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Escaped once more: whoever wrote it may have changed it since.
impl<'de> Deserialize<'de> for Escaped {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

impl Deref for Escaped {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Escaped {
    fn from(text: &str) -> Self {
        Self::new(text, MAX)
    }
}

impl From<String> for Escaped {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Escaped {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&Path> for Escaped {
    fn from(path: &Path) -> Self {
        Self::of(path.display())
    }
}

impl From<PathBuf> for Escaped {
    fn from(path: PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<&PathBuf> for Escaped {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<Escaped> for String {
    fn from(text: Escaped) -> Self {
        text.0
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for Escaped {
    fn eq(&self, other: &T) -> bool {
        self.0 == other.as_ref()
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Escaped {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_shown(text: &str, max: usize, shown: &str) {
        let escaped = Escaped::new(text, max);
        assert_eq!(escaped.as_str(), shown);
        assert_eq!(Escaped::from(escaped.as_str()), escaped, "escaped twice");
    }

    #[test]
    fn characters_that_move_a_cursor_or_hide_text_are_escaped() {
        assert_shown("a\x1b[31mb\r\nc\u{202e}d ", 100, "a\\u{1b}[31mb\\r\\nc\\u{202e}d");
        assert_shown("\u{9b}2J\u{7f}", 100, "\\u{9b}2J\\u{7f}");
        assert_shown("grün ✓ 日本 ا", 100, "grün ✓ 日本 ا");
    }

    #[test]
    fn characters_that_nobody_sees_are_escaped() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{2028}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{1d159}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e01ef}',
            '\u{10fffd}',
        ] {
            let shown = format!("a\\u{{{:x}}}b", u32::from(hidden));
            assert_shown(&format!("a{hidden}b"), 100, &shown);
        }
    }

    #[test]
    fn runs_of_blanks_are_one_blank_so_that_a_text_has_no_second_line() {
        assert_shown("a         b", 100, "a b");
        assert_shown("a\u{a0}\u{3000}\u{2003} b", 100, "a b");
        assert_shown("\u{a0} a", 100, "a");
    }

    #[test]
    fn a_text_does_not_begin_like_a_command_of_a_ci_system() {
        assert_shown(" ::error::x", 100, r"\u{3a}:error::x");
        assert_shown("##[error]x", 100, r"#\u{23}[error]x");
    }

    #[test]
    fn long_text_is_cut() {
        assert_shown("abcdef", 3, "abc…");
        assert_shown("abc", 3, "abc");
        assert_eq!(Escaped::from("a".repeat(5_000)).chars().count(), MAX + 1);
    }
}
