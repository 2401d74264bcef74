//! A plan: what goes from which repository and why, and the state that this was decided on. People read it, programs
//! check it, and `prune --apply` takes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::PlanError;
use super::graph::{Graph, NodeKind};
use super::reason::Stays;
use super::rules::Rules;
use super::select::Selection;
use crate::image::{Digest, Repository};
use crate::json;
use crate::text::{Escaped, Moment};

/// The version of this form; raised when an older crhost would misread it.
pub(crate) const VERSION: u32 = 1;

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    /// The version of this form.
    pub(crate) version: u32,
    /// When it was made (RFC 3339, UTC). Ages are counted from then.
    pub(crate) created: String,
    /// The registry's URI, without a scheme.
    pub(crate) registry: String,
    /// The name that the registry is registered under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The rules by which it was made. They are applied again before anything is deleted.
    pub(crate) rules: Rules,
    /// The cluster whose images stay. It is asked again before anything is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_running: Option<KeepRunning>,
    /// Manifests that go.
    pub(crate) deletions: usize,
    /// Bytes that no other manifest of the same repository needs; the registry frees them when it collects garbage.
    pub(crate) bytes: u64,
    /// The repositories that were looked at, in the order of their names.
    pub(crate) repositories: Vec<RepositoryPlan>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeepRunning {
    /// The file by which `kubectl` finds it.
    pub(crate) kubeconfig: String,
}

/// What goes from one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepositoryPlan {
    /// Its path below the registry's host.
    pub(crate) repository: String,
    /// What goes, in the order in which it goes.
    pub(crate) deletions: Vec<Deletion>,
    /// Bytes that no other manifest of the repository needs.
    pub(crate) bytes: u64,
    /// Manifests that stay.
    pub(crate) stays: usize,
    /// Images with a tag that stay because their time is unknown, such as the constant of a reproducible build.
    pub(crate) without_time: usize,
    /// Images that the rules let go, and that stay since something that stays needs them.
    #[serde(default)]
    pub(crate) needed: usize,
    /// What each tag named.
    pub(crate) state: BTreeMap<String, Digest>,
}

/// A manifest that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deletion {
    /// Its digest.
    pub(crate) digest: Digest,
    /// What it is.
    pub(crate) kind: NodeKind,
    /// Its tags, which go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    /// Why it goes.
    pub(crate) reason: String,
    /// The manifest that it goes with: an index that names it, or an image that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) with: Option<Digest>,
    /// When it was made or pushed (RFC 3339, UTC), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<String>,
    /// Bytes of the manifest and of all that it names.
    pub(crate) size: u64,
}

impl RepositoryPlan {
    /// The plan for one repository.
    pub(super) fn new(repository: &Repository, graph: &Graph, selection: &Selection) -> Self {
        let mut tags: BTreeMap<&Digest, Vec<String>> = BTreeMap::new();
        for (tag, digest) in &graph.tags {
            tags.entry(digest).or_default().push(tag.to_string());
        }
        let deletion = |(digest, reason): &(Digest, super::reason::Reason)| {
            let node = graph.nodes.get(digest);
            Deletion {
                kind: node.map_or(NodeKind::Unknown, |node| node.kind),
                tags: tags.get(digest).cloned().unwrap_or_default(),
                reason: reason.to_string(),
                with: reason.with().cloned(),
                created: node.and_then(|node| node.created).map(|time| Moment(time).to_string()),
                size: node
                    .map_or(0, |node| node.blobs.iter().fold(node.size, |sum, blob| sum.saturating_add(blob.size))),
                digest: digest.clone(),
            }
        };
        let count = |is_it: fn(&Stays) -> bool| selection.stays.values().filter(|why| is_it(why)).count();
        let gone: BTreeSet<&Digest> = selection.gone.iter().map(|(digest, _)| digest).collect();
        Self {
            repository: repository.to_string(),
            deletions: selection.gone.iter().map(deletion).collect(),
            bytes: graph.bytes_of(&gone),
            stays: graph.nodes.len().saturating_sub(gone.len()),
            without_time: count(|why| *why == Stays::NoTime),
            needed: count(|why| matches!(why, Stays::Needed(_))),
            state: graph.tags.iter().map(|(tag, digest)| (tag.to_string(), digest.clone())).collect(),
        }
    }
}

