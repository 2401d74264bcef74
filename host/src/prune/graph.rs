//! The graph of one repository: tags, the manifests that they name, and the ways between manifests.

use std::collections::{BTreeMap, BTreeSet};

use crate::image::{Digest, Tag, TagRole};

/// What a manifest is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NodeKind {
    /// One image.
    Image,
    /// Several manifests under one name.
    Index,
    /// Anything else that is kept as a manifest: a signature, an SBOM, a chart.
    Artifact,
    /// A manifest that crhost does not understand, such as Docker's schema 1.
    Unknown,
}

impl NodeKind {
    /// The kind as a word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Index => "index",
            Self::Artifact => "artifact",
            Self::Unknown => "manifest",
        }
    }
}

/// A blob of a manifest, for sums of bytes alone: the first 64 bits of its digest tell it from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blob {
    /// The first 64 bits of its digest.
    pub(super) id: u64,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// A manifest of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// What it is.
    pub(super) kind: NodeKind,
    /// Bytes of the manifest itself.
    pub(super) size: u64,
    /// The manifests that it names.
    pub(super) children: Vec<Digest>,
    /// The manifest that it belongs to.
    pub(super) subject: Option<Digest>,
    /// The digest of its configuration, which container runtimes call the image's id.
    pub(super) config: Option<Digest>,
    /// Its configuration, layers or files.
    pub(super) blobs: Vec<Blob>,
    /// When the image was made or pushed, in Unix seconds, where that is known; of an index, the newest of its images.
    pub(super) created: Option<u64>,
}

/// A repository as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Graph {
    /// Every tag, with the manifest that it names.
    pub(super) tags: BTreeMap<Tag, Digest>,
    /// Every manifest that is known.
    pub(super) nodes: BTreeMap<Digest, Node>,
    /// Manifests that others name and the registry does not have.
    pub(super) missing: BTreeSet<Digest>,
}

/// The ways between manifests, in both directions.
pub(super) struct Ways<'a> {
    graph: &'a Graph,
    /// Manifests by the one that they belong to: by `subject`, or by a derived tag.
    belongings: BTreeMap<&'a Digest, Vec<&'a Digest>>,
    /// Those that an index names.
    named: BTreeSet<&'a Digest>,
    /// The names of each manifest that users chose.
    names: BTreeMap<&'a Digest, Vec<&'a Tag>>,
    /// The manifests that have a derived tag, with what they belong to; `None` for a tag that crhost can't read.
    derived: BTreeMap<&'a Digest, Vec<Option<Digest>>>,
}

impl Graph {
    /// Its ways.
    pub(super) fn ways(&self) -> Ways<'_> {
        let mut belongings: BTreeMap<&Digest, Vec<&Digest>> = BTreeMap::new();
        let (mut names, mut derived) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for (tag, digest) in &self.tags {
            match TagRole::of(tag) {
                TagRole::Name => names.entry(digest).or_default().push(tag),
                TagRole::Foreign => derived.entry(digest).or_default().push(None),
                TagRole::Of(owner) => {
                    if let Some((owner, _)) = self.nodes.get_key_value(&owner) {
                        belongings.entry(owner).or_default().push(digest);
                    }
                    derived.entry(digest).or_default().push(Some(owner));
                }
            }
        }
        for (digest, node) in &self.nodes {
            if let Some(subject) = &node.subject {
                belongings.entry(subject).or_default().push(digest);
            }
        }
        let named = self.nodes.values().flat_map(|node| &node.children).collect();
        Ways { graph: self, belongings, named, names, derived }
    }

    /// The distinct bytes of some manifests that no other manifest of the repository needs.
    pub(super) fn bytes_of(&self, manifests: &BTreeSet<&Digest>) -> u64 {
        let others = self.nodes.iter().filter(|(digest, _)| !manifests.contains(digest));
        let mut counted: BTreeSet<u64> = others.flat_map(|(_, node)| &node.blobs).map(|blob| blob.id).collect();
        let mut sum = 0u64;
        for node in manifests.iter().filter_map(|digest| self.nodes.get(*digest)) {
            sum = sum.saturating_add(node.size);
            for blob in &node.blobs {
                if counted.insert(blob.id) {
                    sum = sum.saturating_add(blob.size);
                }
            }
        }
        sum
    }
}

impl<'a> Ways<'a> {
    /// The names of a manifest that users chose.
    pub(super) fn names(&self, digest: &Digest) -> &[&'a Tag] {
        self.names.get(digest).map_or(&[], Vec::as_slice)
    }

