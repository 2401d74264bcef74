//! Compares a plan with the repository as it is now, before anything is deleted.

use std::collections::BTreeSet;

use super::error::PlanError;
use super::graph::Graph;
use super::plan::{Deletion, RepositoryPlan};
use super::reason::Stays;
use super::rules::Rules;
use super::select::{Selection, select};
use crate::image::{Digest, Tag, TagRole};

/// What is left of a plan for one repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// What goes, in the order in which it goes.
    pub(super) deletions: Vec<Digest>,
    /// What is gone already.
    pub(super) gone: usize,
}

/// Checks that a plan still fits: every tag names what it named, the rules still let everything go that the plan
/// deletes, and nothing that stays needs any of it.
///
/// # Errors
/// Where it does not fit, with the first reason.
pub(super) fn verify(
    plan: &RepositoryPlan,
    graph: &Graph,
    rules: &Rules,
    made_at: u64,
    running: &BTreeSet<&Digest>,
) -> Result<Open, PlanError> {
    let planned: BTreeSet<&Digest> = plan.deletions.iter().map(|deletion| &deletion.digest).collect();
    ensure_tags(plan, graph, &planned)?;
    let selection = select(graph, rules, made_at, running)?;
    let deletions: Vec<Digest> = plan
        .deletions
        .iter()
        .map(|deletion| &deletion.digest)
        .filter(|digest| graph.nodes.contains_key(digest))
        .cloned()
        .collect();
    let gone: BTreeSet<&Digest> = selection.gone.iter().map(|(digest, _)| digest).collect();
    let is_left = |deletion: &&Deletion| graph.nodes.contains_key(&deletion.digest) && !gone.contains(&deletion.digest);
    for deletion in plan.deletions.iter().filter(is_left) {
        let with = deletion.with.as_ref().filter(|with| planned.contains(with));
        ensure_goes(plan, graph, &selection, &deletion.digest, with)?;
    }
    ensure_not_needed(plan, graph, &planned)?;
    Ok(Open { gone: plan.deletions.len() - deletions.len(), deletions })
}

/// Checks that the tags are as the plan says. Those of what it deletes may be gone already; a new one of something else
/// is no obstacle.
pub(super) fn ensure_tags(plan: &RepositoryPlan, graph: &Graph, planned: &BTreeSet<&Digest>) -> Result<(), PlanError> {
    for (tag, was) in &plan.state {
        let now = tag.parse::<Tag>().ok().and_then(|tag| graph.tags.get(&tag));
        match now {
            Some(now) if now == was => {}
            None if planned.contains(was) => {}
            Some(now) => {
                let problem = format!("tag `{tag}` names `{now}` now, not `{was}`");
                return Err(PlanError::moved(&plan.repository, &problem));
            }
            None => {
                let problem = format!("tag `{tag}` is gone, and the plan does not delete it");
                return Err(PlanError::moved(&plan.repository, &problem));
            }
        }
    }
    let is_new = |tag: &&Tag| !plan.state.contains_key(tag.as_str());
    match graph.tags.iter().find(|(tag, digest)| is_new(tag) && planned.contains(digest)) {
        Some((tag, digest)) => {
            let problem = format!("the new tag `{tag}` names `{digest}`, which the plan deletes");
            Err(PlanError::moved(&plan.repository, &problem))
        }
        None => Ok(()),
    }
}

/// Checks that a manifest that the rules do not let go is a part of another one that goes.
fn ensure_goes(
    plan: &RepositoryPlan,
    graph: &Graph,
    selection: &Selection,
    digest: &Digest,
    with: Option<&Digest>,
) -> Result<(), PlanError> {
    let names = || graph.tags.iter().filter(|(tag, named)| *named == digest && TagRole::of(tag) == TagRole::Name);
    if with.is_some() && names().next().is_none() {
        return Ok(());
    }
    let why = selection.stays.get(digest).map_or_else(|| "something that stays needs it".to_owned(), Stays::to_string);
    let name = names().next().map(|(tag, _)| format!(" (tag `{tag}`)")).unwrap_or_default();
    Err(PlanError::kept(&plan.repository, &format!("`{digest}`{name} is to stay: {why}")))
}

