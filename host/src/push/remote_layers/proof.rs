//! One proof: the blob is downloaded, and both it and the archive in it are hashed as they pass.

use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

use super::claims::Claim;
use super::form::Form;
use crate::distribution::RepositoryClient;
use crate::image::{Digest, Hasher};
use crate::source::uncompressed;

/// The longest wait for the next bytes.
const STALL: Duration = Duration::from_secs(10);

/// Bytes that any blob may stand for when it is uncompressed, and how many for each of its bytes. Honest layers are
/// compressed three to tenfold, and what is larger is compressed here instead. A bomb costs about a second.
const FREE: u64 = 256 << 20;
const RATIO: u64 = 100;

/// Pieces that wait between the connection and the hashing thread.
const PIECES_AHEAD: usize = 4;

/// Why a claim is not proved.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unproved {
    /// The blob has other content: whoever made the image's manifest or configuration lied, or made a mistake.
    Wrong(String),
    /// It is not known.
    Unknown(String),
}

/// The digests of a blob and of the archive in it.
struct Hashed {
    blob: Digest,
    archive: Digest,
}

/// Proves that a blob in a repository has the bytes of a layer, by all of them. Counts what it receives.
pub(super) async fn prove(
    repository: &RepositoryClient,
    claim: &Claim,
    form: Form,
    received: &AtomicU64,
) -> Result<(), Unproved> {
    let unknown = |error: &dyn std::fmt::Display| Unproved::Unknown(error.to_string());
    let (digest, size) = (&claim.blob.digest, claim.blob.size);
    let opening = tokio::time::timeout(STALL, repository.read_blob(digest, 0, None)).await;
    let mut body = opening.map_err(|_| slow())?.map_err(|error| unknown(&error))?;
    let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
    let most = size.saturating_mul(RATIO).saturating_add(FREE);
    let hashing = tokio::task::spawn_blocking(move || hash(Pieces { pieces, piece: Bytes::new() }, form, most));
    let mut sent: u64 = 0;
    while let Some(piece) = tokio::time::timeout(STALL, body.next()).await.map_err(|_| slow())? {
        let piece = piece.map_err(|error| unknown(&error))?;
        sent = sent.saturating_add(piece.len() as u64);
        received.fetch_add(piece.len() as u64, Relaxed);
        if sent > size {
            return Err(Unproved::Wrong(format!("blob `{digest}` has more than the {size} bytes that it should have")));
        }
        // The reader has given up, and says why.
        if sender.send(piece).await.is_err() {
            break;
        }
    }
    if sent < size && !sender.is_closed() {
        return Err(Unproved::Unknown(format!("the registry has sent {sent} of {size} bytes of blob `{digest}`")));
    }
    drop(sender);
    let hashed = hashing.await.map_err(|panicked| unknown(&panicked))?;
    let hashed = hashed.map_err(|error| match error.kind() {
        io::ErrorKind::OutOfMemory => unknown(&error),
        _ => Unproved::Wrong(format!("blob `{digest}` can't be read as a layer: {error}")),
    })?;
    if hashed.blob != *digest {
        return Err(Unproved::Wrong(format!("the registry gives other bytes for blob `{digest}`")));
    }
    if hashed.archive != claim.diff_id {
        return Err(Unproved::Wrong(format!("blob `{digest}` is layer {} instead", hashed.archive)));
    }
    Ok(())
}

fn slow() -> Unproved {
    Unproved::Unknown(format!("the registry has sent nothing for {} s", STALL.as_secs()))
}

/// Hashes a blob and the archive in it, which has at most `most` bytes.
fn hash(pieces: Pieces, form: Form, most: u64) -> io::Result<Hashed> {
    let mut blob = Hashing { reader: pieces, hasher: Hasher::new() };
    let mut archive = Hasher::new();
    {
        let mut opened = open(&mut blob, form)?;
        let (mut block, mut total) = (vec![0; 64 << 10], 0_u64);
        loop {
            let read = opened.read(&mut block)?;
            total = total.saturating_add(read as u64);
            match read {
                0 => break,
                _ if total > most => return Err(io::Error::other(format!("it unpacks to more than {most} bytes"))),
                _ => archive.update(block.get(..read).unwrap_or_default()),
            }
        }
    }
    io::copy(&mut blob, &mut io::sink())?;
    Ok(Hashed { blob: blob.hasher.finish(), archive: archive.finish() })
}

/// The archive in a blob, which must have the form that its media type says: engines go by that.
fn open<'a>(mut blob: impl Read + 'a, form: Form) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(4);
    blob.by_ref().take(4).read_to_end(&mut head)?;
    let is_right = match form {
        Form::Plain => return Ok(Box::new(Read::chain(Cursor::new(head), blob))),
        Form::Gzip => head.starts_with(&[0x1f, 0x8b]),
        Form::Zstd => matches!(head.as_slice(), [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18]),
    };
    match is_right {
        true => uncompressed(Read::chain(Cursor::new(head), blob)),
        false => Err(io::Error::other("its compression is another one than its media type says")),
    }
}

/// Reads pieces on a thread that may block. They end when the sender is gone.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let read = self.piece.len().min(buffer.len());
        if let Some(room) = buffer.get_mut(..read) {
            self.piece.copy_to_slice(room);
        }
        Ok(read)
    }
}

/// Hashes what is read.
struct Hashing<R> {
    reader: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The digests of a blob that comes in pieces of a few bytes.
    fn hashed(blob: &[u8], form: Form, most: u64) -> Result<(Digest, Digest), String> {
        let (sender, pieces) = mpsc::channel(blob.len() + 1);
        blob.chunks(7).for_each(|piece| sender.try_send(Bytes::copy_from_slice(piece)).unwrap());
        drop(sender);
        let hashed = hash(Pieces { pieces, piece: Bytes::new() }, form, most);
        hashed.map(|hashed| (hashed.blob, hashed.archive)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_blob_and_what_it_unpacks_to_are_hashed_in_each_form() {
        let archive: Vec<u8> = (0..5000_u32).flat_map(u32::to_le_bytes).collect();
        let zstd = zstd::encode_all(&archive[..], 1).unwrap();
        for (form, blob) in [
            (Form::Plain, archive.clone()),
            (Form::Gzip, gzip(&archive)),
            (Form::Gzip, [gzip(&archive[..100]), gzip(&archive[100..])].concat()),
            (Form::Zstd, zstd),
        ] {
            assert_eq!(hashed(&blob, form, 20_000), Ok((Digest::of(&blob), Digest::of(&archive))), "{form:?}");
            assert!(hashed(&blob, form, 19_999).unwrap_err().contains("more than 19999"), "{form:?}");
        }
    }

    #[test]
    fn a_blob_that_is_not_what_its_media_type_says_is_not_taken() {
        let blob = gzip(b"layer");
        assert!(hashed(&blob, Form::Zstd, 100).is_err());
        assert!(hashed(b"layer", Form::Gzip, 100).is_err());
        // An archive that looks like gzip is hashed as it is.
        assert_eq!(hashed(&blob, Form::Plain, 100), Ok((Digest::of(&blob), Digest::of(&blob))));
        // What an engine would not read, or would read otherwise.
        for bad in [&blob[..blob.len() - 3], &[&blob[..], b"rest"].concat()] {
            assert!(hashed(bad, Form::Gzip, 100).is_err());
        }
    }
}
