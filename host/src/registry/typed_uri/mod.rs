//! A registry's URI as the user typed it, before any flavor has seen it.
//!
//! The canonical form is a flavor's, which is not trusted: the host that was typed has to stay. Only of a text that all
//! readers read alike can that be checked, so everything else is refused here, before the flavor is asked.

use std::str::FromStr;

use crate::error::Explain;
use crate::flavor::limits;
use crate::image::{Host, RegistryUri, Repository};
use crate::text::Escaped;

/// `host[:port][/path]`, or a word such as an account's name, whose host the flavor knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedUri {
    /// Without slashes at the end.
    text: String,
    /// The host that was typed; absent if the text begins with a word that is none.
    host: Option<Host>,
    /// Whether it is the user's own word; otherwise a stored URI that a flavor chose and the user did not agree to.
    confirmed: bool,
}

/// A flavor's canonical form, compared with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// What was typed, apart from upper case and the names of the default registry.
    AsTyped,
    /// On the host that was typed, if one was, and yet something that the user did not type.
    Other,
    /// On another host than the one that was typed.
    OtherHost,
    /// On a host with neither dot nor port, which images can't name: their first component would be a repository's.
    NoHost,
}

/// A text that could be read in several ways, or in none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Explain)]
#[explain(kind = Usage, hint = "write e.g. `ghcr.io/acme` or `localhost:5000`")]
pub(crate) enum TypedUriError {
    /// Nothing, or slashes only.
    #[error("the registry URI is empty, expected `host[:port][/path]`")]
    Empty,
    /// More than [`limits::URI_BYTES`].
    #[error("the registry URI is too long, expected at most {} characters", limits::URI_BYTES)]
    TooLong,
    /// User information, or the digest of an image. Nothing of it is shown, since it may be a password.
    #[error("`@` is not part of a registry URI, expected `host[:port][/path]`")]
    #[explain(hint = "leave user, password and digest out; credentials belong to a connector")]
    At,
    /// A scheme such as `https`.
    #[error("scheme `{scheme}://` is not part of a registry URI, expected `host[:port][/path]`")]
    #[explain(hint = hint_to_write("leave the scheme out", rest))]
    Scheme {
        /// The scheme.
        scheme: Escaped,
        /// The text after it.
        rest: Escaped,
    },
    /// A character that neither hosts nor paths have: blank, control, invisible, beyond ASCII, or `?`, `#`, `%`, `\`…
    #[error("{0} is not part of a registry URI, expected `host[:port][/path]`")]
    Character(Escaped),
    /// Two slashes in a row, or one in front.
    #[error("`{0}` has an empty component, expected `host[:port][/path]`")]
    #[explain(hint = hint_to_write("write single slashes, and none in front", &without_empty(_0)))]
    EmptyComponent(Escaped),
    /// `.` or `..`.
    #[error("`{0}` has a component of dots alone, expected `host[:port][/path]`")]
    Dots(Escaped),
    /// A first component with a dot, a colon or a bracket, which only hosts have.
    #[error("`{0}` is no registry host, expected `host` or `host:port`")]
    NoHost(Escaped),
}

impl TypedUri {
    /// A stored URI, as if the user had typed it, and whether that is so.
    #[must_use]
    pub(crate) fn stored(uri: &RegistryUri, confirmed: bool) -> Self {
        Self { text: uri.to_string(), host: Some(uri.host().clone()), confirmed }
    }

    /// The text for the flavor.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host that was typed, if one was.
    pub(crate) fn host(&self) -> Option<&Host> {
        self.host.as_ref()
    }

    /// Whether it is the user's own word.
    pub(super) fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// What a flavor's canonical form makes of it.
    pub(super) fn read_as(&self, canonical: &RegistryUri) -> Reading {
        let path = self.text.split_once('/').map_or("", |(_, path)| path);
        let has_path = canonical.path().map_or("", Repository::as_str).eq_ignore_ascii_case(path);
        match &self.host {
            _ if !looks_like_host(canonical.host().as_str()) => Reading::NoHost,
            Some(host) if host != canonical.host() => Reading::OtherHost,
            Some(_) if has_path => Reading::AsTyped,
            _ => Reading::Other,
        }
    }
}

impl FromStr for TypedUri {
    type Err = TypedUriError;

    fn from_str(text: &str) -> Result<Self, TypedUriError> {
        // First of all: a password may stand before an `@`, and every other error may show the text.
        if text.contains('@') {
            return Err(TypedUriError::At);
        }
        let text = text.trim_end_matches('/');
        if text.is_empty() {
            return Err(TypedUriError::Empty);
        }
        if text.len() > limits::URI_BYTES {
            return Err(TypedUriError::TooLong);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return Err(TypedUriError::Scheme { scheme: Escaped::new(scheme, 20), rest: rest.into() });
        }
        let (first, path) = text.split_once('/').unwrap_or((text, ""));
        let wrong = first.chars().find(|c| !is_of_host(*c)).or_else(|| path.chars().find(|c| !is_of_path(*c)));
        if let Some(wrong) = wrong {
            return Err(TypedUriError::Character(named(wrong).into()));
        }
        if text.split('/').any(str::is_empty) {
            return Err(TypedUriError::EmptyComponent(text.into()));
        }
        if text.split('/').any(|component| component.bytes().all(|b| b == b'.')) {
            return Err(TypedUriError::Dots(text.into()));
        }
        let host = || first.parse::<Host>().map_err(|_| TypedUriError::NoHost(first.into()));
        let host = if looks_like_host(first) { Some(host()?) } else { None };
        Ok(Self { text: text.to_owned(), host, confirmed: true })
    }
}

/// Whether the first component of a URI or name can only be meant as a host.
pub(super) fn looks_like_host(first: &str) -> bool {
    first.eq_ignore_ascii_case("localhost") || first.contains(['.', ':', '[', ']'])
}

fn is_of_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '[' | ']')
}

/// Upper case and the colon of a tag mean nothing else to anyone, and the flavor has the better words for them.
fn is_of_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/')
}

/// A character in words that show it: many of those that are refused can't be seen.
fn named(c: char) -> String {
    match c {
        ' ' => "a blank".to_owned(),
        c if c.is_ascii_graphic() => format!("`{c}`"),
        c => format!("the character U+{:04X}", u32::from(c)),
    }
}

/// Advice, with the corrected text if that is a registry URI.
fn hint_to_write(advice: &str, corrected: &str) -> String {
    match corrected.parse::<TypedUri>() {
        Ok(uri) => format!("{advice}: `{}`", uri.as_str()),
        Err(_) => format!("{advice}; write e.g. `ghcr.io/acme` or `localhost:5000`"),
    }
}

fn without_empty(text: &str) -> String {
    text.split('/').filter(|component| !component.is_empty()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
