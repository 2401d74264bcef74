//! What a tar archive holds: the places of its files, its links, and its JSON documents.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;
use tar::Entry as TarEntry;

use crate::source::archive_file::{ArchiveFile, ArchiveReader};
use crate::source::docker_tar::{self, Documents};
use crate::source::document::{Budget, MAX_DOCUMENT, MAX_DOCUMENTS};
use crate::source::error::SourceError;
use crate::source::excess::Excess;
use crate::source::inflate::{self, Compression};
use crate::source::tar_walk::{self, Sparse};

/// The files of an archive.
#[derive(Clone)]
pub(in crate::source) struct Files {
    file: ArchiveFile,
    compressed: bool,
    found: Found,
}

/// Bytes of the archive, uncompressed.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// The result of a pass over the archive.
#[derive(Clone, Default)]
struct Found {
    documents: Documents,
    files: HashMap<String, Place>,
    links: HashMap<String, String>,
    names: Budget,
}

/// Links that lead to links; longer chains are circles.
const MAX_LINKS: usize = 16;

impl Files {
    /// Finds out what is in an archive, plain or compressed as a whole.
    ///
    /// # Errors
    /// If it can't be read, is no archive, or breaks a limit.
    pub(in crate::source) fn find(path: &Path) -> Result<Self, SourceError> {
        Self::of(ArchiveFile::open(path)?)
    }

    /// The same of an opened file.
    ///
    /// # Errors
    /// As for [`Files::find`].
    pub(in crate::source) fn of(file: ArchiveFile) -> Result<Self, SourceError> {
        let shown = || file.path().into();
        let cannot = |reason: io::Error| match reason.kind() {
            io::ErrorKind::Other => SourceError::NoArchive { path: shown(), reason: reason.to_string().into() },
            _ => SourceError::open(file.path(), reason),
        };
        let mut head = Vec::new();
        file.read().map_err(cannot)?.take(inflate::HEAD as u64).read_to_end(&mut head).map_err(cannot)?;
        if head.is_empty() {
            return Err(SourceError::NoArchive { path: shown(), reason: "it is empty".into() });
        }
        if let Some(program) = inflate::unknown_compression(&head) {
            return Err(SourceError::Compression { path: shown(), program });
        }
        let compressed = Compression::of(&head).is_some();
        let mut found = Found::default();
        let reader = file.read().map_err(cannot)?;
        let passed = match compressed {
            true => inflate::uncompressed(BufReader::new(reader))
                .and_then(|reader| tar_walk::stream(reader, |entry| found.add(entry))),
            false => tar_walk::file(reader, |entry| found.add(entry)),
        };
        let _ended: ControlFlow<()> = passed.map_err(|error| odd(file.path(), &error))?;
        let files = Self { file, compressed, found };
        files.is_whole().map(|()| files)
    }

    /// Refuses a plain archive that ends before its last file does.
    fn is_whole(&self) -> Result<(), SourceError> {
        if self.compressed {
            return Ok(());
        }
        let length = self.file.read()?.seek(SeekFrom::End(0))?;
        match self.found.files.values().all(|place| place.offset.saturating_add(place.size) <= length) {
            true => Ok(()),
            false => Err(SourceError::CutOff(self.path().into())),
        }
    }

