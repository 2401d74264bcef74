//! Errors of libraries and of the operating system.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::escaped::Escaped;

/// An error whose message is not crhost's own, and may repeat text from outside: it is escaped where it is shown.
#[derive(Debug)]
pub(crate) struct Foreign<E>(pub(crate) E);

/// Longest message in characters.
const MAX: usize = 1_000;

impl<E: fmt::Display> fmt::Display for Foreign<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped::new(&without_numbers(&self.0.to_string()), MAX).fmt(f)
    }
}

/// Text without the numbers that Rust puts behind the operating system's words: ` (os error 2)`.
fn without_numbers(text: &str) -> Cow<'_, str> {
    const START: &str = " (os error ";
    let Some((before, rest)) = text.split_once(START) else { return text.into() };
    let after = rest.trim_start_matches('-').trim_start_matches(|c: char| c.is_ascii_digit());
    match after.strip_prefix(')') {
        Some(after) => format!("{before}{}", without_numbers(after)).into(),
        None => format!("{before}{START}{}", without_numbers(rest)).into(),
    }
}

impl<E: Error> Error for Foreign<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl<E> From<E> for Foreign<E> {
    fn from(error: E) -> Self {
        Self(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_operating_system_has_its_words_and_not_its_number() {
        let missing = std::io::Error::from_raw_os_error(2).to_string();
        assert!(missing.contains("(os error 2)"), "{missing}");
        for (text, shown) in [
            (missing.as_str(), "No such file or directory"),
            ("`a`: Permission denied (os error 13); `b`: x (os error -1)", "`a`: Permission denied; `b`: x"),
            ("it says (os error", "it says (os error"),
            ("it says (os error x)", "it says (os error x)"),
        ] {
            assert_eq!(Foreign(text).to_string(), shown);
        }
    }

    #[test]
    fn a_parser_that_repeats_its_input_repeats_it_escaped() {
        #[derive(Debug, serde::Deserialize)]
        enum Never {}
        let error = serde_json::from_str::<Never>(r#""\u001b[2J\n::error::x""#).unwrap_err();
        assert!(error.to_string().contains('\u{1b}'), "{error:?}");
        let shown = Foreign(error).to_string();
        assert!(shown.starts_with(r"unknown variant `\u{1b}[2J\n::error::x`"), "{shown}");
    }
}
