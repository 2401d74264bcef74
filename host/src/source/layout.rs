//! OCI image layouts: a folder of blobs by digest, and an index of what they are (OCI image specification, "Image Layout").

pub(super) mod all;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::content::Content;
use super::error::SourceError;
use super::{Image, Item, Layer, MAX_DOCUMENT, StoredManifest, ensure_platform};
use crate::image::{Config, Descriptor, Digest, Index, Manifest, Platform, Tag};

/// An opened layout.
#[derive(Clone)]
pub(super) struct Layout {
    path: PathBuf,
}

/// Indexes inside indexes; deeper ones are mistakes or traps.
const MAX_DEPTH: usize = 4;
/// The image layout's own annotation for a name, often a tag alone.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// containerd's annotation for the whole name.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// Opens the image of a layout that `reference` names, or the only one, for a platform, or for this machine's.
pub(super) fn open(
    path: &Path,
    reference: Option<&str>,
    platform: Option<&Platform>,
) -> Result<(Image, Layout), SourceError> {
    let layout = Layout { path: path.to_owned() };
    let (index, _) = layout.index()?;
    let entry = match layout.choose(index, reference)? {
        Chosen::One(entry) => entry,
        Chosen::SideBySide(entries) => layout.fitting(entries, platform)?,
    };
    let name = layout.name(&entry, reference);
    let entry = layout.for_platform(entry, platform, 0)?;
    let bytes = layout.document(&entry)?;
    let manifest = Manifest::parse(&bytes)?;
    let config = layout.document(&manifest.config)?;
    ensure_platform(&path.display().to_string(), Config::parse(&config)?.platform().as_ref(), platform)?;
    for layer in manifest.layers.iter().filter(|layer| layer.urls.is_empty()) {
        layout.check(layer)?;
    }
    let layers = manifest.layers.iter().cloned().map(Layer::Blob).collect();
    let stored = StoredManifest { media_type: entry.media_type, bytes, parsed: manifest };
    Ok((Image { name, config: Some(config), id: None, layers, manifest: Some(stored), index: None }, layout))
}

/// What is meant in a layout.
enum Chosen {
    /// The manifest of an image, or an index.
    One(Descriptor),
    /// One image for several platforms, side by side.
    SideBySide(Vec<Descriptor>),
}

fn too_deep() -> String {
    format!("indexes are nested more than {MAX_DEPTH} deep")
}

impl Layout {
    /// Gives the wanted layers, the largest first, so that none is sent alone at the end.
    pub(super) fn feed(
        self,
        layers: &[Layer],
        wanted: &HashSet<Digest>,
        sender: mpsc::Sender<Result<Item, SourceError>>,
    ) {
        let mut seen = HashSet::new();
        let mut blobs: Vec<Descriptor> = layers
            .iter()
            .filter(|layer| wanted.contains(layer.digest()) && seen.insert(layer.digest().clone()))
            .filter_map(|layer| match layer {
                Layer::Blob(descriptor) => Some(descriptor.clone()),
                Layer::Tar { .. } => None,
            })
            .collect();
        blobs.sort_by_key(|blob| Reverse(blob.size));
        tokio::spawn(async move {
            for blob in blobs {
                // Opened when there is room for it, so that a thousand layers are not a thousand open files.
                let Ok(place) = sender.reserve().await else { return };
                let file = self.blob(&blob.digest);
                let open = move || Ok(Box::new(File::open(&file)?) as Box<dyn Read>);
                let content = Content::spawn_unproved(blob.size, blob.digest.clone(), open);
                place.send(Ok(Item::Blob(blob, content)));
            }
        });
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.path.join("blobs/sha256").join(digest.hex())
    }

    /// What the layout holds, and the bytes that say so.
    fn index(&self) -> Result<(Index, Vec<u8>), SourceError> {
        let no_layout = |reason: String| SourceError::NoLayout { path: self.path.clone(), reason };
        match fs::metadata(&self.path) {
            Err(reason) => return Err(SourceError::Open { path: self.path.clone(), reason }),
            Ok(found) if !found.is_dir() => return Err(no_layout("it is no folder".to_owned())),
            Ok(_) => {}
        }
        let file = self.path.join("index.json");
        let bytes = read_bounded(&file).map_err(|reason| no_layout(format!("`index.json`: {reason}")))?;
        let index = Index::parse(&bytes).map_err(|reason| no_layout(format!("`index.json`: {reason}")))?;
        Ok((index, bytes))
    }

