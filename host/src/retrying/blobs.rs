//! Blobs that a registry is asked for, gets from memory, and confirms.

use bytes::Bytes;
use tokio::time::sleep;

use super::backoff::{ask, retry, unseen_waits};
use crate::distribution::{Error, RepositoryClient};
use crate::image::Descriptor;

/// Whether the registry has a blob. One of another size was remembered wrongly, and is sent again; so is one about
/// which the registry doesn't want to answer, or points to a store that can't be reached from here: the upload is the
/// real test.
///
/// # Errors
/// Where the registry can't be reached.
pub(crate) async fn has_blob(repository: &RepositoryClient, blob: &Descriptor) -> Result<bool, Error> {
    let Some(head) = ask(|| repository.has_blob(&blob.digest)).await?.flatten() else { return Ok(false) };
    Ok(head.size.is_none_or(|size| size == blob.size) && head.digest.is_none_or(|digest| digest == blob.digest))
}

/// Sends a blob of a few KiB and has the registry confirm it. It is not worth resuming: a retry sends all of it again.
///
/// # Errors
/// Any refusal.
pub(crate) async fn send_small_blob(
    repository: &RepositoryClient,
    blob: &Descriptor,
    bytes: &Bytes,
) -> Result<(), Error> {
    retry(|| repository.upload_bytes(&blob.digest, bytes.clone())).await?;
    confirm_blob(repository, blob).await
}

/// Has the registry confirm a blob that was sent. It may take some seconds until it sees it, and it may not want to
/// answer: its word is believed then.
///
/// # Errors
/// Where it has something else, or nothing after these seconds.
pub(crate) async fn confirm_blob(repository: &RepositoryClient, blob: &Descriptor) -> Result<(), Error> {
    let mut waits = unseen_waits();
    loop {
        match ask(|| repository.confirm_blob(&blob.digest, blob.size)).await {
            Err(error @ Error::NotStored { .. }) => sleep(waits.next().ok_or(error)?).await,
            result => return result.map(drop),
        }
    }
}
