//! Layers: a module imports from those below its own, and from no other.

use std::collections::BTreeSet;

use super::circles::name;
use super::modules::Graph;
use super::rules::LAYERS;

/// A line for each import that the layers do not allow, and for each module that they do not know.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let mut findings = BTreeSet::new();
    for (from, targets) in &graph.arrows {
        let Some(top) = from.first() else { continue };
        let Some(height) = depth_of(top) else {
            findings.insert(format!("the module `{top}` has no layer"));
            continue;
        };
        for to in targets {
            match to.first() {
                Some(other) if other == top => {}
                Some(other) if depth_of(other).is_some_and(|other| other > height) => {}
                Some(_) => {
                    findings.insert(format!("{} imports {}, which is not below it", name(from), name(to)));
                }
                None => {
                    findings.insert(format!("{} imports from the root of the crate", name(from)));
                }
            }
        }
    }
    findings.into_iter().collect()
}

/// How far below the top a module's layer is.
fn depth_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.modules.iter().any(|(name, _)| *name == module))
}
