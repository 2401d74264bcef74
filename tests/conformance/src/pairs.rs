//! All-pairs combinations: each two values of two dimensions occur together at least once.

use std::collections::BTreeSet;

/// For each dimension the number of its value; 0 is the usual behaviour.
pub(crate) type Combination = Vec<usize>;

/// Combinations in which each two values of two dimensions meet; `sizes` has the number of values of each dimension.
/// The same seed gives the same combinations on every machine.
pub(crate) fn all_pairs(sizes: &[usize], seed: u64) -> Vec<Combination> {
    let mut open = BTreeSet::new();
    for (a, &of_a) in sizes.iter().enumerate() {
        for (b, &of_b) in sizes.iter().enumerate().skip(a + 1) {
            open.extend((0..of_a).flat_map(|x| (0..of_b).map(move |y| (a, x, b, y))));
        }
    }
    let mut random = Random(seed);
    let mut combinations = Vec::new();
    while let Some(&first) = open.iter().nth(random.below(open.len())) {
        let combination = with_pair(sizes, first, &open, &mut random);
        open.retain(|&pair| !holds(&combination, pair));
        combinations.push(combination);
    }
    combinations
}

/// Value x of dimension a with value y of dimension b.
type Pair = (usize, usize, usize, usize);

fn holds(combination: &[usize], (a, x, b, y): Pair) -> bool {
    combination.get(a) == Some(&x) && combination.get(b) == Some(&y)
}

/// A combination that holds the pair, and in each further dimension the value that settles most open pairs.
fn with_pair(sizes: &[usize], pair: Pair, open: &BTreeSet<Pair>, random: &mut Random) -> Combination {
    let (a, x, b, y) = pair;
    let mut chosen: Vec<Option<usize>> = vec![None; sizes.len()];
    for (dimension, value) in [(a, x), (b, y)] {
        if let Some(place) = chosen.get_mut(dimension) {
            *place = Some(value);
        }
    }
    for (dimension, &size) in sizes.iter().enumerate() {
        if chosen.get(dimension).is_some_and(Option::is_some) {
            continue;
        }
        // Equal values are taken in turn from a random one, so that rounds with other seeds differ.
        let start = random.below(size);
        let settles = |value: usize| {
            let met = |(other, v): (usize, &Option<usize>)| {
                v.is_some_and(|v| match other < dimension {
                    true => open.contains(&(other, v, dimension, value)),
                    false => open.contains(&(dimension, value, other, v)),
                })
            };
            chosen.iter().enumerate().filter(|&(other, v)| met((other, v))).count()
        };
        let best = (0..size).map(|step| (start + step) % size).max_by_key(|&value| settles(value));
        if let Some(place) = chosen.get_mut(dimension) {
            *place = best;
        }
    }
    chosen.into_iter().map(Option::unwrap_or_default).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers whatever the version of a crate.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`; 0 where that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        z.checked_rem(end as u64).and_then(|rest| usize::try_from(rest).ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_two_values_meet_and_the_same_seed_gives_the_same() {
        let sizes = [4, 3, 5, 1, 2];
        let all = all_pairs(&sizes, 7);
        assert_eq!(all, all_pairs(&sizes, 7));
        assert_ne!(all, all_pairs(&sizes, 8));
        for (a, &of_a) in sizes.iter().enumerate() {
            for (b, &of_b) in sizes.iter().enumerate().skip(a + 1) {
                for (x, y) in (0..of_a).flat_map(|x| (0..of_b).map(move |y| (x, y))) {
                    assert!(all.iter().any(|combination| holds(combination, (a, x, b, y))));
                }
            }
        }
        // Far fewer than the 120 of the full product.
        assert!(all.len() < 40, "{}", all.len());
    }
}