    /// A manifest, index or configuration, proved against its descriptor.
    fn document(&self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        self.check(descriptor)?;
        let path = self.blob(&descriptor.digest);
        let bytes = read_bounded(&path).map_err(|reason| SourceError::Open { path, reason })?;
        let actual = Digest::of(&bytes);
        if actual == descriptor.digest {
            Ok(bytes.into())
        } else {
            Err(SourceError::Digest { expected: descriptor.digest.clone(), actual })
        }
    }

    /// Finds fault with a blob that is not there, or not of its size, before anything is pushed.
    fn check(&self, descriptor: &Descriptor) -> Result<(), SourceError> {
        let digest = &descriptor.digest;
        match fs::metadata(self.blob(digest)) {
            Ok(found) if found.len() == descriptor.size => Ok(()),
            Ok(found) => {
                Err(SourceError::Size { digest: digest.clone(), expected: descriptor.size, actual: found.len() })
            }
            Err(_) => Err(SourceError::MissingBlob { digest: digest.clone(), path: self.path.clone() }),
        }
    }

    fn choose(&self, index: Index, reference: Option<&str>) -> Result<Chosen, SourceError> {
        let images: Vec<Descriptor> =
            index.manifests.into_iter().filter(|entry| entry.is_manifest() || entry.is_index()).collect();
        let known = || images.iter().filter_map(|entry| names(entry).next().map(ToOwned::to_owned)).collect();
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
                Err(SourceError::NoImage { path: self.path.clone(), wanted: wanted.to_owned(), known: known() })
            }
            ([], None) => {
                Err(SourceError::NoLayout { path: self.path.clone(), reason: "`index.json` names no image".to_owned() })
            }
            (several, _) if several.iter().all(|entry| entry.platform.is_some()) => {
                Ok(Chosen::SideBySide(several.iter().map(|entry| (*entry).clone()).collect()))
            }
            _ => Err(SourceError::Several { path: self.path.clone(), known: known() }),
        }
    }

    /// Follows indexes down to the manifest for a platform.
    fn for_platform(
        &self,
        entry: Descriptor,
        platform: Option<&Platform>,
        depth: usize,
    ) -> Result<Descriptor, SourceError> {
        if !entry.is_index() {
            return Ok(entry);
        }
        if depth == MAX_DEPTH {
            return Err(SourceError::NoLayout { path: self.path.clone(), reason: too_deep() });
        }
        let index = Index::parse(&self.document(&entry)?)?;
        self.for_platform(self.fitting(index.manifests, platform)?, platform, depth + 1)
    }

    /// The first entry that is for a platform, or for this machine's.
    fn fitting(&self, entries: Vec<Descriptor>, platform: Option<&Platform>) -> Result<Descriptor, SourceError> {
        let (wanted, runnable) = match platform {
            Some(platform) => (platform.clone(), vec![platform.clone()]),
            None => (Platform::of_this_machine(), Platform::of_this_machine().with_older_variants()),
        };
        let known = entries.iter().filter_map(|entry| entry.platform.as_ref().map(ToString::to_string)).collect();
        let fits = |platform: &Platform, entry: &Descriptor| {
            entry.platform.as_ref().is_none_or(|offered| platform.accepts(offered))
        };
        let found = runnable.iter().find_map(|platform| entries.iter().find(|entry| fits(platform, entry)));
        found.cloned().ok_or_else(|| SourceError::Platform { image: self.path.display().to_string(), wanted, known })
    }

    /// What the image is called: the annotation's whole name, or the folder's name with the annotation's tag.
    fn name(&self, entry: &Descriptor, reference: Option<&str>) -> Option<String> {
        if let Some(whole) = names(entry).find(|name| name.contains('/') || name.contains(':')) {
            return Some(whole.to_owned());
        }
        let folder = fs::canonicalize(&self.path).ok()?;
        let folder = folder.file_name()?.to_str()?;
        let tag = reference.or_else(|| names(entry).next()).filter(|tag| tag.parse::<Tag>().is_ok());
        Some(tag.map_or_else(|| folder.to_owned(), |tag| format!("{folder}:{tag}")))
    }
}

fn names(entry: &Descriptor) -> impl Iterator<Item = &str> {
    [IMAGE_NAME, REF_NAME].into_iter().filter_map(|key| entry.annotations.get(key).map(String::as_str))
}

fn read_bounded(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(std::io::Error::other(format!("it has more than {MAX_DOCUMENT} bytes")));
    }
    Ok(bytes)
}
