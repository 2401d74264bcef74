//! All tags of a repository in the storage.

use super::configuration::Store;
use super::error::StorageError;
use super::find::{full_names, split_tag, without_tag};
use super::image::{opened, unknown};
use crate::image::Reference;
use crate::source::error::SourceError;
use crate::source::named::ImageName;
use crate::text::Escaped;

/// The tags of a repository, each with its image. A short name is found as that of one image is: first as one of this
/// machine's, then of Docker Hub, then as the end of another name.
///
/// # Errors
/// If the storage can't be read, or no repository or several are meant.
pub(in crate::source) fn names(typed: &str, stores: &[Store]) -> Result<Vec<ImageName>, SourceError> {
    let stores = opened(stores)?;
    let mut tagged: Vec<(&str, &str, &str, &str)> = Vec::new();
    for image in stores.iter().flat_map(|store| &store.images) {
        for name in image.names.iter().filter(|name| !name.contains('@')) {
            let Some((repository, tag)) = split_tag(name) else { continue };
            // The first store that has a name is the one whose image it means.
            if !tagged.iter().any(|(_, known, ..)| known == name) {
                tagged.push((&image.id, name, repository, tag));
            }
        }
    }
    let has = |repository: &str| tagged.iter().any(|(_, name, ..)| without_tag(name) == repository);
    let repository = match full_names(typed).into_iter().find(|full| has(full)) {
        Some(full) => full,
        None => {
            let end = format!("/{typed}");
            let mut ends: Vec<&str> = tagged.iter().map(|(_, _, repository, _)| *repository).collect();
            ends.retain(|repository| !Reference::names_host(typed) && repository.ends_with(&end));
            ends.sort_unstable();
            ends.dedup();
            match ends.as_slice() {
                [] => return Err(unknown(&stores, typed).into()),
                [one] => (*one).to_owned(),
                several => {
                    let root = stores.first().map(|store| store.root.as_path().into()).unwrap_or_default();
                    let found = several.iter().map(|name| Escaped::from(*name)).collect();
                    return Err(StorageError::Ambiguous { root, name: typed.into(), found }.into());
                }
            }
        }
    };
    let of_it = tagged.into_iter().filter(|(_, _, own, _)| *own == repository);
    let name = |(id, name, _, tag): (&str, &str, &str, &str)| {
        let (id, reference, typed) = (id.to_owned(), name.to_owned(), Some(typed.to_owned()));
        Some(ImageName { id, reference, repository: repository.parse().ok(), typed, tag: tag.parse().ok()? })
    };
    Ok(of_it.filter_map(name).collect())
}
