//! The order in which manifests go: an index before the manifests that it names, an image before what belongs to it. If
//! the work ends halfway, no index is left that names what is gone, and no image without its signature.

use std::collections::BTreeMap;

use super::graph::Ways;
use super::reason::Reason;
use crate::image::Digest;

/// Most steps from an index or image to what goes after it: an index in an index, its image, an SBOM of that and a
/// signature of that are four. A circle is cut there.
const DEEPEST: usize = 32;

/// What goes, in order.
pub(super) fn in_order(ways: &Ways<'_>, mut goes: BTreeMap<&Digest, Reason>) -> Vec<(Digest, Reason)> {
    let levels = levels(ways, goes.keys().copied());
    levels.into_iter().flatten().filter_map(|digest| goes.remove(&digest).map(|reason| (digest, reason))).collect()
}

/// What goes, in groups that go one after the other.
pub(super) fn levels<'a>(ways: &Ways<'_>, goes: impl Iterator<Item = &'a Digest>) -> Vec<Vec<Digest>> {
    let mut depths: BTreeMap<&Digest, usize> = goes.map(|digest| (digest, 0)).collect();
    let mut changed: Vec<&Digest> = depths.keys().copied().collect();
    while let Some(digest) = changed.pop() {
        let depth = depths.get(digest).copied().unwrap_or(0) + 1;
        for next in ways.below(digest) {
            let Some((&next, &known)) = depths.get_key_value(next) else { continue };
            if known < depth && depth < DEEPEST {
                depths.insert(next, depth);
                changed.push(next);
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
