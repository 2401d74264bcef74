//! Uploads in chunks, for registries that limit the size of requests ("Pushing a blob in chunks").

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use http::header::{CONTENT_RANGE, HeaderValue};

use super::range;
use super::session::Upload;
use crate::distribution::error::Error;
use crate::distribution::wire::payload::Payload;

/// Bytes of the largest chunk that a registry can ask for: a chunk is held in memory until the registry has taken it.
const MAX_CHUNK: u64 = 64 << 20;

impl Upload {
    /// Sends all bytes of a stream in chunks of `size` bytes, the last one shorter, to where the bytes end that
    /// [`received`](Self::received) confirmed last. Where the registry takes only larger chunks
    /// (`OCI-Chunk-Min-Length`), they are as large as it wants, up to 64 MiB.
    ///
    /// # Errors
    /// [`Error::Body`] where the stream fails, [`Error::ChunkLost`] where the registry drops a chunk, and any refusal;
    /// 416 where the registry has another number of bytes than this upload believes.
    pub(crate) async fn patch_in_chunks(
        &mut self,
        size: u64,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), Error> {
        let size = size.max(self.min_chunk.unwrap_or_default().min(MAX_CHUNK));
        let size = usize::try_from(size).unwrap_or(usize::MAX).max(1);
        let mut body = std::pin::pin!(body);
        let mut chunk = BytesMut::new();
        while let Some(block) = body.next().await {
            chunk.extend_from_slice(&block.map_err(|error| Error::Body(error.into()))?);
            while chunk.len() >= size {
                self.send_chunk(chunk.split_to(size).freeze()).await?;
            }
        }
        if chunk.is_empty() { Ok(()) } else { self.send_chunk(chunk.freeze()).await }
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
