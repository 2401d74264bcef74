//! Texts and lists of a guest: bounded, and safe to show.

use crate::flavor::error::OutputError;
use crate::flavor::limits;
use crate::text::printable;

/// A text in one line.
pub(super) fn text(text: &str) -> String {
    printable(text, limits::TEXT_CHARS)
}

/// A text that may be absent; an empty one counts as absent.
pub(super) fn optional(given: Option<&str>) -> Option<String> {
    given.map(text).filter(|text| !text.is_empty())
}

/// A summary in one line. It is shown among facts that the user decides by, so blanks can't push those out of sight.
pub(super) fn summary(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "), limits::SUMMARY_CHARS)
}

/// Texts in one line each.
///
/// # Errors
/// When there are too many.
pub(super) fn texts(what: &'static str, list: Vec<String>) -> Result<Vec<String>, OutputError> {
    Ok(bounded(what, list)?.iter().map(|item| text(item)).collect())
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
