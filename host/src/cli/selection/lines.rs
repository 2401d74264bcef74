//! Lines of results.

use std::fmt::Write as _;

use crate::text::escape_line;

/// Lines of text from anywhere, ready to be written: tabs stay between them.
pub(super) fn lines(lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for line in lines {
        let shown: Vec<String> = line.as_ref().split('\t').map(escape_line).collect();
        let _ = writeln!(text, "{}", shown.join("\t"));
    }
    text.pop();
    text
}
