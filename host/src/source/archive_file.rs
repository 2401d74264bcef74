//! The file of an archive. It is read several times, so that what can be read only once, standard input or a pipe of
//! the shell, is kept in a temporary file that nobody else can read. A pipe with a name of its own is refused: opening
//! it would wait for a writer, who may never come.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::confined::open_regular;
use super::error::SourceError;
use super::inflate;

/// Bytes of a pipe that are kept: more than the largest image that registries take, and less than endless.
const MAX_KEPT: u64 = 1 << 40;

/// An archive that can be read from any place, as often as needed.
#[derive(Clone)]
pub(super) struct ArchiveFile {
    path: PathBuf,
    kept: Option<Arc<File>>,
}

/// A reader of an archive, from its start.
pub(super) enum ArchiveReader {
    Regular(File),
    /// The file is shared with other readers, each with a position of its own.
    Kept(Arc<File>, u64),
}

impl ArchiveFile {
    /// Opens a file; one that can be read only once is read to its end. `-` is standard input.
    ///
    /// # Errors
    /// If it can't be read, or not be kept.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let input = Path::new("/dev/stdin");
        let is_input = is_standard_input(path);
        let regular = if is_input { input } else { path };
        let shown = if path == Path::new("-") { Path::new("standard input") } else { path };
        let cannot = |reason: io::Error| SourceError::open(shown, reason);
        let kept = match std::fs::metadata(regular) {
            Ok(found) if found.is_dir() => {
                let reason = "it is a directory".into();
                return Err(SourceError::NoArchive { path: shown.into(), reason });
            }
            Ok(found) if found.is_file() => return Ok(Self { path: regular.to_owned(), kept: None }),
            _ if is_input => keep(read_input(shown)?)?,
            Ok(found) if is_descriptor(path) && is_pipe(&found) => keep(File::open(path).map_err(cannot)?)?,
            Ok(_) => {
                let reason = "it is no regular file".into();
                return Err(SourceError::NoArchive { path: shown.into(), reason });
            }
            Err(reason) => return Err(cannot(reason)),
        };
        Ok(Self { path: shown.to_owned(), kept: Some(Arc::new(kept)) })
    }

    /// A file without a name that a program of this machine wrote, and its name in messages.
    pub(super) fn written(file: Arc<File>, shown: PathBuf) -> Self {
        Self { path: shown, kept: Some(file) }
    }

    /// Its path, as it is shown.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it from its start.
    ///
    /// # Errors
    /// If it can't be opened, or is no regular file.
    pub(super) fn read(&self) -> io::Result<ArchiveReader> {
        match &self.kept {
            Some(file) => Ok(ArchiveReader::Kept(Arc::clone(file), 0)),
            None => Ok(ArchiveReader::Regular(open_regular(&self.path)?)),
        }
    }

    /// The same archive, uncompressed in a temporary file.
    ///
    /// # Errors
    /// If it can't be read, or not be kept.
    pub(super) fn unpacked(&self) -> Result<Self, SourceError> {
        let kept = keep(inflate::uncompressed(io::BufReader::new(self.read()?))?)?;
        Ok(Self { path: self.path.clone(), kept: Some(Arc::new(kept)) })
    }
}

/// Whether a path is a name of standard input.
fn is_standard_input(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path == Path::new(name))
}

fn read_input(shown: &Path) -> Result<impl Read, SourceError> {
    let input = io::stdin();
    match io::IsTerminal::is_terminal(&input) {
        true => Err(SourceError::NoArchive { path: shown.into(), reason: "it is a terminal".into() }),
        false => Ok(input),
    }
}

/// Whether a path is that of an open file of this process, as in the shell's `<(docker save …)`.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/proc/self/fd"].iter().any(|directory| path.parent() == Some(Path::new(directory)))
}

#[cfg(unix)]
fn is_pipe(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_found: &std::fs::Metadata) -> bool {
    false
}

/// Keeps bytes in a temporary file without a name, or with one that only this user can open.
fn keep(bytes: impl Read) -> Result<File, SourceError> {
    let cannot =
        |reason: io::Error| SourceError::Keep { directory: std::env::temp_dir().into(), reason: reason.into() };
    let mut file = tempfile::tempfile().map_err(cannot)?;
    match io::copy(&mut bytes.take(MAX_KEPT + 1), &mut file).map_err(cannot)? {
        length if length > MAX_KEPT => Err(cannot(io::Error::other(format!("it has more than {MAX_KEPT} bytes")))),
        _ => Ok(file),
    }
}

impl Read for ArchiveReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Regular(file) => file.read(buffer),
            Self::Kept(file, at) => {
                let read = read_at(file, buffer, *at)?;
                *at += read as u64;
                Ok(read)
            }
        }
    }
}

impl Seek for ArchiveReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Regular(file) => file.seek(to),
            Self::Kept(file, at) => {
                let place = match to {
                    SeekFrom::Start(place) => Some(place),
                    SeekFrom::Current(distance) => at.checked_add_signed(distance),
                    SeekFrom::End(distance) => file.metadata()?.len().checked_add_signed(distance),
                };
                *at = place.ok_or(io::ErrorKind::InvalidInput)?;
                Ok(*at)
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
