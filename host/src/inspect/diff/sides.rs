//! The files of two images above the layers that both have, and of these layers what those above leave open.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::image::Digest;
use crate::inspect::files::{Entry, EntryKind, Merge, Record, TooMany};

/// Bytes of paths and states that are held of both images: their files above what they share.
const MAX_HELD: usize = 64 << 20;

/// What is held of one file beside its path, in bytes: the state below, its digest's text, and the table's own.
const STATE: usize = 224;

/// One file, as far as it is compared. Times are left out: a build that changes nothing else changes them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    /// What it is.
    pub(crate) kind: EntryKind,
    /// Its permissions, in octal digits.
    pub(crate) mode: String,
    /// The number of its owner.
    pub(crate) uid: u64,
    /// The number of its group.
    pub(crate) gid: u64,
    /// Bytes of its content.
    pub(crate) size: u64,
    /// The file that a link leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
    /// The digest of its content and extended attributes.
    #[serde(skip)]
    digest: Option<Digest>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Change {
    /// Its path.
    pub(crate) name: String,
    /// The first image's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<State>,
    /// The second image's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<State>,
}

/// The files that differ, in the order of their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileChanges {
    /// Those that only the second image has.
    pub(crate) added: Vec<Change>,
    /// Those that only the first image has.
    pub(crate) removed: Vec<Change>,
    /// Those that are another file, or have another owner or other permissions.
    pub(crate) changed: Vec<Change>,
}

/// One image's own files: those above the shared layers.
pub(super) struct Side {
    files: HashMap<Vec<u8>, State>,
    merge: Merge,
    held: usize,
}

impl Side {
    /// Before any layer was read.
    pub(super) fn new() -> Self {
        Self { files: HashMap::new(), merge: Merge::new(), held: 0 }
    }

    /// Takes entries of a layer; layers come from the top down.
    ///
    /// # Errors
    /// Where there are too many files.
    pub(super) fn add(&mut self, batch: Vec<Record>) -> Result<(), TooMany> {
        for record in batch {
            let Record { path, entry, digest } = record;
            match entry.kind {
                EntryKind::Whiteout => self.merge.remove(&path)?,
                EntryKind::Opaque => self.merge.empty(&path)?,
                kind => {
                    if self.merge.is_visible(&path, kind == EntryKind::Directory)? {
                        self.held += path.len() + STATE;
                        if self.held > MAX_HELD / 2 {
                            return Err(TooMany);
                        }
                        self.files.insert(path, State::new(&entry, digest));
                    }
                }
            }
        }
        Ok(())
    }

    /// Goes on to the next layer below.
    pub(super) fn end_layer(&mut self) {
        self.merge.end_layer();
    }

    /// Whether its own layers change anything.
    pub(super) fn is_empty(&self) -> bool {
        self.merge.is_empty()
    }

    /// What this image has at the path of a shared file: its own file, the shared one, or nothing.
    fn at(&mut self, path: &[u8], shared: &State) -> (Option<State>, bool) {
        match self.files.remove(path) {
            Some(own) => (Some(own), false),
            None if self.merge.is_left_open(path) => (Some(shared.clone()), true),
            None => (None, false),
        }
    }
}

impl State {
    fn new(entry: &Entry, digest: Option<Digest>) -> Self {
        let Entry { kind, mode, uid, gid, size, target, .. } = entry.clone();
        Self { kind, mode: format!("{mode:04o}"), uid, gid, size, target, digest }
    }

    /// What of it differs from another state.
    #[must_use]
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let all = [
            ("type", self.kind != other.kind),
            ("mode", self.mode != other.mode),
            ("owner", (self.uid, self.gid) != (other.uid, other.gid)),
            ("target", self.target != other.target),
            ("content", self.kind == other.kind && self.digest != other.digest),
        ];
        all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// Compares the entries of shared layers, from the top down.
pub(super) struct Shared {
    merge: Merge,
    changes: BTreeMap<Vec<u8>, (Option<State>, Option<State>)>,
    held: usize,
}

impl Shared {
    /// Before any layer was read.
    pub(super) fn new() -> Self {
        Self { merge: Merge::new(), changes: BTreeMap::new(), held: 0 }
    }

