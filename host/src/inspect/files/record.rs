//! The entries of a layer, as the thread that reads it hands them on.

use std::io::{self, Read};
use std::ops::ControlFlow;

use tokio::sync::mpsc;

use super::entry::{Entry, EntryKind, Meaning, meaning, shown};
use super::links::Files;
use crate::image::{Digest, Hasher};
use crate::source::{LayerFile, layer_files};
use crate::text::{Escaped, Foreign};

/// Entries that are handed on together: few enough to be some tens of kilobytes, and enough that handing them on costs
/// nothing.
const BATCH: usize = 256;

/// Batches that wait for their receiver.
pub(super) const BATCHES_AHEAD: usize = 4;

/// Bytes of a file's content that are hashed at once.
const HASHED_AT_ONCE: usize = 64 << 10;

/// One entry of a layer.
pub(crate) struct Record {
    /// Its path without slashes at its ends; of a removal, the path that is removed.
    pub(crate) path: Vec<u8>,
    /// The file, or the removal, as it is shown.
    pub(crate) entry: Entry,
    /// The digest of its content and its extended attributes, where that was asked for.
    pub(crate) digest: Option<Digest>,
}

/// Reads a layer to its end and hands its entries on, until the receiver is gone.
///
/// # Errors
/// If the layer can't be read, or breaks a limit.
pub(super) fn records(
    mut stored: impl Read,
    layer: usize,
    hashes: bool,
    sender: &mpsc::Sender<Vec<Record>>,
) -> io::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut files = hashes.then(Files::default);
    let ended = layer_files(&mut stored, |mut file| {
        batch.extend(record(&mut file, layer, files.as_mut())?);
        if batch.len() < BATCH {
            return Ok(ControlFlow::Continue(()));
        }
        Ok(match sender.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        })
    })?;
    if ended.is_continue() && sender.blocking_send(batch).is_ok() {
        // What follows the end of an archive belongs to the blob, whose digest is verified.
        io::copy(&mut stored, &mut io::sink())?;
    }
    Ok(())
}

/// Why a layer can't be read, in words that need no knowledge of the format's reader.
pub(super) fn reason(error: io::Error) -> Escaped {
    let is_cut =
        error.kind() == io::ErrorKind::UnexpectedEof || CUT.iter().any(|words| error.to_string().contains(words));
    match is_cut {
        true => "it is cut: its archive ends within a file".into(),
        false => Escaped::of(Foreign(error)),
    }
}

/// What the reader of archives says of one that ends too early.
const CUT: [&str; 2] = ["unexpected EOF during skip", "failed to read entire block"];

fn record(file: &mut LayerFile<'_>, layer: usize, files: Option<&mut Files>) -> io::Result<Option<Record>> {
    let removal = |path: Vec<u8>, kind: EntryKind, file: &LayerFile<'_>| {
        let entry = Entry { name: shown(&path), kind, target: None, size: 0, ..Entry::new(&path, kind, file, layer) };
        Some(Record { path, entry, digest: None })
    };
    Ok(match meaning(&file.path)? {
        Meaning::Nothing => None,
        Meaning::Whiteout(path) => removal(path, EntryKind::Whiteout, file),
        Meaning::Opaque(path) => removal(path, EntryKind::Opaque, file),
        Meaning::File(path) => match EntryKind::of(file.kind) {
            None => None,
            Some(kind) => {
                let mut entry = Entry::new(&path, kind, file, layer);
                let mut hash = None;
                if let Some(files) = files {
                    hash = Some(digest(file, kind)?);
                    files.resolve(&path, &mut entry, &mut hash);
                }
                Some(Record { path, entry, digest: hash })
            }
        },
    })
}

/// The digest of all that an entry has beside what its line shows.
fn digest(file: &mut LayerFile<'_>, kind: EntryKind) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    for (name, value) in &file.attributes {
        for part in [name, value] {
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    if let Some((major, minor)) =
        file.device.filter(|_| matches!(kind, EntryKind::CharacterDevice | EntryKind::BlockDevice))
    {
        hasher.update(&major.to_le_bytes());
        hasher.update(&minor.to_le_bytes());
    }
    if kind == EntryKind::File {
        let mut block = vec![0; HASHED_AT_ONCE];
        loop {
            match file.content.read(&mut block)? {
                0 => break,
                read => hasher.update(block.get(..read).unwrap_or_default()),
            }
        }
    }
    Ok(hasher.finish())
}
