//! The manifests and tags of all repositories, in memory and in one file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use super::hexadecimal;
use crate::files::atomic;
use crate::image::{Digest, Repository, Tag};
use crate::serve::error::Error;

/// The manifests and tags, which change one change at a time.
#[derive(Debug)]
pub(in crate::serve) struct Metadata {
    path: PathBuf,
    current: RwLock<Arc<Contents>>,
    writing: Mutex<()>,
}

/// All repositories at one moment, as they are in the file. A copy costs little: manifests are shared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::serve) struct Contents {
    manifests: BTreeMap<String, BTreeMap<Digest, Manifest>>,
    tags: BTreeMap<String, BTreeMap<String, Digest>>,
}

/// A manifest as it was pushed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::serve) struct Manifest {
    /// The media type.
    pub(in crate::serve) media_type: String,
    /// The bytes.
    #[serde(rename = "body_hex", with = "hexadecimal")]
    pub(in crate::serve) body: Bytes,
}

impl Metadata {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// [`Error::Data`] or [`Error::Damaged`]: a damaged file that counted as an empty one would be written over.
    pub(in crate::serve) fn open(path: &Path) -> Result<Self, Error> {
        let mut contents = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice::<Contents>(&bytes)
                .map_err(|source| Error::Damaged { path: path.into(), source: source.into() })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Contents::default(),
            Err(source) => return Err(Error::Data { path: path.into(), source: source.into() }),
        };
        contents.drop_altered();
        Ok(Self { path: path.to_owned(), current: RwLock::new(Arc::new(contents)), writing: Mutex::new(()) })
    }

    /// What there is now.
    pub(in crate::serve) fn contents(&self) -> Arc<Contents> {
        Arc::clone(&self.current.read())
    }

    /// Makes a change, which others see once it is on the disk. Blocks.
    ///
    /// # Errors
    /// The system's; nothing has changed then.
    pub(in crate::serve) fn change<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> io::Result<T> {
        let _one_at_a_time = self.writing.lock();
        let mut next = Contents::clone(&self.contents());
        let result = change(&mut next);
        atomic::replace(&self.path, &serde_json::to_vec(&next)?)?;
        *self.current.write() = Arc::new(next);
        Ok(result)
    }
}

impl Contents {
    /// Leaves out manifests whose bytes are not those of their digest any more: a client would refuse them.
    fn drop_altered(&mut self) {
        for (repository, manifests) in &mut self.manifests {
            manifests.retain(|digest, manifest| {
                let is_whole = Digest::of(&manifest.body) == *digest;
                if !is_whole {
                    tracing::warn!("the manifest {digest} of `{repository}` was altered on the disk, and is left out");
                }
                is_whole
            });
        }
        self.manifests.retain(|_, manifests| !manifests.is_empty());
    }

    /// The names of the repositories, in order.
    pub(in crate::serve) fn repositories(&self) -> impl Iterator<Item = &str> {
        self.manifests.keys().map(String::as_str)
    }

    /// The manifests of a repository by their digests; `None` if there is no such repository.
    pub(in crate::serve) fn manifests(&self, repository: &Repository) -> Option<&BTreeMap<Digest, Manifest>> {
        self.manifests.get(repository.as_str())
    }

    /// The tags of a repository, in order.
    pub(in crate::serve) fn tags(&self, repository: &Repository) -> impl Iterator<Item = &str> {
        self.tags.get(repository.as_str()).into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// The digest that a tag names.
    pub(in crate::serve) fn tagged(&self, repository: &Repository, tag: &Tag) -> Option<&Digest> {
        self.tags.get(repository.as_str())?.get(tag.as_str())
    }

    /// Adds a manifest, and has tags name it.
    pub(in crate::serve) fn put(&mut self, repository: &Repository, digest: &Digest, manifest: Manifest, tags: &[Tag]) {
        self.manifests.entry(repository.as_str().to_owned()).or_default().insert(digest.clone(), manifest);
        if !tags.is_empty() {
            let own = self.tags.entry(repository.as_str().to_owned()).or_default();
            own.extend(tags.iter().map(|tag| (tag.as_str().to_owned(), digest.clone())));
        }
    }

    /// Removes a manifest and the tags that name it; a repository without manifests goes as well.
    pub(in crate::serve) fn remove(&mut self, repository: &Repository, digest: &Digest) {
        if let Some(manifests) = self.manifests.get_mut(repository.as_str()) {
            manifests.remove(digest);
        }
        if let Some(tags) = self.tags.get_mut(repository.as_str()) {
            tags.retain(|_, tagged| tagged != digest);
        }
        self.manifests.retain(|_, manifests| !manifests.is_empty());
        self.tags.retain(|_, tags| !tags.is_empty());
    }

    /// Removes a tag; the manifest stays.
    pub(in crate::serve) fn untag(&mut self, repository: &Repository, tag: &Tag) {
        if let Some(tags) = self.tags.get_mut(repository.as_str()) {
            tags.remove(tag.as_str());
        }
        self.tags.retain(|_, tags| !tags.is_empty());
    }
}
