//! The files of a layout.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::image::{Descriptor, Digest, Index, Repository};
use crate::source::archive;
use crate::source::confined::{self, ConfinedDir};
use crate::source::content::Origin;
use crate::source::document::{MAX_DOCUMENT, embedded, read_bounded};
use crate::source::error::SourceError;
use crate::source::feed::{self, FeedSender, Item};
use crate::source::fitting::MAX_DEPTH;
use crate::source::image::{Layer, LayerKey};
use crate::text::Foreign;

/// An opened layout.
#[derive(Clone)]
pub(in crate::source) struct Layout {
    path: PathBuf,
    files: Arc<Files>,
}

/// Where the files of a layout are.
enum Files {
    /// In a directory, as far as what is in it can lead.
    Directory(ConfinedDir),
    /// In a tar archive that can be read from any place.
    Archive(archive::Files),
    /// The same, of which only documents can be read.
    Documents(archive::Files),
}

impl Files {
    /// Opens a file, and tells its length.
    fn open(&self, path: &str) -> io::Result<(Box<dyn Read>, u64)> {
        match self {
            Self::Directory(directory) => {
                let file = directory.file(path.as_bytes())?;
                let length = file.metadata()?.len();
                Ok((Box::new(file), length))
            }
            Self::Archive(files) => files.open(path).map(|(file, length)| (Box::new(file) as _, length)),
            Self::Documents(files) => {
                let bytes = files.document(path).map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
                let length = bytes.len() as u64;
                Ok((Box::new(io::Cursor::new(bytes)), length))
            }
        }
    }
}

impl Layout {
    /// The layout in a directory.
    ///
    /// # Errors
    /// If there is no directory.
    pub(in crate::source) fn open(path: &Path) -> Result<Self, SourceError> {
        match ConfinedDir::open(path) {
            Ok(files) => Ok(Self { path: path.to_owned(), files: Arc::new(Files::Directory(files)) }),
            Err(reason) if reason.kind() == io::ErrorKind::NotADirectory => {
                Err(SourceError::NoLayout { path: path.into(), reason: "it is no directory".into() })
            }
            Err(reason) => Err(SourceError::open(path, reason)),
        }
    }

    /// The layout in a tar archive (image-spec, "Image Layout Specification": it "may be located on tar").
    ///
    /// # Errors
    /// If the archive is compressed, and can't be unpacked.
    pub(in crate::source) fn of_archive(files: archive::Files) -> Result<Self, SourceError> {
        let files = files.unpacked()?;
        Ok(Self { path: files.path().to_owned(), files: Arc::new(Files::Archive(files)) })
    }

    /// The documents of a layout in a tar archive, which may be compressed: layers can't be read.
    pub(in crate::source) fn documents_of(files: archive::Files) -> Self {
        Self { path: files.path().to_owned(), files: Arc::new(Files::Documents(files)) }
    }

    /// The directory or file, as it is shown.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the directory, as a repository; `None` for an archive, and where it is no name of one.
    pub(super) fn directory_name(&self) -> Option<Repository> {
        let is_directory = matches!(*self.files, Files::Directory(_));
        is_directory.then(|| self.path.file_name()?.to_str()?.parse().ok()).flatten()
    }

    /// Gives the wanted layers, the largest first.
    pub(in crate::source) fn feed(self, layers: Vec<Layer>, wanted: &HashSet<LayerKey>, sender: FeedSender) {
        let blobs = layers.into_iter().filter_map(|layer| match layer {
            Layer::Blob(blob) => Some(blob),
            Layer::Tar { .. } => None,
        });
        let key = |blob: &Descriptor| LayerKey::Blob(blob.digest.clone());
        let blobs = feed::largest_first(blobs, wanted, key, |blob| blob.size);
        tokio::spawn(async move {
            let open = |blob: Descriptor| {
                let (files, file) = (Arc::clone(&self.files), path_of(&blob.digest));
                let open = move || files.open(&file).map(|(file, _)| file);
                let content = Origin::new(blob.size, blob.digest.clone(), open).unverified().read();
                Item::Blob(blob, content)
            };
            feed::give(blobs, &sender, open).await;
        });
    }

