//! A tree of files as an archive of which every byte is determined by the files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use libdeflater::{CompressionLvl, Compressor};
use tar::{Builder, EntryType, Header};

use crate::failure::{Failure, Result};

/// Compression level: higher ones take several times as long for a hundredth of the size.
const LEVEL: i32 = 6;

/// Entries by their paths, without those of the directories above them.
#[derive(Clone, Default)]
pub(super) struct Tree(BTreeMap<String, Entry>);

/// A file, a directory or a link.
#[derive(Clone)]
struct Entry {
    content: Content,
    mode: u32,
    /// User and group.
    owner: u64,
}

#[derive(Clone)]
enum Content {
    File(Vec<u8>),
    Directory,
    Link(String),
}

impl Tree {
    /// All that is below a directory. Of modes, only whether a file can be executed counts.
    pub(super) fn read(directory: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_below(directory, "")?;
        Ok(tree)
    }

    fn read_below(&mut self, directory: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(directory).map_err(Failure::io("read", directory))? {
            let path = entry.map_err(Failure::io("read", directory))?.path();
            let found = fs::symlink_metadata(&path).map_err(Failure::io("examine", &path))?;
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if found.is_dir() {
                self.add(&name, Content::Directory, 0o755);
                self.read_below(&path, &format!("{name}/"))?;
            } else if found.is_symlink() {
                let target = fs::read_link(&path).map_err(Failure::io("read", &path))?;
                self.add_link(&name, &target.to_string_lossy());
            } else {
                let mode = if found.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 };
                self.add(&name, Content::File(fs::read(&path).map_err(Failure::io("read", &path))?), mode);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, content: Content, mode: u32) {
        self.0.insert(path.to_owned(), Entry { content, mode, owner: 0 });
    }

    /// Adds a file that all may read.
    pub(super) fn add_file(&mut self, path: &str, bytes: Vec<u8>) {
        self.add(path, Content::File(bytes), 0o644);
    }

    /// Adds a file that all may run.
    pub(super) fn add_program(&mut self, path: &str, bytes: Vec<u8>) {
        self.add(path, Content::File(bytes), 0o755);
    }

    /// Adds a directory.
    pub(super) fn add_directory(&mut self, path: &str, mode: u32) {
        self.add(path, Content::Directory, mode);
    }

    /// Adds a symbolic link.
    pub(super) fn add_link(&mut self, path: &str, target: &str) {
        self.add(path, Content::Link(target.to_owned()), 0o777);
    }

    /// Adds another tree below a directory.
    pub(super) fn add_tree(&mut self, directory: &str, tree: Self) {
        self.0.extend(tree.0.into_iter().map(|(path, entry)| (format!("{directory}/{path}"), entry)));
    }

    /// The same tree, of those entries of which this is true by their paths.
    pub(super) fn filtered(self, keeps: impl Fn(&str) -> bool) -> Self {
        Self(self.0.into_iter().filter(|(path, _)| keeps(path)).collect())
    }

    /// The same tree below a directory.
    pub(super) fn below(&self, directory: &str) -> Self {
        let mut tree = Self::default();
        tree.add_directory(directory, 0o755);
        tree.add_tree(directory, self.clone());
        tree
    }

    /// The same tree as a user's own, which nobody else can enter or read.
    pub(super) fn private_of(mut self, owner: u64) -> Self {
        for entry in self.0.values_mut() {
            entry.owner = owner;
            entry.mode &= 0o700;
        }
        self
    }

    /// Its files, by their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().filter_map(|(path, entry)| match &entry.content {
            Content::File(bytes) => Some((path.as_str(), bytes.as_slice())),
            Content::Directory | Content::Link(_) => None,
        })
    }

    /// A tar archive in which everything is of this time, in seconds since 1970, with the directories that are missing.
    pub(super) fn archive(&self, time: u64) -> Result<Vec<u8>> {
        let failed = |error| Failure::new(format!("cannot write an archive: {error}"));
        let mut whole = self.clone();
        for path in self.0.keys() {
            for (at, _) in path.match_indices('/') {
                let above = path.get(..at).unwrap_or_default();
                let directory = || Entry { content: Content::Directory, mode: 0o755, owner: 0 };
                whole.0.entry(above.to_owned()).or_insert_with(directory);
            }
        }
        let mut archive = Builder::new(Vec::new());
        for (path, entry) in &whole.0 {
            let mut header = Header::new_gnu();
            header.set_mode(entry.mode);
            header.set_mtime(time);
            header.set_uid(entry.owner);
            header.set_gid(entry.owner);
            header.set_size(0);
            match &entry.content {
                Content::File(bytes) => {
                    header.set_entry_type(EntryType::Regular);
                    header.set_size(bytes.len() as u64);
                    archive.append_data(&mut header, path, bytes.as_slice())
                }
                Content::Directory => {
                    header.set_entry_type(EntryType::Directory);
                    archive.append_data(&mut header, format!("{path}/"), &[][..])
                }
                Content::Link(target) => {
                    header.set_entry_type(EntryType::Symlink);
                    archive.append_link(&mut header, path, target)
                }
            }
            .map_err(failed)?;
        }
        archive.into_inner().map_err(failed)
    }

    /// The archive, compressed with gzip.
    pub(super) fn compressed(&self, time: u64) -> Result<Vec<u8>> {
        gzip(&self.archive(time)?)
    }
}

/// Compresses bytes with gzip, whose header has neither a name nor a time.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let failed = || Failure::new("cannot compress an archive");
    let mut compressor = Compressor::new(CompressionLvl::new(LEVEL).map_err(|_| failed())?);
    let mut compressed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor.gzip_compress(bytes, &mut compressed).map_err(|_| failed())?;
    compressed.truncate(length);
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_and_the_time_of_files_are_in_no_archive() {
        let archive = |names: [&str; 2]| {
            let directory = tempfile::tempdir().unwrap();
            for name in names {
                fs::create_dir_all(directory.path().join(name)).unwrap();
                fs::write(directory.path().join(name).join("file"), name).unwrap();
            }
            fs::set_permissions(directory.path().join("a"), fs::Permissions::from_mode(0o700)).unwrap();
            Tree::read(directory.path()).unwrap().compressed(1_000).unwrap()
        };
        assert_eq!(archive(["a", "b"]), archive(["b", "a"]));
    }

    #[test]
    fn directories_above_a_file_are_in_the_archive_before_it() {
        let mut tree = Tree::default();
        tree.add_program("usr/bin/crhost", b"x".to_vec());
        let archive = tree.archive(7).unwrap();
        let mut read = tar::Archive::new(archive.as_slice());
        let paths: Vec<String> =
            read.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect();
        assert_eq!(paths, ["usr/", "usr/bin/", "usr/bin/crhost"]);
    }
}
