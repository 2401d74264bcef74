//! The format of `docker save`: a tar archive with a `manifest.json` that says which of its files are the configuration and
//! the layers of each image (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format").

use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::path::{Component, Path};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::error::SourceError;
use super::{Item, MAX_DOCUMENT, content};
use crate::image::Digest;

/// Documents kept of one archive: those of a thousand images.
const MAX_DOCUMENTS: usize = 32 << 20;

/// One image of `manifest.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    /// The configuration's file.
    pub(super) config: String,
    /// The image's names.
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    /// The layers' files, lowest first.
    pub(super) layers: Vec<String>,
}

/// JSON files met on the way through an archive.
#[derive(Default)]
pub(super) struct Documents {
    files: HashMap<String, Bytes>,
    size: usize,
}

impl Documents {
    /// Whether a file may be a document, from its name and size alone.
    pub(super) fn may_be(path: &str, size: u64) -> bool {
        let named = Path::new(path).extension().is_some_and(|extension| extension == "json") || is_blob(path);
        named && size <= MAX_DOCUMENT
    }

    /// Keeps a file that looks like JSON.
    pub(super) fn keep(&mut self, path: &str, bytes: Bytes) -> Result<(), String> {
        if is_json(&bytes) {
            self.size += bytes.len();
            if self.size > MAX_DOCUMENTS {
                return Err(format!("it has more than {MAX_DOCUMENTS} bytes of JSON"));
            }
            self.files.insert(path.to_owned(), bytes);
        }
        Ok(())
    }

    /// The images that `manifest.json` names.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, String> {
        let manifest = self
            .files
            .get("manifest.json")
            .ok_or("it has no `manifest.json`; it is cut off, or something else wrote it")?;
        serde_json::from_slice(manifest).map_err(|reason| format!("`manifest.json`: {reason}"))
    }

    /// The configuration of an image.
    pub(super) fn config(&self, entry: &Entry) -> Result<Bytes, String> {
        let missing = || format!("`{}`, the configuration, is missing", crate::text::printable(&entry.config, 200));
        self.files.get(&clean(Path::new(&entry.config))).cloned().ok_or_else(missing)
    }
}

/// Whether the bytes of a file begin like a JSON object or list; a tar archive or compressed data never does.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'{' | b'['))
}

/// Whether a file is a blob by its digest, as newer daemons write.
pub(super) fn is_blob(path: &str) -> bool {
    path.starts_with("blobs/sha256/")
}

/// A path inside an archive without `.`, and with `..` resolved; it is only ever compared, never opened.
pub(super) fn clean(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether a file begins like gzip (RFC 1952, section 2.3.1).
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&GZIP)
}

/// The layer's archive itself, whether it is stored plain, or compressed with gzip or zstd.
pub(super) fn uncompressed<'a>(mut stored: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(ZSTD.len());
    stored.by_ref().take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let (gzip, zstd) = (is_gzip(&head), head.starts_with(&ZSTD));
    let whole = Cursor::new(head).chain(stored);
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(whole))
    } else if zstd {
        Box::new(zstd::Decoder::new(whole)?)
    } else {
        Box::new(whole)
    })
}

/// Gives a layer of `size` stored bytes to whoever takes items, and reads it to its end; says whether somebody does.
pub(super) fn give(
    stored: impl Read,
    size: u64,
    expected: Option<&Digest>,
    sender: &mpsc::Sender<Result<Item, SourceError>>,
) -> bool {
    let (writer, content) = content::channel(size);
    if sender.blocking_send(Ok(Item::Tar(content))).is_err() {
        return false;
    }
    match uncompressed(stored) {
        Ok(mut reader) => writer.copy(&mut reader, expected),
        Err(reason) => writer.fail(reason.into()),
    }
    true
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn paths_are_compared_without_detours() {
        for (path, clean_path) in [("./a/b", "a/b"), ("a/../b/layer.tar", "b/layer.tar"), ("/a", "a"), ("../../a", "a")]
        {
            assert_eq!(clean(Path::new(path)), clean_path);
        }
    }

    #[test]
    fn layers_are_read_however_they_are_stored() {
        let data = b"some bytes of a layer";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(data).unwrap();
        let zstd = zstd::encode_all(&data[..], 1).unwrap();
        for stored in [data.to_vec(), gzip.finish().unwrap(), zstd, Vec::new()] {
            let mut read = Vec::new();
            uncompressed(&stored[..]).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == data || stored.is_empty());
        }
    }
}