    /// The error for a directory that is no layout, or a damaged one.
    pub(super) fn invalid(&self, reason: String) -> SourceError {
        SourceError::NoLayout { path: self.path.clone().into(), reason: reason.into() }
    }

    /// The error for indexes below [`MAX_DEPTH`].
    pub(super) fn too_deep(&self) -> SourceError {
        self.invalid(format!("indexes are nested more than {MAX_DEPTH} deep"))
    }

    /// The layout's own index, and its bytes.
    pub(super) fn index(&self) -> Result<(Index, Vec<u8>), SourceError> {
        let file = self.files.open("index.json").and_then(|(file, _)| read_bounded(file, MAX_DOCUMENT));
        let bytes = file.map_err(|reason| match confined::is_link(&reason) {
            true => self.link("index.json"),
            false if reason.kind() == io::ErrorKind::PermissionDenied => {
                SourceError::open(&self.path.join("index.json"), reason)
            }
            false => self.invalid(format!("`index.json`: {}", Foreign(reason))),
        })?;
        let index = Index::parse(&bytes).map_err(|reason| self.invalid(format!("`index.json`: {reason}")))?;
        Ok((index, bytes))
    }

    /// A manifest or index, verified against the digest of its descriptor. Of its size alone no registry learns.
    pub(super) fn document(&self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        let file = match self.blob(descriptor) {
            // The registry has to get the blob, even where a program took its copy in the descriptor for enough.
            Err(SourceError::MissingBlob { .. }) if let Some(bytes) = embedded(descriptor) => return Ok(bytes),
            file => file?.0,
        };
        let bytes = read_bounded(file, MAX_DOCUMENT);
        let bytes = bytes.map_err(|reason| SourceError::open(&self.path.join(path_of(&descriptor.digest)), reason))?;
        let actual = Digest::of(&bytes);
        if actual == descriptor.digest {
            Ok(bytes.into())
        } else {
            Err(SourceError::Digest { expected: descriptor.digest.clone(), actual })
        }
    }

    /// A document with the size of its descriptor, which is pushed with it.
    pub(super) fn whole_document(&self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        let bytes = self.document(descriptor)?;
        sized(descriptor, bytes.len() as u64).map(|()| bytes)
    }

    /// Refuses a blob that is missing or not of its size, before anything is pushed.
    pub(super) fn check(&self, descriptor: &Descriptor) -> Result<(), SourceError> {
        self.blob(descriptor).and_then(|(_, length)| sized(descriptor, length))
    }

    /// A blob and its length.
    fn blob(&self, descriptor: &Descriptor) -> Result<(Box<dyn Read>, u64), SourceError> {
        let (digest, path) = (&descriptor.digest, path_of(&descriptor.digest));
        self.files.open(&path).map_err(|reason| match reason.kind() {
            _ if confined::is_link(&reason) => self.link(&path),
            io::ErrorKind::NotFound => {
                SourceError::MissingBlob { digest: digest.clone(), path: self.path.clone().into() }
            }
            _ => SourceError::open(&self.path.join(&path), reason),
        })
    }

    /// The error for a symbolic link in the layout.
    fn link(&self, path: &str) -> SourceError {
        SourceError::Link { layout: self.path.clone().into(), path: path.into() }
    }
}

/// Refuses content that has not the size of its descriptor.
fn sized(descriptor: &Descriptor, actual: u64) -> Result<(), SourceError> {
    let (digest, expected) = (descriptor.digest.clone(), descriptor.size);
    if actual == expected { Ok(()) } else { Err(SourceError::Size { digest, expected, actual }) }
}

/// The path of a blob below the layout's directory.
fn path_of(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
