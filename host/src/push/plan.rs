//! What has to be sent: everything that the registry does not have.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::compression::Compression;
use super::error::PushError;
use super::retry::patiently;
use crate::distribution::RepositoryClient;
use crate::image::{Config, Descriptor, Digest};
use crate::source::{Image, Layer};
use crate::store::Store;

/// Questions that are open at once; each is one small request.
const QUESTIONS: usize = 16;

/// The layers of a push, by the digests that the source knows them by.
pub(super) struct Plan {
    /// Layers that the registry has.
    pub(super) present: HashMap<Digest, Descriptor>,
    /// Layers to read and send.
    pub(super) wanted: HashSet<Digest>,
}

/// Asks the registry for every layer whose blob is known, from the image or from an earlier push.
pub(super) async fn plan(
    repository: &RepositoryClient,
    image: &Image,
    compression: Compression,
    store: &Store,
) -> Result<Plan, PushError> {
    let method = compression.method();
    let mut known = HashMap::new();
    let mut wanted = HashSet::new();
    for layer in &image.layers {
        match layer {
            // Layers that live elsewhere are named in the manifest and not uploaded (OCI image specification, "urls").
            Layer::Blob(blob) if !blob.urls.is_empty() => {}
            Layer::Blob(blob) => {
                known.insert(blob.digest.clone(), blob.clone());
            }
            Layer::Tar(diff_id) => match store.compressed_layer(diff_id, &method, compression.media_type())? {
                Some(blob) => {
                    known.insert(diff_id.clone(), blob);
                }
                None => {
                    wanted.insert(diff_id.clone());
                }
            },
        }
    }
    let answers: Vec<(Digest, Descriptor, bool)> = stream::iter(known)
        .map(|(digest, blob)| async move {
            let there = has(repository, &blob).await?;
            Ok::<_, PushError>((digest, blob, there))
        })
        .buffer_unordered(QUESTIONS)
        .try_collect()
        .await?;
    let mut present = HashMap::new();
    for (digest, blob, there) in answers {
        if there {
            present.insert(digest, blob);
        } else {
            wanted.insert(digest);
        }
    }
    Ok(Plan { present, wanted })
}

/// Whether the registry has a blob. One that it has in another size was remembered wrongly, and is sent again.
pub(super) async fn has(repository: &RepositoryClient, blob: &Descriptor) -> Result<bool, PushError> {
    let found = patiently(|| repository.has_blob(&blob.digest)).await?;
    Ok(found.is_some_and(|head| head.size.is_none_or(|size| size == blob.size)))
}

/// The blobs of an image's layers, lowest first, once each is known.
pub(super) fn blobs_of(config: &Config, blobs: &HashMap<Digest, Descriptor>) -> Result<Vec<Descriptor>, PushError> {
    let blob = |diff_id: &Digest| blobs.get(diff_id).cloned().ok_or_else(|| PushError::MissingLayer(diff_id.clone()));
    config.rootfs.diff_ids.iter().map(blob).collect()
}
