//! The files of a layout.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::names::names;
use crate::image::{Descriptor, Digest, Index};
use crate::source::confined::{self, ConfinedDir};
use crate::source::content::Origin;
use crate::source::document::{MAX_DOCUMENT, read_bounded};
use crate::source::error::{SourceError, shown_name};
use crate::source::feed::{self, FeedSender, Item};
use crate::source::image::{Layer, LayerKey};

/// An opened layout.
#[derive(Clone)]
pub(in crate::source) struct Layout {
    path: PathBuf,
    /// The same, as far as what is in it can lead.
    files: Arc<ConfinedDir>,
}

/// Indexes inside indexes; deeper ones are mistakes or traps.
pub(super) const MAX_DEPTH: usize = 4;

/// The entries of a layout that a reference names.
pub(super) enum Chosen {
    /// The manifest of an image, or an index.
    One(Descriptor),
    /// One image for several platforms, side by side.
    SideBySide(Vec<Descriptor>),
}

impl Layout {
    /// The layout in a directory.
    ///
    /// # Errors
    /// If there is no directory.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        match ConfinedDir::open(path) {
            Ok(files) => Ok(Self { path: path.to_owned(), files: Arc::new(files) }),
            Err(reason) if reason.kind() == io::ErrorKind::NotADirectory => {
                Err(SourceError::NoLayout { path: path.into(), reason: "it is no directory".into() })
            }
            Err(reason) => Err(SourceError::open(path, reason)),
        }
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
                let open = move || Ok(Box::new(files.file(file.as_bytes())?) as Box<dyn Read>);
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
        let file = self.files.file(b"index.json").and_then(|file| read_bounded(file, MAX_DOCUMENT));
        let bytes = file.map_err(|reason| match confined::is_link(&reason) {
            true => self.link("index.json"),
            false => self.invalid(format!("`index.json`: {reason}")),
        })?;
        let index = Index::parse(&bytes).map_err(|reason| self.invalid(format!("`index.json`: {reason}")))?;
        Ok((index, bytes))
    }

    /// A manifest, index or configuration, verified against its descriptor.
    pub(super) fn document(&self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        let file = self.blob(descriptor)?;
        let bytes = read_bounded(file, MAX_DOCUMENT);
        let bytes = bytes.map_err(|reason| SourceError::open(&self.path.join(path_of(&descriptor.digest)), reason))?;
        let actual = Digest::of(&bytes);
        if actual == descriptor.digest {
            Ok(bytes.into())
        } else {
            Err(SourceError::Digest { expected: descriptor.digest.clone(), actual })
        }
    }

    /// Refuses a blob that is missing or not of its size, before anything is pushed.
    pub(super) fn check(&self, descriptor: &Descriptor) -> Result<(), SourceError> {
        self.blob(descriptor).map(drop)
    }

    /// A blob, which has the size of its descriptor.
    fn blob(&self, descriptor: &Descriptor) -> Result<File, SourceError> {
        let (digest, path) = (&descriptor.digest, path_of(&descriptor.digest));
        let file = self.files.file(path.as_bytes()).map_err(|reason| match reason.kind() {
            _ if confined::is_link(&reason) => self.link(&path),
            io::ErrorKind::NotFound => {
                SourceError::MissingBlob { digest: digest.clone(), path: self.path.clone().into() }
            }
            _ => SourceError::open(&self.path.join(&path), reason),
        })?;
        match file.metadata()?.len() {
            actual if actual == descriptor.size => Ok(file),
            actual => Err(SourceError::Size { digest: digest.clone(), expected: descriptor.size, actual }),
        }
    }

    /// The error for a symbolic link in the layout.
    fn link(&self, path: &str) -> SourceError {
        SourceError::Link { layout: self.path.clone().into(), path: path.into() }
    }

    /// The entries that `reference` names, by name or tag; without it, all.
    ///
    /// # Errors
    /// If there is none, or several that are not one image for several platforms.
    pub(super) fn choose(&self, index: Index, reference: Option<&str>) -> Result<Chosen, SourceError> {
        let images: Vec<Descriptor> =
            index.manifests.into_iter().filter(|entry| entry.is_manifest() || entry.is_index()).collect();
        let known = || images.iter().filter_map(|entry| names(entry).next().map(shown_name)).collect();
        let found: Vec<&Descriptor> = match reference {
            None => images.iter().collect(),
            Some(wanted) => {
                let is = |name: &str| name == wanted || name.rsplit_once(':').is_some_and(|(_, tag)| tag == wanted);
                images.iter().filter(|entry| names(entry).any(is)).collect()
            }
        };
        match (found.as_slice(), reference) {
            ([one], _) => Ok(Chosen::One((*one).clone())),
            ([], Some(wanted)) => {
                Err(SourceError::NoImage { path: self.path.clone().into(), wanted: wanted.into(), known: known() })
            }
            ([], None) => Err(self.invalid("`index.json` names no image".to_owned())),
            (several, _) if several.iter().all(|entry| entry.platform.is_some()) => {
                Ok(Chosen::SideBySide(several.iter().map(|entry| (*entry).clone()).collect()))
            }
            _ => Err(SourceError::Several { path: self.path.clone().into(), known: known() }),
        }
    }
}

/// The path of a blob below the layout's directory.
fn path_of(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
