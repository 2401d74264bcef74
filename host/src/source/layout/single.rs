//! One image of a layout.

use std::path::Path;

use super::directory::{Chosen, Layout, MAX_DEPTH};
use super::names::{suggestion, typed_name};
use crate::image::{Config, Descriptor, Index, Manifest, Platform};
use crate::source::error::SourceError;
use crate::source::image::{Image, StoredManifest};
use crate::source::opened::Opened;
use crate::source::platform::ensure_platform;

/// Opens the image that `reference` names, or the only one, for a platform, or for this machine's.
pub(in crate::source) fn open(
    path: &Path,
    reference: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Opened<Layout>, SourceError> {
    let layout = Layout::open(path)?;
    let (index, _) = layout.index()?;
    let entry = match layout.choose(index, reference)? {
        Chosen::One(entry) => entry,
        Chosen::SideBySide(entries) => fitting(path, entries, platform)?,
    };
    let (name, suggestion) = (typed_name(path, reference), suggestion(path, &entry));
    let entry = for_platform(&layout, path, entry, platform)?;
    let bytes = layout.document(&entry)?;
    let manifest = Manifest::parse(&bytes)?;
    let config = layout.document(&manifest.config)?;
    ensure_platform(&path.display().to_string(), Config::parse(&config)?.platform().as_ref(), platform)?;
    for layer in manifest.layers.iter().filter(|layer| layer.urls.is_empty()) {
        layout.check(layer)?;
    }
    let manifest = StoredManifest { media_type: entry.media_type, bytes, parsed: manifest };
    let image = Image::Stored { manifest: Box::new(manifest), config };
    Ok(Opened { name, suggestion, image, reader: layout })
}

/// Follows indexes down to the manifest for a platform.
fn for_platform(
    layout: &Layout,
    path: &Path,
    mut entry: Descriptor,
    platform: Option<&Platform>,
) -> Result<Descriptor, SourceError> {
    for _ in 0..MAX_DEPTH {
        if !entry.is_index() {
            return Ok(entry);
        }
        let index = Index::parse(&layout.document(&entry)?)?;
        entry = fitting(path, index.manifests, platform)?;
    }
    if entry.is_index() { Err(layout.too_deep()) } else { Ok(entry) }
}

/// The first entry for a platform, or for this machine's; then the first one for an older variant of it.
fn fitting(path: &Path, entries: Vec<Descriptor>, platform: Option<&Platform>) -> Result<Descriptor, SourceError> {
    let (wanted, runnable) = match platform {
        Some(platform) => (platform.clone(), vec![platform.clone()]),
        None => (Platform::of_this_machine(), Platform::of_this_machine().with_older_variants()),
    };
    let known = entries.iter().filter_map(|entry| entry.platform.clone()).collect();
    let fits = |platform: &Platform, entry: &Descriptor| {
        entry.platform.as_ref().is_none_or(|offered| platform.accepts(offered))
    };
    let found = runnable.iter().find_map(|platform| entries.iter().find(|entry| fits(platform, entry)));
    found.cloned().ok_or_else(|| SourceError::Platform { image: path.into(), wanted, known })
}
