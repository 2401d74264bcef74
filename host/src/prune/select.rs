//! Which manifests go by the rules, and why; everything that something else needs stays.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Ways};
use super::order::in_order;
use super::reason::{Reason, Stays};
use super::rules::{Filter, Rules, RulesError};
use crate::image::{Digest, Tag};

/// Seconds in which an untagged manifest may be part of a push that is not done: the manifests of an image for several
/// platforms are pushed before the index that names them.
const YOUNG: u64 = 24 * 60 * 60;

/// The outcome of the rules in one repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// What goes: an index before the manifests that it names, an image before what belongs to it.
    pub(super) gone: Vec<(Digest, Reason)>,
    /// The images with a tag, and the untagged manifests that are not part of others, that stay.
    pub(super) stays: BTreeMap<Digest, Stays>,
}

/// Applies the rules at a time, in Unix seconds, to a graph; images of `running` stay.
///
/// # Errors
/// When a pattern of the rules can't be read.
pub(super) fn select(
    graph: &Graph,
    rules: &Rules,
    now: u64,
    running: &BTreeSet<&Digest>,
) -> Result<Selection, RulesError> {
    let ways = graph.ways();
    let mut stays: BTreeMap<&Digest, Stays> = BTreeMap::new();
    let mut chosen = by_rules(graph, &ways, rules, &rules.filter()?, now, running, &mut stays);
    chosen.extend(untagged(graph, &ways, rules, now, running, &mut stays));
    let (goes, stays) = apart(graph, &ways, chosen, stays);
    Ok(Selection { gone: in_order(&ways, goes), stays: stays.into_iter().map(|(d, s)| (d.clone(), s)).collect() })
}

/// Separates what goes from what stays. Whatever stays, for whatever reason, keeps all that it needs; what is chosen
/// and not needed goes with all that is part of it or belongs to it.
fn apart<'a>(
    graph: &'a Graph,
    ways: &Ways<'a>,
    mut chosen: BTreeMap<&'a Digest, Reason>,
    mut stays: BTreeMap<&'a Digest, Stays>,
) -> (BTreeMap<&'a Digest, Reason>, BTreeMap<&'a Digest, Stays>) {
    loop {
        let kept = ways.closure(stays.keys().copied(), true);
        chosen.retain(|digest, _| match kept.get(digest) {
            Some(by) => {
                stays.insert(digest, by.map_or(Stays::Tagged, |by| Stays::Needed(by.clone())));
                false
            }
            None => true,
        });
        let with = ways.closure(chosen.keys().copied(), false);
        let goes: BTreeMap<&Digest, Reason> = with
            .into_iter()
            .filter(|(digest, _)| !kept.contains_key(digest) && graph.nodes.contains_key(digest))
            .map(|(digest, by)| (digest, chosen.get(digest).cloned().unwrap_or_else(|| going_with(graph, digest, by))))
            .collect();
        // Neither chosen nor needed, such as the parts of a circle: it stays, and what it needs with it.
        let rest = graph.nodes.keys().filter(|digest| !goes.contains_key(digest) && !kept.contains_key(digest));
        let rest: Vec<&Digest> = rest.collect();
        if rest.is_empty() {
            return (goes, stays);
        }
        stays.extend(rest.into_iter().map(|digest| (digest, Stays::Tagged)));
    }
}

/// The reason of a manifest that goes with the one that led to it.
fn going_with(graph: &Graph, digest: &Digest, by: Option<&Digest>) -> Reason {
    let Some(by) = by else { return Reason::Untagged };
    let is_child = graph.nodes.get(by).is_some_and(|node| node.children.contains(digest));
    if is_child { Reason::PartOf(by.clone()) } else { Reason::BelongsTo(by.clone()) }
}

