//! Errors of libraries and of the operating system.

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
        Escaped::new(&self.0.to_string(), MAX).fmt(f)
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
    fn a_parser_that_repeats_its_input_repeats_it_escaped() {
        #[derive(Debug, serde::Deserialize)]
        enum Never {}
        let error = serde_json::from_str::<Never>(r#""\u001b[2J\n::error::x""#).unwrap_err();
        assert!(error.to_string().contains('\u{1b}'), "{error:?}");
        let shown = Foreign(error).to_string();
        assert!(shown.starts_with(r"unknown variant `\u{1b}[2J\n::error::x`"), "{shown}");
    }
}
