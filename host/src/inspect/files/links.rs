//! Hard links of a layer as what they are: further names of a file, whose content they have.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::entry::{Entry, EntryKind};
use crate::image::Digest;

/// Files of one layer that are remembered for links to them: some 30 MB, and more than most layers have. A link to
/// another one is compared by its target's name.
const MAX_FILES: usize = 200_000;

/// The files of one layer so far.
#[derive(Default)]
pub(super) struct Files {
    keys: RandomState,
    known: HashMap<u64, (Digest, u64)>,
}

impl Files {
    /// Remembers a file, and makes a hard link to a known one a file of its content. Which of several names is the
    /// link depends on the order in which a program walked the directory, and the name may be another file by a layer
    /// above; the content is what a container sees.
    pub(super) fn resolve(&mut self, path: &[u8], entry: &mut Entry, digest: &mut Option<Digest>) {
        match (entry.kind, &entry.target) {
            (EntryKind::HardLink, Some(target)) => {
                let target = target.trim_start_matches('/').as_bytes();
                let Some((content, size)) = self.known.get(&self.keys.hash_one(target)) else { return };
                (entry.kind, entry.size, entry.target) = (EntryKind::File, *size, None);
                *digest = Some(content.clone());
            }
            (EntryKind::File, _) => {}
            _ => return,
        }
        if let (Some(digest), true) = (digest, self.known.len() < MAX_FILES) {
            self.known.insert(self.keys.hash_one(path), (digest.clone(), entry.size));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is compared of each name of a layer: its kind, size and content.
    fn compared(layer: &[(&str, Option<&str>, &str)]) -> Vec<(EntryKind, u64, Option<Digest>)> {
        let mut files = Files::default();
        let seen = |(path, target, content): &(&str, Option<&str>, &str)| {
            let kind = if target.is_some() { EntryKind::HardLink } else { EntryKind::File };
            let (size, target) = (content.len() as u64, target.map(|target| format!("/{target}")));
            let name = format!("/{path}");
            let mut entry = Entry { name, kind, mode: 0o644, uid: 0, gid: 0, size, modified: 0, target, layer: 1 };
            let mut digest = Some(Digest::of(content.as_bytes()));
            files.resolve(path.as_bytes(), &mut entry, &mut digest);
            (entry.kind, entry.size, digest)
        };
        layer.iter().map(seen).collect()
    }

    #[test]
    fn a_hard_link_is_a_file_of_the_content_that_it_links_to() {
        let file = (EntryKind::File, 3, Some(Digest::of(b"abc")));
        assert_eq!(compared(&[("a", None, "abc"), ("b", Some("a"), "")]), [file.clone(), file.clone()]);
        assert_eq!(compared(&[("a", None, "abc"), ("b", Some("a"), ""), ("c", Some("b"), "")])[2], file);
        // The target is in no layer that was read before it.
        assert_eq!(compared(&[("b", Some("a"), "")])[0].0, EntryKind::HardLink);
    }
}
