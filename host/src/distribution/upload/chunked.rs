//! Uploads in chunks, for registries that limit the size of requests ("Pushing a blob in chunks").

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CONTENT_RANGE, HeaderValue};

use super::range;
use super::session::Upload;
use crate::distribution::error::Error;
use crate::distribution::repository::RepositoryClient;
use crate::distribution::wire::payload::Payload;
use crate::image::Digest;

/// Bytes of the largest chunk that a registry can ask for: a chunk is held in memory until the registry has taken it.
const MAX_CHUNK: u64 = 64 << 20;

/// Bytes of the smallest chunk that is tried: a limit that refuses as few is none of the size.
const SMALLEST_CHUNK: u64 = 16;

/// Bytes of the first chunks after a request was refused as too large. Limits that are set on purpose are 10 MiB to
/// 100 MiB (Cloudflare's), and a few chunks of this size are held in memory at once. nginx' own limit of 1 MiB is found
/// by halving, in four requests.
const FIRST_CHUNK: u64 = 16 << 20;

/// The size of the first chunks of a blob of about `size` bytes, after it was refused as too large in one request.
pub(crate) fn first_chunk(size: u64) -> u64 {
    FIRST_CHUNK.min(size.div_ceil(2)).max(SMALLEST_CHUNK)
}

impl RepositoryClient {
    /// Uploads a small blob: in one request, or in chunks where that is too large or not the registry's way.
    ///
    /// # Errors
    /// As for [`start_upload`](Self::start_upload) and [`put`](Upload::put).
    pub(crate) async fn upload_bytes(&self, digest: &Digest, bytes: Bytes) -> Result<(), Error> {
        let size = bytes.len() as u64;
        let mut upload = self.start_upload().await?;
        match upload.put_payload(digest, Payload::Bytes(bytes.clone())).await {
            Err(error) if error.may_pass_in_chunks() => {}
            result => return result,
        }
        upload.cancel().await;
        let mut upload = self.start_upload().await?;
        upload.patch_in_chunks(first_chunk(size), stream::iter([Ok(bytes)])).await?;
        upload.commit(digest).await
    }
}

impl Upload {
    /// Sends all bytes of a stream in chunks of `size` bytes, the last one shorter, to where the bytes end that
    /// [`received`](Self::received) confirmed last. Where the registry takes only larger chunks
    /// (`OCI-Chunk-Min-Length`), they are as large as it wants, up to 64 MiB. A chunk that the registry, or a proxy
    /// before it, refuses as too large (413) is sent again in halves, and all further ones are as small. Gives the size
    /// that passed.
    ///
    /// # Errors
    /// [`Error::Body`] where the stream fails, [`Error::ChunkLost`] where the registry drops a chunk, and any refusal;
    /// 416 where the registry has another number of bytes than this upload believes.
    pub(crate) async fn patch_in_chunks(
        &mut self,
        size: u64,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<u64, Error> {
        let size = size.max(self.min_chunk.unwrap_or_default().min(MAX_CHUNK));
        let mut size = usize::try_from(size).unwrap_or(usize::MAX).max(1);
        let mut body = std::pin::pin!(body);
        let mut chunk = BytesMut::new();
        while let Some(block) = body.next().await {
            chunk.extend_from_slice(&block.map_err(|error| Error::Body(error.into()))?);
            while chunk.len() >= size {
                size = self.send_halving(chunk.split_to(size).freeze(), size).await?;
            }
        }
        size = self.send_halving(chunk.freeze(), size).await?;
        Ok(size as u64)
    }

    /// Sends bytes in chunks of `size` bytes, or of half as many again and again. Gives the size that passed.
    async fn send_halving(&mut self, mut bytes: Bytes, mut size: usize) -> Result<usize, Error> {
        while !bytes.is_empty() {
            let chunk = bytes.slice(..bytes.len().min(size));
            let length = chunk.len();
            match self.send_chunk(chunk).await {
                Ok(()) => bytes.advance(length),
                Err(error) if error.is_too_large() => size = self.half(length).ok_or(error)?,
                Err(error) => return Err(error),
            }
        }
        Ok(size)
    }

    /// Half of a chunk's size, if the registry takes chunks as small.
    fn half(&self, size: usize) -> Option<usize> {
        let half = size.div_ceil(2);
        let smallest = self.min_chunk.unwrap_or_default().max(SMALLEST_CHUNK);
        (half < size && half as u64 >= smallest).then_some(half)
    }

    /// Some registries answer with success and drop a chunk: the bytes that they confirm are compared with those sent.
    async fn send_chunk(&mut self, chunk: Bytes) -> Result<(), Error> {
        let sent = self.received.saturating_add(chunk.len() as u64);
        let received = self.patch_chunk(chunk).await?;
        if received == sent { Ok(()) } else { Err(Error::ChunkLost { sent, received }) }
    }

    /// Sends the next bytes in a request with `Content-Range`, and tells how many bytes the registry confirms then.
    pub(in crate::distribution) async fn patch_chunk(&mut self, chunk: Bytes) -> Result<u64, Error> {
        let Some(last) = (chunk.len() as u64).checked_sub(1).map(|length| self.received.saturating_add(length)) else {
            return Ok(self.received);
        };
        let mut request = self.patch_request().with_payload(Payload::Bytes(chunk));
        let content_range = HeaderValue::from_str(&format!("{}-{last}", self.received));
        request.headers.extend(content_range.ok().map(|value| (CONTENT_RANGE, value)));
        let (name, end) = (request.name.clone(), last.saturating_add(1));
        let response = self.send_and_move(request).await?;
        self.received = match range::confirmed(response.headers()) {
            None => end,
            // Registries confirm one byte and no byte with the same words.
            Some(0) if end == 1 => end,
            Some(confirmed) if confirmed <= end => confirmed,
            Some(confirmed) => {
                let problem = format!("it confirms {confirmed} bytes where {end} were sent");
                return Err(self.senseless(name, problem));
            }
        };
        Ok(self.received)
    }
}
