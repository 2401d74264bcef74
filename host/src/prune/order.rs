//! The order in which manifests go: an index before the manifests that it names, an image before what belongs to it. If
//! the work ends halfway, no index is left that names what is gone, and no image without its signature.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Ways;
use super::reason::Reason;
use crate::image::Digest;

/// What goes, in order.
pub(super) fn in_order(ways: &Ways<'_>, mut goes: BTreeMap<&Digest, Reason>) -> Vec<(Digest, Reason)> {
    let levels = levels(ways, goes.keys().copied());
    levels.into_iter().flatten().filter_map(|digest| goes.remove(&digest).map(|reason| (digest, reason))).collect()
}

/// What goes, in groups that go one after the other.
pub(super) fn levels<'a>(ways: &Ways<'_>, goes: impl Iterator<Item = &'a Digest>) -> Vec<Vec<Digest>> {
    let mut depths: BTreeMap<&Digest, usize> = goes.map(|digest| (digest, 0)).collect();
    let order = topological(ways, &depths);
    let places: BTreeMap<&Digest, usize> = order.iter().enumerate().map(|(place, digest)| (*digest, place)).collect();
    for (place, digest) in order.iter().enumerate() {
        let depth = depths.get(digest).copied().unwrap_or(0) + 1;
        for next in ways.below(digest) {
            // A way back closes a circle, which only a registry that lies can have: it counts for nothing.
            if let Some((next, _)) = places.get_key_value(next).filter(|(_, at)| **at > place)
                && let Some(known) = depths.get_mut(next)
            {
                *known = depth.max(*known);
            }
        }
    }
    let mut levels: Vec<Vec<Digest>> = Vec::new();
    for (digest, depth) in depths {
        levels.resize_with(levels.len().max(depth + 1), Vec::new);
        if let Some(level) = levels.get_mut(depth) {
            level.push(digest.clone());
        }
    }
    levels
}

/// Manifests in an order in which each stands before those below it, unless it is below them, too.
fn topological<'a>(ways: &Ways<'_>, among: &BTreeMap<&'a Digest, usize>) -> Vec<&'a Digest> {
    let mut done: Vec<&Digest> = Vec::with_capacity(among.len());
    let mut seen: BTreeSet<&Digest> = BTreeSet::new();
    // Each manifest twice: to go down from, and when all below it is done.
    let mut open: Vec<(&'a Digest, bool)> = among.keys().map(|digest| (*digest, false)).collect();
    while let Some((digest, is_left)) = open.pop() {
        if is_left {
            done.push(digest);
        } else if seen.insert(digest) {
            open.push((digest, true));
            open.extend(ways.below(digest).filter_map(|next| Some((*among.get_key_value(next)?.0, false))));
        }
    }
    done.reverse();
    done
}
