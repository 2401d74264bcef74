//! The format of `docker save`: a tar archive with a `manifest.json` that says which of its files are the configuration
//! and the layers of each image (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format").

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Component, Path};

use bytes::Bytes;
use serde::Deserialize;

use super::content;
use super::document::{Budget, MAX_DOCUMENT, MAX_DOCUMENTS};
use super::excess::Excess;
use super::feed::{FeedSender, Item};
use super::inflate::uncompressed;
use crate::image::{Descriptor, Digest};
use crate::json;

/// The list of an archive's images.
pub(super) const MANIFEST: &str = "manifest.json";

/// One image of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    /// The configuration's file, whatever its name.
    pub(super) config: String,
    /// The image's names.
    #[serde(default)]
    pub(super) repo_tags: Vec<String>,
    /// The layers' files, lowest first.
    #[serde(default)]
    pub(super) layers: Vec<String>,
}

/// The images that a `manifest.json` names.
///
/// # Errors
/// When it is no list of images, in words.
pub(super) fn entries(manifest: &[u8]) -> Result<Vec<Entry>, String> {
    json::read(manifest).map_err(|reason| format!("`{MANIFEST}`: {reason}"))
}

/// The JSON files of an archive, collected in one pass over it.
#[derive(Clone, Default)]
pub(super) struct Documents {
    files: HashMap<String, Bytes>,
    budget: Budget,
}

impl Documents {
    /// Whether a file may be a document, by its name and size alone: `*.json`, a blob, or a file at the top without an
    /// extension, such as `sha256:…`.
    pub(super) fn may_be(path: &str, size: u64) -> bool {
        let extension = Path::new(path).extension();
        let named = extension.is_some_and(|extension| extension == "json") || is_blob(path);
        (named || extension.is_none() && !path.contains('/')) && size <= MAX_DOCUMENT as u64
    }

    /// Keeps a file that looks like JSON; an error if all together are too large.
    pub(super) fn keep(&mut self, path: &str, bytes: Bytes) -> io::Result<()> {
        if is_json(&bytes) {
            if !self.budget.add(bytes.len()) {
                return Err(Excess::error(format!("it has more than {MAX_DOCUMENTS} bytes of JSON")));
            }
            self.files.insert(path.to_owned(), bytes);
        }
        Ok(())
    }

    /// Drops a file that another one of its name follows.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// A document by the name of its file.
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        self.files.get(name).cloned()
    }

    /// The images that `manifest.json` names.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, String> {
        entries(self.files.get(MANIFEST).ok_or("it has no `manifest.json`")?)
    }

    /// The configuration of an image.
    pub(super) fn config(&self, entry: &Entry) -> Result<Bytes, String> {
        let missing = || format!("`{}`, the configuration, is missing", crate::text::printable(&entry.config, 200));
        self.files.get(&clean(Path::new(&entry.config))).cloned().ok_or_else(missing)
    }
}

/// Bytes at the beginning of a file that tell whether it is JSON: a byte order mark and what follows.
pub(super) const HEAD: u64 = 4;

/// Whether a file begins like a JSON object or list. Compressed data never does, nor a tar archive of a layer.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether a file is named by its digest, as Docker 25 and later do.
pub(super) fn is_blob(path: &str) -> bool {
    path.starts_with("blobs/sha256/")
}

/// A path in an archive without `.`, and with `..` resolved. It is only compared with others, never opened. Programs on
/// Windows write backslashes, at times in one of manifest and archive alone.
pub(super) fn clean(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in Path::new(&path.to_string_lossy().replace('\\', "/")).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

/// Gives a layer of `size` stored bytes, and reads it to its end; `false` if the receiver of the feed is gone.
pub(super) fn give(stored: impl Read, size: u64, expected: Option<Digest>, sender: &FeedSender) -> bool {
    let (writer, content) = content::channel(size, expected);
    if sender.blocking_send(Ok(Item::Tar(content))).is_err() {
        return false;
    }
    match uncompressed(stored) {
        Ok(mut reader) => writer.copy(&mut reader).unwrap_or_else(|interrupted| interrupted.fail()),
        Err(reason) => writer.fail(reason.into()),
    }
    true
}

/// Gives a layer as it is stored, and reads it to its end; `false` if the receiver of the feed is gone.
pub(super) fn give_blob(mut stored: impl Read, blob: Descriptor, sender: &FeedSender) -> bool {
    let (writer, content) = content::channel(blob.size, Some(blob.digest.clone()));
    if sender.blocking_send(Ok(Item::Blob(blob, content))).is_err() {
        return false;
    }
    writer.copy(&mut stored).unwrap_or_else(|interrupted| interrupted.fail());
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::json::habits::{habits, written};

    proptest! {
        #[test]
        fn the_list_of_images_is_understood_whatever_the_habits_of_its_program(habits in habits(), marked: bool) {
            let document = json!([{"Config": "c.json", "RepoTags": ["x/y:1"], "Layers": ["a/layer.tar", "b"]}]);
            let found = entries(&written(document.clone(), &habits, marked)).unwrap();
            prop_assert_eq!(found, entries(document.to_string().as_bytes()).unwrap());
        }
    }

    #[test]
    fn paths_are_compared_without_detours() {
        for (path, clean_path) in [
            ("./a/b", "a/b"),
            ("a/../b/layer.tar", "b/layer.tar"),
            ("/a", "a"),
            ("../../a", "a"),
            (r"a\layer.tar", "a/layer.tar"),
            (r".\a/..\b", "b"),
        ] {
            assert_eq!(clean(Path::new(path)), clean_path);
        }
    }

    #[test]
    fn no_names_and_no_layers_may_be_null_absent_or_empty() {
        let entry = Entry { config: "c.json".to_owned(), repo_tags: Vec::new(), layers: Vec::new() };
        for json in [
            r#"[{"Config":"c.json","RepoTags":null,"Layers":null}]"#,
            r#"[{"Config":"c.json"}]"#,
            "\u{feff}[{\"config\":\"c.json\",\"RepoTags\":[],\"layers\":[],\"Parent\":\"\"}]",
        ] {
            assert_eq!(entries(json.as_bytes()).unwrap(), std::slice::from_ref(&entry), "{json}");
        }
        assert_eq!(entries(b"[{}]").unwrap_err(), "`manifest.json`: its member `[0].Config` is missing");
    }
}
