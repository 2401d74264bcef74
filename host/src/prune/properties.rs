//! Random graphs: whatever the rules are, nothing that stays loses what it needs.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::graph::made::digest;
use super::graph::{Blob, Graph, Node, NodeKind};
use super::rules::Rules;
use super::select::select;
use crate::image::{Digest, TagRole};

const NOW: u64 = 1_795_910_400;
const DAY: u64 = 86_400;

fn name(number: usize) -> Digest {
    digest(&number.to_string())
}

/// A manifest that may name any other one, itself and such as are not there included: registries are not trusted.
fn node(count: usize) -> impl Strategy<Value = Node> {
    let any = 0..count + 1;
    let children = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(any.clone(), 1..4)];
    let subject = prop_oneof![3 => Just(None), 1 => any.prop_map(Some)];
    let created = prop_oneof![1 => Just(None), 4 => (0..120u64).prop_map(|days| Some(NOW - days * DAY))];
    let blobs = prop::collection::vec(0..20u64, 0..4);
    (children, subject, created, blobs).prop_map(|(children, subject, created, blobs)| Node {
        kind: if children.is_empty() { NodeKind::Image } else { NodeKind::Index },
        size: 1,
        children: children.into_iter().map(name).collect(),
        subject: subject.map(name),
        config: None,
        blobs: blobs.into_iter().map(|id| Blob { id, size: 1 }).collect(),
        created,
    })
}

fn tag(count: usize) -> impl Strategy<Value = (String, usize)> {
    let derived = (0..count + 1, prop_oneof![Just(""), Just(".sig"), Just(".att")]);
    let named = prop_oneof![
        3 => "(v|pr-)[0-9]{1,2}",
        1 => derived.prop_map(|(of, suffix)| format!("sha256-{}{suffix}", name(of).hex())),
    ];
    (named, 0..count)
}

fn graph() -> impl Strategy<Value = Graph> {
    (1..14usize).prop_flat_map(|count| {
        let nodes = prop::collection::vec(node(count), count);
        let tags = prop::collection::vec(tag(count), 0..12);
        (nodes, tags, any::<bool>()).prop_map(move |(nodes, tags, is_known)| Graph {
            tags: tags.into_iter().map(|(tag, of)| (tag.parse().unwrap(), name(of))).collect(),
            nodes: nodes.into_iter().enumerate().map(|(number, node)| (name(number), node)).collect(),
            missing: if is_known { [name(count)].into() } else { BTreeSet::new() },
        })
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let patterns = || prop::collection::vec(prop_oneof![Just("v*".to_owned()), Just("pr-*".to_owned())], 0..2);
    let ages = (0..100u64).prop_map(|days| days * DAY);
    (prop::option::of(0..4u32), prop::option::of(ages), any::<bool>(), patterns(), patterns(), patterns()).prop_map(
        |(keep, older_than, untagged, include, exclude, keep_tags)| {
            let untagged = untagged || (keep.is_none() && older_than.is_none());
            Rules { keep, older_than, untagged, include, exclude, keep_tags }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_stays_loses_what_it_needs(graph in graph(), rules in rules(), running in 0..14usize) {
        let running = name(running);
        let running: BTreeSet<&Digest> = graph.nodes.get_key_value(&running).map(|(digest, _)| digest).into_iter().collect();
        let selection = select(&graph, &rules, NOW, &running).unwrap();
        let gone: BTreeSet<&Digest> = selection.gone.iter().map(|(digest, _)| digest).collect();
        prop_assert!(gone.iter().all(|digest| graph.nodes.contains_key(*digest) && !running.contains(*digest)));
        for (digest, node) in graph.nodes.iter().filter(|(digest, _)| !gone.contains(digest)) {
            // Blobs are needed by the manifests that name them: a registry keeps them as long as one of those is there.
            for needed in node.children.iter().chain(&node.subject) {
                prop_assert!(!gone.contains(needed), "{digest} stays and needs {needed}");
            }
            for (referrer, _) in graph.nodes.iter().filter(|(_, other)| other.subject.as_ref() == Some(digest)) {
                prop_assert!(!gone.contains(referrer), "{digest} stays and loses {referrer}");
            }
            for (tag, target) in &graph.tags {
                if TagRole::of(tag) == TagRole::Of(digest.clone()) {
                    prop_assert!(!gone.contains(target), "{digest} stays and loses `{tag}`");
                }
            }
        }
        for (tag, target) in graph.tags.iter().filter(|(tag, _)| TagRole::of(tag) == TagRole::Name) {
            let is_protected = |patterns: &[String]| patterns.iter().any(|p| tag.as_str().starts_with(p.trim_end_matches('*')));
            if is_protected(&rules.exclude) || is_protected(&rules.keep_tags) {
                prop_assert!(!gone.contains(target), "`{tag}` is to stay");
            }
            let created = graph.nodes.get(target).and_then(|node| node.created);
            if rules.need_times() && created.is_none() {
                prop_assert!(!gone.contains(target), "`{tag}` has no time");
            }
        }
        for (place, (digest, _)) in selection.gone.iter().enumerate() {
            let later = selection.gone.iter().skip(place + 1).map(|(digest, _)| digest);
            let is_index_of = |other: &&Digest| graph.nodes[*other].children.contains(digest) && other != &digest;
            let above: Vec<_> = later.filter(is_index_of).collect();
            // Only what goes in circles, which no content can, has no order.
            let ways = graph.ways();
            prop_assert!(above.iter().all(|index| ways.closure([digest], false).contains_key(index)), "{digest}");
        }
        prop_assert_eq!(select(&graph, &rules, NOW, &running).unwrap(), selection);
    }
}
