//! How a dynamic block tells its codes (RFC 1951, section 3.2.7).

use crate::bits::Bits;
use crate::huffman::Code;
use crate::symbols::{DISTANCES, LITERALS_AND_LENGTHS};

/// The order in which the lengths of the code for lengths are told.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Lengths of two codes, packed.
pub(crate) struct Header {
    /// How many lengths of each code are told.
    told: [usize; 2],
    items: Vec<Item>,
    code: Code<19>,
    /// How many lengths of the code for lengths are told.
    of_code: usize,
    /// All bits of it.
    pub(crate) cost: u64,
}

/// One length, or a run of equal ones.
#[derive(Clone, Copy)]
struct Item {
    symbol: u8,
    extra: u8,
    bits: u8,
}

impl Item {
    /// A run, whose `extra` says how many are above the fewest.
    fn run(symbol: u8, above: usize, bits: u8) -> Self {
        // At most 127.
        Self { symbol, extra: above as u8, bits }
    }
}

impl Header {
    /// The header of a block with these two codes, with its cost in bits.
    pub(crate) fn new(literals: &Code<LITERALS_AND_LENGTHS>, distances: &Code<DISTANCES>) -> Self {
        let told = [told(&literals.lengths).max(257), told(&distances.lengths).max(1)];
        let lengths: Vec<u8> =
            literals.lengths.iter().take(told[0]).chain(distances.lengths.iter().take(told[1])).copied().collect();
        let items = packed(&lengths);
        let mut counts = [0_u32; 19];
        for item in &items {
            if let Some(count) = counts.get_mut(usize::from(item.symbol)) {
                *count += 1;
            }
        }
        let code = Code::of(&counts, 7);
        let of_code = ORDER.iter().rposition(|symbol| code.lengths.get(*symbol).is_some_and(|length| *length > 0));
        let of_code = (of_code.unwrap_or_default() + 1).max(4);
        let extra: u64 = items.iter().map(|item| u64::from(item.bits)).sum();
        let cost = 14 + 3 * of_code as u64 + code.cost(&counts) + extra;
        Self { told, items, code, of_code, cost }
    }

    /// Writes the header (RFC 1951, section 3.2.7).
    pub(crate) fn write(&self, bits: &mut Bits) {
        let [literals, distances] = self.told;
        bits.put((literals - 257) as u64 | ((distances - 1) as u64) << 5 | ((self.of_code - 4) as u64) << 10, 14);
        bits.flush();
        for symbol in ORDER.iter().take(self.of_code) {
            bits.put(self.code.lengths.get(*symbol).copied().unwrap_or_default().into(), 3);
            bits.flush();
        }
        for item in &self.items {
            let symbol = usize::from(item.symbol);
            let word = self.code.bits.get(symbol).copied().unwrap_or_default();
            bits.put(word.into(), self.code.lengths.get(symbol).copied().unwrap_or_default().into());
            bits.put(item.extra.into(), item.bits.into());
            bits.flush();
        }
    }
}

/// How many lengths there are without the zeros at the end.
fn told(lengths: &[u8]) -> usize {
    lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1)
}

fn packed(lengths: &[u8]) -> Vec<Item> {
    let mut items = Vec::with_capacity(lengths.len());
    for run in lengths.chunk_by(|one, next| one == next) {
        let (length, mut left) = (run.first().copied().unwrap_or_default(), run.len());
        if length == 0 {
            while left >= 11 {
                let many = left.min(138);
                items.push(Item::run(18, many - 11, 7));
                left -= many;
            }
            if left >= 3 {
                items.push(Item::run(17, left - 3, 3));
                left = 0;
            }
        } else {
            items.push(Item::run(length, 0, 0));
            left -= 1;
            while left >= 3 {
                let many = left.min(6);
                items.push(Item::run(16, many - 3, 2));
                left -= many;
            }
        }
        items.extend(std::iter::repeat_n(Item::run(length, 0, 0), left));
    }
    items
}
