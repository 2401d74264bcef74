//! Which of the images of an index is for a platform.

use std::borrow::Borrow;

use super::error::{PlatformOrigin, SourceError};
use crate::image::{Descriptor, DocumentKind, ManifestError, Platform};

/// Indexes inside indexes; deeper ones are mistakes or traps.
pub(crate) const MAX_DEPTH: usize = 4;

/// BuildKit's annotation of what belongs to an image beside it in an index, such as `attestation-manifest`.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// The entries of an index without those that only belong to an image, as an attestation does. Where there are no
/// others, that is a guess that was wrong, or they are what is meant.
pub(crate) fn images<E: Borrow<Descriptor>>(entries: Vec<E>) -> Vec<E> {
    let (attached, own): (Vec<E>, Vec<E>) = entries.into_iter().partition(|entry| is_attached(entry.borrow()));
    if own.is_empty() { attached } else { own }
}

fn is_attached(entry: &Descriptor) -> bool {
    entry.annotations.contains_key(REFERENCE_TYPE) || entry.platform.as_ref().is_some_and(Platform::is_unknown)
}

/// The media type of a document: that which it names itself, which registries compare with their request, or else that
/// of its entry.
///
/// # Errors
/// If it is another kind of document than its entry says.
pub(crate) fn own_type(bytes: &[u8], entry: &Descriptor) -> Result<String, ManifestError> {
    Ok(DocumentKind::of(&entry.media_type, bytes)?.media_type().to_owned())
}

/// The first manifest for a platform, or for this machine's, of those of an image that name theirs.
///
/// # Errors
/// If none is.
pub(crate) fn fitting(
    image: &str,
    manifests: &[Descriptor],
    platform: Option<&Platform>,
) -> Result<Descriptor, SourceError> {
    let (wanted, origin) = match platform {
        Some(platform) => (platform.clone(), PlatformOrigin::Argument),
        None => (Platform::of_this_machine(), PlatformOrigin::Machine),
    };
    let offered = |entry: &Descriptor, fits: &dyn Fn(&Platform) -> bool| entry.platform.as_ref().is_some_and(fits);
    let found = wanted.with_older_variants().iter().find_map(|platform| {
        let exact = manifests.iter().find(|entry| offered(entry, &|offered| platform.is_same(offered)));
        exact.or_else(|| manifests.iter().find(|entry| offered(entry, &|offered| platform.accepts(offered))))
    });
    let known = manifests.iter().filter_map(|entry| entry.platform.clone()).collect();
    let none = || SourceError::Platform { image: image.into(), wanted: Box::new(wanted.clone()), origin, known };
    found.cloned().ok_or_else(none)
}
