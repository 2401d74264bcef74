//! The requested platform against that of an image.

use super::error::{PlatformOrigin, SourceError};
use crate::image::Platform;

/// Refuses an image for another platform than the requested one. An image that names no platform is accepted.
pub(crate) fn ensure_platform(
    image: &str,
    found: Option<&Platform>,
    requested: Option<&Platform>,
) -> Result<(), SourceError> {
    match (requested, found) {
        (Some(requested), Some(found)) if !requested.is_met_by(found) => {
            let (image, wanted, origin) = (image.to_owned(), Box::new(requested.clone()), PlatformOrigin::Argument);
            Err(SourceError::Platform { image: image.into(), wanted, origin, known: vec![found.clone()] })
        }
        _ => Ok(()),
    }
}
