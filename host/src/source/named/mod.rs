//! Names that the images of a source have there.

mod error;

use std::collections::HashSet;

pub(crate) use error::NamesError;

use crate::image::{Reference, Tag};
use crate::text::Escaped;

/// A name of an image in its source.
pub(super) struct ImageName {
    /// What two names of one image have in common.
    pub(super) id: String,
    /// Chooses the image in its source.
    pub(super) reference: String,
    /// The repository; absent where the source has a tag alone.
    pub(super) repository: Option<Reference>,
    /// The repository as the user typed it, if the user did.
    pub(super) typed: Option<String>,
    /// The tag.
    pub(super) tag: Tag,
}

/// The names of a source, in its order.
#[derive(Default)]
pub(super) struct ImageNames {
    /// The names with a tag.
    pub(super) names: Vec<ImageName>,
    /// Images without such a name, by what chooses them, or by the name that is none.
    pub(super) untagged: Vec<Escaped>,
}

impl ImageName {
    /// The name, as the source has it.
    pub(super) fn shown(&self) -> String {
        let Self { repository, tag, .. } = self;
        repository.as_ref().map_or_else(|| tag.to_string(), |repository| format!("{}:{tag}", repository.familiar()))
    }
}

/// A name that several images have, if there is one.
pub(super) fn ambiguous(names: &[ImageName]) -> Option<&ImageName> {
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    let mut each = names.iter().filter(|name| seen.insert((&name.id, &name.repository, &name.tag)));
    each.find(|name| !taken.insert((&name.repository, &name.tag)))
}

/// A name in parts: the repository in its normal form, and the tag.
pub(super) fn split(name: &str) -> Option<(Reference, Tag)> {
    let reference: Reference = name.parse().ok().filter(|reference: &Reference| reference.digest().is_none())?;
    let tag = reference.tag()?.clone();
    Some((Reference::new(reference.host().clone(), reference.repository().clone(), None, None), tag))
}
