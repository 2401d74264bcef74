//! Content in pieces.

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;

/// Bytes are handed over in pieces of at most this size, so that progress can be seen on a slow line.
pub(super) const PIECE: usize = 256 * 1024;

/// Bytes in pieces of at most `size`.
pub(super) fn pieces<E>(bytes: Bytes, size: usize) -> impl Stream<Item = Result<Bytes, E>> + Send {
    stream::unfold(bytes, move |mut rest| async move {
        let piece = rest.split_to(rest.len().min(size));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    })
}
