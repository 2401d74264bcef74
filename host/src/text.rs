//! Text from outside made safe to show: bounded, on one line, without characters that move a cursor or hide others.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// `text` with its control, bidirectional and other invisible formatting characters escaped, line breaks included, cut
/// after `max` characters with an ellipsis.
#[must_use]
pub(crate) fn printable(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.trim().chars().enumerate() {
        if count == max {
            shown.push('…');
            break;
        }
        if c.is_control() || is_invisible(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// A list of names for users: `` `a`, `b` ``.
#[must_use]
pub(crate) fn quoted(names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Characters that change the display of others: bidirectional controls, zero-width ones, separators of lines.
const INVISIBLE: [RangeInclusive<char>; 8] = [
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e007f}',
];

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_move_a_cursor_or_hide_text_are_escaped() {
        assert_eq!(printable("a\x1b[31mb\r\nc\u{202e}d ", 100), "a\\u{1b}[31mb\\r\\nc\\u{202e}d");
        assert_eq!(printable("grün ✓", 100), "grün ✓");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
    }
}
