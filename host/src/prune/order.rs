//! The order in which manifests go.

use std::collections::BTreeMap;

use super::graph::Ways;
use super::reason::Reason;
use crate::image::Digest;

/// Most steps from an index or image to what goes after it: an index in an index, its image, an SBOM of that and a
/// signature of that are four. A circle is cut there.
const DEEPEST: usize = 32;

/// What goes, in an order in which nothing goes before the index that names it or the image that it belongs to: if the
/// work ends halfway, no index is left that names what is gone, and no image without its signature.
pub(super) fn in_order(ways: &Ways<'_>, mut goes: BTreeMap<&Digest, Reason>) -> Vec<(Digest, Reason)> {
    let mut depths: BTreeMap<&Digest, usize> = goes.keys().map(|digest| (*digest, 0)).collect();
    let mut changed: Vec<&Digest> = goes.keys().copied().collect();
    while let Some(digest) = changed.pop() {
        let depth = depths.get(digest).copied().unwrap_or(0) + 1;
        for next in ways.below(digest) {
            if let Some(known) = depths.get_mut(next)
                && *known < depth
                && depth < DEEPEST
            {
                *known = depth;
                changed.push(next);
            }
        }
    }
    let mut order: Vec<(usize, &Digest)> = depths.into_iter().map(|(digest, depth)| (depth, digest)).collect();
    order.sort();
    order.into_iter().filter_map(|(_, digest)| Some((digest.clone(), goes.remove(digest)?))).collect()
}
