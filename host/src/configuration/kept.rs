//! Components that were fetched, as files by their digests: each is verified when it is read, whoever wrote it.

use std::path::{Path, PathBuf};

use crate::files::{atomic, private};
use crate::image::Digest;

/// A directory of components.
#[derive(Debug, Clone)]
pub(crate) struct KeptComponents(PathBuf);

impl KeptComponents {
    /// Those in a directory, which need not exist.
    #[must_use]
    pub(crate) fn at(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// The component of a digest.
    #[must_use]
    pub(crate) fn component(&self, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.file(digest)).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps a component, as far as that is possible.
    pub(crate) fn keep(&self, digest: &Digest, component: &[u8]) {
        if self.component(digest).is_some() {
            return;
        }
        let kept = private::create_directory(&self.0).and_then(|()| atomic::replace(&self.file(digest), component));
        if let Err(reason) = kept {
            tracing::debug!("a component is not kept in `{}`: {reason}", self.0.display());
        }
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.0.join(format!("{}.wasm", digest.hex()))
    }
}
