//! Archives of an image: a tar stream that is an OCI layout and, for an image of Docker, one of `docker save` as well.
//!
//! Docker writes the same form since version 25, so that every tool finds its own: Docker's classic store and older
//! programs read `manifest.json`, containerd and others `index.json`. Layers stay compressed, which all of them take,
//! and manifests stay byte for byte, so that the image keeps its digest. Equal images are equal archives,
//! so that a pull into a file goes on with what an earlier one left.

mod documents;
mod file;
mod kept;
mod stream;
mod tar;

pub(super) use file::{ArchiveFile, ensure_room};
pub(super) use kept::Kept;
pub(super) use stream::{Archive, Part, Parts, write};
