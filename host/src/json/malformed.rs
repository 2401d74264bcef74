//! Why JSON could not be read, without its values.

use std::fmt;

use serde::de;

use crate::text::{Escaped, Printable};

/// JSON that can't be read. It names the place and quotes no value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// The members and indexes on the way to the place, innermost first.
    way: Vec<String>,
    cause: Cause,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    /// It is no JSON from here on.
    Syntax(Position),
    /// A member that is needed is absent or `null`.
    Absent(&'static str),
    /// The value there is of another form than expected, which this may describe.
    Form(Option<&'static str>),
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
#[error("line {line}, column {column}")]
pub(crate) struct Position {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1; 0 is the end of the line before.
    pub(crate) column: usize,
}

impl Malformed {
    /// It is no JSON.
    pub(super) fn syntax(position: Position) -> Self {
        Self { way: Vec::new(), cause: Cause::Syntax(position) }
    }

    /// Something else stands there than `expected`, in words.
    pub(super) fn form(expected: &'static str) -> Self {
        Self { way: Vec::new(), cause: Cause::Form(Some(expected)) }
    }

    /// The same, seen from the value that has it as this member.
    pub(super) fn in_member(mut self, name: &str) -> Self {
        self.way.push(if self.way.last().is_some_and(|inner| !inner.starts_with('[')) {
            format!("{name}.")
        } else {
            name.to_owned()
        });
        self
    }

    /// The same, seen from the list that has it at this index.
    pub(super) fn in_list(mut self, index: usize) -> Self {
        let dot = if self.way.last().is_some_and(|inner| !inner.starts_with('[')) { "." } else { "" };
        self.way.push(format!("[{index}]{dot}"));
        self
    }

    /// The place, as in `layers[2].size`; empty for the whole value.
    fn place(&self) -> Escaped {
        self.way.iter().rev().map(String::as_str).collect::<String>().into()
    }
}

impl Printable for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        match (&self.cause, place.as_str()) {
            (Cause::Syntax(position), _) => write!(f, "it is not JSON at {position}"),
            (Cause::Absent(name), "") => write!(f, "its member `{name}` is missing"),
            (Cause::Absent(name), place) => write!(f, "its member `{place}.{name}` is missing"),
            (Cause::Form(None), "") => f.write_str("it is not of the form expected"),
            (Cause::Form(None), place) => write!(f, "its member `{place}` is not of the form expected"),
            (Cause::Form(Some(expected)), "") => write!(f, "expected {expected}"),
            (Cause::Form(Some(expected)), place) => write!(f, "its member `{place}` is not {expected}"),
        }
    }
}

impl std::error::Error for Malformed {}

impl de::Error for Malformed {
    /// The message is dropped: it may quote the value.
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self { way: Vec::new(), cause: Cause::Form(None) }
    }

    fn missing_field(name: &'static str) -> Self {
        Self { way: Vec::new(), cause: Cause::Absent(name) }
    }
}
