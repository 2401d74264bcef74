//! What of a layer no honest program writes, and what containers make of it.

use super::entry::shown;
use super::merge::Visibility;
use crate::text::{Escaped, counted};

/// What was met of it: how many files, and the first of them.
#[derive(Default)]
pub(super) struct Oddities {
    /// Files that the layer has more than once.
    again: Option<(usize, Vec<u8>)>,
    /// Paths with two dots.
    outside: Option<(usize, Vec<u8>)>,
}

impl Oddities {
    /// Notes a file of the layer.
    pub(super) fn note(&mut self, path: &[u8], visibility: Visibility) {
        if visibility == Visibility::Again {
            add(&mut self.again, path);
        }
        if visibility == Visibility::Visible && has_dots(path) {
            add(&mut self.outside, path);
        }
    }

    /// Tells the user, a line for each kind.
    pub(super) fn tell(&self, image: &Escaped, layer: usize) {
        let first = |path: &[u8]| Escaped::new(&shown(path), 200);
        if let Some((count, path)) = &self.again {
            let (files, path) = (counted(*count, "file", "files"), first(path));
            tracing::warn!(
                "layer {layer} of `{image}` has {files} more than once, such as `{path}`: a container sees the last of \
                 each, the list has the first; `--layer {layer}` lists all"
            );
        }
        if let Some((count, path)) = &self.outside {
            let (paths, path) = (counted(*count, "path", "paths"), first(path));
            tracing::warn!(
                "layer {layer} of `{image}` has {paths} with `..`, such as `{path}`: container runtimes refuse the layer, \
                 or put the file elsewhere"
            );
        }
    }
}

fn add(oddity: &mut Option<(usize, Vec<u8>)>, path: &[u8]) {
    oddity.get_or_insert_with(|| (0, path.to_vec())).0 += 1;
}

/// Whether a component of a path is two dots.
fn has_dots(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|part| part == b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_count_as_a_component_alone() {
        for (path, expected) in [("../x", true), ("a/../x", true), ("a/..", true), ("a..b/..c", false), ("a/b", false)]
        {
            assert_eq!(has_dots(path.as_bytes()), expected, "{path}");
        }
    }
}
