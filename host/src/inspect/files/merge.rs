//! The files that a container of an image sees: those of all layers, without what upper ones replace or remove (image
//! specification, "Applying Changesets").
//!
//! Layers are read from the top down, so that a file is known to be visible as soon as it is met, and a list needs no
//! more memory than some bytes for each file.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Paths that are remembered at most: 37 MB of hashes, twice that where one layer has them all, and several times the
/// files of the largest images.
const MAX_PATHS: usize = 3_500_000;

/// What the layers above have decided. Paths are their hashes, by keys that no image can know before; two of a million
/// are the same in one of ten million lists.
pub(crate) struct Merge {
    keys: RandomState,
    /// Paths that are there, or are removed.
    decided: HashSet<u64>,
    /// Those of them that this layer has.
    own: HashSet<u64>,
    /// Those of them that are directories, in which layers further down may have more.
    open: HashSet<u64>,
    /// Directories in which layers further down have nothing more.
    opaque: HashSet<u64>,
    /// What this layer removes or replaces, which holds for those below it alone.
    removed: Vec<u64>,
    /// Directories that this layer empties, likewise.
    emptied: Vec<u64>,
}

/// There are more files than can be remembered.
#[derive(Debug)]
pub(crate) struct TooMany;

/// Whether a container sees a file of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// It does.
    Visible,
    /// A layer above replaces or removes it, or it is a directory that the layer has more than once.
    Hidden,
    /// The layer has its path before: a container sees this one, and not the one before, which was told.
    Again,
}

impl Merge {
    /// Above all layers, nothing is decided.
    pub(crate) fn new() -> Self {
        Self {
            keys: RandomState::new(),
            decided: HashSet::new(),
            own: HashSet::new(),
            open: HashSet::new(),
            opaque: HashSet::new(),
            removed: Vec::new(),
            emptied: Vec::new(),
        }
    }

    /// Whether a file of this layer is visible.
    ///
    /// # Errors
    /// Where there are too many files.
    pub(crate) fn visibility(&mut self, path: &[u8], is_directory: bool) -> Result<Visibility, TooMany> {
        if self.is_hidden_below(path) {
            return Ok(Visibility::Hidden);
        }
        let key = self.key(path);
        if !self.decided.insert(key) {
            // Whatever is above is no directory that goes on below this layer.
            if !is_directory {
                self.removed.push(key);
            }
            let is_again = !is_directory && self.own.contains(&key);
            return Ok(if is_again { Visibility::Again } else { Visibility::Hidden });
        }
        self.own.insert(key);
        if is_directory {
            self.open.insert(key);
        }
        self.within_limits().map(|()| Visibility::Visible)
    }

    /// Whether a file of this layer is visible; of several with one path, the first is told.
    ///
    /// # Errors
    /// As for [`visibility`](Self::visibility).
    pub(crate) fn is_visible(&mut self, path: &[u8], is_directory: bool) -> Result<bool, TooMany> {
        Ok(self.visibility(path, is_directory)? == Visibility::Visible)
    }

    /// Notes that this layer removes a path of those below it.
    ///
    /// # Errors
    /// As for [`visibility`](Self::visibility).
    pub(crate) fn remove(&mut self, path: &[u8]) -> Result<(), TooMany> {
        self.removed.push(self.key(path));
        self.within_limits()
    }

    /// Notes that this layer removes all that those below it have in a directory.
    ///
    /// # Errors
    /// As for [`visibility`](Self::visibility).
    pub(crate) fn empty(&mut self, directory: &[u8]) -> Result<(), TooMany> {
        self.emptied.push(self.key(directory));
        self.within_limits()
    }

    /// Goes on to the next layer below.
    pub(crate) fn end_layer(&mut self) {
        self.own.clear();
        for key in self.removed.drain(..) {
            self.decided.insert(key);
            self.open.remove(&key);
        }
        self.opaque.extend(self.emptied.drain(..));
    }

    /// Whether a layer above hides everything at this path, by what it has or removes at a directory above the path.
    pub(crate) fn is_hidden_below(&self, path: &[u8]) -> bool {
        let hides = |end: usize| {
            let key = self.key(path.get(..end).unwrap_or_default());
            self.opaque.contains(&key) || self.decided.contains(&key) && !self.open.contains(&key)
        };
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        std::iter::once(0).chain(slashes).any(hides)
    }

