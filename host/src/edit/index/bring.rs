//! Brings a manifest and its blobs into the repository of an index, from another one.

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use crate::distribution::{BlobBody, Error, FoundManifest, Mount, RepositoryClient};
use crate::edit::error::EditError;
use crate::image::{Descriptor, Digest, Manifest};
use crate::inspect::Remote;
use crate::retrying::{concurrently, retry};
use crate::session::Session;

/// Has the repository of `to` hold a manifest that `from` has, and all blobs that it names: mounted within one
/// registry, streamed otherwise. What is there already is not sent.
///
/// # Errors
/// If one of the registries refuses.
pub(super) async fn bring(
    to: &mut Session<'_>,
    from: &mut Remote<'_>,
    found: &FoundManifest,
    largest_request: Option<u64>,
) -> Result<(), EditError> {
    let (target, source) = (to.repository.clone(), from.session.repository.clone());
    let is_there = to.renewing(retry(|| target.head_manifest(&found.digest))).await;
    if matches!(is_there, Ok(Some(_))) {
        return Ok(());
    }
    // What names no blobs, such as an index, has none to bring.
    let manifest = Manifest::parse(&found.bytes).ok();
    let blobs: Vec<Descriptor> = manifest
        .into_iter()
        .flat_map(|manifest| [manifest.config].into_iter().chain(manifest.layers))
        .filter(|blob| blob.urls.is_empty())
        .collect();
    let work = async {
        concurrently(blobs.iter().map(|blob| blob_in(&target, &source, blob, largest_request))).await?;
        retry(|| target.put_manifest(&found.digest, &found.media_type, found.bytes.clone()))
            .await
            .map_err(Failed::Refused)
    };
    let done = to.renewing(from.session.renewing(work)).await;
    done.map_err(|failed| match failed {
        Failed::Refused(error) => to.explain(error).into(),
        Failed::Unread(error) => from.session.explain(error).into(),
        Failed::Large { digest, size } => EditError::LargeBlob { digest: Box::new(digest), size },
    })
}

/// Why a blob was not brought.
enum Failed {
    /// By the registry of the index.
    Refused(Error),
    /// By the registry that has it.
    Unread(Error),
    /// It can't be sent in one request.
    Large { digest: Digest, size: u64 },
}

async fn blob_in(
    to: &RepositoryClient,
    from: &RepositoryClient,
    blob: &Descriptor,
    largest_request: Option<u64>,
) -> Result<(), Failed> {
    let Descriptor { digest, size, .. } = blob;
    if retry(|| to.has_blob(digest)).await.map_err(Failed::Refused)?.is_some() {
        return Ok(());
    }
    if to.host() == from.host() {
        match to.mount_blob(digest, from.repository()).await {
            Ok(Mount::Mounted) => return retry(|| to.confirm_blob(digest, *size)).await.map_err(Failed::Refused),
            Ok(Mount::Upload(upload)) => upload.cancel().await,
            Err(error) => tracing::debug!("blob `{digest}` is not mounted: {error}"),
        }
    }
    if largest_request.is_some_and(|largest| *size > largest) {
        return Err(Failed::Large { digest: digest.clone(), size: *size });
    }
    let body = retry(|| from.read_blob(digest, 0, None)).await.map_err(Failed::Unread)?;
    let mut first = Some(body);
    retry(|| {
        let body = first.take();
        async move {
            let body = match body {
                Some(body) => body,
                None => from.read_blob(digest, 0, None).await?,
            };
            to.start_upload().await?.put(digest, *size, content(body)).await
        }
    })
    .await
    .map_err(Failed::Refused)?;
    retry(|| to.confirm_blob(digest, *size)).await.map_err(Failed::Refused)
}

/// The content of a blob as the body of a request.
fn content(body: BlobBody) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::unfold(body, |mut body| async move {
        let block = body.next().await?.map_err(io::Error::other);
        Some((block, body))
    })
}