/// Checks that nothing that stays needs what goes.
pub(super) fn ensure_not_needed(
    plan: &RepositoryPlan,
    graph: &Graph,
    planned: &BTreeSet<&Digest>,
) -> Result<(), PlanError> {
    let stays = || graph.nodes.iter().filter(|(digest, _)| !planned.contains(digest));
    for (digest, node) in stays() {
        if let Some(child) = node.children.iter().find(|child| planned.contains(child)) {
            let problem = format!("`{digest}`, which stays, names `{child}`, which the plan deletes");
            return Err(PlanError::moved(&plan.repository, &problem));
        }
        if let Some(subject) = node.subject.iter().find(|subject| planned.contains(subject)) {
            let problem = format!("`{digest}` belongs to `{subject}`, and the plan deletes that alone");
            return Err(PlanError::moved(&plan.repository, &problem));
        }
    }
    for (tag, digest) in &graph.tags {
        match TagRole::of(tag) {
            TagRole::Of(owner) if planned.contains(&owner) && !planned.contains(digest) => {
                let problem = format!("tag `{tag}` belongs to `{owner}`, and the plan deletes that alone");
                return Err(PlanError::moved(&plan.repository, &problem));
            }
            // Of an owner that is gone, it may go.
            TagRole::Of(owner)
                if planned.contains(digest) && !planned.contains(&owner) && graph.nodes.contains_key(&owner) =>
            {
                let problem = format!("`{digest}` belongs to `{owner}`, which stays");
                return Err(PlanError::kept(&plan.repository, &problem));
            }
            _ => {}
        }
    }
    let referrers = graph.nodes.iter().filter(|(digest, _)| planned.contains(digest));
    for (digest, node) in referrers {
        let stays = |subject: &&Digest| !planned.contains(subject) && graph.nodes.contains_key(*subject);
        if let Some(subject) = node.subject.as_ref().filter(stays) {
            return Err(PlanError::kept(&plan.repository, &format!("`{digest}` belongs to `{subject}`, which stays")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::graph::made::{artifact, digest, graph, image, index};
    use super::*;

    /// 2026-11-29T00:00:00Z
    const NOW: u64 = 1_795_910_400;

    fn rules() -> Rules {
        Rules { keep: Some(1), ..Rules::default() }
    }

    fn found() -> Graph {
        graph(
            &[
                ("new", image("new", Some(NOW - 10))),
                ("old", index(&["part"], Some(NOW - 1_000))),
                ("part", image("part", Some(NOW - 1_000))),
            ],
            &[("v2", "new"), ("v1", "old")],
        )
    }

    fn plan() -> RepositoryPlan {
        let graph = found();
        let selection = select(&graph, &rules(), NOW, &BTreeSet::new()).unwrap();
        RepositoryPlan::new(&"acme/train".parse().unwrap(), &graph, &selection)
    }

    fn verified(plan: &RepositoryPlan, graph: &Graph) -> Result<Open, String> {
        verify(plan, graph, &rules(), NOW, &BTreeSet::new()).map_err(|error| error.to_string())
    }

    fn refusal(plan: &RepositoryPlan, graph: &Graph) -> String {
        verified(plan, graph).unwrap_err()
    }

    fn name(graph: &mut Graph, tag: &str, word: &str) {
        graph.tags.insert(tag.parse().unwrap(), digest(word));
    }

    #[test]
    fn a_plan_fits_as_long_as_nothing_that_it_relies_on_has_moved() {
        let both = vec![digest("old"), digest("part")];
        assert_eq!(verified(&plan(), &found()).unwrap(), Open { deletions: both.clone(), gone: 0 });
        let mut more = found();
        more.nodes.insert(digest("newer"), image("newer", Some(NOW)));
        name(&mut more, "v3", "newer");
        assert_eq!(verified(&plan(), &more).unwrap().deletions, both);
    }

    #[test]
    fn an_interrupted_run_goes_on() {
        let mut half = found();
        half.nodes.remove(&digest("old"));
        half.tags.remove(&"v1".parse().unwrap());
        assert_eq!(verified(&plan(), &half).unwrap(), Open { deletions: vec![digest("part")], gone: 1 });
        half.nodes.remove(&digest("part"));
        assert_eq!(verified(&plan(), &half).unwrap(), Open { deletions: vec![], gone: 2 });
    }

    #[test]
    fn a_tag_that_moved_or_is_gone_or_new_ends_it() {
        let mut graph = found();
        name(&mut graph, "v2", "old");
        assert!(refusal(&plan(), &graph).contains("tag `v2` names"));
        let mut graph = found();
        graph.tags.remove(&"v2".parse().unwrap());
        assert!(refusal(&plan(), &graph).contains("tag `v2` is gone"));
        for word in ["old", "part"] {
            let mut graph = found();
            name(&mut graph, "stable", word);
            assert!(refusal(&plan(), &graph).contains("the new tag `stable` names"), "{word}");
        }
    }

    #[test]
    fn a_new_index_or_a_new_referrer_of_what_goes_ends_it() {
        let mut graph = found();
        graph.nodes.insert(digest("release"), index(&["part"], Some(NOW)));
        name(&mut graph, "v3", "release");
        assert!(refusal(&plan(), &graph).contains("which stays, names"));
        let mut graph = found();
        graph.nodes.insert(digest("sbom"), artifact("sbom", "old"));
        assert!(refusal(&plan(), &graph).contains("belongs to"));
        let mut graph = found();
        graph.nodes.insert(digest("sig"), image("sig", None));
        name(&mut graph, &format!("sha256-{}.sig", digest("part").hex()), "sig");
        assert!(refusal(&plan(), &graph).contains("belongs to"));
    }

    #[test]
    fn an_edited_plan_can_spare_an_image_and_delete_none_that_stays() {
        let deletion = |word: &str, with: Option<Digest>| {
            let mut deletion = plan().deletions.remove(0);
            (deletion.digest, deletion.with) = (digest(word), with);
            deletion
        };
        let mut edited = plan();
        edited.deletions.push(deletion("new", None));
        assert!(refusal(&edited, &found()).contains("(tag `v2`) is to stay: it is one of the newest"));
        edited.deletions.pop();
        edited.deletions.push(deletion("new", Some(digest("old"))));
        assert!(refusal(&edited, &found()).contains("is to stay"));
        // The index is spared, its part is not.
        let mut edited = plan();
        edited.deletions.remove(0);
        assert!(refusal(&edited, &found()).contains("names"));
        edited.deletions.clear();
        assert_eq!(verified(&edited, &found()).unwrap(), Open { deletions: vec![], gone: 0 });
    }

    #[test]
    fn what_runs_since_then_ends_it() {
        let old = digest("old");
        let error = verify(&plan(), &found(), &rules(), NOW, &[&old].into()).unwrap_err();
        assert!(error.to_string().contains("it runs in the cluster"), "{error}");
    }
}
