//! What is wrong with a file, with the line and the key.

use std::io;
use std::path::Path;

use serde_saphyr::Error as YamlError;

use super::mirror::Mirror;
use crate::bounded::ReadError;
use crate::error::Explain;
use crate::text::{Escaped, nearest};

/// A file that can't be used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum FileError {
    /// It can't be read.
    #[error("`{path}` can't be read: {reason}")]
    #[explain(kind = NotFound, hint = "give the file with the mirrors, or `-` for standard input")]
    Unreadable {
        /// The file.
        path: Escaped,
        /// Why.
        reason: Escaped,
    },
    /// It is not as the format says.
    #[error("{at}: {problem}")]
    #[explain(hint = "docs/guide/sync.md has the format, and schema/sync-file.json its schema")]
    Malformed {
        /// The file, and the line where that is known.
        at: Escaped,
        /// What is wrong.
        problem: Escaped,
    },
}

impl FileError {
    /// It can't be read.
    pub(super) fn unreadable(path: &Path, reason: ReadError<io::Error>) -> Self {
        Self::Unreadable { path: path.into(), reason: reason.to_string().into() }
    }

    /// It is no text.
    pub(super) fn not_text(path: &Path) -> Self {
        Self::Unreadable { path: path.into(), reason: "it is no text in UTF-8".into() }
    }

    /// It names no mirrors.
    pub(super) fn empty(name: &str) -> Self {
        Self::Malformed { at: name.into(), problem: "`mirrors` is empty".into() }
    }

    /// A mirror of it can't be one.
    pub(super) fn of_mirror(name: &str, mirror: &Mirror, problem: &str) -> Self {
        let problem = format!("the mirror from `{}` to `{}`: {problem}", mirror.source, mirror.target);
        Self::Malformed { at: name.into(), problem: problem.into() }
    }

    /// It is no YAML, or has other keys or values than the format.
    pub(super) fn of_yaml(name: &str, text: &str, error: &YamlError) -> Self {
        let line = error.location().map(|location| location.line()).filter(|line| *line > 0);
        let at = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
        let key = line.and_then(|line| key_of(text, line));
        let of_key = |problem: &str| match key {
            Some(key) => format!("`{key}`: {problem}"),
            None => problem.to_owned(),
        };
        let problem = match innermost(error) {
            YamlError::SerdeUnknownField { field, expected, .. } => unknown(field, expected),
            YamlError::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
            YamlError::DuplicateMappingKey { key: Some(key), .. } => format!("the key `{key}` is there twice"),
            YamlError::SerdeInvalidType { unexpected, expected, .. }
            | YamlError::SerdeInvalidValue { unexpected, expected, .. } => {
                of_key(&format!("{unexpected} is none, expected {expected}"))
            }
            YamlError::Message { msg, .. } => of_key(msg),
            other => of_key(&first_line(&other.to_string())),
        };
        Self::Malformed { at: at.into(), problem: problem.into() }
    }
}

/// The error itself, without what is drawn around it.
fn innermost(error: &YamlError) -> &YamlError {
    match error {
        YamlError::WithSnippet { error, .. } | YamlError::AliasError { error, .. } => innermost(error),
        other => other,
    }
}

fn unknown(field: &str, expected: &[&'static str]) -> String {
    let expected = expected.iter().copied();
    match nearest(field, expected.clone()) {
        Some(near) => format!("unknown key `{field}`; did you mean `{near}`?"),
        None => {
            let known: Vec<String> = expected.map(|known| format!("`{known}`")).collect();
            format!("unknown key `{field}`, expected one of {}", known.join(", "))
        }
    }
}

/// A library's message without its place, which is told before it.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.split(" at line ").next().unwrap_or(line).trim_start_matches("error: ").to_owned()
}

/// The key that a value in a line belongs to: the one in this line, or the next one above that is less indented.
fn key_of(text: &str, line: u64) -> Option<&str> {
    let lines: Vec<&str> = text.lines().take(usize::try_from(line).ok()?).collect();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut least = usize::MAX;
    lines.into_iter().rev().find_map(|line| {
        let rest = line.trim_start_matches([' ', '-']);
        let key = rest.split_once(':').map(|(key, _)| key);
        let key = key.filter(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let found = key.filter(|_| indent(line) < least);
        least = least.min(indent(line));
        found
    })
}