    /// Every manifest with a name that users chose.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'a Digest, &[&'a Tag])> {
        self.names.iter().map(|(digest, tags)| (*digest, tags.as_slice()))
    }

    /// Whether an index names it, or it belongs to a manifest that is there.
    pub(super) fn is_part(&self, digest: &Digest) -> bool {
        let has = |owner: &Digest| owner != digest && self.graph.nodes.contains_key(owner);
        let node = self.graph.nodes.get(digest);
        let subject = node.and_then(|node| node.subject.as_ref());
        let derived = self.derived.get(digest).into_iter().flatten().flatten();
        self.named.contains(digest) || subject.is_some_and(has) || derived.into_iter().any(has)
    }

    /// Whether it has a tag that is derived from a digest, and of these all are of manifests that the registry has not.
    pub(super) fn is_left_behind(&self, digest: &Digest) -> bool {
        let derived = self.derived.get(digest);
        let is_gone = |owner: &Option<Digest>| owner.as_ref().is_some_and(|owner| self.graph.missing.contains(owner));
        derived.is_some_and(|owners| !owners.is_empty() && owners.iter().all(is_gone))
    }

    /// Whether it has a tag that is derived from a digest.
    pub(super) fn is_derived(&self, digest: &Digest) -> bool {
        self.derived.contains_key(digest)
    }

    /// The manifests that one names, and those that belong to it.
    pub(super) fn below(&self, digest: &Digest) -> impl Iterator<Item = &'a Digest> {
        let belongings = self.belongings.get(digest).into_iter().flatten().copied();
        let node: Option<&'a Node> = self.graph.nodes.get(digest);
        belongings.chain(node.into_iter().flat_map(|node| &node.children))
    }

    /// What these manifests need, and what goes wherever they go: the manifests that they name, those that belong to
    /// them and, for what stays, those that they belong to; each with the one that it was found by.
    pub(super) fn closure(
        &self,
        roots: impl IntoIterator<Item = &'a Digest>,
        with_subjects: bool,
    ) -> BTreeMap<&'a Digest, Option<&'a Digest>> {
        let mut found: BTreeMap<&Digest, Option<&Digest>> = BTreeMap::new();
        let mut queue: Vec<(&Digest, Option<&Digest>)> = roots.into_iter().map(|root| (root, None)).collect();
        while let Some((digest, by)) = queue.pop() {
            // Whatever names itself, in however many steps, is found once.
            if found.contains_key(digest) {
                continue;
            }
            found.insert(digest, by);
            queue.extend(self.below(digest).map(|next| (next, Some(digest))));
            if let Some(node) = self.graph.nodes.get(digest).filter(|_| with_subjects) {
                queue.extend(node.subject.iter().map(|next| (next, Some(digest))));
            }
        }
        found
    }
}

#[cfg(test)]
pub(super) mod made {
    //! Graphs for tests.

    use super::*;

    /// The digest of a word.
    pub(in crate::prune) fn digest(word: &str) -> Digest {
        Digest::of(word.as_bytes())
    }

    /// An image of a time, with a layer of its own of 100 bytes.
    pub(in crate::prune) fn image(word: &str, created: Option<u64>) -> Node {
        let id = u64::from_str_radix(digest(word).hex().get(..16).unwrap(), 16).unwrap();
        let (children, subject, config) = (Vec::new(), None, Some(digest(&format!("config of {word}"))));
        let blobs = vec![Blob { id, size: 100 }];
        Node { kind: NodeKind::Image, size: 10, children, subject, config, blobs, created }
    }

    /// An index of manifests.
    pub(in crate::prune) fn index(children: &[&str], created: Option<u64>) -> Node {
        let children = children.iter().map(|word| digest(word)).collect();
        let (subject, config, blobs) = (None, None, Vec::new());
        Node { kind: NodeKind::Index, size: 10, children, subject, config, blobs, created }
    }

    /// An artifact that belongs to a manifest.
    pub(in crate::prune) fn artifact(word: &str, subject: &str) -> Node {
        Node { kind: NodeKind::Artifact, subject: Some(digest(subject)), created: None, ..image(word, None) }
    }

    /// A graph of nodes by word, and tags.
    pub(in crate::prune) fn graph(nodes: &[(&str, Node)], tags: &[(&str, &str)]) -> Graph {
        let nodes: BTreeMap<_, _> = nodes.iter().map(|(word, node)| (digest(word), node.clone())).collect();
        let tags = tags.iter().map(|(tag, word)| (tag.parse().unwrap(), digest(word))).collect();
        Graph { tags, nodes, missing: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::made::{artifact, digest, graph, image, index};

    #[test]
    fn what_stays_needs_its_children_its_referrers_and_its_subject() {
        let found = graph(
            &[
                ("index", index(&["a", "b"], None)),
                ("a", image("a", None)),
                ("b", image("b", None)),
                ("sbom", artifact("sbom", "a")),
                ("signature of sbom", artifact("signature of sbom", "sbom")),
                ("other", image("other", None)),
            ],
            &[("v1", "index")],
        );
        let ways = found.ways();
        let index = digest("index");
        let reached = ways.closure([&index], true);
        for word in ["index", "a", "b", "sbom", "signature of sbom"] {
            assert!(reached.contains_key(&digest(word)), "{word}");
        }
        assert!(!reached.contains_key(&digest("other")));
        let (signature, sbom) = (digest("signature of sbom"), digest("sbom"));
        assert!(ways.closure([&signature], true).contains_key(&digest("a")));
        assert!(!ways.closure([&sbom], false).contains_key(&digest("a")));
    }

    #[test]
    fn an_index_that_names_itself_ends_the_walk() {
        let found = graph(&[("a", index(&["a", "b"], None)), ("b", index(&["a"], None))], &[("v1", "a")]);
        let a = digest("a");
        assert_eq!(found.ways().closure([&a], true).len(), 2);
    }

    #[test]
    fn bytes_that_others_need_are_not_counted() {
        let mut shared = image("b", None);
        shared.blobs.extend(image("a", None).blobs);
        let found = graph(&[("a", image("a", None)), ("b", shared)], &[]);
        assert_eq!(found.bytes_of(&[&digest("a")].into()), 10);
        assert_eq!(found.bytes_of(&[&digest("b")].into()), 110);
        assert_eq!(found.bytes_of(&[&digest("a"), &digest("b")].into()), 220);
    }
}
