//! A folder and all that is in it, to be had again elsewhere.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The files of a folder, by path below it.
pub(crate) struct Tree(Vec<(PathBuf, Vec<u8>)>);

impl Tree {
    /// Those that are there now.
    #[track_caller]
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        collect(folder, folder, &mut files);
        Self(files)
    }

    /// Writes them below another folder, for the owner alone.
    #[track_caller]
    pub(crate) fn write(&self, folder: &Path) {
        for (path, content) in &self.0 {
            let path = folder.join(path);
            fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
            file.write_all(content).unwrap();
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(root, &entry, files);
        } else {
            files.push((entry.strip_prefix(root).unwrap().to_owned(), fs::read(&entry).unwrap()));
        }
    }
}
