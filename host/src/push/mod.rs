//! Pushes: an image, its registry, the registry's flavor and the distribution protocol together.
//!
//! Each step needs the one before: open the image, find the registry, let its flavor prepare and give credentials, ask
//! the registry the first question, find the layers that it lacks, send them, then the configuration and the manifest.
//! The tags move last.

mod admission;
mod agreed;
mod all_images;
mod all_images_error;
mod artifact;
mod block_channel;
mod by_daemon;
mod companions;
mod compress;
mod confirm;
mod ended;
mod error;
mod evidence;
mod fan_out;
mod finding;
mod hold_up;
mod inventory;
mod layers;
mod manifest;
mod manner;
mod mount;
mod plan;
mod progress;
mod published;
mod pusher;
mod remote_layers;
mod rendezvous;
mod report;
mod request;
mod scan;
mod sending;
mod session;
mod several;
mod sizes;
mod stop;
mod tags;
mod target_blobs;
mod targets;
mod too_large;
mod trace;
mod transfer;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tracing::Instrument as _;

pub(crate) use all_images::{AllImages, Part, Parts};
pub(crate) use compress::Compression;
pub(crate) use ended::Ended;
pub(crate) use error::PushError;
pub(crate) use evidence::Evidence;
pub(crate) use inventory::Outcome;
pub(crate) use layers::UploadSlots;
pub(crate) use manner::Manner;
pub(crate) use progress::{Event, Progress};
pub(crate) use published::Published;
pub(crate) use pusher::Pusher;
pub(crate) use remote_layers::{CacheFrom, RemoteLayers};
pub(crate) use report::Report;
pub(crate) use request::{Choice, EngineChoice, Request};
pub(crate) use scan::{Scan, ScanCommand};
pub(crate) use session::Session;
pub(crate) use tags::{is_there, publish_all, publish_untagged, without};
pub(crate) use target_blobs::{TargetBlobs, WeakBlobs};
pub(crate) use transfer::Transfer;

use crate::registry;
use crate::source::Source;
use crate::spans;
use crate::stopped::Stopped;
use crate::supply_chain::Attachment;
use crate::waiting::waiting_for;
use by_daemon::TemporaryName;
use scan::Scanned;
use several::Entry;

impl Pusher<'_> {
    /// Pushes an image to its registries, unless `interrupt` comes before the end. Where it fails, open uploads are
    /// cancelled.
    ///
    /// # Errors
    /// Any failure before a registry is asked. What came afterwards is told for each registry: no tag has moved there
    /// but those that are named.
    pub(crate) async fn push(
        &self,
        request: Request,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Vec<Ended>, PushError> {
        let span = spans::push();
        let ended = self.push_in_span(request, interrupt).instrument(span.clone()).await;
        trace::all_ended(&span, &ended);
        ended
    }

    async fn push_in_span(
        &self,
        mut request: Request,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Vec<Ended>, PushError> {
        let start = Instant::now();
        let mut stop = pin!(Stopped::by(request.timeout, interrupt));
        let (source, mut entries) = tokio::select! {
            opened = self.open(&request) => opened?,
            stopped = &mut stop => return Err(stopped.into()),
        };
        // Before the first byte is sent; in vain where no registry is open.
        let scanned = match entries.iter().any(Entry::is_open) {
            true => tokio::select! {
                scanned = self.scanned(&mut request, &source) => scanned?,
                stopped = &mut stop => return Err(stopped.into()),
            },
            false => None,
        };
        let source = scanned.as_ref().map_or(&source, |scanned| &scanned.source);
        let name = TemporaryName::default();
        let stopped = tokio::select! {
            () = self.send(&request, source, &mut entries, &name, start) => None,
            stopped = stop => Some(stopped),
        };
        name.take_away().await;
        join_all(entries.iter().map(Entry::cancel_uploads)).await;
        // A registry without an end of its own was stopped.
        let why = || stopped.unwrap_or(Stopped::Interrupted).into();
        Ok(entries.into_iter().map(|entry| entry.end(&request, why)).collect())
    }

    /// Has the user's scanner, if there is one, judge the image. Its report is attached to what is pushed then.
    async fn scanned(&self, request: &mut Request, source: &Source) -> Result<Option<Scanned>, PushError> {
        let Some(scan) = request.scan.clone() else { return Ok(None) };
        let scanned = scan.run(source, request.tags.first(), request.compression, self.services.environment).await?;
        if let Some(report) = &scanned.report {
            let opened = Attachment::open(report, scan.report_type, BTreeMap::new(), Some("--scan-report-type"))
                .map_err(Box::new)?;
            request.evidence.files.push(Arc::new(opened));
        }
        Ok(Some(scanned))
    }

    /// Opens the image, has the policies admit it, and opens its registries.
    async fn open(&self, request: &Request) -> Result<(Source, Vec<Entry<'_>>), PushError> {
        for name in request.registries.iter().filter_map(|choice| choice.to.as_ref()) {
            // A wrong name is found out before a daemon is asked or a file is read.
            self.services.store.registry(name).map_err(|error| registry::of_name(name, error))?;
        }
        request.check_name()?;
        by_daemon::ensure_possible_at_all(request)?;
        let side = if request.location.is_file() { "the image's files" } else { "the Docker daemon" };
        let waiting = waiting_for(side);
        let environment = self.services.environment;
        let opening = Source::open(&request.location, &request.source, environment, async || self.engine().await);
        let mut source = opening.instrument(spans::open_source()).await?;
        drop(waiting);
        let targets = self.targets(request, &source).await?;
        // Before a flavor creates a repository.
        let admitted = self.admit_all(request, &source, targets).await;
        let entries = self.open_all(request, admitted).await;
        if let Some(size) = request.source.split.filter(|_| entries.iter().any(Entry::is_open)) {
            source.split(size).await?;
        }
        Ok((source, entries))
    }
}
