//! Which entry of a layer goes into which part.
//!
//! Parts are filled in the order of the archive. What has to be somewhere else:
//!
//! - Whiteouts are in the first part. They hide files of the layers below, and in a later part would hide files of the
//!   parts before it.
//! - A hard link is in the part of its target. Engines unpack each layer into a directory of its own, in which the
//!   target must be.
//! - Each part has the directories of its files, as the layer has them. Engines give those that a layer lacks other
//!   owners and permissions, and these hide the right ones below.
//!
//! The first two come late in the archive at times; they are the *tail* of an earlier part, known at the end of the
//! first reading. The same archive and size give the same parts, whatever machine splits them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;

use super::entries::{Entry, Kind};
use super::squeezed::Squeezed;
use super::whole::Whole;

/// The end of an archive in bytes: two blocks of zeros.
pub(super) const END: usize = 1024;

/// Files of one layer whose parts are remembered, in case that a hard link names one of them: about 18 MB.
const MAX_FILES: usize = 900_000;

/// Bytes of directories and tails that are held: some 100,000 directories.
const MAX_HELD: usize = 24 << 20;

/// The parts of one layer, as far as its entries have passed.
pub(super) struct Allocation {
    /// The most bytes of a part, where its largest file lets it.
    size: u64,
    /// The part that is filled.
    part: usize,
    /// Bytes in it.
    used: u64,
    /// The part of each file, by the hash of its path.
    files: HashMap<u64, usize>,
    directories: HashMap<Vec<u8>, Directory>,
    tails: Vec<Vec<u8>>,
    /// Bytes of directories and tails.
    held: usize,
    /// The largest file that alone is larger than a part.
    largest: Option<LargeFile>,
}

/// A file that alone is larger than a part should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LargeFile {
    /// Its path.
    pub(super) path: Vec<u8>,
    /// Its bytes, with the padding.
    pub(super) size: u64,
}

/// A directory of the layer.
struct Directory {
    headers: Squeezed,
    /// The parts that have it.
    parts: Vec<usize>,
}

/// Where an entry goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Into the tail of an earlier part.
    Earlier,
    /// Into the part that is filled, behind these headers of directories that it does not have yet.
    Here(Vec<u8>),
    /// The same, in a new part.
    New(Vec<u8>),
}

impl Allocation {
    /// Nothing yet, with parts of at most `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        Self {
            size: size.saturating_sub(END as u64),
            part: 0,
            used: 0,
            files: HashMap::new(),
            directories: HashMap::new(),
            tails: vec![Vec::new()],
            held: 0,
            largest: None,
        }
    }

    /// Finds the place of the next entry.
    ///
    /// # Errors
    /// [`Whole`] where the layer can't be split in bounded memory, or without changing what it means.
    pub(super) fn place(&mut self, entry: &Entry) -> io::Result<Place> {
        let earlier = match &entry.kind {
            Kind::Whiteout => Some(0),
            Kind::HardLink(target) => self.files.get(&hash(target)).copied(),
            Kind::Directory | Kind::Other => None,
        };
        if let Some(part) = earlier.filter(|part| *part < self.part) {
            self.add_to_tail(part, entry)?;
            return Ok(Place::Earlier);
        }
        let bytes = entry.headers.len() as u64 + entry.stored;
        let missing = self.missing(&entry.path, self.part);
        // What belongs into this part is there, whatever the size.
        let is_new = earlier.is_none() && self.used > 0 && self.used + bytes + missing.len() as u64 > self.size;
        let parents = match is_new {
            true => {
                (self.part, self.used) = (self.part + 1, 0);
                self.tails.push(Vec::new());
                self.missing(&entry.path, self.part)
            }
            false => missing,
        };
        self.have_parents(&entry.path, self.part);
        self.used += bytes + parents.len() as u64;
        if self.used == bytes + parents.len() as u64 && self.used > self.size {
            let is_larger = self.largest.as_ref().is_none_or(|largest| largest.size < entry.stored);
            if is_larger {
                self.largest = Some(LargeFile { path: entry.path.clone(), size: entry.stored });
            }
        }
        self.remember(entry, self.part)?;
        Ok(if is_new { Place::New(parents) } else { Place::Here(parents) })
    }

    /// What comes to the end of each part, and the largest file that is larger than a part.
    pub(super) fn finish(self) -> (Vec<Vec<u8>>, Option<LargeFile>) {
        (self.tails, self.largest)
    }

    /// Adds an entry without content to the end of an earlier part.
    fn add_to_tail(&mut self, part: usize, entry: &Entry) -> io::Result<()> {
        if self.files.contains_key(&hash(&entry.path)) {
            // The older file would be in a part above the newer one.
            return Err(Whole::error("it has two files of one path"));
        }
        let parents = self.missing(&entry.path, part);
        self.have_parents(&entry.path, part);
        self.hold(parents.len() + entry.headers.len())?;
        if let Some(tail) = self.tails.get_mut(part) {
            tail.extend(parents);
            tail.extend_from_slice(&entry.headers);
        }
        self.remember(entry, part)
    }

    /// The headers of the directories above a path that a part does not have.
    fn missing(&self, path: &[u8], part: usize) -> Vec<u8> {
        let above = parents(path).filter_map(|parent| self.directories.get(parent));
        above.filter(|directory| !directory.parts.contains(&part)).flat_map(|found| found.headers.whole()).collect()
    }

    /// The same directories are in that part now.
    fn have_parents(&mut self, path: &[u8], part: usize) {
        for parent in parents(path) {
            if let Some(directory) = self.directories.get_mut(parent)
                && !directory.parts.contains(&part)
            {
                directory.parts.push(part);
            }
        }
    }

    /// Remembers an entry for those that follow.
    fn remember(&mut self, entry: &Entry, part: usize) -> io::Result<()> {
        match entry.kind {
            Kind::Directory => {
                let headers = Squeezed::of(&entry.headers);
                self.hold(headers.len() + entry.path.len())?;
                let mut parts = vec![part];
                if let Some(before) = self.directories.remove(&entry.path) {
                    // As it was, in parts below; its newer form is above them.
                    parts.extend(before.parts.into_iter().filter(|other| *other != part));
                }
                self.directories.insert(entry.path.clone(), Directory { headers, parts });
                self.files.remove(&hash(&entry.path));
            }
            Kind::HardLink(_) | Kind::Other => {
                if self.files.len() >= MAX_FILES {
                    return Err(Whole::error("it has too many files"));
                }
                self.files.insert(hash(&entry.path), part);
                self.directories.remove(&entry.path);
            }
            Kind::Whiteout => {}
        }
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> io::Result<()> {
        self.held += bytes;
        match self.held <= MAX_HELD {
            true => Ok(()),
            false => Err(Whole::error("it has too many directories and links")),
        }
    }
}

/// The directories above a path, the highest first: that of the layer itself, whose path is empty, and so on.
fn parents(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inner = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').filter_map(|(at, _)| path.get(..at));
    path.get(..0).filter(|_| !path.is_empty()).into_iter().chain(inner)
}

/// A path in eight bytes. The keys are fixed, so that a path has the same everywhere.
fn hash(path: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}
