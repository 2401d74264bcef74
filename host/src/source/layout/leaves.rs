//! The manifests below an index, and the platforms that they are for.

use std::collections::HashSet;

use super::directory::Layout;
use crate::image::{Config, Descriptor, Digest, Index, Manifest, Platform};
use crate::source::document::{Budget, MAX_DOCUMENTS};
use crate::source::error::SourceError;
use crate::source::fitting::{self, MAX_DEPTH, images};

/// The manifests of images below an index, each once, and whether there is anything else, such as layers.
#[derive(Default)]
struct Leaves {
    manifests: Vec<Descriptor>,
    others: bool,
    seen: HashSet<Digest>,
    budget: Budget,
}

/// The entry with the media type that its content has, where a program left that out.
pub(super) fn typed(layout: &Layout, mut entry: Descriptor) -> Result<Descriptor, SourceError> {
    if entry.media_type.is_empty() {
        let bytes = layout.document(&entry)?;
        entry.media_type = fitting::own_type(&bytes, &entry)?;
    }
    Ok(entry)
}

/// Follows an entry down to the manifest for a platform, or for this machine's. An only image is taken whatever its
/// platform is.
pub(super) fn fitting(
    layout: &Layout,
    entries: Vec<Descriptor>,
    platform: Option<&Platform>,
) -> Result<Descriptor, SourceError> {
    let mut leaves = Leaves::default();
    leaves.collect(layout, entries, 0)?;
    let Leaves { mut manifests, others, .. } = leaves;
    match (manifests.pop(), others) {
        (None, true) => return Err(SourceError::Cache(layout.path().into())),
        (None, false) => return Err(layout.invalid("its index names no image".to_owned())),
        (Some(only), _) if manifests.is_empty() => return Ok(only),
        (Some(last), _) => manifests.push(last),
    }
    let mut manifests = with_platforms(layout, manifests)?;
    let is_known = |entry: &Descriptor| entry.platform.as_ref().is_some_and(Platform::is_known);
    if !manifests.iter().any(is_known) {
        let known = manifests.iter().map(|entry| format!("@{}", entry.digest).into()).collect();
        return Err(SourceError::Several { path: layout.path().into(), images: manifests.len(), known });
    }
    manifests.retain(is_known);
    fitting::fitting(&layout.path().display().to_string(), &manifests, platform)
}

/// All manifests of images below some entries.
pub(super) fn all(layout: &Layout, entries: Vec<Descriptor>) -> Result<Vec<Descriptor>, SourceError> {
    let mut leaves = Leaves::default();
    leaves.collect(layout, entries, 0)?;
    Ok(leaves.manifests)
}

/// The manifest of a digest anywhere below some entries.
pub(super) fn find(
    layout: &Layout,
    entries: &[Descriptor],
    digest: &Digest,
) -> Result<Option<Descriptor>, SourceError> {
    Ok(all(layout, entries.to_vec())?.into_iter().find(|entry| entry.digest == *digest))
}

/// The manifests with the platforms that their configurations name, where the index names none (image-spec, "Image
/// Index": it should). Manifests that are not there are left out: who copies one platform may leave the others.
pub(super) fn with_platforms(layout: &Layout, entries: Vec<Descriptor>) -> Result<Vec<Descriptor>, SourceError> {
    let mut found = Vec::new();
    for mut entry in entries {
        if entry.is_manifest() && !entry.platform.as_ref().is_some_and(Platform::is_known) {
            let bytes = match layout.document(&entry) {
                Err(SourceError::MissingBlob { .. }) => continue,
                bytes => bytes?,
            };
            let config = Manifest::parse(&bytes)?.config;
            if config.is_image_config() {
                entry.platform = Config::parse(&layout.document(&config)?).ok().and_then(|config| config.platform());
            }
        }
        found.push(entry);
    }
    Ok(found)
}

impl Leaves {
    fn collect(&mut self, layout: &Layout, entries: Vec<Descriptor>, depth: usize) -> Result<(), SourceError> {
        for entry in images(entries) {
            let entry = typed(layout, entry)?;
            if !self.seen.insert(entry.digest.clone()) {
                continue;
            }
            if entry.is_index() {
                if depth == MAX_DEPTH {
                    return Err(layout.too_deep());
                }
                let bytes = layout.document(&entry)?;
                if !self.budget.add(bytes.len()) {
                    return Err(layout.invalid(format!("its indexes have more than {MAX_DOCUMENTS} bytes")));
                }
                self.collect(layout, Index::parse(&bytes)?.manifests, depth + 1)?;
            } else if entry.is_manifest() {
                self.manifests.push(entry);
            } else {
                self.others = true;
            }
        }
        Ok(())
    }
}
