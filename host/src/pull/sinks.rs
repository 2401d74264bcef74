//! An opened image into each kind of destination.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use futures_util::stream;
use tokio::sync::mpsc;

use super::archive::{Archive, ArchiveFile, Kept, Part, Parts, ensure_room, write};
use super::blocking::blocking;
use super::contents::{Contents, DockerImage};
use super::daemon;
use super::destination::Named;
use super::error::PullError;
use super::layout::{self, Downloads, ImageNames, LayoutDirectory};
use super::report::{LayerReport, Outcome, Report};
use crate::docker::Engine;
use crate::image::{Descriptor, Digest, Reference};
use crate::push::{Event, Progress};
use crate::registry::Target;
use crate::remote::RemoteImage;

/// Blocks that wait for an archive's reader.
const BLOCKS_AHEAD: usize = 4;

/// An opened image, and the manner in which it is written.
pub(super) struct Sink<'a> {
    pub(super) progress: &'a Arc<dyn Progress>,
    pub(super) target: &'a Target,
    pub(super) remote: &'a RemoteImage,
    pub(super) contents: &'a Contents,
    pub(super) dry_run: bool,
    pub(super) jobs: Option<usize>,
    /// The directory with records of verified blobs, if any are kept.
    pub(super) records: Option<&'a Path>,
}

