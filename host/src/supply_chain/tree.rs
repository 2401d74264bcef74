//! Referrers of referrers, such as the signature of an SBOM.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::belonging::{Belonging, Bounds, walk};
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest};

/// How large a tree is: a signature of an attestation of an SBOM is on the third level, and each manifest whose
/// referrers are asked for is one request or some.
pub(crate) const TREE: Bounds = Bounds { depth: 8, questions: 2_000, found: 100_000 };

/// A manifest with what belongs to it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    /// The manifest's digest.
    pub(crate) digest: Digest,
    /// The manifest's media type.
    pub(crate) media_type: String,
    /// What it is, such as `application/spdx+json`; absent where the registry does not say.
    pub(crate) artifact_type: Option<String>,
    /// The manifest's size in bytes.
    pub(crate) size: u64,
    /// Its annotations.
    pub(crate) annotations: BTreeMap<String, String>,
    /// What belongs to it; empty without `--tree`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) referrers: Vec<Node>,
}

impl Node {
    /// What it is, as far as that is known.
    pub(crate) fn kind(&self) -> &str {
        self.artifact_type.as_deref().unwrap_or(&self.media_type)
    }

    /// Whether it is of this type.
    pub(crate) fn is_of(&self, artifact_type: &str) -> bool {
        self.artifact_type.as_deref() == Some(artifact_type)
    }
}

impl From<Descriptor> for Node {
    fn from(descriptor: Descriptor) -> Self {
        let Descriptor { digest, size, media_type, artifact_type, annotations, .. } = descriptor;
        let artifact_type = artifact_type.map(String::from);
        Self { digest, media_type, artifact_type, size, annotations, referrers: Vec::new() }
    }
}

/// Adds to each node what belongs to it, level by level. A manifest stands once in the tree, so that registries which
/// lie about digests make no loops. Gives whether the tree is whole.
///
/// # Errors
/// Any refusal.
pub(crate) async fn tree(
    repository: &RepositoryClient,
    root: &Digest,
    nodes: Vec<Node>,
) -> Result<(Vec<Node>, bool), Error> {
    let level: Vec<Digest> = nodes.iter().map(|node| node.digest.clone()).collect();
    let mut seen: HashSet<Digest> = level.iter().cloned().chain([root.clone()]).collect();
    let mut children: HashMap<Digest, Vec<Node>> = HashMap::new();
    let walked = walk(repository, level, None, &TREE).await?;
    for Belonging { descriptor, subject, .. } in walked.all {
        if seen.insert(descriptor.digest.clone()) {
            children.entry(subject).or_default().push(descriptor.into());
        }
    }
    Ok((grown(nodes, &mut children), walked.is_whole))
}

/// The nodes with their children, which stand once, and no deeper than [`TREE`] says.
fn grown(nodes: Vec<Node>, children: &mut HashMap<Digest, Vec<Node>>) -> Vec<Node> {
    let grow = |node: Node| {
        let own = children.remove(&node.digest).unwrap_or_default();
        Node { referrers: grown(own, children), ..node }
    };
    nodes.into_iter().map(grow).collect()
}
