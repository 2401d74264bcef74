//! Regular expressions for whole names.

use std::str::FromStr;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::text::{Escaped, Printable};

/// A regular expression that has to match a whole name.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Expression(Regex);

/// A text that is no regular expression.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("`{text}` is no regular expression: {reason}")]
pub(crate) struct ExpressionError {
    text: Escaped,
    reason: Escaped,
}

/// Most bytes of a compiled expression: enough for lists of hundreds of names.
const MAX_COMPILED: usize = 1024 * 1024;

/// Longest text in an error, in characters.
const MAX_SHOWN: usize = 200;

impl Expression {
    /// Whether it matches the whole of a name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let no = |reason: &regex::Error| {
            let reason = reason.to_string();
            // The last line says what is wrong, those before it draw where.
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            ExpressionError { text: Escaped::new(text, MAX_SHOWN), reason: reason.into() }
        };
        // On its own first, so that an error is about this text.
        RegexBuilder::new(text).size_limit(MAX_COMPILED).build().map_err(|error| no(&error))?;
        let whole = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(MAX_COMPILED).build();
        whole.map(Self).map_err(|error| no(&error))
    }
}

impl TryFrom<String> for Expression {
    type Error = ExpressionError;

    fn try_from(text: String) -> Result<Self, ExpressionError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_is_refused_with_a_reason_in_one_line() {
        for text in ["(", "a)(b", r"\d{1000}{1000}{1000}"] {
            let error = text.parse::<Expression>().unwrap_err().to_string();
            assert!(error.contains("is no regular expression") && !error.contains('\n'), "{error}");
        }
    }
}
