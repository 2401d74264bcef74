//! Reasons why the images of a source are not pushed together.

use crate::error::Explain;
use crate::image::Tag;
use crate::text::{Escaped, quoted};

/// Most names that a hint shows.
const MAX_SHOWN: usize = 20;

/// Several images were asked for, and it is not known which, or where to.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum AllImagesError {
    /// One tag was given for the result.
    #[error("the tag `{0}` was given, and several images are asked for")]
    #[explain(hint = "leave the tag out of `--as`, or leave `--all` or `--all-tags` out")]
    TagOfAll(Tag),
    /// The source has tags without a repository.
    #[error("`{location}` has the tag `{tag}` without a repository")]
    #[explain(hint = "give the repository with `--as REPOSITORY`")]
    NoRepository {
        /// The source.
        location: Escaped,
        /// The first of the tags.
        tag: Tag,
    },
    /// No image is meant.
    #[error("none of the {} names in `{location}` matches", known.len())]
    #[explain(kind = NotFound, hint = hint_to_names(known))]
    NoMatch {
        /// The source.
        location: Escaped,
        /// Its names.
        known: Vec<Escaped>,
    },
    /// A whole name that is to be pushed is not there.
    #[error("`{location}` has no `{wanted}`")]
    #[explain(kind = NotFound, hint = hint_to_names(known))]
    Missing {
        /// The source.
        location: Escaped,
        /// The name or tag.
        wanted: Escaped,
        /// Its names.
        known: Vec<Escaped>,
    },
    /// Two images would be one in the registry.
    #[error("`{one}` and `{other}` would both be `{target}`")]
    #[explain(hint = "leave one of them out, such as with `--exclude {other}`, and push it by itself with `--as`")]
    SameTarget {
        /// The first of them.
        one: Escaped,
        /// The other one.
        other: Escaped,
        /// The name in the registry.
        target: Escaped,
    },
}

fn hint_to_names(known: &[Escaped]) -> String {
    let more = known.len().saturating_sub(MAX_SHOWN);
    let shown = quoted(known.iter().take(MAX_SHOWN));
    if more == 0 { format!("it has {shown}") } else { format!("it has {shown} and {more} more") }
}
