//! Blobs of any size from a file, and small ones from memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use futures_util::stream::Stream;
use tokio_util::io::ReaderStream;

use super::error::SupplyChainError;
use crate::distribution::{Error, RepositoryClient, first_chunk};
use crate::image::{Descriptor, Digest, Hasher};
use crate::retrying::{confirm_blob, has_blob, retry, send_small_blob};
use crate::text::Foreign;

/// Bytes of a block that is read, as blocks of layers are.
const BLOCK: usize = 1 << 20;

/// The digest and the size of a file's content.
pub(super) fn measure(file: &mut File) -> io::Result<(Digest, u64)> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut size) = (Hasher::new(), 0);
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => return Ok((hasher.finish(), size)),
            read => {
                hasher.update(block.get(..read).unwrap_or_default());
                size += read as u64;
            }
        }
    }
}

/// Sends a small blob, unless the registry has it.
pub(crate) async fn upload_bytes(repository: &RepositoryClient, bytes: Bytes) -> Result<Digest, Error> {
    let blob = Descriptor::new("", Digest::of(&bytes), bytes.len() as u64);
    if !has_blob(repository, &blob).await? {
        send_small_blob(repository, &blob, &bytes).await?;
    }
    Ok(blob.digest)
}

/// Sends a file, unless the registry has it. A change of the file since it was measured is refused by the registry,
/// which verifies the digest.
pub(super) async fn upload_file(
    repository: &RepositoryClient,
    file: &File,
    blob: &Descriptor,
) -> Result<(), SupplyChainError> {
    Ok(upload_content(repository, blob, || content(file)).await?)
}

/// Sends a blob in one request, or in several where the registry takes none so large, unless it has the blob. `content`
/// gives its bytes from the start, once for each try.
///
/// # Errors
/// Any refusal, and whatever keeps the content from being read.
pub(crate) async fn upload_content<S: Stream<Item = io::Result<Bytes>> + Send + 'static>(
    repository: &RepositoryClient,
    blob: &Descriptor,
    content: impl Fn() -> io::Result<S>,
) -> Result<(), Error> {
    if has_blob(repository, blob).await? {
        return Ok(());
    }
    let content = || content().map_err(|reason| Error::Body(Foreign(reason)));
    retry(async || {
        let mut upload = repository.start_upload().await?;
        match upload.put(&blob.digest, blob.size, content()?).await {
            Err(error) if error.may_pass_in_chunks() => {}
            ended => return ended,
        }
        upload.cancel().await;
        let mut upload = repository.start_upload().await?;
        upload.patch_in_chunks(first_chunk(blob.size), content()?).await?;
        upload.commit(&blob.digest).await
    })
    .await?;
    confirm_blob(repository, blob).await
}

/// The file's bytes from its start, by a handle of their own.
fn content(file: &File) -> io::Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(ReaderStream::with_capacity(tokio::fs::File::from_std(file), BLOCK))
}
