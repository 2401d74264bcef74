//! Huffman codes of limited length (RFC 1951, section 3.2.2).

/// A code: the bits of each symbol, the first one lowest. A symbol of length zero has none.
pub(crate) struct Code<const N: usize> {
    /// Bits of each symbol.
    pub(crate) lengths: [u8; N],
    /// The bits themselves, the first one lowest.
    pub(crate) bits: [u16; N],
}

impl<const N: usize> Code<N> {
    /// A short code for symbols that occur that often, of `longest` bits at most.
    ///
    /// It is always complete, for the sake of strict decoders: where less than two symbols occur, others get a bit as
    /// well.
    pub(crate) fn of(counts: &[u32; N], longest: usize) -> Self {
        let mut leaves = Vec::with_capacity(N);
        leaves.extend(
            (0..).zip(counts).filter(|(_, count)| **count > 0).map(|(symbol, count)| Leaf { count: *count, symbol }),
        );
        for symbol in 0..2 {
            if leaves.len() < 2 && leaves.iter().all(|leaf| leaf.symbol != symbol) {
                leaves.push(Leaf { count: 1, symbol });
            }
        }
        leaves.sort_unstable();
        let mut lengths = [0; N];
        let mut rarest_first = leaves.iter();
        for (length, symbols) in (0..16_u8).zip(symbols_by_length(&leaves, longest)).rev() {
            for leaf in rarest_first.by_ref().take(symbols.into()) {
                if let Some(slot) = lengths.get_mut(usize::from(leaf.symbol)) {
                    *slot = length;
                }
            }
        }
        Self::with_lengths(lengths)
    }

    /// The canonical code with these lengths: shorter ones first, then by symbol.
    pub(crate) fn with_lengths(lengths: [u8; N]) -> Self {
        let mut symbols = ByLength::default();
        for length in lengths {
            add(&mut symbols, length.into(), 1);
        }
        let mut next = ByLength::default();
        let mut code = 0;
        for (next, symbols) in next.iter_mut().zip(symbols).skip(1) {
            *next = code;
            code = (code + symbols) << 1;
        }
        let mut bits = [0; N];
        for (bits, length) in bits.iter_mut().zip(lengths) {
            if let Some(code) = next.get_mut(usize::from(length)).filter(|_| length > 0) {
                *bits = code.reverse_bits() >> (16 - length);
                // Wraps only behind the last word of the longest length.
                *code = code.wrapping_add(1);
            }
        }
        Self { lengths, bits }
    }

    /// The bits of symbols that occur that often.
    pub(crate) fn cost(&self, counts: &[u32; N]) -> u64 {
        self.lengths.iter().zip(counts).map(|(length, count)| u64::from(*length) * u64::from(*count)).sum()
    }
}

/// A symbol that occurs; the rarer one is less.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    count: u32,
    symbol: u16,
}

/// A number for each length of a word, of which none is longer than 15 bits.
type ByLength = [u16; 16];

fn add(numbers: &mut ByLength, length: usize, more: u16) {
    if let Some(number) = numbers.get_mut(length) {
        *number += more;
    }
}

/// How many symbols have words of each length, for at least two leaves, the rarest first.
fn symbols_by_length(leaves: &[Leaf], longest: usize) -> ByLength {
    let parents = parents(leaves);
    let mut depths = vec![0_u8; parents.len()];
    let mut symbols = ByLength::default();
    // The root's children. Then every other inner node, from the top, turns a word into two that are longer by one:
    // where it stands in the tree, or, where that is too deep, as deep as is allowed. The code is complete at every
    // step.
    add(&mut symbols, 1, 2);
    for (node, parent) in parents.iter().enumerate().rev().skip(1) {
        let depth = depths.get(*parent).map_or(1, |depth| depth + 1);
        if let Some(slot) = depths.get_mut(node) {
            *slot = depth;
        }
        let deepest = usize::from(depth).min(longest - 1);
        let split = symbols.iter().take(deepest + 1).rposition(|symbols| *symbols > 0).unwrap_or(1);
        if let Some(number) = symbols.get_mut(split) {
            *number -= 1;
        }
        add(&mut symbols, split + 1, 2);
    }
    symbols
}

/// Huffman's tree: for each inner node, in the order of their weights, the inner node above it. The last one is the
/// root.
fn parents(leaves: &[Leaf]) -> Vec<usize> {
    let nodes = leaves.len() - 1;
    let mut parents = vec![nodes - 1; nodes];
    let mut weights: Vec<u32> = Vec::with_capacity(nodes);
    let mut leaves = leaves.iter().map(|leaf| leaf.count).peekable();
    let mut orphan = 0;
    for node in 0..nodes {
        let mut weight = 0;
        for _ in 0..2 {
            let inner = weights.get(orphan).copied();
            // Of equal ones the leaf, for the tree is less deep then.
            match leaves.next_if(|leaf| inner.is_none_or(|inner| *leaf <= inner)) {
                Some(leaf) => weight += leaf,
                None => {
                    weight += inner.unwrap_or_default();
                    if let Some(parent) = parents.get_mut(orphan) {
                        *parent = node;
                    }
                    orphan += 1;
                }
            }
        }
        weights.push(weight);
    }
    parents
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::*;

    /// The share of all words that a code uses, in 2^-15.
    fn kraft<const N: usize>(code: &Code<N>) -> u32 {
        code.lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum()
    }

    fn check<const N: usize>(counts: &[u32; N], longest: usize) -> Code<N> {
        let code = Code::of(counts, longest);
        assert_eq!(kraft(&code), 1 << 15, "{counts:?}");
        assert!(code.lengths.iter().all(|length| usize::from(*length) <= longest), "{counts:?}");
        assert!(counts.iter().zip(code.lengths).all(|(count, length)| *count == 0 || length > 0), "{counts:?}");
        code
    }

    #[test]
    fn the_words_of_the_format_s_example_are_these() {
        let code = Code::with_lengths([3, 3, 3, 3, 3, 2, 4, 4]);
        let words: Vec<String> = code
            .bits
            .iter()
            .zip(code.lengths)
            .map(|(bits, length)| format!("{:0>1$b}", bits.reverse_bits() >> (16 - length), length.into()))
            .collect();
        assert_eq!(words, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }

    #[test]
    fn frequencies_that_would_need_long_words_get_words_that_are_allowed() {
        let mut counts = [0; 40];
        let (mut one, mut two) = (1, 1);
        for count in &mut counts {
            *count = one;
            (one, two) = (two, one + two);
        }
        for longest in [7, 14, 15] {
            check(&counts, longest);
        }
    }

    #[test]
    fn one_symbol_or_none_still_makes_a_whole_code() {
        for symbol in 0..30 {
            let mut counts = [0; 30];
            counts[symbol] = 7;
            assert_eq!(check(&counts, 15).lengths[symbol], 1);
        }
        check(&[0; 30], 15);
    }

    #[test]
    fn words_are_as_short_as_they_can_be() {
        // 8, 4, 2, 1, 1 of 16: each word as long as its share says.
        assert_eq!(check(&[1, 8, 2, 4, 1], 15).lengths, [4, 1, 3, 2, 4]);
    }

    proptest! {
        #[test]
        fn every_code_is_complete_and_no_word_too_long(counts in prop::array::uniform32(0..3_000_000_u32 / 32), shape in any::<u64>()) {
            let mut counts = counts;
            for (at, count) in counts.iter_mut().enumerate() {
                *count >>= (shape >> at) & 15;
            }
            for longest in [7, 14, 15] {
                check(&counts, longest);
            }
        }
    }
}
