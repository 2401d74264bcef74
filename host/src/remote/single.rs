//! One image, or an artifact in the form of one.

use super::documents::{Document, Documents};
use super::error::RemoteError;
use crate::image::{Config, DocumentKind as Kind, Manifest, Platform};
use crate::source::{Image, StoredManifest, ensure_platform};

/// The image of a manifest.
///
/// # Errors
/// If it is no manifest, its configuration can't be read, or it is for another platform than the requested one.
pub(super) async fn stored(
    documents: &mut Documents<'_>,
    document: Document,
    platform: Option<&Platform>,
) -> Result<Image, RemoteError> {
    let media_type = match document.kind {
        Kind::Manifest(media_type) => media_type,
        Kind::Index(media_type) | Kind::Other(media_type) => {
            return Err(RemoteError::MediaType { image: documents.image(), media_type: media_type.into() });
        }
    };
    let manifest = Manifest::parse(&document.bytes).map_err(|reason| documents.malformed(reason))?;
    let config = documents.configs(&[&manifest.config]).await?.remove(&manifest.config.digest).unwrap_or_default();
    // That of an artifact is anything, and names no platform (image-spec, "Guidelines for Artifact Usage").
    if manifest.config.is_image_config() {
        // Older artifacts have an image's media type, and nothing or anything behind it.
        let found = Config::parse(&config).ok().and_then(|config| config.platform());
        ensure_platform(&documents.image(), found.as_ref(), platform)?;
    }
    let manifest = StoredManifest { media_type, bytes: document.bytes, parsed: manifest };
    Ok(Image::Stored { manifest: Box::new(manifest), config })
}
