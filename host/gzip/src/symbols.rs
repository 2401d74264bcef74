//! Which symbol says a length or a distance, and how many extra bits follow it (RFC 1951, section 3.2.5).

/// The symbol that ends a block.
pub(crate) const END: usize = 256;

/// Symbols for literals, the end and lengths; the last two are never used.
pub(crate) const LITERALS_AND_LENGTHS: usize = 288;

/// Symbols for distances; the last two are never used.
pub(crate) const DISTANCES: usize = 32;

/// The shortest length.
pub(crate) const SHORTEST: u32 = 3;

/// The longest length.
pub(crate) const LONGEST: u32 = 258;

/// The symbol of a length less three, and its extra bits: after the first eight, each power of two has four symbols.
pub(crate) fn length_symbol(above_shortest: u32) -> (u32, u32) {
    if above_shortest == LONGEST - SHORTEST {
        // The one that is out of order.
        return (285, 0);
    }
    let extra = (above_shortest | 4).ilog2() - 2;
    (257 + 4 * extra + (above_shortest >> extra), extra)
}

/// The symbol of a distance less one, and its extra bits: after the first four, each power of two has two symbols.
#[inline(always)]
pub(crate) fn distance_symbol(above_one: u32) -> (u32, u32) {
    let extra = (above_one | 2).ilog2() - 1;
    (2 * extra + (above_one >> extra), extra)
}

/// The extra bits that follow the symbol of a distance.
pub(crate) fn distance_extra(symbol: usize) -> u32 {
    (symbol as u32 / 2).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_the_symbols_of_the_format() {
        // First lengths of the symbols from 257, from the table of the format.
        let first = [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
            227, 258,
        ];
        for length in SHORTEST..=LONGEST {
            let symbol = 256 + first.partition_point(|first| *first <= length) as u32;
            let extra = if symbol == 285 { 0 } else { (symbol - 257) / 4 };
            assert_eq!(length_symbol(length - SHORTEST), (symbol, extra.saturating_sub(1)), "{length}");
        }
    }

    #[test]
    fn distances_have_the_symbols_of_the_format() {
        let first = [
            1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
            4097, 6145, 8193, 12289, 16385, 24577,
        ];
        for distance in 1..=32768 {
            let symbol = first.partition_point(|first| *first <= distance) - 1;
            assert_eq!(distance_symbol(distance - 1), (symbol as u32, distance_extra(symbol)), "{distance}");
        }
    }
}