impl Plan {
    /// A plan of these parts, made at a time in Unix seconds.
    pub(super) fn new(
        registry: String,
        name: Option<String>,
        rules: Rules,
        now: u64,
        mut repositories: Vec<RepositoryPlan>,
    ) -> Self {
        repositories.sort_by(|one, other| one.repository.cmp(&other.repository));
        Self {
            version: VERSION,
            created: Moment(now).to_string(),
            registry,
            name,
            rules,
            keep_running: None,
            deletions: repositories.iter().map(|repository| repository.deletions.len()).sum(),
            bytes: repositories.iter().fold(0, |sum, repository| sum.saturating_add(repository.bytes)),
            repositories,
        }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When it is no plan, or one of another version.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PlanError> {
        /// The part that all versions have.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let malformed = |reason: json::Malformed| PlanError::Malformed(Escaped::of(reason));
        match json::read::<Versioned>(bytes).map_err(malformed)?.version {
            VERSION => {}
            found => return Err(PlanError::Version { found, expected: VERSION }),
        }
        let plan: Self = json::read(bytes).map_err(malformed)?;
        plan.rules.check()?;
        plan.made_at()?;
        Ok(plan)
    }

    /// Patterns of the rules that match no tag, as options: they may be misspelt.
    #[must_use]
    pub(crate) fn unmatched_patterns(&self) -> Vec<String> {
        let tags: Vec<&str> =
            self.repositories.iter().flat_map(|repository| repository.state.keys().map(String::as_str)).collect();
        self.rules.unmatched(&tags)
    }

    /// The plan as a file has it.
    pub(crate) fn to_text(&self) -> String {
        // Strings, numbers and lists alone, which JSON can always write.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// When it was made, in Unix seconds.
    ///
    /// # Errors
    /// When that is no time.
    pub(crate) fn made_at(&self) -> Result<u64, PlanError> {
        let time = humantime::parse_rfc3339(&self.created).ok();
        let seconds =
            time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).map(|since| since.as_secs());
        // One of the future would make everything old.
        let seconds = seconds.filter(|seconds| *seconds <= Moment::now().0.saturating_add(3_600));
        seconds.ok_or_else(|| PlanError::Malformed(Escaped::new(&format!("`{}` is no time", self.created), 200)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::made::{digest, graph, image, index};
    use super::super::select::select;
    use super::*;

    fn plan() -> Plan {
        let found = graph(
            &[("a", index(&["b"], Some(1_700_000_000))), ("b", image("b", Some(1_700_000_000)))],
            &[("v1", "a"), ("old", "a")],
        );
        let rules = Rules { keep: Some(0), ..Rules::default() };
        let selection = select(&found, &rules, 1_750_000_000, &BTreeSet::new()).unwrap();
        let repository = RepositoryPlan::new(&"acme/train".parse().unwrap(), &found, &selection);
        Plan::new(
            "registry.example.com/acme".to_owned(),
            Some("prod".to_owned()),
            rules,
            1_750_000_000,
            vec![repository],
        )
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let plan = plan();
        assert_eq!(Plan::read(plan.to_text().as_bytes()).unwrap(), plan);
        assert_eq!((plan.deletions, plan.bytes), (2, 120));
        let [index, image] = plan.repositories[0].deletions.as_slice() else { panic!() };
        assert_eq!((&index.tags, index.kind), (&vec!["old".to_owned(), "v1".to_owned()], NodeKind::Index));
        assert_eq!((&image.with, image.created.as_deref()), (&Some(digest("a")), Some("2023-11-14T22:13:20Z")));
    }

    #[test]
    fn a_plan_of_another_version_and_what_is_none_are_refused() {
        let text = plan().to_text();
        let other = text.replace("\"version\": 1", "\"version\": 2");
        assert!(matches!(Plan::read(other.as_bytes()), Err(PlanError::Version { found: 2, expected: 1 })));
        for broken in ["", "{}", "[]", "{\"version\": 1}"] {
            assert!(matches!(Plan::read(broken.as_bytes()), Err(PlanError::Malformed(_))), "{broken}");
        }
        let tomorrow = text.replace("2025-06-15T15:06:40Z", "2999-01-01T00:00:00Z");
        assert!(matches!(Plan::read(tomorrow.as_bytes()), Err(PlanError::Malformed(_))));
    }
}
