//! Texts and lists of a guest: bounded, and safe to show.

use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::text::{Escaped, printable};

/// A text in one line.
pub(in crate::flavor::abi) fn text(text: &str) -> Escaped {
    Escaped::new(text, limits::TEXT_CHARS)
}

/// A line of a text of several lines: its indentation stays.
pub(super) fn line(line: &str) -> String {
    let start = line.trim_start_matches(' ');
    let indentation = " ".repeat((line.len() - start.len()).min(limits::SUMMARY_CHARS));
    format!("{indentation}{}", text(start))
}

/// A text that may be absent; an empty one counts as absent.
pub(super) fn optional(given: Option<&str>) -> Option<Escaped> {
    given.map(text).filter(|text| !text.is_empty())
}

/// A summary in one line. It is shown among facts that the user decides by, so blanks can't push those out of sight.
pub(in crate::flavor::abi) fn summary(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "), limits::SUMMARY_CHARS)
}

/// Examples of URIs, one line each, and as short as summaries: they stand above what the flavor asks to reach.
///
/// # Errors
/// When there are too many.
pub(super) fn examples(what: &'static str, list: Vec<String>) -> Result<Vec<String>, OutputError> {
    Ok(bounded(what, list)?.iter().map(|item| summary(item)).collect())
}

/// Texts in one line each.
///
/// # Errors
/// When there are too many.
pub(super) fn texts(what: &'static str, list: Vec<String>) -> Result<Vec<String>, OutputError> {
    Ok(bounded(what, list)?.iter().map(|item| text(item).into()).collect())
}

/// A list as it is.
///
/// # Errors
/// When it has too many entries.
pub(super) fn bounded<T>(what: &'static str, list: Vec<T>) -> Result<Vec<T>, OutputError> {
    if list.len() > limits::LIST_ENTRIES {
        return Err(OutputError::too_many(what, list.len(), limits::LIST_ENTRIES));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_blanks_nor_length_push_what_stands_below_an_example_out_of_sight() {
        let given = vec![format!("a.example{}b", " ".repeat(200)), "x".repeat(1_000)];
        let shown = examples("URI examples", given).unwrap();
        assert_eq!(shown, ["a.example b".to_owned(), format!("{}…", "x".repeat(limits::SUMMARY_CHARS))]);
        assert_eq!(text("a    b\u{2003}\u{2003}c"), "a b c");
    }
}
