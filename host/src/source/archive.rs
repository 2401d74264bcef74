//! Files that `docker save` wrote, plain or compressed with gzip as a whole.
//!
//! A plain file is read at random; a compressed one from end to end, once for what it holds and once for the layers, so that
//! nothing is unpacked to disk or memory.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tokio::sync::mpsc;

use super::content::Content;
use super::docker_tar::{self, Documents, Entry};
use super::error::SourceError;
use super::{Image, Item, Layer, ensure_platform};
use crate::image::{Config, Digest, Platform, Reference, Tag};

/// An opened archive.
#[derive(Clone)]
pub(super) struct Archive {
    path: PathBuf,
    compressed: bool,
    layers: Vec<Stored>,
}

/// Where a layer lies.
#[derive(Clone)]
struct Stored {
    diff_id: Digest,
    file: String,
    place: Place,
}

#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    size: u64,
}

/// What a pass over the archive finds.
#[derive(Default)]
struct Found {
    documents: Documents,
    files: HashMap<String, Place>,
    links: HashMap<String, String>,
}

/// Opens the image of an archive that `reference` names, or the only one.
pub(super) fn open(
    path: &Path,
    reference: Option<&str>,
    platform: Option<&Platform>,
) -> Result<(Image, Archive), SourceError> {
    let no_archive = |reason: String| SourceError::NoArchive { path: path.to_owned(), reason };
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
    let image = Image {
        name: name(path, &entry, reference),
        config: Some(bytes),
        id: None,
        layers: layers
            .iter()
            .map(|layer| Layer::Tar { diff_id: layer.diff_id.clone(), size: Some(layer.place.size) })
            .collect(),
        manifest: None,
        index: None,
    };
    Ok((image, Archive { path: path.to_owned(), compressed, layers }))
}

/// The file, its length, and whether it is compressed.
fn open_file(path: &Path) -> Result<(File, u64, bool), SourceError> {
    let cannot = |reason| SourceError::Open { path: path.to_owned(), reason };
    let found = std::fs::metadata(path).map_err(cannot)?;
    if !found.is_file() {
        return Err(SourceError::NoArchive { path: path.to_owned(), reason: "it is no regular file".to_owned() });
    }
    let mut file = File::open(path).map_err(cannot)?;
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head).map_err(cannot)?;
    file.rewind().map_err(cannot)?;
    Ok((file, found.len(), docker_tar::is_gzip(&head)))
}

/// One pass over the headers; documents are kept, layers passed over.
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
            let folder = if kind.is_symlink() { Path::new(&path).parent() } else { None };
            let target = folder.unwrap_or(Path::new("")).join(target);
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

/// What is odd about an archive, without what stands in it.
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
    /// The file that holds a layer: layers that are alike are links to one.
    fn resolve(&self, layer: &str) -> String {
        let path = docker_tar::clean(Path::new(layer));
        self.links.get(&path).cloned().unwrap_or(path)
    }
}

fn choose(path: &Path, entries: Vec<Entry>, reference: Option<&str>) -> Result<Entry, SourceError> {
    let known = || entries.iter().filter_map(|entry| entry.repo_tags.clone()).flatten().collect();
    let normal = |name: &str| {
        let parsed: Reference = name.parse().ok()?;
        let tag = parsed.tag().cloned().unwrap_or_else(Tag::latest);
        Some((parsed.name(), tag))
    };
    let found = match reference {
        None if entries.len() > 1 => return Err(SourceError::Several { path: path.to_owned(), known: known() }),
        None => entries.first(),
        Some(wanted) => entries.iter().find(|entry| {
            let mut tags = entry.repo_tags.iter().flatten();
            normal(wanted).is_some_and(|wanted| tags.any(|tag| normal(tag).as_ref() == Some(&wanted)))
        }),
    };
    match (found, reference) {
        (Some(entry), _) => Ok(entry.clone()),
        (None, Some(wanted)) => {
            Err(SourceError::NoImage { path: path.to_owned(), wanted: wanted.to_owned(), known: known() })
        }
        (None, None) => Err(SourceError::NoArchive { path: path.to_owned(), reason: "it holds no image".to_owned() }),
    }
}

/// What the image is called: as asked for, or its first name, or the file's name.
fn name(path: &Path, entry: &Entry, reference: Option<&str>) -> Option<String> {
    let first = entry.repo_tags.iter().flatten().next().map(String::as_str);
    if let Some(name) = reference.or(first) {
        return Some(name.to_owned());
    }
    let file = path.file_name()?.to_str()?;
    [".tar.gz", ".tgz", ".tar"].iter().find_map(|ending| file.strip_suffix(ending)).map(ToOwned::to_owned)
}

impl Archive {
    /// Gives the wanted layers: of a plain file the largest first, so that none is sent alone at the end; of a compressed one
    /// in the order in which they lie there.
    pub(super) fn feed(mut self, wanted: HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        let mut seen = HashSet::new();
        self.layers.retain(|layer| wanted.contains(&layer.diff_id) && seen.insert(layer.diff_id.clone()));
        if self.compressed {
            tokio::task::spawn_blocking(move || {
                if let Err(error) = self.walk(&sender) {
                    let _ = sender.blocking_send(Err(error));
                }
            });
        } else {
            self.layers.sort_by_key(|layer| Reverse(layer.place.size));
            tokio::spawn(self.open_each(sender));
        }
    }

    async fn open_each(self, sender: mpsc::Sender<Result<Item, SourceError>>) {
        for Stored { diff_id, place, .. } in self.layers {
            let Ok(room) = sender.reserve().await else { return };
            let path = self.path.clone();
            let content = Content::spawn(place.size, diff_id, move || {
                let mut file = File::open(&path)?;
                file.seek(SeekFrom::Start(place.offset))?;
                docker_tar::uncompressed(file.take(place.size))
            });
            room.send(Ok(Item::Tar(content)));
        }
    }

    fn walk(&self, sender: &mpsc::Sender<Result<Item, SourceError>>) -> Result<(), SourceError> {
        let file = File::open(&self.path).map_err(|reason| SourceError::Open { path: self.path.clone(), reason })?;
        let mut wanted: HashMap<&str, &Stored> = self.layers.iter().map(|layer| (layer.file.as_str(), layer)).collect();
        let mut archive = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
        for entry in archive.entries()? {
            if wanted.is_empty() {
                return Ok(());
            }
            let entry = entry?;
            let path = docker_tar::clean(&entry.path()?);
            let Some(layer) = wanted.remove(path.as_str()) else { continue };
            if !docker_tar::give(entry, layer.place.size, Some(&layer.diff_id), sender) {
                return Ok(());
            }
        }
        match wanted.into_values().next() {
            None => Ok(()),
            Some(layer) => Err(SourceError::MissingBlob { digest: layer.diff_id.clone(), path: self.path.clone() }),
        }
    }
}
