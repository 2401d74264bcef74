//! Layers that an archive has compressed, under the names of their digests, as crane, ko, kaniko and jib write them.
//! They are pushed as they are, which keeps the digests that their builder gave them.

use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::Path;

use super::files::{Files, Place};
use crate::image::{Descriptor, Digest, Hasher, media_type};
use crate::source::error::SourceError;
use crate::source::inflate::{self, Compression};
use crate::source::tar_walk;

/// The blob that a layer's file is, if it is compressed and its name is the digest of its bytes. They are read to
/// find out: the name alone is a guess, and other programs give other names.
///
/// # Errors
/// If the archive can't be read.
pub(super) fn blob(
    files: &Files,
    name: &str,
    place: Place,
    diff_id: &Digest,
) -> Result<Option<Descriptor>, SourceError> {
    let Some(named) = named(name).filter(|named| named != diff_id) else { return Ok(None) };
    let found = if files.is_compressed() {
        let mut found = None;
        let _ended: ControlFlow<()> = tar_walk::stream(files.stream()?, |entry| {
            if entry.raw_file_position() != place.offset {
                return Ok(ControlFlow::Continue(()));
            }
            found = examine(entry)?;
            Ok(ControlFlow::Break(()))
        })?;
        found
    } else {
        examine(&mut files.at(place)?)?
    };
    Ok(found.filter(|(_, digest)| *digest == named).map(|(kind, digest)| Descriptor::new(kind, digest, place.size)))
}

/// The digest in a file's name: `<hex>.tar.gz`, `blobs/sha256/<hex>`, `sha256:<hex>`.
fn named(name: &str) -> Option<Digest> {
    let file = Path::new(name).file_name()?.to_str()?;
    let file = file.strip_prefix("sha256:").or(file.strip_prefix("sha256-")).unwrap_or(file);
    Digest::from_hex(file.split('.').next()?).ok()
}

/// The media type of compressed bytes, and their digest; `None` for others, which are not read.
fn examine(bytes: &mut dyn io::Read) -> io::Result<Option<(&'static str, Digest)>> {
    let mut head = Vec::new();
    bytes.take(inflate::HEAD as u64).read_to_end(&mut head)?;
    let kind = match Compression::of(&head) {
        Some(Compression::Gzip) => media_type::OCI_LAYER_GZIP,
        Some(Compression::Zstd) => media_type::OCI_LAYER_ZSTD,
        // Layers of xz and bzip2 have no media type: they are unpacked, and compressed again.
        Some(Compression::Xz | Compression::Bzip2) | None => return Ok(None),
    };
    let mut hasher = Hasher::new();
    hasher.update(&head);
    let mut block = vec![0; 1 << 16];
    loop {
        match bytes.read(&mut block)? {
            0 => return Ok(Some((kind, hasher.finish()))),
            read => hasher.update(block.get(..read).unwrap_or_default()),
        }
    }
}
