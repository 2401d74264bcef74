//! The files of a layout.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::image::{Descriptor, Digest, Index, Tag};
use crate::source::content::Origin;
use crate::source::document::{MAX_DOCUMENT, read_bounded};
use crate::source::error::{SourceError, shown_name};
use crate::source::feed::{self, FeedSender, Item};
use crate::source::image::{Layer, LayerKey};

/// An opened layout.
#[derive(Clone)]
pub(in crate::source) struct Layout {
    path: PathBuf,
}

/// Indexes inside indexes; deeper ones are mistakes or traps.
pub(super) const MAX_DEPTH: usize = 4;
/// The image layout's own annotation for a name, often a tag alone.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// containerd's annotation for the whole name.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// The entries of a layout that a reference names.
pub(super) enum Chosen {
    /// The manifest of an image, or an index.
    One(Descriptor),
    /// One image for several platforms, side by side.
    SideBySide(Vec<Descriptor>),
}

impl Layout {
    /// The layout in a directory.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
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
                let file = self.blob(&blob.digest);
                let open = move || Ok(Box::new(File::open(&file)?) as Box<dyn Read>);
                let content = Origin::new(blob.size, blob.digest.clone(), open).unverified().read();
                Item::Blob(blob, content)
            };
            feed::give(blobs, &sender, open).await;
        });
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.path.join("blobs/sha256").join(digest.hex())
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
        match fs::metadata(&self.path) {
            Err(reason) => return Err(SourceError::open(&self.path, reason)),
            Ok(found) if !found.is_dir() => return Err(self.invalid("it is no directory".to_owned())),
            Ok(_) => {}
        }
        let file = File::open(self.path.join("index.json"));
        let bytes = file.and_then(|file| read_bounded(file, MAX_DOCUMENT));
        let bytes = bytes.map_err(|reason| self.invalid(format!("`index.json`: {reason}")))?;
        let index = Index::parse(&bytes).map_err(|reason| self.invalid(format!("`index.json`: {reason}")))?;
        Ok((index, bytes))
    }

    /// A manifest, index or configuration, verified against its descriptor.
    pub(super) fn document(&self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        self.check(descriptor)?;
        let path = self.blob(&descriptor.digest);
        let bytes = File::open(&path).and_then(|file| read_bounded(file, MAX_DOCUMENT));
        let bytes = bytes.map_err(|reason| SourceError::open(&path, reason))?;
        let actual = Digest::of(&bytes);
        if actual == descriptor.digest {
            Ok(bytes.into())
        } else {
            Err(SourceError::Digest { expected: descriptor.digest.clone(), actual })
        }
    }

    /// Refuses a blob that is missing or not of its size, before anything is pushed.
    pub(super) fn check(&self, descriptor: &Descriptor) -> Result<(), SourceError> {
        let digest = &descriptor.digest;
        match fs::metadata(self.blob(digest)) {
            Ok(found) if found.len() == descriptor.size => Ok(()),
            Ok(found) => {
                Err(SourceError::Size { digest: digest.clone(), expected: descriptor.size, actual: found.len() })
            }
            Err(_) => Err(SourceError::MissingBlob { digest: digest.clone(), path: self.path.clone().into() }),
        }
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

    /// The image's name: that of its annotation if it is a whole one, or that of the directory with the annotation's
    /// tag.
    pub(super) fn name(&self, entry: &Descriptor, reference: Option<&str>) -> Option<String> {
        if let Some(whole) = names(entry).find(|name| name.contains('/') || name.contains(':')) {
            return Some(whole.to_owned());
        }
        let directory = fs::canonicalize(&self.path).ok()?;
        let directory = directory.file_name()?.to_str()?;
        let tag = reference.or_else(|| names(entry).next()).filter(|tag| tag.parse::<Tag>().is_ok());
        Some(tag.map_or_else(|| directory.to_owned(), |tag| format!("{directory}:{tag}")))
    }
}

fn names(entry: &Descriptor) -> impl Iterator<Item = &str> {
    [IMAGE_NAME, REF_NAME].into_iter().filter_map(|key| entry.annotations.get(key).map(String::as_str))
}
