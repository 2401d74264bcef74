//! Reads one layer of an image, wherever it is.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::pipe::pipe;
use super::record::{BATCHES_AHEAD, Record, reason, records};
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Digest, Hasher};
use crate::inspect::error::InspectError;
use crate::inspect::opened::{Local, Opened, Remote};
use crate::retrying::Backoff;
use crate::source::{Content, Item, Layer, LayerKey};
use crate::text::Escaped;

/// Takes entries as they come; breaks off when it has enough.
type Take<'a> = &'a mut (dyn FnMut(Vec<Record>) -> Result<ControlFlow<()>, InspectError> + Send);

/// The layer with a number, from 1, of an image.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'a> {
    /// Its number.
    pub(crate) number: usize,
    /// The layer.
    pub(crate) layer: &'a Layer,
}

/// Reads a layer and gives its entries, with the digests of their contents if `hashes` says so. Its digest is verified
/// unless `take` breaks off.
///
/// # Errors
/// If the layer can't be read, is no archive, or has another digest.
pub(crate) async fn read(
    opened: &mut Opened<'_>,
    numbered: Numbered<'_>,
    hashes: bool,
    take: Take<'_>,
) -> Result<ControlFlow<()>, InspectError> {
    let name = opened.name();
    ensure_archive(&name, numbered)?;
    match (opened, numbered.layer) {
        (Opened::Remote(remote), Layer::Blob(blob)) => {
            downloaded(remote, &name, numbered.number, &blob.digest, hashes, take).await
        }
        (Opened::Local(local), layer) => stored(local, &name, numbered.number, layer, hashes, take).await,
        (Opened::Remote(_), Layer::Tar { .. }) => Err(InspectError::NoManifest { image: name }),
    }
}

/// Refuses what can't be an archive, by its media type.
fn ensure_archive(image: &Escaped, Numbered { number, layer }: Numbered<'_>) -> Result<(), InspectError> {
    let Layer::Blob(blob) = layer else { return Ok(()) };
    let media_type = blob.media_type.as_str();
    let reason = if media_type.ends_with("+encrypted") {
        "it is encrypted".to_owned()
    } else if media_type.is_empty() || media_type.contains("tar") || media_type.contains(".rootfs.") {
        return Ok(());
    } else {
        format!("it is no archive, but `{media_type}`")
    };
    Err(InspectError::Layer { image: image.clone(), number, reason: reason.into() })
}

/// A thread that reads a layer.
struct Reading {
    /// Takes the layer's bytes.
    bytes: mpsc::Sender<Bytes>,
    /// Gives its entries.
    batches: mpsc::Receiver<Vec<Record>>,
    thread: JoinHandle<Result<(), Escaped>>,
}

fn reading(number: usize, hashes: bool) -> Reading {
    let (bytes, reader) = pipe();
    let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
    let thread = tokio::task::spawn_blocking(move || records(reader, number, hashes, &sender).map_err(reason));
    Reading { bytes, batches, thread }
}

