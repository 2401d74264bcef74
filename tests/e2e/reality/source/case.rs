//! One case: the files of an archive or layout, and what is pushed of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};
use tar::{Builder, EntryType, Header};

use super::blobs::{Blobs, compressed};
use crate::support::programs::crhost::repository;
use crate::support::programs::process;

/// A case of a file in `tests/peers/sources`.
pub(super) struct Case {
    data: Value,
    blobs: Blobs,
}

/// Bytes behind the end of an archive.
const AFTER: usize = 64 << 10;

impl Case {
    /// All cases of a file.
    pub(super) fn all(file: &str) -> Vec<Self> {
        let path = repository().join("tests/peers/sources").join(file);
        let all: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let members = |value: &Value| value["blobs"].as_object().cloned().unwrap_or_default();
        let case = |data: &Value| {
            let blobs: Map<String, Value> = members(&all).into_iter().chain(members(data)).collect();
            Self { data: data.clone(), blobs: Blobs::new(blobs, data["name"].as_str().unwrap()) }
        };
        all["cases"].as_array().unwrap().iter().map(case).collect()
    }

    /// Its name, part of a repository's.
    pub(super) fn name(&self) -> &str {
        self.data["name"].as_str().unwrap()
    }

    /// What is pushed, and what comes of it.
    pub(super) fn pushes(&self) -> &[Value] {
        self.data["push"].as_array().unwrap()
    }

    /// Whether it is a directory.
    pub(super) fn is_layout(&self) -> bool {
        self.data["kind"] == "layout"
    }

    /// Writes the archive or layout below a directory.
    pub(super) fn write(&self, directory: &Path) -> PathBuf {
        let place = directory.join("image");
        match self.data["format"].as_str() {
            _ if self.is_layout() => self.write_files(&place),
            Some(format) => {
                self.write_files(&directory.join("files"));
                let mut tar = Command::new("tar");
                tar.arg(format!("--format={format}")).args(self.data["sparse"].as_bool().map(|_| "--sparse"));
                process::run(tar.arg("-cf").arg(&place).arg("-C").arg(directory.join("files")).arg(".")).ok();
            }
            None => self.write_archive(&place),
        }
        self.damage(&place);
        place
    }

    fn files(&self) -> impl Iterator<Item = (String, &Value)> {
        let files = self.data["files"].as_array().unwrap().iter();
        files.map(|file| (self.blobs.text(file["name"].as_str().unwrap()), file))
    }

    fn write_files(&self, directory: &Path) {
        for (name, file) in self.files() {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match file["link"].as_str() {
                Some(target) => symlink(self.blobs.text(target), path).unwrap(),
                None => {
                    let bytes = self.blobs.get(&file["blob"]);
                    let mut file = File::create(path).unwrap();
                    // A file of zeros is a hole.
                    match bytes.iter().all(|byte| *byte == 0) {
                        true => file.set_len(bytes.len() as u64).unwrap(),
                        false => file.write_all(&bytes).unwrap(),
                    }
                }
            }
        }
    }

    fn write_archive(&self, place: &Path) {
        let mut archive = Builder::new(File::create(place).unwrap());
        for (name, file) in self.files() {
            let mut header = Header::new_ustar();
            // As bytes: the builder refuses names that other programs write.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            let target = |kind: &str| file[kind].as_str().map(|target| self.blobs.text(target));
            let (kind, target) = match (target("link"), target("hard_link")) {
                (Some(target), _) => (EntryType::Symlink, target),
                (_, Some(target)) => (EntryType::Link, target),
                _ if file["directory"] == true => (EntryType::Directory, String::new()),
                _ => (EntryType::Regular, String::new()),
            };
            header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
            let content = if kind.is_file() { self.blobs.get(&file["blob"]) } else { Vec::new() };
            header.set_entry_type(kind);
            header.set_mode(0o755);
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, &content[..]).unwrap();
        }
        archive.finish().unwrap();
    }

    /// Compresses the archive, cuts it, or appends something.
    fn damage(&self, place: &Path) {
        let data = |name: &str| self.data[name].as_str();
        if let Some(program) = data("whole") {
            let bytes = fs::read(place).unwrap();
            fs::write(place, if program == "nothing" { Vec::new() } else { compressed(program, &bytes) }).unwrap();
        }
        if let Some(length) = self.data["cut"].as_u64() {
            File::options().write(true).open(place).unwrap().set_len(length).unwrap();
        }
        let after = match data("append") {
            Some("zeros") => vec![0; AFTER],
            Some(_) => b"text ".repeat(AFTER / 5),
            None => return,
        };
        File::options().append(true).open(place).unwrap().write_all(&after).unwrap();
    }
}
