//! The names of the images of an archive of `docker save`.

use super::files::Files;
use crate::source::docker_tar::{self, Entry, MANIFEST};
use crate::source::error::SourceError;
use crate::source::known::shown_name;
use crate::source::named::{ImageName, ImageNames, split};

/// The names, in the order of `manifest.json`.
///
/// # Errors
/// If the archive has no list of images.
pub(in crate::source) fn names(files: &Files) -> Result<ImageNames, SourceError> {
    let mut all = ImageNames::default();
    for (place, entry) in entries(files)?.into_iter().enumerate() {
        // Two entries of one configuration and the same layers are one image.
        let id = format!("{}\0{}", entry.config, entry.layers.join("\0"));
        let names = entry.repo_tags.iter().filter_map(|reference| {
            let (repository, tag) = split(reference)?;
            let (id, reference) = (id.clone(), reference.clone());
            Some(ImageName { id, reference, repository: Some(repository), typed: None, tag })
        });
        let names: Vec<ImageName> = names.collect();
        if names.is_empty() {
            let invalid = entry.repo_tags.first();
            all.untagged.push(invalid.map_or_else(|| shown_name(&format!("@{place}")), |name| shown_name(name)));
        }
        all.names.extend(names);
    }
    Ok(all)
}

/// The images of `manifest.json`.
pub(super) fn entries(files: &Files) -> Result<Vec<Entry>, SourceError> {
    let no_archive = |reason: String| SourceError::NoArchive { path: files.path().into(), reason: reason.into() };
    let manifest = files.document(MANIFEST)?.ok_or_else(|| no_archive("it has no `manifest.json`".to_owned()))?;
    docker_tar::entries(&manifest).map_err(no_archive)
}
