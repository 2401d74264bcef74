//! The directory of a layout: made where nothing is, and refused where something else is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::partial::{self, Partial};
use super::verified::Verified;
use crate::files::atomic::{Access, Pending};
use crate::image::{Descriptor, Digest};
use crate::pull::error::PullError;
use crate::pull::report::Outcome;

/// The file that makes a directory a layout.
const MARK: &str = "oci-layout";

/// Its content.
const MARK_CONTENT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// The directory of blobs, below the layout's.
const BLOBS: &str = "blobs/sha256";

/// A layout that can be written.
#[derive(Debug, Clone)]
pub(in crate::pull) struct LayoutDirectory {
    path: PathBuf,
    verified: Arc<Verified>,
}

impl LayoutDirectory {
    /// Refuses a path where something else is; nothing is made yet.
    ///
    /// # Errors
    /// If it is no directory, or one with other files.
    pub(in crate::pull) fn check(path: &Path) -> Result<(), PullError> {
        match fs::metadata(path) {
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(reason) => return Err(PullError::write(path, reason)),
            Ok(found) if !found.is_dir() => return Err(PullError::taken(path, "is a file, and no directory")),
            Ok(_) => {}
        }
        let is_layout = path.join(MARK).exists() || path.join("index.json").exists();
        let mut files = fs::read_dir(path).map_err(|reason| PullError::write(path, reason))?;
        match is_layout || files.next().is_none() {
            true => Ok(()),
            false => Err(PullError::taken(path, "has other files, and is no OCI layout")),
        }
    }

    /// Opens a layout, or makes one without images. Partial blobs that were given up long ago are removed. `records` is
    /// the directory with [records](Verified) of verified blobs, if any are kept.
    ///
    /// # Errors
    /// As for [`check`](Self::check), and if it can't be written.
    pub(in crate::pull) fn open(path: &Path, records: Option<&Path>) -> Result<Self, PullError> {
        Self::check(path)?;
        let failed = |reason| PullError::write(path, reason);
        fs::create_dir_all(path.join(BLOBS)).map_err(failed)?;
        let mark = path.join(MARK);
        if !mark.exists() {
            // Another pull may be making it, too.
            let pending = Pending::beside(&mark, Access::Umask);
            pending.and_then(|pending| pending.create_unsynced(MARK_CONTENT)).map_err(failed)?;
        }
        partial::clean(path);
        Ok(Self::of(path, records))
    }

    fn of(path: &Path, records: Option<&Path>) -> Self {
        Self { path: path.to_owned(), verified: Arc::new(Verified::of(path, records)) }
    }

    /// What a pull into a path would do with layers, whether there is a layout or not.
    pub(in crate::pull) fn outcomes(path: &Path, records: Option<&Path>, layers: &[Descriptor]) -> Vec<Outcome> {
        let layout = Self::of(path, records);
        let has = |layer: &Descriptor| layout.has(&layer.digest, layer.size);
        layers.iter().map(|layer| if has(layer) { Outcome::Present } else { Outcome::Missing }).collect()
    }

    /// The layout's directory.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a blob is, or will be.
    pub(in crate::pull) fn blob(&self, digest: &Digest) -> PathBuf {
        self.path.join(BLOBS).join(digest.hex())
    }

    /// The file that is locked while the index is changed: it is in every layout, and no program replaces it.
    pub(super) fn mark(&self) -> PathBuf {
        self.path.join(MARK)
    }

    /// Whether a file of a blob's size is in its place.
    pub(in crate::pull) fn seems_to_have(&self, digest: &Digest, size: u64) -> bool {
        fs::metadata(self.blob(digest)).is_ok_and(|found| found.is_file() && found.len() == size)
    }

    /// Whether a blob is there, whole and with its digest.
    pub(in crate::pull) fn has(&self, digest: &Digest, size: u64) -> bool {
        self.seems_to_have(digest, size)
            && self.verified.verify(&self.blob(digest), digest, size).is_ok_and(|is_verified| is_verified)
    }

    /// Moves a blob that is whole and has its digest to its place.
    ///
    /// # Errors
    /// If it can't be written.
    pub(super) fn place(&self, partial: Partial, digest: &Digest, size: u64) -> Result<(), PullError> {
        let target = self.blob(digest);
        partial.place(&target).map_err(|reason| PullError::write(&target, reason))?;
        self.verified.note(&target, digest, size);
        Ok(())
    }

    /// Keeps records of the blobs that were verified.
    pub(in crate::pull) fn remember_verified(&self) {
        self.verified.save();
    }

    /// Stores a small blob, such as a manifest, unless it is there.
    ///
    /// # Errors
    /// If it can't be written.
    pub(in crate::pull) fn put(&self, digest: &Digest, bytes: &Bytes) -> Result<(), PullError> {
        let target = self.blob(digest);
        let failed = |reason| PullError::write(&target, reason);
        loop {
            if self.has(digest, bytes.len() as u64) {
                return Ok(());
            }
            let Some(mut partial) = Partial::lock(&self.path, digest).map_err(failed)? else {
                // Another pull is writing these few bytes.
                std::thread::sleep(partial::POLL);
                continue;
            };
            partial.restart().and_then(|()| partial.write(bytes)).map_err(failed)?;
            return self.place(partial, digest, bytes.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_made_where_nothing_is_and_refused_where_something_else_is() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/layout");
        LayoutDirectory::open(&path, None).unwrap();
        assert_eq!(fs::read(path.join(MARK)).unwrap(), MARK_CONTENT);
        LayoutDirectory::open(&path, None).unwrap();
        let file = place.path().join("file");
        fs::write(&file, b"x").unwrap();
        for (path, words) in [(file.as_path(), "is a file"), (place.path(), "has other files")] {
            let error = LayoutDirectory::open(path, None).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"x");
    }

    #[test]
    fn a_document_is_stored_once_and_a_damaged_one_again() {
        let place = tempfile::tempdir().unwrap();
        let layout = LayoutDirectory::open(&place.path().join("layout"), None).unwrap();
        let (digest, bytes) = (Digest::of(b"document"), Bytes::from_static(b"document"));
        layout.put(&digest, &bytes).unwrap();
        let path = layout.blob(&digest);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        layout.put(&digest, &bytes).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        fs::write(&path, b"damaged!").unwrap();
        layout.put(&digest, &bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"document");
        let rest: Vec<_> = fs::read_dir(layout.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(rest.len(), 2, "{rest:?}");
    }
}