    /// Takes entries of a layer that both images have.
    ///
    /// # Errors
    /// Where there are too many files, or too many differ.
    pub(super) fn add(&mut self, batch: Vec<Record>, from: &mut Side, to: &mut Side) -> Result<(), TooMany> {
        for Record { path, entry, digest } in batch {
            match entry.kind {
                EntryKind::Whiteout => self.merge.remove(&path)?,
                EntryKind::Opaque => self.merge.empty(&path)?,
                kind => {
                    if !self.merge.is_visible(&path, kind == EntryKind::Directory)? {
                        continue;
                    }
                    let state = State::new(&entry, digest);
                    let ((old, is_old), (new, is_new)) = (from.at(&path, &state), to.at(&path, &state));
                    if !(is_old && is_new) {
                        self.note(path, old, new)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Goes on to the next layer below.
    pub(super) fn end_layer(&mut self) {
        self.merge.end_layer();
    }

    fn note(&mut self, path: Vec<u8>, from: Option<State>, to: Option<State>) -> Result<(), TooMany> {
        if from != to {
            self.held += path.len() + 2 * STATE;
            if self.held > MAX_HELD {
                return Err(TooMany);
            }
            self.changes.insert(path, (from, to));
        }
        Ok(())
    }

    /// The files that differ, with those that no shared layer has.
    ///
    /// # Errors
    /// Where too many differ.
    pub(super) fn end(mut self, from: Side, mut to: Side) -> Result<FileChanges, TooMany> {
        for (path, old) in from.files {
            let new = to.files.remove(&path);
            self.note(path, Some(old), new)?;
        }
        for (path, new) in to.files {
            self.note(path, None, Some(new))?;
        }
        let mut changes = FileChanges::default();
        for (path, (from, to)) in self.changes {
            let list = match (&from, &to) {
                (None, _) => &mut changes.added,
                (_, None) => &mut changes.removed,
                _ => &mut changes.changed,
            };
            list.push(Change { name: format!("/{}", String::from_utf8_lossy(&path)), from, to });
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of a layer: `d/` is a directory, `-x` a removal, `x=1` a file with this content.
    fn batch(entries: &[&str]) -> Vec<Record> {
        let record = |text: &&str| {
            let (name, content) = text.split_once('=').unwrap_or((text, ""));
            let (kind, path) = match (name.strip_prefix('-'), name.strip_suffix('/')) {
                (Some(path), _) => (EntryKind::Whiteout, path),
                (_, Some(path)) => (EntryKind::Directory, path),
                _ => (EntryKind::File, name),
            };
            let (mode, size, name) = (0o644, content.len() as u64, format!("/{path}"));
            let entry = Entry { name, kind, mode, uid: 0, gid: 0, size, modified: 0, target: None, layer: 1 };
            Record { path: path.as_bytes().to_vec(), entry, digest: Some(Digest::of(content.as_bytes())) }
        };
        entries.iter().map(record).collect()
    }

    /// The differences of two images of these layers above the same ones.
    fn difference(shared: &[&str], from: &[&[&str]], to: &[&[&str]]) -> [Vec<String>; 3] {
        let side = |layers: &[&[&str]]| {
            let mut side = Side::new();
            for layer in layers.iter().rev() {
                side.add(batch(layer)).unwrap();
                side.end_layer();
            }
            side
        };
        let (mut from, mut to, mut both) = (side(from), side(to), Shared::new());
        both.add(batch(shared), &mut from, &mut to).unwrap();
        both.end_layer();
        let FileChanges { added, removed, changed } = both.end(from, to).unwrap();
        let names = |changes: Vec<Change>| changes.into_iter().map(|change| change.name).collect();
        [names(added), names(removed), names(changed)]
    }

    fn expected(added: &[&str], removed: &[&str], changed: &[&str]) -> [Vec<String>; 3] {
        [added, removed, changed].map(|names| names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn files_are_compared_as_containers_see_them() {
        let shared = ["etc/", "etc/a=1", "etc/b=1"];
        assert_eq!(difference(&shared, &[], &[]), expected(&[], &[], &[]));
        assert_eq!(difference(&shared, &[], &[&["etc/c=1"]]), expected(&["/etc/c"], &[], &[]));
        assert_eq!(difference(&shared, &[], &[&["-etc/a"]]), expected(&[], &["/etc/a"], &[]));
        assert_eq!(difference(&shared, &[&["-etc"]], &[]), expected(&["/etc", "/etc/a", "/etc/b"], &[], &[]));
        assert_eq!(difference(&shared, &[&["etc/a=2"]], &[]), expected(&[], &[], &["/etc/a"]));
        // The same in the end, in other layers.
        assert_eq!(difference(&shared, &[&["etc/a=2"], &["etc/a=1"]], &[&["x=1"], &["-x"]]), expected(&[], &[], &[]));
        assert_eq!(difference(&[], &[&["a=1", "b=1"]], &[&["b=2", "c=1"]]), expected(&["/c"], &["/a"], &["/b"]));
        assert_eq!(difference(&shared, &[&["-etc/a"]], &[&["-etc/a"]]), expected(&[], &[], &[]));
    }

    #[test]
    fn a_changed_file_says_in_what_it_differs() {
        let state = |text: &str| {
            let record = batch(&[text]).remove(0);
            State::new(&record.entry, record.digest)
        };
        assert_eq!(state("a=1").differences(&state("a=2")), ["content"]);
        assert_eq!(state("a=").differences(&state("a/")), ["type"]);
        let other = State { mode: "0755".to_owned(), uid: 7, ..state("a=1") };
        assert_eq!(state("a=1").differences(&other), ["mode", "owner"]);
    }
}
