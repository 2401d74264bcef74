//! The names of the images of a layout, for pushes of several.

use super::choose::side_by_side;
use super::directory::Layout;
use super::leaves;
use super::names::{IMAGE_KINDS, KIND, is_whole, names};
use crate::image::{Descriptor, Reference, Tag};
use crate::source::error::SourceError;
use crate::source::fitting::images;
use crate::source::known::shown_name;
use crate::source::named::{ImageName, ImageNames, NamesError, split};

/// The names, in the layout's order. What only belongs to an image, such as a signature of cosign, has none here.
///
/// # Errors
/// If the layout can't be read, or one name stands for several images.
pub(in crate::source) fn image_names(layout: &Layout) -> Result<ImageNames, SourceError> {
    let (index, _) = layout.index()?;
    let entries: Vec<Descriptor> =
        index.manifests.iter().map(|entry| leaves::typed(layout, entry.clone())).collect::<Result<_, _>>()?;
    let is_image = |entry: &&Descriptor| {
        let kind = entry.annotations.get(KIND);
        (entry.is_manifest() || entry.is_index()) && kind.is_none_or(|kind| IMAGE_KINDS.contains(&kind.as_str()))
    };
    let entries = images(entries.iter().filter(is_image).collect());
    let mut all = ImageNames::default();
    for entry in &entries {
        let mut is_named = false;
        for name in own_names(entry) {
            let Some((repository, typed, tag)) = parts(layout, name) else { continue };
            is_named = true;
            let same: Vec<&Descriptor> =
                entries.iter().copied().filter(|other| own_names(other).any(|other| other == name)).collect();
            let (id, reference) = match same.iter().all(|other| other.digest == entry.digest) {
                true => (entry.digest.to_string(), format!("{name}@{}", entry.digest)),
                // One image for several platforms is chosen by its name.
                false if side_by_side(same.iter().map(|entry| (*entry).clone()).collect()).is_some() => {
                    (name.to_owned(), name.to_owned())
                }
                false => {
                    let path = layout.path().into();
                    return Err(NamesError::Ambiguous { path, name: shown_name(name) }.into());
                }
            };
            all.names.push(ImageName { id, reference, repository, typed, tag });
        }
        if !is_named {
            let invalid = names(entry).next().map(shown_name);
            all.untagged.push(invalid.unwrap_or_else(|| shown_name(&format!("@{}", entry.digest))));
        }
    }
    Ok(all)
}

/// The names of an entry: whole ones, and a tag alone where none of them ends with it.
fn own_names(entry: &Descriptor) -> impl Iterator<Item = &str> {
    let is_end = move |tag: &str| names(entry).any(|whole| whole.rsplit_once(':').is_some_and(|(_, end)| end == tag));
    names(entry).filter(move |name| is_whole(name) || !is_end(name))
}

/// The repository of a name, if it has one, the same as the user typed it, and its tag. A tag alone belongs to the
/// repository that is called as the directory.
fn parts(layout: &Layout, name: &str) -> Option<(Option<Reference>, Option<String>, Tag)> {
    if is_whole(name) {
        let (repository, tag) = split(name)?;
        return Some((Some(repository), None, tag));
    }
    let directory = layout.directory_name();
    let repository = directory.as_ref().and_then(|directory| directory.as_str().parse().ok());
    Some((repository, directory.map(|directory| directory.to_string()), name.parse().ok()?))
}
