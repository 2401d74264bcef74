//! The registry that a user names for a push: by the name that it was registered under, or by its URI.

use std::str::FromStr;

use super::typed_uri::{TypedUri, TypedUriError};
use crate::error::Explain;
use crate::store::{Name, NameError};

/// A registered registry, or one that need not be registered.
///
/// The text alone decides which: with a `/` or a `:` it is a URI, without either a name. What is registered changes
/// nothing about that; the URI of a host alone is written with a slash behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The name of a registered registry.
    Name(Name),
    /// The URI of a registry, whether one is registered there or not.
    Uri(TypedUri),
}

/// A text that is neither.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum DestinationError {
    /// A text with a `/` or a `:` that is no URI.
    #[error(transparent)]
    #[explain(transparent)]
    Uri(#[from] TypedUriError),
    /// A text without either that is no name.
    #[error(transparent)]
    #[explain(hint = "give the name of a registered registry, or a URI such as `ghcr.io/acme` or `localhost:5000`")]
    Name(#[from] NameError),
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        match text.contains(['/', ':']) {
            true => Ok(Self::Uri(text.parse()?)),
            false => Ok(Self::Name(text.parse()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_alone_decides_whether_it_is_a_name_or_a_uri() {
        for name in ["prod", "ghcr.io", "localhost", "my.registry_2-eu"] {
            assert_eq!(name.parse::<Destination>().unwrap(), Destination::Name(name.parse().unwrap()), "{name}");
        }
        for (text, uri) in [
            ("localhost:5000", "localhost:5000"),
            ("localhost:5000/acme", "localhost:5000/acme"),
            ("ghcr.io/", "ghcr.io"),
            ("ghcr.io/acme/", "ghcr.io/acme"),
            ("[::1]:5000", "[::1]:5000"),
        ] {
            assert_eq!(text.parse::<Destination>().unwrap(), Destination::Uri(uri.parse().unwrap()), "{text}");
        }
        for bad in ["", " ", "-x", "https://ghcr.io/acme", "docker://localhost:5000", "a b", "user@host:5000", "/"] {
            let error = bad.parse::<Destination>().unwrap_err();
            assert!(error.hint().is_some(), "{bad}: {error}");
        }
    }
}
