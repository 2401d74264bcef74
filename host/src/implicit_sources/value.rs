//! The value in the text of a file, a variable or a program.

use secrecy::SecretString;

/// The value in a text: without a byte order mark, which programs of Windows write, and without the line breaks at its
/// end, which come along where a secret is pasted or written by `echo`. A text of blanks is none.
pub(super) fn value_of(text: &str) -> Option<SecretString> {
    let value = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
    Some(value).filter(|value| !value.trim().is_empty()).map(SecretString::from)
}
