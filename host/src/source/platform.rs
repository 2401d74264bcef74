//! The requested platform against that of an image.

use super::error::SourceError;
use crate::image::Platform;

/// Refuses an image for another platform than the requested one. An image that names no platform is accepted.
pub(super) fn ensure_platform(
    image: &str,
    found: Option<&Platform>,
    requested: Option<&Platform>,
) -> Result<(), SourceError> {
    match (requested, found) {
        (Some(requested), Some(found)) if !requested.accepts(found) => {
            let (image, wanted) = (image.to_owned(), requested.clone());
            Err(SourceError::Platform { image: image.into(), wanted, known: vec![found.clone()] })
        }
        _ => Ok(()),
    }
}
