//! Files that `docker save` wrote, plain or compressed with gzip as a whole.
//!
//! Layers of a plain file are read in any order. A compressed file is read from end to end, once for its list of files
//! and once for the layers, so that nothing is unpacked to disk or memory.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::content::Origin;
use super::docker_tar::{self, Documents, Entry};
use super::error::{SourceError, shown_name};
use super::feed::{self, FeedSender, Item};
use super::image::{Image, ImageConfig, Layer, LayerKey};
use super::opened::Opened;
use super::platform::ensure_platform;
use crate::image::{Config, Digest, Platform, Reference, Tag};

/// An opened archive.
#[derive(Clone)]
pub(super) struct Archive {
    path: PathBuf,
    compressed: bool,
    layers: Vec<Stored>,
}

/// A layer in the archive.
#[derive(Clone)]
struct Stored {
    diff_id: Digest,
    file: String,
    place: Place,
}

/// Bytes of the archive, uncompressed.
#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    size: u64,
}

/// The result of a pass over the archive.
#[derive(Default)]
struct Found {
    documents: Documents,
    files: HashMap<String, Place>,
    links: HashMap<String, String>,
}

/// Opens the image that `reference` names, or the only one.
pub(super) fn open(
    path: &Path,
    reference: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Opened<Archive>, SourceError> {
    let no_archive = |reason: String| SourceError::NoArchive { path: path.into(), reason: reason.into() };
    let (file, length, compressed) = open_file(path)?;
    let found = if compressed {
        read_through(tar::Archive::new(MultiGzDecoder::new(BufReader::new(file))).entries())
    } else {
        read_through(tar::Archive::new(file).entries_with_seek())
    }
    .map_err(no_archive)?;
    let entry = choose(path, found.documents.entries().map_err(no_archive)?, reference)?;
    let bytes = found.documents.config(&entry).map_err(no_archive)?;
    let config = Config::parse(&bytes)?;
    ensure_platform(&path.display().to_string(), config.platform().as_ref(), platform)?;
    let diff_ids = config.rootfs.diff_ids;
    if diff_ids.len() != entry.layers.len() {
        let reason = format!("it has {} layers, its configuration names {}", entry.layers.len(), diff_ids.len());
        return Err(no_archive(reason));
    }
    let mut layers = Vec::new();
    for (diff_id, layer) in diff_ids.into_iter().zip(&entry.layers) {
        let file = found.resolve(layer);
        let missing = || no_archive(format!("`{}`, a layer, is missing", crate::text::printable(layer, 200)));
        let place = *found.files.get(&file).ok_or_else(missing)?;
        if !compressed && place.offset.saturating_add(place.size) > length {
            return Err(no_archive("it is cut off".to_owned()));
        }
        layers.push(Stored { diff_id, file, place });
    }
    let known = layers.iter().map(|layer| Layer::Tar { diff_id: layer.diff_id.clone(), size: Some(layer.place.size) });
    let image = Image::Layers { config: ImageConfig::Known(bytes), layers: known.collect() };
    let name = name(path, &entry, reference);
    Ok(Opened { name, image, reader: Archive { path: path.to_owned(), compressed, layers } })
}

/// The file, its length, and whether it is compressed.
fn open_file(path: &Path) -> Result<(File, u64, bool), SourceError> {
    let cannot = |reason| SourceError::open(path, reason);
    let found = std::fs::metadata(path).map_err(cannot)?;
    if !found.is_file() {
        return Err(SourceError::NoArchive { path: path.into(), reason: "it is no regular file".into() });
    }
    let mut file = File::open(path).map_err(cannot)?;
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head).map_err(cannot)?;
    file.rewind().map_err(cannot)?;
    Ok((file, found.len(), docker_tar::is_gzip(&head)))
}

/// One pass over the headers. Documents are kept, layers are passed over.
fn read_through<R: Read>(entries: io::Result<tar::Entries<'_, R>>) -> Result<Found, String> {
    let mut found = Found::default();
    for entry in entries.map_err(|error| odd(&error))? {
        let text = |error: io::Error| odd(&error);
        let mut entry = entry.map_err(text)?;
        let path = docker_tar::clean(&entry.path().map_err(text)?);
        let size = entry.size();
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            let Some(target) = entry.link_name().map_err(text)? else { continue };
            let directory = if kind.is_symlink() { Path::new(&path).parent() } else { None };
            let target = directory.unwrap_or(Path::new("")).join(target);
            found.links.insert(path, docker_tar::clean(&target));
        } else if kind.is_file() {
            found.files.insert(path.clone(), Place { offset: entry.raw_file_position(), size });
            if Documents::may_be(&path, size) {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(text)?;
                found.documents.keep(&path, bytes.into())?;
            }
        }
    }
    Ok(found)
}

