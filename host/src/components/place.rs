//! Places that components come from, as users name them.

use std::fmt;
use std::str::FromStr;

use crate::image::{Reference, RegistryUri};
use crate::text::{Escaped, Printable};

/// A registry or a part of it: a host, and the path that everything meant begins with, in whole components.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct Place(Option<RegistryUri>);

/// A text that is no such place.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no registry or repository: expected e.g. `ghcr.io/acme`, or `*` for all")]
pub(crate) struct PlaceError(Escaped);

impl Place {
    /// Whether an artifact is there.
    #[must_use]
    pub(super) fn owns(&self, artifact: &Reference) -> bool {
        self.0.as_ref().is_none_or(|uri| uri.owns(artifact))
    }

    /// Of several places that own an artifact, the one that says most counts: a path before its host, any host before
    /// all.
    #[must_use]
    pub(super) fn specificity(&self) -> usize {
        self.0.as_ref().map_or(0, |uri| uri.specificity() + 1)
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        // Habits of other tools: a scheme, and a star for what is below.
        let bare = text.strip_prefix("oci://").unwrap_or(text);
        let bare = bare.strip_suffix("/**").or_else(|| bare.strip_suffix("/*")).unwrap_or(bare).trim_end_matches('/');
        match bare {
            "*" | "**" => Ok(Self(None)),
            bare => bare.parse().map(|uri| Self(Some(uri))).map_err(|_| PlaceError(Escaped::new(text, 200))),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(uri) => uri.fmt(f),
            None => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_in_the_ways_that_people_know() {
        for (text, shown) in [
            ("ghcr.io/acme", "ghcr.io/acme"),
            ("oci://ghcr.io/acme/*", "ghcr.io/acme"),
            ("ghcr.io/acme/**", "ghcr.io/acme"),
            ("ghcr.io/", "ghcr.io"),
            ("*", "*"),
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), shown, "{text}");
        }
        for bad in ["", "ghcr.io/a*", "https://ghcr.io/a", "a b", "ghcr.io/acme:1"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_owns_what_is_below_it_in_whole_components() {
        let artifact: Reference = "ghcr.io/acme/myreg:1.0.0".parse().unwrap();
        let mut last = None;
        for (text, owns) in [
            ("*", true),
            ("ghcr.io", true),
            ("ghcr.io/acme", true),
            ("ghcr.io/acme/myreg", true),
            ("ghcr.io/acm", false),
            ("ghcr.io/acme/myreg2", false),
            ("docker.io", false),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(place.owns(&artifact), owns, "{text}");
            if owns {
                assert!(Some(place.specificity()) > last);
                last = Some(place.specificity());
            }
        }
    }
}
