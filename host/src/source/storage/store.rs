//! One store of the storage: its lists, the documents of its images, the files of its layers.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::configuration::Store;
use super::error::StorageError;
use super::lock::Shared;
use super::records::{ImageRecord, LayerRecord, file_of, is_id};
use crate::json;
use crate::source::confined::ConfinedDir;
use crate::source::document::{MAX_DOCUMENT, read_bounded};
use crate::source::tar_split;
use crate::text::{Escaped, Foreign};

/// Longest list in bytes: an image or a layer has some KiB in it, and thousands of them are many.
const MAX_LIST: usize = 64 << 20;

/// The drivers whose files are understood, and the directory of a layer's files below the root.
const DRIVERS: [(&str, &str, &str); 2] = [("overlay", "overlay", "/diff"), ("vfs", "vfs/dir", "")];

/// A store that is open.
pub(super) struct OpenStore {
    /// Its root directory.
    pub(super) root: PathBuf,
    dir: ConfinedDir,
    driver: &'static (&'static str, &'static str, &'static str),
    /// Its images.
    pub(super) images: Vec<ImageRecord>,
    /// Its layers.
    pub(super) layers: Vec<LayerRecord>,
}

impl OpenStore {
    /// Reads the lists of a store.
    ///
    /// # Errors
    /// When there is none, it is another user's, or its driver is not understood.
    pub(super) fn open(store: &Store) -> Result<Self, StorageError> {
        let root = &store.root;
        let dir = ConfinedDir::open(root).map_err(|reason| of_root(root, &reason))?;
        let driver = driver(store)?;
        let (name, ..) = driver;
        let (images, layers) = (root.join(format!("{name}-images")), root.join(format!("{name}-layers")));
        let _layers = Shared::of(&layers.join("layers.lock"));
        let _images = Shared::of(&images.join("images.lock"));
        let lists = |file: &str| list(&dir, root, &format!("{name}-{file}"));
        let images = list::<ImageRecord>(&dir, root, &format!("{name}-images/images.json"))?;
        let mut layers: Vec<LayerRecord> = lists("layers/layers.json")?;
        layers.extend(lists("layers/volatile-layers.json")?);
        Ok(Self { root: root.clone(), dir, driver, images, layers })
    }

    /// A document of an image.
    pub(super) fn document(&self, image: &ImageRecord, key: &str) -> io::Result<Vec<u8>> {
        if !is_id(&image.id) {
            return Err(io::Error::other("its id is none"));
        }
        let path = format!("{}-images/{}/{}", self.driver.0, image.id, file_of(key));
        read_bounded(self.dir.file(path.as_bytes())?, MAX_DOCUMENT)
    }

    /// The archive of a layer, put together from its files.
    pub(super) fn archive(&self, layer: &str) -> io::Result<impl Read + use<>> {
        if !is_id(layer) {
            return Err(io::Error::other("its id is none"));
        }
        let (driver, before, behind) = self.driver;
        let records = self.dir.file(format!("{driver}-layers/{layer}.tar-split.gz").as_bytes())?;
        let files = self.dir.dir(&format!("{before}/{layer}{behind}"))?;
        Ok(tar_split::archive(records, files))
    }
}

/// The driver of a store: the configured one if the store has it, else the one that it has.
fn driver(store: &Store) -> Result<&'static (&'static str, &'static str, &'static str), StorageError> {
    let root = &store.root;
    let has = |driver: &str| root.join(format!("{driver}-images")).is_dir();
    // Docker's name for the same.
    let configured = store.driver.as_deref().map(|driver| if driver == "overlay2" { "overlay" } else { driver });
    if let Some(known) = DRIVERS.iter().find(|(name, ..)| Some(*name) == configured && has(name)) {
        return Ok(known);
    }
    let other = ["btrfs", "zfs", "devicemapper", "aufs"].into_iter().find(|driver| has(driver));
    let is_unknown = configured.filter(|driver| DRIVERS.iter().all(|(name, ..)| name != driver));
    if let Some(driver) = is_unknown.filter(|driver| has(driver)).or(other) {
        return Err(StorageError::Driver { root: root.as_path().into(), driver: driver.into() });
    }
    DRIVERS.iter().find(|(name, ..)| has(name)).ok_or_else(|| match is_unknown {
        Some(driver) => StorageError::Driver { root: root.as_path().into(), driver: driver.into() },
        None => match std::fs::read_dir(root) {
            Ok(_) => StorageError::Absent { root: root.as_path().into() },
            Err(reason) => of_root(root, &reason),
        },
    })
}

/// A list; an absent one is empty.
fn list<T: DeserializeOwned>(dir: &ConfinedDir, root: &Path, path: &str) -> Result<Vec<T>, StorageError> {
    let bytes = match dir.file(path.as_bytes()).and_then(|file| read_bounded(file, MAX_LIST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|reason| of_root(root, &reason))?,
    };
    json::read(&bytes).map_err(|reason| StorageError::Configuration {
        path: root.join(path).as_path().into(),
        reason: Escaped::of(reason),
    })
}

fn of_root(root: &Path, reason: &io::Error) -> StorageError {
    let root = root.into();
    match reason.kind() {
        io::ErrorKind::NotFound => StorageError::Absent { root },
        _ => StorageError::Denied { root, reason: Escaped::of(Foreign(reason)) },
    }
}