/// The reason why an archive can't be read, without any of its content.
fn odd(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            "it is no tar archive, or a damaged one".to_owned()
        }
        _ => error.to_string(),
    }
}

impl Found {
    /// The file that holds a layer. Equal layers are stored once, the others are links to it.
    fn resolve(&self, layer: &str) -> String {
        let path = docker_tar::clean(Path::new(layer));
        self.links.get(&path).cloned().unwrap_or(path)
    }
}

fn choose(path: &Path, entries: Vec<Entry>, reference: Option<&str>) -> Result<Entry, SourceError> {
    let known =
        || entries.iter().flat_map(|entry| entry.repo_tags.iter().flatten()).map(|name| shown_name(name)).collect();
    let normal = |name: &str| {
        let parsed: Reference = name.parse().ok()?;
        let tag = parsed.tag().cloned().unwrap_or_else(Tag::latest);
        Some((parsed.name(), tag))
    };
    let found = match reference {
        None if entries.len() > 1 => return Err(SourceError::Several { path: path.into(), known: known() }),
        None => entries.first(),
        Some(wanted) => entries.iter().find(|entry| {
            let mut tags = entry.repo_tags.iter().flatten();
            normal(wanted).is_some_and(|wanted| tags.any(|tag| normal(tag).as_ref() == Some(&wanted)))
        }),
    };
    match (found, reference) {
        (Some(entry), _) => Ok(entry.clone()),
        (None, Some(wanted)) => Err(SourceError::NoImage { path: path.into(), wanted: wanted.into(), known: known() }),
        (None, None) => Err(SourceError::NoArchive { path: path.into(), reason: "it holds no image".into() }),
    }
}

/// The image's name: the requested one, or its first, or that of the file.
fn name(path: &Path, entry: &Entry, reference: Option<&str>) -> Option<String> {
    let first = entry.repo_tags.iter().flatten().next().map(String::as_str);
    if let Some(name) = reference.or(first) {
        return Some(name.to_owned());
    }
    let file = path.file_name()?.to_str()?;
    [".tar.gz", ".tgz", ".tar"].iter().find_map(|ending| file.strip_suffix(ending)).map(ToOwned::to_owned)
}

impl Archive {
    /// Gives the wanted layers: of a plain file the largest first, of a compressed one in the order of the file.
    pub(super) fn feed(self, wanted: &HashSet<LayerKey>, sender: FeedSender) {
        let key = |layer: &Stored| LayerKey::DiffId(layer.diff_id.clone());
        let Self { path, compressed, layers } = self;
        let layers = feed::largest_first(layers, wanted, key, |layer| layer.place.size);
        if compressed {
            tokio::task::spawn_blocking(move || {
                if let Err(error) = walk(&path, &layers, &sender) {
                    let _ = sender.blocking_send(Err(error));
                }
            });
        } else {
            tokio::spawn(
                async move { feed::give(layers, &sender, |layer| Item::Tar(layer.origin(&path).read())).await },
            );
        }
    }
}

impl Stored {
    /// The layer in a plain file.
    fn origin(self, path: &Path) -> Origin {
        let (Place { offset, size }, path) = (self.place, path.to_owned());
        Origin::new(size, self.diff_id, move || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(offset))?;
            docker_tar::uncompressed(file.take(size))
        })
    }
}

/// Gives layers as they pass in a compressed file.
fn walk(path: &Path, layers: &[Stored], sender: &FeedSender) -> Result<(), SourceError> {
    let file = File::open(path).map_err(|reason| SourceError::open(path, reason))?;
    let mut wanted: HashMap<&str, &Stored> = layers.iter().map(|layer| (layer.file.as_str(), layer)).collect();
    let mut archive = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    for entry in archive.entries()? {
        if wanted.is_empty() {
            return Ok(());
        }
        let entry = entry?;
        let Some(layer) = wanted.remove(docker_tar::clean(&entry.path()?).as_str()) else { continue };
        if !docker_tar::give(entry, layer.place.size, Some(layer.diff_id.clone()), sender) {
            return Ok(());
        }
    }
    match wanted.into_values().next() {
        None => Ok(()),
        Some(layer) => Err(SourceError::MissingBlob { digest: layer.diff_id.clone(), path: path.into() }),
    }
}
