//! Files that `docker save` wrote, plain or compressed with gzip as a whole.
//!
//! Layers of a plain file are read in any order. A compressed file is read from end to end, once for its list of files
//! and once for the layers, so that nothing is unpacked to disk or memory.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use tar::Entry as TarEntry;

use super::confined::open_regular;
use super::content::Origin;
use super::docker_tar::{self, Documents, Entry};
use super::document::{Budget, MAX_DOCUMENTS};
use super::error::{SourceError, shown_name};
use super::excess::Excess;
use super::feed::{self, FeedSender, Item};
use super::image::{Image, ImageConfig, Layer, LayerKey};
use super::opened::Opened;
use super::platform::ensure_platform;
use super::{inflate, tar_walk};
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
    names: Budget,
}

/// Opens the image that `reference` names, or the only one.
pub(super) fn open(
    path: &Path,
    reference: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Opened<Archive>, SourceError> {
    let no_archive = |reason: String| SourceError::NoArchive { path: path.into(), reason: reason.into() };
    let (file, length, compressed) = open_file(path)?;
    let mut found = Found::default();
    let passed = match compressed {
        true => tar_walk::stream(inflate::gzip(BufReader::new(file)), |entry| found.add(entry)),
        false => tar_walk::file(file, |entry| found.add(entry)),
    };
    if let Err(error) = passed {
        return Err(no_archive(odd(&error)));
    }
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
    let suggestion = entry.repo_tags.into_iter().flatten().next();
    let reader = Archive { path: path.to_owned(), compressed, layers };
    Ok(Opened { name: reference.map(ToOwned::to_owned), suggestion, image, reader })
}

/// The file, its length, and whether it is compressed. A pipe is refused, since an archive is read twice.
fn open_file(path: &Path) -> Result<(File, u64, bool), SourceError> {
    let cannot = |reason: io::Error| match reason.kind() {
        io::ErrorKind::Other => SourceError::NoArchive { path: path.into(), reason: reason.to_string().into() },
        _ => SourceError::open(path, reason),
    };
    let mut file = open_regular(path).map_err(cannot)?;
    let length = file.metadata().map_err(cannot)?.len();
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head).map_err(cannot)?;
    file.rewind().map_err(cannot)?;
    Ok((file, length, inflate::is_gzip(&head)))
}

/// The reason why an archive can't be read, without any of its content.
fn odd(error: &io::Error) -> String {
    match error.kind() {
        _ if Excess::is_in(error) => error.to_string(),
        io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            "it is no tar archive, or a damaged one".to_owned()
        }
        _ => error.to_string(),
    }
}

impl Found {
    /// Remembers what an entry is. Documents are kept, layers are passed over.
    fn add<R: Read>(&mut self, entry: &mut TarEntry<'_, R>) -> io::Result<ControlFlow<()>> {
        let path = docker_tar::clean(&entry.path()?);
        let size = entry.size();
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            let Some(target) = entry.link_name()? else { return Ok(ControlFlow::Continue(())) };
            let directory = if kind.is_symlink() { Path::new(&path).parent() } else { None };
            let target = docker_tar::clean(&directory.unwrap_or(Path::new("")).join(target));
            self.count(&path)?;
            self.count(&target)?;
            self.links.insert(path, target);
        } else if kind.is_file() {
            self.count(&path)?;
            self.files.insert(path.clone(), Place { offset: entry.raw_file_position(), size });
            if Documents::may_be(&path, size) {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                self.documents.keep(&path, bytes.into())?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Takes a name into account that is remembered.
    fn count(&mut self, name: &str) -> io::Result<()> {
        match self.names.add(name.len()) {
            true => Ok(()),
            false => Err(Excess::error(format!("the names of its files have more than {MAX_DOCUMENTS} bytes"))),
        }
    }

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
            let mut file = open_regular(&path)?;
            file.seek(SeekFrom::Start(offset))?;
            inflate::uncompressed(file.take(size))
        })
    }
}

/// Gives layers as they pass in a compressed file.
fn walk(path: &Path, layers: &[Stored], sender: &FeedSender) -> Result<(), SourceError> {
    let file = open_regular(path).map_err(|reason| SourceError::open(path, reason))?;
    let mut wanted: HashMap<&str, &Stored> = layers.iter().map(|layer| (layer.file.as_str(), layer)).collect();
    let broken = tar_walk::stream(inflate::gzip(BufReader::new(file)), |entry| {
        let path = docker_tar::clean(&entry.path()?);
        let Some(layer) = wanted.remove(path.as_str()) else { return Ok(ControlFlow::Continue(())) };
        let is_wanted = docker_tar::give(entry, layer.place.size, Some(layer.diff_id.clone()), sender);
        Ok(if is_wanted && !wanted.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    if broken.is_break() {
        return Ok(());
    }
    match wanted.into_values().next() {
        None => Ok(()),
        Some(layer) => Err(SourceError::MissingBlob { digest: layer.diff_id.clone(), path: path.into() }),
    }
}
