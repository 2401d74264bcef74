//! Reasons why the images of a source can't be listed by their names.

use crate::error::Explain;
use crate::source::known::several;
use crate::text::Escaped;

/// Several images were asked for, and the source has none, or it is not known which.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum NamesError {
    /// The name has a tag, or is an id.
    #[error("`{0}` names one image, and all of them are asked for")]
    #[explain(hint = "leave the tag or the digest out, or leave `--all` or `--all-tags` out")]
    OfOne(Escaped),
    /// The source is one image.
    #[error("`{0}` is one image, and all of them are asked for")]
    #[explain(hint = "leave `--all` or `--all-tags` out")]
    One(Escaped),
    /// No image of the source has a name with a tag.
    #[error("`{path}` has no image with a name and a tag")]
    #[explain(kind = NotFound, hint = hint_to_untagged(untagged))]
    None {
        /// The file or directory.
        path: Escaped,
        /// What chooses its images.
        untagged: Vec<Escaped>,
    },
    /// One name stands for several images.
    #[error("`{path}` has several images with the name `{name}`")]
    #[explain(
        hint = "push each by itself: behind the path, `@0` is the first image, and `@sha256:…` one by its digest"
    )]
    Ambiguous {
        /// The file or directory.
        path: Escaped,
        /// The name.
        name: Escaped,
    },
}

fn hint_to_untagged(untagged: &[Escaped]) -> String {
    match untagged {
        [] => "it has no image at all".to_owned(),
        known => {
            format!("`--as NAME:TAG` gives one of them a name; behind the path, it is chosen by {}", several(known))
        }
    }
}
