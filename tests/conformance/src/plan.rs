//! Which quirks meet in which push.

use crate::pairs::{Random, all_pairs};
use crate::quirk::{Dimension, Expectation, Quirk};
use crate::run::expectation;

/// The quirks of one push.
pub(crate) type Combination<'a> = Vec<&'a Quirk>;

/// Each quirk alone, with what it needs.
pub(crate) fn alone(dimensions: &[Dimension]) -> Vec<Combination<'_>> {
    let all = || dimensions.iter().flat_map(|dimension| &dimension.quirks);
    all().map(|quirk| all().filter(|other| other.id == quirk.id || quirk.with.contains(&other.id)).collect()).collect()
}

/// For each round all pairs of the quirks with which a push has to work, and each other quirk once among some of those.
pub(crate) fn combined(dimensions: &[Dimension], rounds: u64) -> Vec<Combination<'_>> {
    let works = |quirk: &&Quirk| quirk.expectation() == Expectation::Push && quirk.decided.is_none() && !quirk.open;
    let values: Vec<Vec<&Quirk>> =
        dimensions.iter().map(|dimension| dimension.quirks.iter().filter(works).collect()).collect();
    // The usual behaviour is a value too.
    let sizes: Vec<usize> = values.iter().map(|quirks| quirks.len() + 1).collect();
    let mut combinations = Vec::new();
    for round in 0..rounds {
        let pairs = all_pairs(&sizes, round);
        combinations.extend(pairs.iter().map(|chosen| {
            let chosen = values.iter().zip(chosen);
            let value = chosen.filter_map(|(quirks, number)| quirks.get(number.checked_sub(1)?).copied());
            value.collect::<Combination<'_>>()
        }));
        let mut random = Random(round);
        let working = combinations.clone();
        for dimension in dimensions {
            for illegal in dimension.quirks.iter().filter(|quirk| !works(quirk)) {
                let Some(around) = working.get(random.below(working.len())) else { continue };
                let others = around.iter().filter(|quirk| !dimension.quirks.iter().any(|own| own.id == quirk.id));
                combinations.push(others.copied().chain([illegal]).collect());
            }
        }
    }
    combinations
}

/// So many of them, evenly.
pub(crate) fn sample<T>(all: Vec<T>, number: usize) -> Vec<T> {
    let total = all.len();
    let chosen = |index: usize| total <= number || (index * number) / total != ((index + 1) * number) / total;
    all.into_iter().enumerate().filter(|(index, _)| chosen(*index)).map(|(_, value)| value).collect()
}

/// Whether crhost decided against a push with one of these, or is known to fail.
pub(crate) fn may_fail(quirks: &[&Quirk]) -> bool {
    expectation(quirks) != Expectation::Refuse && quirks.iter().any(|quirk| quirk.decided.is_some() || quirk.open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_that_number_evenly() {
        assert_eq!(sample((0..10).collect(), 5), [1, 3, 5, 7, 9]);
        assert_eq!(sample(vec![1, 2], 5), [1, 2]);
    }
}
