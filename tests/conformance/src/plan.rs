//! Which quirks meet in which push.

use crate::pairs::{Random, all_pairs};
use crate::quirk::{Dimension, Expectation, Quirk};

/// The quirks of one push.
pub(crate) type Combination<'a> = Vec<&'a Quirk>;

/// Each quirk alone, with what it needs.
pub(crate) fn alone(dimensions: &[Dimension]) -> Vec<Combination<'_>> {
    let all = || dimensions.iter().flat_map(|dimension| &dimension.quirks);
    all().map(|quirk| all().filter(|other| is_needed_by(quirk, other)).collect()).collect()
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
                combinations.push(among(dimensions, around, illegal));
            }
        }
    }
    combinations
}

/// Whether it is the quirk itself, or one without which the quirk has no effect.
fn is_needed_by(quirk: &Quirk, other: &Quirk) -> bool {
    other.id == quirk.id || quirk.with.contains(&other.id)
}

/// A quirk with what it needs, in place of what the combination had in those dimensions.
fn among<'a>(dimensions: &'a [Dimension], around: &[&'a Quirk], quirk: &'a Quirk) -> Combination<'a> {
    let own = dimensions.iter().filter(|dimension| dimension.quirks.iter().any(|other| is_needed_by(quirk, other)));
    let replaced: Vec<&str> = own.flat_map(|dimension| &dimension.quirks).map(|other| other.id.as_str()).collect();
    let kept = around.iter().copied().filter(|other| !replaced.contains(&other.id.as_str()));
    let all = dimensions.iter().flat_map(|dimension| &dimension.quirks);
    kept.chain(all.filter(|other| is_needed_by(quirk, other))).collect()
}

/// So many of them, evenly.
pub(crate) fn sample<T>(all: Vec<T>, number: usize) -> Vec<T> {
    let total = all.len();
    let chosen = |index: usize| total <= number || (index * number) / total != ((index + 1) * number) / total;
    all.into_iter().enumerate().filter(|(index, _)| chosen(*index)).map(|(_, value)| value).collect()
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
