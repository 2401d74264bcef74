//! Where the bytes of components are.

use std::path::{Path, PathBuf};

use crate::image::Digest;

/// Where components are.
pub(super) enum Components {
    /// A directory of files, each named by its digest: a component is larger than all rows.
    Files(PathBuf),
    /// A table: the machines share nothing else.
    Rows,
}

impl Components {
    /// The file of a component.
    pub(super) fn file(directory: &Path, digest: &Digest) -> PathBuf {
        directory.join(format!("{}.wasm", digest.hex()))
    }
}
