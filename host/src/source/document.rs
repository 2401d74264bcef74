//! The JSON documents of an image (manifests, indexes, configurations): how large one may be, and all together.

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::bounded::{self, ReadError};
use crate::image::{Descriptor, Digest};

/// Largest configuration, manifest or index in bytes. Registries accept manifests of at least 4 MiB (OCI distribution
/// specification, "Pushing Manifests"), and few take more.
pub(super) const MAX_DOCUMENT: usize = 4 << 20;

/// Bytes of all documents of one source that are held at once: enough for those of a thousand images.
pub(crate) const MAX_DOCUMENTS: usize = 32 << 20;

/// The content of artifacts that have none (image-spec, "Guidance for an Empty Descriptor").
pub(crate) const EMPTY: &[u8] = b"{}";

/// Adds up the documents that are held.
#[derive(Clone, Default)]
pub(crate) struct Budget(usize);

impl Budget {
    /// Takes a document of `length` bytes into account; `false` if it is one too many.
    pub(crate) fn add(&mut self, length: usize) -> bool {
        self.0 = self.0.saturating_add(length);
        self.0 <= MAX_DOCUMENTS
    }
}

/// Reads a small file to its end.
///
/// # Errors
/// If it can't be read, or has more than `max` bytes.
pub(super) fn read_bounded(file: impl Read, max: usize) -> io::Result<Vec<u8>> {
    bounded::read(file, max).map_err(|error| match error {
        ReadError::Failed(reason) => reason,
        ReadError::TooLarge { .. } => io::Error::other(format!("it has more than {max} bytes")),
    })
}

/// The content that a descriptor has within itself, if it has its digest (image-spec, "Embedded Content"); that of the
/// empty descriptor is known.
pub(crate) fn embedded(descriptor: &Descriptor) -> Option<Bytes> {
    if descriptor.size == EMPTY.len() as u64 && Digest::of(EMPTY) == descriptor.digest {
        return Some(Bytes::from_static(EMPTY));
    }
    let bytes = STANDARD.decode(descriptor.data.as_deref()?).ok()?;
    (Digest::of(&bytes) == descriptor.digest).then(|| bytes.into())
}
