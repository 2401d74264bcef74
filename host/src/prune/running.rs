//! Images that run somewhere, which stay whatever the rules say.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Node};
use crate::image::{Digest, Reference, Repository, Tag};

/// What runs: names and ids as a cluster tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Running {
    /// Digests of manifests or configurations, wherever they were pulled from: a mirror has the same ones.
    digests: BTreeSet<Digest>,
    /// Tags by repository, whatever host they were pulled from.
    tags: BTreeMap<Repository, BTreeSet<Tag>>,
}

impl Running {
    /// What these names and ids say, such as `ghcr.io/acme/train:v3`, `docker-pullable://ghcr.io/acme/train@sha256:…`
    /// and `sha256:…`.
    pub(crate) fn of(names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut running = Self::default();
        names.into_iter().for_each(|name| running.add(name.as_ref()));
        running
    }

    fn add(&mut self, name: &str) {
        let name = name.split_once("://").map_or(name, |(_, name)| name).trim();
        if let Ok(digest) = name.parse() {
            self.digests.insert(digest);
            return;
        }
        // Whatever else is said before it, the digest after `@` is what runs.
        if let Some(digest) = name.rsplit_once('@').and_then(|(_, digest)| digest.parse().ok()) {
            self.digests.insert(digest);
        }
        let Ok(image) = name.parse::<Reference>() else { return };
        let tag = match (image.tag(), image.digest()) {
            (Some(tag), _) => Some(tag.clone()),
            (None, None) => "latest".parse().ok(),
            (None, Some(_)) => None,
        };
        self.tags.entry(image.repository().clone()).or_default().extend(tag);
    }

    /// The manifests of a repository that run.
    pub(super) fn in_graph<'a>(&self, repository: &Repository, graph: &'a Graph) -> BTreeSet<&'a Digest> {
        let tags = self.tags.get(repository);
        let by_tag = tags.into_iter().flatten().filter_map(|tag| graph.tags.get(tag));
        let by_digest = graph.nodes.iter().filter(|(digest, node)| {
            self.digests.contains(*digest) || node.config.as_ref().is_some_and(|config| self.digests.contains(config))
        });
        let mut running: BTreeSet<&Digest> = by_tag.chain(by_digest.map(|(digest, _)| digest)).collect();
        // The index by whose name another node of the cluster would pull it.
        loop {
            let is_above = |node: &Node| node.children.iter().any(|child| running.contains(child));
            let above = graph.nodes.iter().filter(|(digest, node)| !running.contains(digest) && is_above(node));
            let above: Vec<&Digest> = above.map(|(digest, _)| digest).collect();
            if above.is_empty() {
                return running;
            }
            running.extend(above);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::made::{digest, graph, image};
    use super::*;

    #[test]
    fn an_image_runs_by_its_name_its_digest_or_its_configuration() {
        let found = graph(
            &[("a", image("a", None)), ("b", image("b", None)), ("c", image("c", None)), ("d", image("d", None))],
            &[("v1", "a"), ("latest", "d")],
        );
        let names = [
            "registry.example.com/acme/train:v1".to_owned(),
            format!("docker-pullable://mirror.example.com/acme/train@{}", digest("b")),
            digest("config of c").to_string(),
            "registry.example.com/acme/other:latest".to_owned(),
            "not a name".to_owned(),
        ];
        let running = Running::of(&names).in_graph(&"acme/train".parse().unwrap(), &found);
        assert_eq!(running, [&digest("a"), &digest("b"), &digest("c")].into());
    }
}
