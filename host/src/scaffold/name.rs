//! The name of a new flavor, which is that of its project, package and crate as well.

use std::fmt;

use super::error::ScaffoldError;
use crate::flavor::{FlavorName, builtin};
use crate::text::{Escaped, Printable};

/// Names that Rust refuses for a crate: its keywords (edition 2024) and the crates that it brings along.
const RESERVED_BY_RUST: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// The crate of the SDK, which a project in Rust depends on.
const SDK: &str = "crhost-flavor";

/// A name that a new flavor can have: that of a flavor, beginning with a letter, and not taken by a language or by
/// crhost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectName(FlavorName);

impl ProjectName {
    /// Reads the name that the user typed.
    ///
    /// # Errors
    /// When it is no name of a flavor, or taken.
    pub(crate) fn parse(text: &str) -> Result<Self, Box<ScaffoldError>> {
        let name: FlavorName = text.parse().map_err(|error| ScaffoldError::Name { error, better: better(text) })?;
        Ok(Self::of(name)?)
    }

    /// The name of a flavor, unless it is taken.
    fn of(name: FlavorName) -> Result<Self, ScaffoldError> {
        if builtin::find(name.as_str()).is_some() {
            return Err(ScaffoldError::BuiltIn(name));
        }
        if RESERVED_BY_RUST.contains(&name.as_str()) || name.as_str() == SDK {
            return Err(ScaffoldError::Reserved(name));
        }
        match name.as_str().starts_with(|first: char| first.is_ascii_lowercase()) {
            true => Ok(Self(name)),
            false => Err(ScaffoldError::Digit(name)),
        }
    }

    /// The name as it is, e.g. `my-registry`.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// As programs name files and variables, e.g. `my_registry`.
    #[must_use]
    pub(crate) fn snake_case(&self) -> String {
        self.as_str().replace('-', "_")
    }
}

/// Lower-case letters, digits and `-`.
impl Printable for ProjectName {}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no name, as one.
fn better(text: &str) -> Option<Escaped> {
    let letters = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let letters: String = letters.take(63).collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    let name: FlavorName = words.join("-").parse().ok()?;
    ProjectName::of(name).ok().map(Escaped::of)
}
