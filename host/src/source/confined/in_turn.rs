//! Files that are opened one after the other, most of them beside the one before. The directory of the last one is
//! kept, so that the way to it is not gone again for each of 100,000 files.

use std::fs::File;
use std::io;

use super::refused::components;
use super::unix::ConfinedDir;

/// The files below a directory.
pub(in crate::source) struct FilesInTurn {
    root: ConfinedDir,
    /// The path of the last file's directory, with its last `/`.
    path: Vec<u8>,
    /// That directory; `None` if it is the root.
    directory: Option<ConfinedDir>,
}

impl FilesInTurn {
    /// The files below `root`.
    pub(in crate::source) fn below(root: ConfinedDir) -> Self {
        Self { root, path: Vec::new(), directory: None }
    }

    /// A regular file. A path with `..` is refused, and a link on the way too.
    ///
    /// # Errors
    /// As for [`ConfinedDir::file`].
    pub(in crate::source) fn file(&mut self, path: &[u8]) -> io::Result<File> {
        let name_at = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
        let (directory, name) = path.split_at_checked(name_at).unwrap_or_default();
        if directory != self.path {
            self.directory = match components(directory)?.next() {
                None => None,
                Some(_) => Some(self.root.below(directory)?),
            };
            self.path = directory.to_owned();
        }
        self.directory.as_ref().unwrap_or(&self.root).child(name)
    }
}