    /// Whether a plain archive ends as `tar` ends one, with an empty block. Some programs write none, so that this only
    /// says why something is missing.
    ///
    /// # Errors
    /// If it can't be read.
    pub(super) fn has_end(&self) -> io::Result<bool> {
        if self.compressed {
            return Ok(true);
        }
        let (mut file, mut block) = (self.file.read()?, Vec::new());
        // What is shorter than a block has no file, and might be anything.
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(512)))?;
        file.read_to_end(&mut block)?;
        Ok(length < 512 || block.iter().all(|byte| *byte == 0))
    }

    /// The archive's path, as it is shown.
    pub(in crate::source) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Whether the archive is compressed as a whole, so that it is read from end to end.
    pub(super) fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// The same archive in a form that can be read from any place.
    ///
    /// # Errors
    /// If it can't be unpacked.
    pub(in crate::source) fn unpacked(self) -> Result<Self, SourceError> {
        Ok(if self.compressed { Self { file: self.file.unpacked()?, compressed: false, ..self } } else { self })
    }

    /// The name of the file that a name stands for, and its place. Equal files are stored once, and the others are
    /// links.
    pub(super) fn place(&self, name: &str) -> Option<(String, Place)> {
        let mut name = docker_tar::clean(Path::new(name));
        for _ in 0..MAX_LINKS {
            match self.found.files.get(&name) {
                Some(place) => return Some((name, *place)),
                None => name = self.found.links.get(&name)?.clone(),
            }
        }
        None
    }

    /// Whether there is a file of this name.
    pub(in crate::source) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The archive, uncompressed, from its start to its end.
    ///
    /// # Errors
    /// If it can't be opened.
    pub(super) fn stream(&self) -> io::Result<Box<dyn Read>> {
        inflate::uncompressed(BufReader::new(self.file.read()?))
    }

    /// The bytes of a file in a plain archive, and their number.
    ///
    /// # Errors
    /// If there is no such file, or the archive can't be opened.
    pub(in crate::source) fn open(&self, name: &str) -> io::Result<(io::Take<ArchiveReader>, u64)> {
        let (_, place) = self.place(name).ok_or(io::ErrorKind::NotFound)?;
        Ok((self.at(place)?, place.size))
    }

    /// The bytes of a place in a plain archive.
    ///
    /// # Errors
    /// If the archive can't be opened.
    pub(super) fn at(&self, place: Place) -> io::Result<io::Take<ArchiveReader>> {
        let mut file = self.file.read()?;
        file.seek(SeekFrom::Start(place.offset))?;
        Ok(file.take(place.size))
    }

    /// A directory at the top with this file in it: who packs a directory and not what is in it makes such archives.
    pub(super) fn directory_of(&self, name: &str) -> Option<&str> {
        let is_directory = |directory: &&str| !directory.contains('/');
        let mut names = self.found.files.keys();
        names.find_map(|file| file.strip_suffix(name)?.strip_suffix('/').filter(is_directory))
    }

    /// A document, whatever it is called; `None` if it is not there.
    ///
    /// # Errors
    /// If the archive can't be read, or the file is larger than any document.
    pub(in crate::source) fn document(&self, name: &str) -> Result<Option<Bytes>, SourceError> {
        let Some((name, place)) = self.place(name) else { return Ok(None) };
        if place.size > MAX_DOCUMENT as u64 {
            let reason = format!("`{}` has more than {MAX_DOCUMENT} bytes", crate::text::printable(&name, 200));
            return Err(SourceError::Excess { path: self.path().into(), reason: reason.into() });
        }
        if let Some(document) = self.found.documents.get(&name) {
            return Ok(Some(document));
        }
        let mut bytes = Vec::new();
        if self.compressed {
            let _ended: ControlFlow<()> = tar_walk::stream(self.stream()?, |entry| {
                if entry.raw_file_position() != place.offset {
                    return Ok(ControlFlow::Continue(()));
                }
                entry.read_to_end(&mut bytes)?;
                Ok(ControlFlow::Break(()))
            })?;
        } else {
            self.at(place)?.read_to_end(&mut bytes)?;
        }
        Ok(Some(bytes.into()))
    }
}

/// The error of an archive that can't be read, without any of its content.
fn odd(path: &Path, error: &io::Error) -> SourceError {
    let path = path.into();
    match error.kind() {
        _ if Sparse::is_in(error) => SourceError::Sparse(path),
        _ if Excess::is_in(error) => SourceError::Excess { path, reason: error.to_string().into() },
        io::ErrorKind::UnexpectedEof => SourceError::CutOff(path),
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            SourceError::NoArchive { path, reason: "it is no tar archive, or a damaged one".into() }
        }
        _ => SourceError::NoArchive { path, reason: error.to_string().into() },
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
            self.replace(&path);
            self.links.insert(path, target);
        } else if kind.is_file() {
            self.count(&path)?;
            self.replace(&path);
            self.files.insert(path.clone(), Place { offset: entry.raw_file_position(), size });
            if Documents::may_be(&path, size) {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                self.documents.keep(&path, bytes.into())?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Forgets an earlier entry of this name: the last one counts, as when the archive is extracted (tar(5)).
    fn replace(&mut self, name: &str) {
        self.files.remove(name);
        self.links.remove(name);
        self.documents.forget(name);
    }

    /// Takes a name into account that is remembered.
    fn count(&mut self, name: &str) -> io::Result<()> {
        match self.names.add(name.len()) {
            true => Ok(()),
            false => Err(Excess::error(format!("the names of its files have more than {MAX_DOCUMENTS} bytes"))),
        }
    }
}
