//! Values as words of a Dockerfile (<https://docs.docker.com/reference/dockerfile/>), which expands `$NAME` and treats
//! `\` as an escape.

use crate::build::error::BuildError;

/// The value of a variable, in double quotes.
///
/// # Errors
/// For control characters: a line break ends the instruction, and no escape stands for one.
pub(super) fn value(text: &str) -> Result<String, BuildError> {
    let mut quoted = String::from("\"");
    for c in printable(text, "value of a variable", "a text without line breaks and control characters")?.chars() {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// A variable's name.
///
/// # Errors
/// For all but letters, digits, `_`, `.` and `-`.
pub(super) fn variable(text: &str) -> Result<&str, BuildError> {
    checked(text, "name of a variable", "letters, digits, `_`, `.` and `-`", |byte| {
        byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
    })
}

/// A package of a Debian distribution: `name[:architecture][=version][/release]`.
///
/// # Errors
/// For all that has another character, or begins like an option.
pub(super) fn package(text: &str) -> Result<&str, BuildError> {
    checked(text, "package of apt", "`name`, `name=version` or `name/release`", |byte| {
        byte.is_ascii_alphanumeric() || b"+-.:=~/_".contains(&byte)
    })
}

/// A user, `name[:group]` or by numbers.
///
/// # Errors
/// For all that has another character.
pub(super) fn user(text: &str) -> Result<&str, BuildError> {
    checked(text, "user", "`name`, `name:group`, `1000` or `1000:1000`", |byte| {
        byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte)
    })
}

/// A source of `COPY`, of which it would expand the characters of patterns.
pub(super) fn source(path: &str) -> String {
    let mut literal = String::new();
    for c in path.chars() {
        match c {
            '[' | '*' | '?' => literal.extend(['[', c, ']']),
            '\\' => literal.push_str(r"\\"),
            c => literal.push(c),
        }
    }
    literal
}

/// Paths in the form of a JSON list, in which blanks are no ends of words; `$` and `\` mean what they do elsewhere.
///
/// # Errors
/// For control characters.
pub(super) fn paths(all: &[&str]) -> Result<String, BuildError> {
    let mut words = Vec::new();
    for path in all {
        printable(path, "path", "a path without line breaks and control characters")?;
        let literal = path.replace('\\', r"\\").replace('$', r"\$");
        // A string, which JSON can always represent.
        words.push(serde_json::to_string(&literal).unwrap_or_default());
    }
    Ok(format!("[{}]", words.join(", ")))
}

fn printable<'a>(text: &'a str, what: &'static str, expected: &'static str) -> Result<&'a str, BuildError> {
    match text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        true => Err(BuildError::Setting { what, value: text.into(), expected }),
        false => Ok(text),
    }
}

fn checked<'a>(
    text: &'a str,
    what: &'static str,
    expected: &'static str,
    is_allowed: impl Fn(u8) -> bool,
) -> Result<&'a str, BuildError> {
    match text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_')
        && text.bytes().all(is_allowed)
    {
        true => Ok(text),
        false => Err(BuildError::Setting { what, value: text.into(), expected }),
    }
}
