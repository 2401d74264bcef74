//! Directories: every file below one, and copies of one.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The files below a directory, by path, with their content.
pub(crate) struct Tree(Vec<(PathBuf, Vec<u8>)>);

impl Tree {
    /// Those that are there now.
    #[track_caller]
    pub(crate) fn read(directory: &Path) -> Self {
        let read = |file: PathBuf| (file.strip_prefix(directory).unwrap().to_owned(), fs::read(&file).unwrap());
        Self(files(directory).into_iter().map(read).collect())
    }

    /// Writes them below another directory, for the owner alone.
    #[track_caller]
    pub(crate) fn write(&self, directory: &Path) {
        for (path, content) in &self.0 {
            let path = directory.join(path);
            fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
            file.write_all(content).unwrap();
        }
    }
}

/// Every file below a directory; of one that isn't there, no file.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
