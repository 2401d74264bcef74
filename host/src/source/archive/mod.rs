//! Archives: what `docker save` and its kind wrote, and OCI layouts in a tar file. Plain, or compressed as a
//! whole.
//!
//! What is in the archive decides how it is read, not what the user calls it. Layers of a plain file are read in any
//! order. A compressed one of `docker save` is read from end to end, once for its list of files and once for the
//! layers; one with a layout is unpacked into a temporary file.

mod choose;
mod files;
mod names;
mod stored;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

pub(super) use files::Files;
use names::entries;
pub(super) use names::names;

use super::content::Origin;
use super::docker_tar::{self, Entry, MANIFEST};
use super::error::SourceError;
use super::feed::{self, FeedSender, Item};
use super::image::{Image, ImageConfig, Layer, LayerKey};
use super::opened::Opened;
use super::platform::ensure_platform;
use super::selection::Selection;
use super::{inflate, tar_walk};
use crate::image::{Config, Descriptor, Digest, Platform};
use files::Place;

/// An opened archive of `docker save`.
#[derive(Clone)]
pub(super) struct Archive {
    files: Arc<Files>,
    layers: Vec<Stored>,
}

/// A layer in the archive.
#[derive(Clone)]
struct Stored {
    file: String,
    place: Place,
    form: Form,
}

/// How a layer is pushed.
#[derive(Clone)]
enum Form {
    /// Uncompressed; it may be stored compressed.
    Tar(Digest),
    /// As it is stored.
    Blob(Descriptor),
}

/// Whether an archive has the form of `docker save`, which may hold a layout as well.
///
/// # Errors
/// If it has no image in any form.
pub(super) fn is_docker(files: &Files) -> Result<bool, SourceError> {
    let (docker, layout) = (files.has(MANIFEST), files.has("index.json"));
    if docker || layout {
        return Ok(docker);
    }
    if !files.has_end()? {
        return Err(SourceError::CutOff(files.path().into()));
    }
    let reason = match [MANIFEST, "index.json"].into_iter().find_map(|name| Some((name, files.directory_of(name)?))) {
        Some((name, directory)) => {
            let directory = crate::text::printable(directory, 200);
            format!("its `{name}` is in the directory `{directory}`; pack what is in there, with `tar -C {directory}`")
        }
        None if files.has("repositories") => {
            "it was written by Docker before 1.10, without a `manifest.json`; load it and save it again".to_owned()
        }
        None => "it has neither a `manifest.json` nor an `index.json`".to_owned(),
    };
    Err(SourceError::NoArchive { path: files.path().into(), reason: reason.into() })
}

/// Opens the image that `selection` means, in the form of `docker save`.
pub(super) fn open(
    files: Files,
    selection: &Selection<'_>,
    platform: Option<&Platform>,
) -> Result<Opened<Archive>, SourceError> {
    let path = files.path().to_owned();
    let damaged = |reason: String| SourceError::Damaged { path: path.as_path().into(), reason: reason.into() };
    let entry = chosen(&files, selection)?;
    let missing = |file: &str, what| damaged(format!("`{}`, {what}, is missing", crate::text::printable(file, 200)));
    let bytes = files.document(&entry.config)?.ok_or_else(|| missing(&entry.config, "the configuration"))?;
    let config = Config::parse(&bytes)?;
    ensure_platform(&path.display().to_string(), config.platform().as_ref(), platform)?;
    let diff_ids = config.rootfs.diff_ids;
    if diff_ids.len() != entry.layers.len() {
        let reason = format!("it has {} layers, its configuration names {}", entry.layers.len(), diff_ids.len());
        return Err(damaged(reason));
    }
    let mut layers = Vec::new();
    for (diff_id, layer) in diff_ids.into_iter().zip(&entry.layers) {
        let (file, place) = files.place(layer).ok_or_else(|| missing(layer, "a layer"))?;
        let form = stored::blob(&files, &file, place, &diff_id)?.map_or(Form::Tar(diff_id), Form::Blob);
        layers.push(Stored { file, place, form });
    }
    let image = Image::Layers { config: ImageConfig::Known(bytes), layers: layers.iter().map(Stored::layer).collect() };
    let suggestions = entry.repo_tags;
    let reader = Archive { files: Arc::new(files), layers };
    Ok(Opened { name: selection.name().map(ToOwned::to_owned), suggestions, image, reader })
}

/// The image of `manifest.json` that is meant.
pub(super) fn chosen(files: &Files, selection: &Selection<'_>) -> Result<Entry, SourceError> {
    choose::choose(files, entries(files)?, selection)
}

impl Stored {
    /// The layer, as it is known before it is read.
    fn layer(&self) -> Layer {
        match &self.form {
            Form::Tar(diff_id) => Layer::Tar { diff_id: diff_id.clone(), size: Some(self.place.size) },
            Form::Blob(blob) => Layer::Blob(blob.clone()),
        }
    }

    /// The layer in a plain file.
    fn item(self, files: &Arc<Files>) -> Item {
        let (place, files) = (self.place, Arc::clone(files));
        match self.form {
            Form::Tar(diff_id) => {
                let open = move || inflate::uncompressed(files.at(place)?);
                Item::Tar(Origin::new(place.size, diff_id, open).read())
            }
            Form::Blob(blob) => {
                let open = move || Ok(Box::new(files.at(place)?) as Box<dyn std::io::Read>);
                let content = Origin::new(place.size, blob.digest.clone(), open).unverified().read();
                Item::Blob(blob, content)
            }
        }
    }
}

impl Archive {
    /// Gives the wanted layers: of a plain file the largest first, of a compressed one in the order of the file.
    pub(super) fn feed(self, wanted: &HashSet<LayerKey>, sender: FeedSender) {
        let Self { files, layers } = self;
        let layers = feed::largest_first(layers, wanted, |layer| layer.layer().key(), |layer| layer.place.size);
        if files.is_compressed() {
            tokio::task::spawn_blocking(move || {
                if let Err(error) = walk(&files, &layers, &sender) {
                    let _ = sender.blocking_send(Err(error));
                }
            });
        } else {
            tokio::spawn(async move { feed::give(layers, &sender, |layer| layer.item(&files)).await });
        }
    }
}

/// Gives layers as they pass in a compressed file.
fn walk(files: &Files, layers: &[Stored], sender: &FeedSender) -> Result<(), SourceError> {
    // By the place, which tells two entries of one name apart.
    let mut wanted: HashMap<u64, &Stored> = layers.iter().map(|layer| (layer.place.offset, layer)).collect();
    let broken = tar_walk::stream(files.stream()?, |entry| {
        let Some(layer) = wanted.remove(&entry.raw_file_position()) else {
            return Ok(ControlFlow::Continue(()));
        };
        let is_wanted = match &layer.form {
            Form::Tar(diff_id) => docker_tar::give(entry, layer.place.size, Some(diff_id.clone()), sender),
            Form::Blob(blob) => docker_tar::give_blob(entry, blob.clone(), sender),
        };
        Ok(if is_wanted && !wanted.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    match wanted.into_values().next() {
        Some(layer) if broken.is_continue() => {
            let reason = format!("`{}`, a layer, is missing", crate::text::printable(&layer.file, 200));
            Err(SourceError::Damaged { path: Path::new(files.path()).into(), reason: reason.into() })
        }
        _ => Ok(()),
    }
}
