//! What is wrong with the text of a file: the line, the key, and the key that was probably meant.

use toml::de::Error;

use crate::configuration::error::ConfigurationError;
use crate::text::nearest;

/// The error of a text. The library's own message shows the line, in which a secret may stand.
pub(super) fn explained(name: &str, text: &str, error: &Error) -> ConfigurationError {
    let start = error.span().map(|span| span.start);
    let line = start.and_then(|start| text.get(..start)).map(|before| before.matches('\n').count() + 1);
    let at = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
    ConfigurationError::malformed(&at, problem(error.message()))
}

fn problem(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    if let Some((field, expected)) = message.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", ")) {
        let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let field = field.trim_matches('`');
        return match nearest(field, words.iter().copied()) {
            Some(near) => format!("unknown key `{field}`; did you mean `{near}`?"),
            None => {
                let known: Vec<String> = words.iter().map(|known| format!("`{known}`")).collect();
                format!("unknown key `{field}`, expected one of {}", known.join(", "))
            }
        };
    }
    // They quote the value.
    for wrong in ["invalid type", "invalid value"] {
        if message.starts_with(wrong) {
            let expected = message.rsplit_once(", expected ").map_or("another", |(_, expected)| expected);
            return format!("a value is of another kind, expected {expected}");
        }
    }
    match message.strip_prefix("missing field ") {
        Some(field) => format!("the key {field} is missing"),
        None => message.to_owned(),
    }
}