impl Sink<'_> {
    /// Into an OCI layout.
    pub(super) async fn layout(&self, named: &Named<String>) -> Result<Report, PullError> {
        let names = ImageNames::new(&self.target.image, named.name.as_deref());
        let destination = shown("oci", &named.path);
        let contents = self.contents;
        if self.dry_run {
            let reference = names.reference.clone();
            let path = named.path.clone();
            let layers = contents.layers.clone();
            let records = self.records.map(ToOwned::to_owned);
            let present = blocking(move || LayoutDirectory::outcomes(&path, records.as_deref(), &layers)).await?;
            return Ok(self.report(destination, reference, &present));
        }
        let (path, records) = (named.path.clone(), self.records.map(ToOwned::to_owned));
        let directory = blocking(move || LayoutDirectory::open(&path, records.as_deref())).await??;
        let (missing, bytes) = self.missing(&directory);
        ensure_room(&named.path, bytes)?;
        self.announce(missing, bytes);
        let downloads =
            Downloads { layout: &directory, blobs: &self.remote.blobs, jobs: self.jobs, progress: self.progress };
        let (documents, root, layout) = (contents.documents.clone(), contents.root.clone(), directory.clone());
        let put = blocking(move || documents.iter().try_for_each(|(digest, bytes)| layout.put(digest, bytes)));
        let (outcomes, put) = tokio::join!(downloads.run(&contents.layers), put);
        let outcomes = outcomes?;
        put??;
        let name = blocking(move || {
            directory.remember_verified();
            layout::add(&directory, &root, &names)
        });
        let name = name.await??;
        Ok(self.report(destination, name, &outcomes))
    }

    /// Into an archive that is a file.
    pub(super) async fn file(&self, kind: &str, path: &Path, names: &ImageNames) -> Result<Report, PullError> {
        let destination = shown(kind, path);
        let name = names.whole.clone().or_else(|| names.reference.clone());
        if self.dry_run {
            return Ok(self.report(destination, name, &self.all(Outcome::Missing)));
        }
        let mut archive = Archive { contents: self.contents, names, without: HashSet::new() };
        let file = ArchiveFile::open(path, archive.layer_bytes())?;
        let (head, layers) = (archive.head(), self.contents.layers.clone());
        let (file, kept) = blocking(move || file.take_up(&head, &layers)).await??;
        let (present, missing) = self.contents.layers.split_at_checked(kept.layers).unwrap_or_default();
        present.iter().for_each(|layer| self.present(layer));
        archive.without = present.iter().map(|layer| layer.digest.clone()).collect();
        let mut outcomes = vec![Outcome::Present; present.len()];
        outcomes.resize(present.len() + missing.len(), Outcome::Pulled);
        let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
        let writing = blocking(move || file.write(receiver));
        self.announce(archive.layers(), archive.layer_bytes());
        let (sent, written) = tokio::join!(self.send(&archive, kept, sender), writing);
        // Of two failures, the one that caused the other.
        sent?;
        written??;
        Ok(self.report(destination, name, &outcomes))
    }

    /// Into an archive on standard output.
    pub(super) async fn output(&self, mut output: Box<dyn io::Write + Send>) -> Result<Report, PullError> {
        let names = ImageNames::new(&self.target.image, None);
        let name = names.whole.clone();
        if self.dry_run {
            return Ok(self.report("-".to_owned(), name, &self.all(Outcome::Missing)));
        }
        let archive = Archive { contents: self.contents, names: &names, without: HashSet::new() };
        let (sender, mut receiver) = mpsc::channel(BLOCKS_AHEAD);
        let writing = blocking(move || {
            // A part without its end is told by the side that sends it.
            while let Some(Part::Block(block)) = receiver.blocking_recv() {
                output.write_all(&block)?;
            }
            output.flush()
        });
        self.announce(archive.layers(), archive.layer_bytes());
        let (sent, written) = tokio::join!(self.send(&archive, Kept::default(), sender), writing);
        sent?;
        written?.map_err(|reason| PullError::write(Path::new("standard output"), reason))?;
        Ok(self.report("-".to_owned(), name, &self.all(Outcome::Pulled)))
    }

    /// Into the Docker daemon, under a name.
    pub(super) async fn daemon(&self, engine: &Engine, name: Option<&Reference>) -> Result<Report, PullError> {
        let image = self.ensure_docker("the Docker daemon")?;
        let shown_name = self.target.image.to_string();
        let report = |outcomes: &[Outcome]| self.report("daemon".to_owned(), name.map(ToString::to_string), outcomes);
        let manifests = [&self.remote.digest, &self.remote.named];
        if let Some(id) = daemon::find(engine, image, &manifests).await? {
            self.contents.layers.iter().for_each(|layer| self.present(layer));
            if !self.dry_run {
                daemon::tag(engine, &id, name).await?;
            }
            return Ok(report(&self.all(Outcome::Present)));
        }
        let about = engine.about().await?;
        let without = daemon::present_layers(engine, &about, image, &shown_name).await?;
        daemon::ensure_zstd(&about, self.contents.layers.iter().filter(|layer| !without.contains(&layer.digest)))?;
        let outcomes = |without: &HashSet<Digest>, other: Outcome| -> Vec<Outcome> {
            let layers = self.contents.layers.iter();
            layers.map(|layer| if without.contains(&layer.digest) { Outcome::Present } else { other }).collect()
        };
        if self.dry_run {
            return Ok(report(&outcomes(&without, Outcome::Missing)));
        }
        let whole = name.map(ToString::to_string);
        let names = ImageNames { reference: whole.clone(), whole, is_typed: true };
        let is_part = !without.is_empty();
        let mut archive = Archive { contents: self.contents, names: &names, without };
        match self.load(engine, &archive, &shown_name).await {
            // An image that had the layers may have gone away meanwhile.
            Err(PullError::Engine(error)) if is_part => {
                tracing::info!("the image is loaded with all of its layers: {error}");
                archive.without.clear();
                self.load(engine, &archive, &shown_name).await?;
            }
            loaded => loaded?,
        }
        let id = daemon::find(engine, image, &manifests).await?;
        let id = id.ok_or_else(|| PullError::NotLoaded(self.remote.digest.clone()))?;
        // Podman gives the names of archives by rules of its own.
        daemon::tag(engine, &id, name).await?;
        Ok(report(&outcomes(&archive.without, Outcome::Pulled)))
    }

    async fn load(&self, engine: &Engine, archive: &Archive<'_>, name: &str) -> Result<(), PullError> {
        for layer in self.contents.layers.iter().filter(|layer| archive.without.contains(&layer.digest)) {
            self.present(layer);
        }
        self.announce(archive.layers(), archive.layer_bytes());
        let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
        let body = stream::unfold(Some(receiver), |receiver| async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Part::Block(block)) => Some((Ok(block), Some(receiver))),
                Some(Part::End) => None,
                // A body that just ended could be taken for a whole one.
                Some(Part::Back(_)) | None => Some((Err(io::Error::other("the image can't be read")), None)),
            }
        });
        let loading = async { engine.load(name, body).await.map_err(PullError::from) };
        let (sent, loaded) = tokio::join!(self.send(archive, Kept::default(), sender), loading);
        sent?;
        loaded
    }

    async fn send(&self, archive: &Archive<'_>, kept: Kept, sender: Parts) -> Result<(), PullError> {
        write(archive, &self.remote.blobs, self.progress, kept, sender).await
    }

    /// The image as Docker knows it.
    ///
    /// # Errors
    /// If it is none, or can't be loaded without a layer that the registry does not have.
    pub(super) fn ensure_docker(&self, destination: &'static str) -> Result<&DockerImage, PullError> {
        let found = match (&self.contents.docker, self.contents.root.is_index()) {
            (Some(image), _) if self.contents.foreign.is_empty() => return Ok(image),
            (Some(_), _) => "has layers that are stored elsewhere (`urls` of its manifest)",
            (None, true) => "has several images",
            (None, false) if self.contents.is_image => "has another number of layers than its configuration names",
            (None, false) => "is an artifact, and no image that runs",
        };
        Err(PullError::NoImage { image: self.target.image.to_string().into(), found, destination })
    }

    /// The number and the bytes of the layers that a layout does not have, by the sizes of what is there.
    fn missing(&self, directory: &LayoutDirectory) -> (usize, u64) {
        let is_missing = |layer: &&Descriptor| !directory.seems_to_have(&layer.digest, layer.size);
        let missing = self.contents.layers.iter().filter(is_missing);
        missing.fold((0, 0), |(number, bytes), layer| (number + 1, layer.size.saturating_add(bytes)))
    }

    fn announce(&self, layers: usize, bytes: u64) {
        for layer in &self.contents.foreign {
            self.progress.event(Event::Foreign { digest: layer.digest.clone(), size: layer.size });
        }
        self.progress.event(Event::Planned { layers, bytes: Some(bytes) });
    }

    fn present(&self, layer: &Descriptor) {
        self.progress.event(Event::Present { digest: layer.digest.clone(), size: layer.size });
    }

    fn all(&self, outcome: Outcome) -> Vec<Outcome> {
        vec![outcome; self.contents.layers.len()]
    }

    fn report(&self, destination: String, name: Option<String>, outcomes: &[Outcome]) -> Report {
        let Self { target, remote, contents, .. } = self;
        let own = contents.layers.iter().zip(outcomes).map(|(layer, outcome)| LayerReport::new(layer, *outcome));
        let foreign = contents.foreign.iter().map(|layer| LayerReport::new(layer, Outcome::Foreign));
        let layers: Vec<LayerReport> = own.chain(foreign).collect();
        let received = layers.iter().filter(|layer| layer.outcome == Outcome::Pulled);
        Report {
            name: target.image.name(),
            tag: target.image.tag().cloned(),
            digest: remote.digest.clone(),
            index: (remote.named != remote.digest).then(|| remote.named.clone()),
            media_type: contents.root.media_type.clone(),
            platform: remote.platform.as_ref().map(ToString::to_string),
            registry: target.registered.then(|| target.registry.name.clone()),
            destination,
            names: name.into_iter().collect(),
            dry_run: self.dry_run,
            bytes_received: received.map(|layer| layer.size).fold(0, u64::saturating_add),
            layers,
            seconds: 0.0,
        }
    }
}

/// A path with its kind, as reports and users call a destination.
fn shown(kind: &str, path: &Path) -> String {
    format!("{kind}:{}", path.display())
}