/// The images with tags that go, if nothing needs them; the others are entered into `stays`.
fn by_rules<'a>(
    graph: &'a Graph,
    ways: &Ways<'a>,
    rules: &Rules,
    filter: &Filter,
    now: u64,
    running: &BTreeSet<&Digest>,
    stays: &mut BTreeMap<&'a Digest, Stays>,
) -> BTreeMap<&'a Digest, Reason> {
    let created = |digest: &Digest| graph.nodes.get(digest).and_then(|node| node.created);
    let mut open: Vec<(&Digest, Option<u64>)> = Vec::new();
    for (digest, tags) in ways.named() {
        match why(rules, filter, running, digest, tags) {
            Some(reason) => drop(stays.insert(digest, reason)),
            None => open.push((digest, created(digest))),
        }
    }
    // The newest first; among equals in the order of their digests, so that a plan is the same each time.
    open.sort_by_key(|(digest, created)| (Reverse(*created), *digest));
    let mut counted = 0;
    let mut chosen = BTreeMap::new();
    for (digest, created) in open {
        let too_young = |age: u64| created.is_some_and(|created| created.saturating_add(age) > now);
        let reason = match (created, rules.keep, rules.older_than) {
            (None, ..) if rules.need_times() => Some(Stays::NoTime),
            (Some(_), Some(keep), _) if counted < keep => {
                counted += 1;
                Some(Stays::Newest)
            }
            (_, _, Some(age)) if too_young(age) => Some(Stays::Young),
            _ => None,
        };
        match reason {
            Some(reason) => drop(stays.insert(digest, reason)),
            None => {
                let Rules { keep, older_than, .. } = *rules;
                chosen.insert(digest, Reason::Rules { keep, older_than, created });
            }
        }
    }
    chosen
}

/// Why an image with these tags stays, whatever its age is.
fn why(rules: &Rules, filter: &Filter, running: &BTreeSet<&Digest>, digest: &Digest, tags: &[&Tag]) -> Option<Stays> {
    match filter.keeps(tags) {
        _ if running.contains(digest) => Some(Stays::Runs),
        Some(kept) => Some(Stays::Filter(kept)),
        None if !rules.reach_tagged() => Some(Stays::Tagged),
        None => None,
    }
}

