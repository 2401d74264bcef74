//! Text from outside made safe to show: bounded, one line, nothing that moves a cursor.

/// `text` with every control, bidirectional and other invisible formatting character replaced by its escape, line breaks
/// included, cut after `max` characters with an ellipsis.
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

/// Names as people read them: `` `a`, `b` ``.
#[must_use]
pub(crate) fn quoted(names: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Characters that change how others are shown: bidirectional controls, zero-width ones, separators of lines.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_a_cursor_or_hide_text_is_escaped() {
        assert_eq!(printable("a\x1b[31mb\r\nc\u{202e}d ", 100), "a\\u{1b}[31mb\\r\\nc\\u{202e}d");
        assert_eq!(printable("grün ✓", 100), "grün ✓");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
    }
}
