//! What has to be sent: everything that the registry does not have.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::compression::Compression;
use super::error::PushError;
use super::manifest;
use super::mount::Mounts;
use super::retry::patiently;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest, Repository};
use crate::source::{Image, Layer};
use crate::store::Store;

/// Questions that are open at once; each is one small request.
const QUESTIONS: usize = 16;

/// The layers of a push, by the digests that the source knows them by.
pub(super) struct Plan {
    /// Layers that the registry has.
    pub(super) present: HashMap<Digest, Descriptor>,
    /// Those of them, by their blobs' digests, that it took over from another of its repositories.
    pub(super) mounted: HashMap<Digest, Repository>,
    /// Layers to read and send.
    pub(super) wanted: HashSet<Digest>,
}

/// Asks the registry for every layer whose blob is known, from the image or from an earlier push, and has it take over those
/// that it has elsewhere.
pub(super) async fn plan(
    repository: &RepositoryClient,
    image: &Image,
    compression: Compression,
    store: &Store,
    mounts: &Mounts<'_>,
) -> Result<Plan, PushError> {
    let mut known = HashMap::new();
    let mut wanted = HashSet::new();
    for layer in &image.layers {
        match layer {
            // Layers that live elsewhere are named in the manifest and not uploaded (OCI image specification, "urls").
            Layer::Blob(blob) if !blob.urls.is_empty() => {}
            Layer::Blob(blob) => {
                known.insert(blob.digest.clone(), blob.clone());
            }
            Layer::Tar { diff_id, .. } => match manifest::known_blob(diff_id, compression, store)? {
                Some(blob) => {
                    known.insert(diff_id.clone(), blob);
                }
                None => {
                    wanted.insert(diff_id.clone());
                }
            },
        }
    }
    let answers: Vec<(Digest, Descriptor, Found)> = stream::iter(known)
        .map(|(digest, blob)| async move {
            let found = match has(repository, &blob).await? {
                true => Found::Here,
                false => mounts.mount(&blob.digest).await?.map_or(Found::Nowhere, Found::Elsewhere),
            };
            Ok::<_, PushError>((digest, blob, found))
        })
        .buffer_unordered(QUESTIONS)
        .try_collect()
        .await?;
    let (mut present, mut mounted) = (HashMap::new(), HashMap::new());
    for (digest, blob, found) in answers {
        match found {
            Found::Nowhere => {
                wanted.insert(digest);
                continue;
            }
            Found::Elsewhere(from) => drop(mounted.insert(blob.digest.clone(), from)),
            Found::Here => {}
        }
        present.insert(digest, blob);
    }
    Ok(Plan { present, mounted, wanted })
}

/// Where a registry found a blob.
enum Found {
    Here,
    Elsewhere(Repository),
    Nowhere,
}

/// Whether the registry has a blob. One that it has in another size was remembered wrongly, and is sent again.
pub(super) async fn has(repository: &RepositoryClient, blob: &Descriptor) -> Result<bool, PushError> {
    let found = patiently(|| repository.has_blob(&blob.digest)).await?;
    Ok(found.is_some_and(|head| head.size.is_none_or(|size| size == blob.size)))
}