/// The untagged manifests that go, if nothing needs them. Others that no manifest leads to are entered into `stays`:
/// what they need stays, too.
fn untagged<'a>(
    graph: &'a Graph,
    ways: &Ways<'a>,
    rules: &Rules,
    now: u64,
    running: &BTreeSet<&Digest>,
    stays: &mut BTreeMap<&'a Digest, Stays>,
) -> BTreeMap<&'a Digest, Reason> {
    let age = rules.older_than.unwrap_or(YOUNG);
    let mut chosen = BTreeMap::new();
    for (digest, node) in graph.nodes.iter().filter(|(digest, _)| ways.names(digest).is_empty()) {
        let is_young = node.created.is_some_and(|created| created.saturating_add(age) > now);
        let is_unknown = node.created.is_none() && rules.older_than.is_some();
        let is_left_behind = ways.is_left_behind(digest);
        // A tag that is derived from a digest keeps its manifest as long as that one may be there.
        let is_derived = ways.is_derived(digest) && !is_left_behind;
        match () {
            () if running.contains(digest) => drop(stays.insert(digest, Stays::Runs)),
            // A push that is not done may have sent it.
            () if is_young && rules.untagged && !ways.is_part(digest) => drop(stays.insert(digest, Stays::Young)),
            () if ways.is_part(digest) => {}
            () if !rules.untagged || is_derived => drop(stays.insert(digest, Stays::Tagged)),
            () if is_unknown => drop(stays.insert(digest, Stays::NoTime)),
            () => drop(chosen.insert(digest, if is_left_behind { Reason::LeftBehind } else { Reason::Untagged })),
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::graph::made::{artifact, digest, graph, image, index};
    use super::*;

    const DAY: u64 = 86_400;
    /// 2026-11-29T00:00:00Z
    const NOW: u64 = 1_795_910_400;

    fn ago(days: u64) -> Option<u64> {
        Some(NOW - days * DAY)
    }

    fn gone(graph: &Graph, rules: &Rules) -> Vec<Digest> {
        let selection = select(graph, rules, NOW, &BTreeSet::new()).unwrap();
        selection.gone.into_iter().map(|(digest, _)| digest).collect()
    }

    fn digests(words: &[&str]) -> Vec<Digest> {
        words.iter().map(|word| digest(word)).collect()
    }

    fn keep(keep: u32) -> Rules {
        Rules { keep: Some(keep), ..Rules::default() }
    }

    #[test]
    fn the_newest_stay_and_an_image_with_several_tags_is_one() {
        let found = graph(
            &[("a", image("a", ago(1))), ("b", image("b", ago(2))), ("c", image("c", ago(3)))],
            &[("v3", "a"), ("latest", "a"), ("v2", "b"), ("v1", "c")],
        );
        assert_eq!(gone(&found, &keep(2)), digests(&["c"]));
        assert_eq!(gone(&found, &Rules { older_than: Some(2 * DAY + 1), ..keep(1) }), digests(&["c"]));
        assert_eq!(gone(&found, &Rules { older_than: Some(30 * DAY), ..keep(1) }), []);
        assert_eq!(gone(&found, &Rules { older_than: Some(DAY / 2), ..Rules::default() }).len(), 3);
    }

    #[test]
    fn an_image_whose_time_is_unknown_never_goes_by_its_time() {
        let found = graph(
            &[("a", image("a", None)), ("b", image("b", ago(90))), ("c", image("c", ago(80)))],
            &[("v1", "a"), ("v2", "b"), ("v3", "c")],
        );
        let rules = Rules { older_than: Some(DAY), ..Rules::default() };
        assert!(!gone(&found, &rules).contains(&digest("a")));
        assert_eq!(gone(&found, &keep(1)), digests(&["b"]));
        let selection = select(&found, &rules, NOW, &BTreeSet::new()).unwrap();
        assert_eq!(selection.stays[&digest("a")], Stays::NoTime);
        // Nothing is decided by the time here.
        assert_eq!(gone(&found, &keep(0)).len(), 3);
    }

    #[test]
    fn an_index_goes_with_its_children_and_signatures_but_for_those_that_others_need() {
        let signature = format!("sha256-{}.sig", digest("old").hex());
        let found = graph(
            &[
                ("old", index(&["x", "shared"], ago(90))),
                ("new", index(&["y", "shared"], ago(1))),
                ("x", image("x", ago(90))),
                ("y", image("y", ago(1))),
                ("shared", image("shared", ago(90))),
                ("sig", image("sig", None)),
                ("sbom", artifact("sbom", "x")),
                ("sbom of shared", artifact("sbom of shared", "shared")),
            ],
            &[("v1", "old"), ("v2", "new"), (&signature, "sig")],
        );
        let selection = select(&found, &keep(1), NOW, &BTreeSet::new()).unwrap();
        let mut all = gone(&found, &keep(1));
        assert_eq!(all[0], digest("old"), "the index goes first");
        all.sort();
        let mut expected = digests(&["old", "x", "sig", "sbom"]);
        expected.sort();
        assert_eq!(all, expected);
        let reason = |word: &str| selection.gone.iter().find(|(found, _)| *found == digest(word)).unwrap().1.clone();
        assert_eq!(reason("x"), Reason::PartOf(digest("old")));
        assert_eq!(reason("sig"), Reason::BelongsTo(digest("old")));
        assert_eq!(reason("sbom"), Reason::BelongsTo(digest("x")));
    }

    #[test]
    fn a_child_with_a_tag_of_its_own_stays_with_the_index_that_stays() {
        let found = graph(
            &[("index", index(&["amd64"], ago(1))), ("amd64", image("amd64", ago(90)))],
            &[("v1", "index"), ("v1-amd64", "amd64")],
        );
        let rules = Rules { older_than: Some(DAY * 30), ..Rules::default() };
        let selection = select(&found, &rules, NOW, &BTreeSet::new()).unwrap();
        assert_eq!(selection.gone, []);
        assert_eq!(selection.stays[&digest("amd64")], Stays::Needed(digest("index")));
    }

    #[test]
    fn untagged_manifests_go_when_asked_and_those_of_a_push_that_is_not_done_stay() {
        let left = format!("sha256-{}", digest("gone").hex());
        let mut found = graph(
            &[
                ("kept", index(&["child"], ago(1))),
                ("child", image("child", ago(1))),
                ("old", image("old", ago(5))),
                ("pushed now", image("pushed now", ago(0))),
                ("referrers", index(&["signature"], None)),
                ("signature", artifact("signature", "gone")),
            ],
            &[("v1", "kept"), (&left, "referrers")],
        );
        let untagged = Rules { untagged: true, ..Rules::default() };
        assert_eq!(gone(&found, &untagged), digests(&["old"]), "it is not known that the subject is gone");
        found.missing.insert(digest("gone"));
        let mut all = gone(&found, &untagged);
        all.sort();
        let mut expected = digests(&["old", "referrers", "signature"]);
        expected.sort();
        assert_eq!(all, expected);
        assert_eq!(gone(&found, &Rules { untagged: false, ..keep(1) }), []);
    }

    #[test]
    fn manifests_that_name_each_other_stay_and_end_no_walk() {
        let tags = [format!("sha256-{}.sig", digest("a").hex()), format!("sha256-{}.sig", digest("b").hex())];
        let found = graph(
            &[("a", index(&["c"], None)), ("b", image("b", None)), ("c", image("c", None)), ("d", index(&["c"], None))],
            &[(&tags[0], "b"), (&tags[1], "a"), ("v1", "d")],
        );
        assert_eq!(gone(&found, &keep(0)), digests(&["d"]), "what only the circle needs stays with it");
    }
}
