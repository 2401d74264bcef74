//! Circles: files that import each other, directly or through others.

use std::collections::BTreeSet;

use super::modules::{Graph, ModulePath};

/// A line for each circle of a crate, with the arrows in it.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    let mut done = BTreeSet::new();
    for module in graph.arrows.keys() {
        if done.contains(module) {
            continue;
        }
        let circle: BTreeSet<&ModulePath> =
            reach(graph, module).into_iter().filter(|other| reach(graph, other).contains(module)).collect();
        if !circle.is_empty() {
            findings.push(shown(graph, &circle));
            done.extend(circle.into_iter().cloned());
        }
    }
    findings
}

/// Every module that a module depends on.
fn reach<'a>(graph: &'a Graph, from: &ModulePath) -> BTreeSet<&'a ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&ModulePath> = graph.arrows.get(from).into_iter().flatten().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(graph.arrows.get(module).into_iter().flatten());
        }
    }
    reached
}

fn shown(graph: &Graph, circle: &BTreeSet<&ModulePath>) -> String {
    let arrows = circle.iter().flat_map(|from| {
        let to = graph.arrows.get(*from).into_iter().flatten().filter(|to| circle.contains(to));
        to.map(|to| format!("\n    {} -> {}", name(from), name(to)))
    });
    format!("a circle of {} files in `{}`:{}", circle.len(), graph.krate.display(), arrows.collect::<String>())
}

/// A module as a reader knows it.
pub(crate) fn name(module: &ModulePath) -> String {
    if module.is_empty() { "crate".to_owned() } else { module.join("::") }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn graph(arrows: &[(&str, &str)]) -> Graph {
        let mut graph = Graph { krate: PathBuf::from("host"), arrows: Default::default() };
        for (from, to) in arrows {
            graph.arrows.entry(vec![(*from).to_owned()]).or_default().insert(vec![(*to).to_owned()]);
        }
        graph
    }

    #[test]
    fn a_line_has_no_circle() {
        assert_eq!(check(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), Vec::<String>::new());
    }

    #[test]
    fn each_circle_is_told_once_with_its_arrows() {
        let findings = check(&graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "f"), ("f", "e")]));
        let expected = [
            "a circle of 3 files in `host`:\n    a -> b\n    b -> c\n    c -> a",
            "a circle of 2 files in `host`:\n    e -> f\n    f -> e",
        ];
        assert_eq!(findings, expected);
    }
}
