//! Circles: files that import each other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Graph, ModulePath};

/// A line for each circle of a crate, with the arrows in it.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let numbered = Numbered::new(graph);
    // What each module depends on is found once: a crate has a thousand modules.
    let reached: Vec<Vec<bool>> = (0..numbered.modules.len()).map(|from| numbered.reach(from)).collect();
    let reaches = |from: usize, to: usize| reached.get(from).and_then(|row| row.get(to)).copied().unwrap_or(false);
    let (mut findings, mut done) = (Vec::new(), BTreeSet::new());
    for module in 0..numbered.modules.len() {
        let circle: Vec<usize> = (0..numbered.modules.len())
            .filter(|&other| reaches(module, other) && reaches(other, module) && !done.contains(&module))
            .collect();
        if !circle.is_empty() {
            let modules = circle.iter().filter_map(|&member| numbered.modules.get(member).copied()).collect();
            findings.push(shown(graph, &modules));
            done.extend(circle);
        }
    }
    findings
}

/// A graph whose modules have numbers, in their order.
struct Numbered<'a> {
    modules: Vec<&'a ModulePath>,
    /// Of each module, the numbers of those that it refers to.
    arrows: Vec<Vec<usize>>,
}

impl<'a> Numbered<'a> {
    fn new(graph: &'a Graph) -> Self {
        let modules: Vec<&ModulePath> = graph.arrows.keys().collect();
        let numbers: BTreeMap<&ModulePath, usize> = modules.iter().copied().zip(0..).collect();
        let of = |targets: &BTreeSet<ModulePath>| targets.iter().filter_map(|to| numbers.get(to).copied()).collect();
        Self { arrows: graph.arrows.values().map(of).collect(), modules }
    }

    /// Whether a module depends on each of the others.
    fn reach(&self, from: usize) -> Vec<bool> {
        let mut reached = vec![false; self.modules.len()];
        let mut open: Vec<usize> = self.arrows.get(from).cloned().unwrap_or_default();
        while let Some(module) = open.pop() {
            match reached.get_mut(module) {
                Some(known @ false) => *known = true,
                _ => continue,
            }
            open.extend(self.arrows.get(module).into_iter().flatten());
        }
        reached
    }
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
