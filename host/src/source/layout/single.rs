//! One image of a layout, or an artifact in the form of one.

use super::choose::{Chosen, choose};
use super::directory::Layout;
use super::leaves::{all, fitting};
use super::names::{suggestion, typed_name};
use crate::image::{Config, Descriptor, Digest, Manifest, Platform, media_type};
use crate::source::archive;
use crate::source::error::SourceError;
use crate::source::fitting::own_type;
use crate::source::image::{Image, StoredManifest};
use crate::source::opened::Opened;
use crate::source::platform::ensure_platform;
use crate::source::selection::Selection;

/// Opens the image that `selection` means, for a platform, or for this machine's.
pub(in crate::source) fn open(
    layout: Layout,
    selection: &Selection<'_>,
    platform: Option<&Platform>,
) -> Result<Opened<Layout>, SourceError> {
    let path = layout.path().to_owned();
    let (index, _) = layout.index()?;
    let entries = match choose(&layout, &index, selection)? {
        Chosen::One(entry) => vec![entry],
        Chosen::SideBySide(entries) => entries,
    };
    let name = typed_name(&path, selection.name());
    let suggestions = entries.first().and_then(|entry| suggestion(&path, entry)).into_iter().collect();
    let image = stored(&layout, &fitting(&layout, entries, platform)?, platform)?;
    Ok(Opened { name, suggestions, image, reader: layout })
}

/// The image of a manifest.
fn stored(layout: &Layout, entry: &Descriptor, platform: Option<&Platform>) -> Result<Image, SourceError> {
    let bytes = layout.document(entry)?;
    let media_type = own_type(&bytes, entry)?;
    let manifest = Manifest::parse(&bytes)?;
    let config = layout.whole_document(&manifest.config)?;
    // That of an artifact is anything, and names no platform (image-spec, "Guidelines for Artifact Usage").
    if manifest.config.is_image_config() {
        // Older artifacts have an image's media type, and nothing or anything behind it.
        let found = Config::parse(&config).ok().and_then(|config| config.platform());
        ensure_platform(&layout.path().display().to_string(), found.as_ref(), platform)?;
    }
    for layer in manifest.layers.iter().filter(|layer| layer.urls.is_empty()) {
        layout.check(layer)?;
    }
    let manifest = StoredManifest { media_type, bytes, parsed: manifest };
    Ok(Image::Stored { manifest: Box::new(manifest), config })
}

/// The image of a configuration, if an archive has a manifest of it whose layers are all compressed; `None` where a
/// new manifest has to be made. Docker's archives hold a layout as well, with the layers uncompressed where the daemon
/// keeps them so.
pub(in crate::source) fn compressed(
    files: &archive::Files,
    config: &Digest,
    platform: Option<&Platform>,
) -> Result<Option<(Image, Layout)>, SourceError> {
    // Documents are read first; only if they tell that this is such an image, the archive is unpacked.
    let documents = Layout::documents_of(files.clone());
    let is_compressed = |layer: &Descriptor| {
        let known = [media_type::OCI_LAYER_GZIP, media_type::OCI_LAYER_ZSTD, media_type::DOCKER_LAYER_GZIP];
        known.contains(&layer.media_type.as_str())
    };
    let Ok((index, _)) = documents.index() else { return Ok(None) };
    let Ok(manifests) = all(&documents, index.manifests) else { return Ok(None) };
    let is_meant = |entry: &Descriptor| {
        let bytes = documents.document(entry).ok()?;
        let Manifest { config: found, layers, .. } = Manifest::parse(&bytes).ok()?;
        (found.digest == *config && !layers.is_empty() && layers.iter().all(is_compressed)).then_some(())
    };
    match manifests.iter().find(|entry| is_meant(entry).is_some()) {
        None => Ok(None),
        Some(entry) => {
            let layout = Layout::of_archive(files.clone())?;
            Ok(Some((stored(&layout, entry, platform)?, layout)))
        }
    }
}
