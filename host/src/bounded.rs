//! Reading at most so many bytes from the outside, so that no file, process or server decides how much memory is used.

use std::io::{self, Read as _};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use crate::text::Printable;

/// Why bytes could not be read; `E` is the error of their source.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ReadError<E> {
    /// The source failed.
    #[error("{0}")]
    Failed(E),
    /// There are more bytes than the limit.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that were allowed.
        limit: usize,
    },
}

/// All bytes of a reader, at most `limit`.
///
/// # Errors
/// [`ReadError::TooLarge`] after reading one byte more than `limit`; the reader's own error otherwise.
pub(crate) fn read(reader: impl io::Read, limit: usize) -> Result<Vec<u8>, ReadError<io::Error>> {
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    reader.take(one_more).read_to_end(&mut bytes).map_err(ReadError::Failed)?;
    if bytes.len() > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
}

/// All bytes of a stream, at most `limit`; one block of the stream is held beside them.
///
/// # Errors
/// [`ReadError::TooLarge`] as soon as more than `limit` have come; the stream's own error otherwise.
pub(crate) async fn collect<E>(
    stream: impl Stream<Item = Result<Bytes, E>>,
    limit: usize,
) -> Result<Vec<u8>, ReadError<E>> {
    let mut stream = std::pin::pin!(stream);
    let mut bytes = Vec::new();
    while let Some(block) = stream.next().await {
        let block = block.map_err(ReadError::Failed)?;
        if bytes.len().saturating_add(block.len()) > limit {
            return Err(ReadError::TooLarge { limit });
        }
        bytes.extend_from_slice(&block);
    }
    Ok(bytes)
}

/// The first bytes of a stream, at most `limit`: those before its end, its error or the limit, whichever comes first.
/// For explanations, of which a part is better than an error about them.
pub(crate) async fn start<E>(stream: impl Stream<Item = Result<Bytes, E>>, limit: usize) -> Vec<u8> {
    let mut stream = std::pin::pin!(stream);
    let mut bytes = Vec::new();
    while bytes.len() < limit
        && let Some(Ok(block)) = stream.next().await
    {
        bytes.extend(block.iter().take(limit - bytes.len()));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn blocks(texts: &[&'static str]) -> impl Stream<Item = Result<Bytes, &'static str>> {
        let block = |text: &&'static str| match *text {
            "!" => Err("broken"),
            text => Ok(Bytes::from_static(text.as_bytes())),
        };
        stream::iter(texts.iter().map(block).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn what_is_larger_than_the_limit_is_an_error_and_never_cut() {
        assert_eq!(read(&b"abc"[..], 3).unwrap(), b"abc");
        assert!(matches!(read(&b"abcd"[..], 3), Err(ReadError::TooLarge { limit: 3 })));
        assert!(matches!(read(io::repeat(7), 1000), Err(ReadError::TooLarge { .. })));
        assert_eq!(collect(blocks(&["ab", "", "c"]), 3).await.unwrap(), b"abc");
        assert!(matches!(collect(blocks(&["ab", "cd", "!"]), 3).await, Err(ReadError::TooLarge { limit: 3 })));
        assert!(matches!(collect(blocks(&["ab", "!"]), 3).await, Err(ReadError::Failed("broken"))));
    }

    #[tokio::test]
    async fn of_an_explanation_the_start_is_enough() {
        assert_eq!(start(blocks(&["ab", "cd"]), 3).await, b"abc");
        assert_eq!(start(blocks(&["ab", "!"]), 3).await, b"ab");
        assert_eq!(start(blocks(&[]), 3).await, b"");
        assert_eq!(start(stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(b"ab"))), 5).await, b"ababa");
    }
}
