//! An image of an archive that is open, beside others of it: the archive is looked through once for all of them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::archive::Files;
use super::error::SourceError;
use super::expected::Expected;

/// An image of an open archive.
#[derive(Clone)]
pub(crate) struct OpenArchive {
    files: Arc<Files>,
    expected: Expected,
    reference: String,
}

impl OpenArchive {
    /// The image that a reference chooses.
    pub(super) fn new(files: Arc<Files>, expected: Expected, reference: &str) -> Self {
        Self { files, expected, reference: reference.to_owned() }
    }

    /// Another image of the same archive.
    pub(super) fn beside(&self, reference: &str) -> Self {
        Self { reference: reference.to_owned(), ..self.clone() }
    }

    /// The same archive in a form that can be read from any place.
    ///
    /// # Errors
    /// If it can't be unpacked.
    pub(super) fn unpacked(self) -> Result<Self, SourceError> {
        let files = Arc::new(Files::clone(&self.files).unpacked()?);
        Ok(Self { files, ..self })
    }

    /// The archive's files.
    pub(super) fn files(&self) -> Files {
        Files::clone(&self.files)
    }

    /// Whether the user said that it holds a layout.
    pub(super) fn expected(&self) -> Expected {
        self.expected
    }

    /// Chooses the image.
    pub(super) fn reference(&self) -> &str {
        &self.reference
    }

    fn path(&self) -> &Path {
        self.files.path()
    }
}

impl PartialEq for OpenArchive {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.files, &other.files) && self.reference == other.reference
    }
}

impl Eq for OpenArchive {}

impl fmt::Display for OpenArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.expected == Expected::Layout { "oci-archive" } else { "docker-archive" };
        write!(f, "{kind}:{}:{}", self.path().display(), self.reference)
    }
}

impl fmt::Debug for OpenArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