    /// Whether layers further down decide about a path.
    pub(crate) fn is_left_open(&self, path: &[u8]) -> bool {
        !self.is_hidden_below(path) && !self.decided.contains(&self.key(path))
    }

    /// Whether layers further down have nothing more at a path and below it.
    pub(crate) fn is_settled(&self, path: &[u8]) -> bool {
        let key = self.key(path);
        let is_closed = self.decided.contains(&key) && !self.open.contains(&key);
        is_closed || self.opaque.contains(&key) || self.is_hidden_below(path)
    }

    /// Whether nothing is there, removed or emptied.
    pub(crate) fn is_empty(&self) -> bool {
        self.decided.is_empty() && self.opaque.is_empty()
    }

    fn key(&self, path: &[u8]) -> u64 {
        self.keys.hash_one(path)
    }

    fn within_limits(&self) -> Result<(), TooMany> {
        let count = self.decided.len() + self.removed.len() + self.opaque.len() + self.emptied.len();
        if count <= MAX_PATHS { Ok(()) } else { Err(TooMany) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The visible files of layers, given from the bottom up: `d/` is a directory, `-x` a removal, `!d` an opaque one.
    fn visible(layers: &[&[&str]]) -> Vec<String> {
        let (mut merge, mut found) = (Merge::new(), Vec::new());
        for layer in layers.iter().rev() {
            for name in *layer {
                if let Some(removed) = name.strip_prefix('-') {
                    merge.remove(removed.as_bytes()).unwrap();
                } else if let Some(directory) = name.strip_prefix('!') {
                    merge.empty(directory.as_bytes()).unwrap();
                } else {
                    let path = name.strip_suffix('/').unwrap_or(name);
                    if merge.visibility(path.as_bytes(), path != *name).unwrap() == Visibility::Visible {
                        found.push((*name).to_owned());
                    }
                }
            }
            merge.end_layer();
        }
        found.sort();
        found
    }

    #[test]
    fn upper_layers_replace_and_remove_what_is_below() {
        assert_eq!(visible(&[&["a", "d/", "d/x"], &["a", "d/", "d/y"]]), ["a", "d/", "d/x", "d/y"]);
        assert_eq!(visible(&[&["a", "b"], &["-a"]]), ["b"]);
        assert_eq!(visible(&[&["d/", "d/x", "d/e/", "d/e/y", "de"], &["-d"]]), ["de"]);
        assert_eq!(visible(&[&["d/", "d/x"], &["d/", "!d", "d/y"]]), ["d/", "d/y"]);
        assert_eq!(visible(&[&["d/", "d/x"], &["!d"]]), ["d/"]);
        assert_eq!(visible(&[&["a"], &["!", "b"]]), ["b"]);
    }

    #[test]
    fn a_removal_holds_for_the_layers_below_alone() {
        assert_eq!(visible(&[&["a"], &["-a", "a"]]), ["a"]);
        assert_eq!(visible(&[&["a"], &["-a"], &["a"]]), ["a"]);
        assert_eq!(visible(&[&["d/", "d/x"], &["-d", "d/", "d/y"]]), ["d/", "d/y"]);
    }

    #[test]
    fn a_file_that_a_layer_has_again_is_told() {
        let mut merge = Merge::new();
        let mut seen = |path: &str, is_directory| merge.visibility(path.as_bytes(), is_directory).unwrap();
        assert_eq!(seen("a", false), Visibility::Visible);
        assert_eq!(seen("a", false), Visibility::Again);
        assert_eq!([seen("d", true), seen("d", true)], [Visibility::Visible, Visibility::Hidden]);
        merge.end_layer();
        assert_eq!(merge.visibility(b"a", false).unwrap(), Visibility::Hidden);
    }

    #[test]
    fn a_directory_that_was_something_else_between_does_not_bring_old_files_back() {
        assert_eq!(visible(&[&["d/", "d/x"], &["d"], &["d/", "d/y"]]), ["d/", "d/y"]);
        assert_eq!(visible(&[&["d/", "d/x"], &["-d"], &["d/"]]), ["d/"]);
        assert_eq!(visible(&[&["d/", "d/x"], &["d"]]), ["d"]);
        assert_eq!(visible(&[&["d/", "d/", "d/x"], &["d/", "d/"]]), ["d/", "d/x"]);
    }
}