/// Hands entries on to the end, or until `take` has enough.
async fn consume(mut batches: mpsc::Receiver<Vec<Record>>, take: Take<'_>) -> Result<ControlFlow<()>, InspectError> {
    while let Some(batch) = batches.recv().await {
        if take(batch)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

async fn downloaded(
    remote: &mut Remote<'_>,
    image: &Escaped,
    number: usize,
    expected: &Digest,
    hashes: bool,
    take: Take<'_>,
) -> Result<ControlFlow<()>, InspectError> {
    let Reading { bytes, batches, thread } = reading(number, hashes);
    let repository = remote.session.repository.clone();
    let both = async { tokio::join!(download(&repository, expected, bytes), consume(batches, take)) };
    let (sent, consumed) = remote.session.renewing(both).await;
    if consumed?.is_break() {
        return Ok(ControlFlow::Break(()));
    }
    let digest = sent.map_err(|error| remote.session.explain(error))?;
    verified(image, number, digest, expected)?;
    ended(image, number, thread).await?;
    Ok(ControlFlow::Continue(()))
}

/// Sends a blob's bytes on, from where a connection broke where one does; gives their digest, or nothing if their
/// reader had enough.
async fn download(
    repository: &RepositoryClient,
    digest: &Digest,
    bytes: mpsc::Sender<Bytes>,
) -> Result<Option<Digest>, Error> {
    let (mut hasher, mut done, mut backoff) = (Hasher::new(), 0, Backoff::new());
    loop {
        let error = match part(repository, digest, &mut done, &mut hasher, &bytes).await {
            Ok(true) => return Ok(Some(hasher.finish())),
            Ok(false) => return Ok(None),
            Err((error, moved)) => {
                moved.into_iter().for_each(|at| backoff.progressed(at));
                error
            }
        };
        match backoff.next(&error).filter(|_| error.retry().is_possible()) {
            Some(wait) => sleep(wait).await,
            None => return Err(error),
        }
    }
}

/// Sends the bytes from number `done` on, and counts them; `false` if their reader had enough.
///
/// # Errors
/// The failure, and the time of the last byte that came before it.
async fn part(
    repository: &RepositoryClient,
    digest: &Digest,
    done: &mut u64,
    hasher: &mut Hasher,
    bytes: &mpsc::Sender<Bytes>,
) -> Result<bool, (Error, Option<Instant>)> {
    let mut moved = None;
    let mut asked = repository.read_blob(digest, *done, None).await;
    if *done > 0 && asked.as_ref().err().is_some_and(Error::is_refusal_of_range) {
        asked = repository.read_blob(digest, 0, None).await;
    }
    let mut body = asked.map_err(|error| (error, None))?;
    let mut skipped = done.saturating_sub(body.from);
    while let Some(block) = body.next().await {
        let mut block = block.map_err(|error| (error, moved))?;
        moved = Some(Instant::now());
        let known = usize::try_from(skipped).unwrap_or(usize::MAX).min(block.len());
        skipped = skipped.saturating_sub(known as u64);
        let block = block.split_off(known);
        if block.is_empty() {
            continue;
        }
        hasher.update(&block);
        *done = done.saturating_add(block.len() as u64);
        if bytes.send(block).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads a layer of this machine. An export of a daemon may give other layers first, which is known only at their end:
/// entries are held until then.
async fn stored(
    local: &Local,
    image: &Escaped,
    number: usize,
    layer: &Layer,
    hashes: bool,
    take: Take<'_>,
) -> Result<ControlFlow<()>, InspectError> {
    let mut feed = local.source.feed(HashSet::from([layer.key()]));
    let is_exact = local.source.in_daemon().is_none();
    while let Some(item) = feed.recv().await {
        let content = match (item?, layer) {
            (Item::Blob(blob, content), Layer::Blob(wanted)) if blob.digest == wanted.digest => content,
            (Item::Tar(content), Layer::Tar { .. }) => content,
            (Item::Config(_), _) => continue,
            (Item::Blob(_, content) | Item::Tar(content), _) => {
                drain(content).await?;
                continue;
            }
        };
        let Reading { bytes, batches, thread } = reading(number, hashes);
        let (LayerKey::Blob(expected) | LayerKey::DiffId(expected)) = layer.key();
        if is_exact || matches!(layer, Layer::Blob(_)) {
            let (sent, consumed) = tokio::join!(send(content, bytes, false), consume(batches, take));
            if consumed?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            verified(image, number, sent?, &expected)?;
            ended(image, number, thread).await?;
            return Ok(ControlFlow::Continue(()));
        }
        let mut held = Held::default();
        let mut hold = |batch| held.add(batch, image);
        let (sent, consumed) = tokio::join!(send(content, bytes, true), consume(batches, &mut hold));
        let _ = consumed?;
        if sent?.as_ref() != Some(&expected) {
            continue;
        }
        ended(image, number, thread).await?;
        for batch in held.batches {
            if take(batch)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    }
    let reason = "its source does not give it".into();
    Err(InspectError::Layer { image: image.clone(), number, reason })
}

/// Bytes of entries that are held until their layer is known.
const MAX_HELD: usize = 64 << 20;

/// What is held of an entry beside its path twice, in bytes.
const ENTRY: usize = 192;

/// Entries of a layer that may be another one.
#[derive(Default)]
struct Held {
    batches: Vec<Vec<Record>>,
    size: usize,
}

impl Held {
    fn add(&mut self, batch: Vec<Record>, image: &Escaped) -> Result<ControlFlow<()>, InspectError> {
        self.size += batch.iter().map(|record| 2 * record.path.len() + ENTRY).sum::<usize>();
        if self.size > MAX_HELD {
            return Err(InspectError::TooManyFiles { image: image.clone() });
        }
        self.batches.push(batch);
        Ok(ControlFlow::Continue(()))
    }
}

async fn drain(mut content: Content) -> Result<(), InspectError> {
    while let Some(block) = content.next().await {
        block?;
    }
    Ok(())
}

/// Sends content on, and gives its digest; nothing if its reader had enough, unless the digest is wanted all the same.
async fn send(
    mut content: Content,
    bytes: mpsc::Sender<Bytes>,
    is_wanted: bool,
) -> Result<Option<Digest>, InspectError> {
    let mut hasher = Hasher::new();
    while let Some(block) = content.next().await {
        let block = block?;
        hasher.update(&block);
        if bytes.send(block).await.is_err() && !is_wanted {
            return Ok(None);
        }
    }
    Ok(Some(hasher.finish()))
}

fn verified(image: &Escaped, number: usize, found: Option<Digest>, expected: &Digest) -> Result<(), InspectError> {
    match found {
        Some(found) if found != *expected => Err(InspectError::LayerDigest {
            image: image.clone(),
            number,
            found: Box::new(found),
            expected: Box::new(expected.clone()),
        }),
        _ => Ok(()),
    }
}

/// The end of the thread that read a layer.
async fn ended(image: &Escaped, number: usize, thread: JoinHandle<Result<(), Escaped>>) -> Result<(), InspectError> {
    match thread.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(reason)) => Err(InspectError::Layer { image: image.clone(), number, reason }),
        Err(panicked) => Err(InspectError::Thread(panicked.to_string().into())),
    }
}
