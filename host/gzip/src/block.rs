//! A deflate block (RFC 1951, section 3.2.3): stored, with the fixed codes or with its own, whichever is smallest.

use crate::bits::Bits;
use crate::header::Header;
use crate::huffman::Code;
use crate::matches::{Counts, Token, eight};
use crate::symbols::{DISTANCES, END, LITERALS_AND_LENGTHS, distance_extra, length_symbol};

/// Bytes of a stored block at most (RFC 1951, section 3.2.4).
const STORED: usize = 0xffff;

/// The longest word for a literal or length, so that four literals fit between two flushes; the format allows 15.
const LONGEST_LITERAL: usize = 14;

/// The longest word for a distance (RFC 1951, section 3.2.7).
const LONGEST_DISTANCE: usize = 15;

/// Writes the first `size` bytes of what is left as one block, or as some stored ones.
pub(crate) fn write(mut bits: Bits, left: &[u8], size: usize, tokens: &[Token], counts: &Counts, last: bool) -> Bits {
    let bytes = left.get(..size).unwrap_or_default();
    let (symbols, mut extra) = symbols(counts);
    extra += counts.distances.iter().enumerate().map(|(symbol, n)| u64::from(distance_extra(symbol) * n)).sum::<u64>();
    let cost = |literals: &Code<LITERALS_AND_LENGTHS>, distances: &Code<DISTANCES>| {
        literals.cost(&symbols) + distances.cost(&counts.distances) + extra
    };
    let (literals, distances) = fixed();
    let fixed_cost = cost(&literals, &distances);
    let (own_literals, own_distances) =
        (Code::of(&symbols, LONGEST_LITERAL), Code::of(&counts.distances, LONGEST_DISTANCE));
    let header = Header::new(&own_literals, &own_distances);
    let own_cost = header.cost + cost(&own_literals, &own_distances);
    // Each begins with three bits, but a stored one is told in whole bytes then.
    let stored_cost = 8 * (bytes.len() as u64 + 4 * bytes.len().div_ceil(STORED).max(1) as u64);
    if stored_cost <= own_cost.min(fixed_cost) {
        store(&mut bits, bytes, last);
        return bits;
    }
    bits.put(u64::from(last), 1);
    let words = if fixed_cost <= own_cost {
        bits.put(1, 2);
        bits.flush();
        Words::new(&literals, &distances)
    } else {
        bits.put(2, 2);
        header.write(&mut bits);
        Words::new(&own_literals, &own_distances)
    };
    words.write(bits, left, size, tokens)
}

/// How often each literal, length symbol and the end occurs, and the extra bits of the lengths.
fn symbols(counts: &Counts) -> ([u32; LITERALS_AND_LENGTHS], u64) {
    let mut symbols = [0; LITERALS_AND_LENGTHS];
    let mut extra = 0;
    for (symbol, literals) in symbols.iter_mut().zip(counts.literals) {
        *symbol = literals;
    }
    if let Some(end) = symbols.get_mut(END) {
        *end = 1;
    }
    for (length, count) in (0..).zip(counts.lengths) {
        let (symbol, bits) = length_symbol(length);
        if let Some(symbol) = symbols.get_mut(symbol as usize) {
            *symbol += count;
        }
        extra += u64::from(bits * count);
    }
    (symbols, extra)
}

/// The codes that need not be told (RFC 1951, section 3.2.6).
fn fixed() -> (Code<LITERALS_AND_LENGTHS>, Code<DISTANCES>) {
    let mut lengths = [8; LITERALS_AND_LENGTHS];
    for (symbol, length) in lengths.iter_mut().enumerate() {
        match symbol {
            144..256 => *length = 9,
            256..280 => *length = 7,
            _ => {}
        }
    }
    (Code::with_lengths(lengths), Code::with_lengths([5; DISTANCES]))
}

fn store(bits: &mut Bits, bytes: &[u8], last: bool) {
    let mut pieces = bytes.chunks(STORED).peekable();
    while let Some(piece) = pieces.next() {
        bits.put(u64::from(last && pieces.peek().is_none()), 3);
        bits.align();
        // Never more than STORED.
        let length = piece.len() as u16;
        bits.bytes(&length.to_le_bytes());
        bits.bytes(&(!length).to_le_bytes());
        bits.bytes(piece);
    }
}

/// Bits that are written together.
#[derive(Clone, Copy, Default)]
struct Word {
    bits: u32,
    count: u32,
}

/// The word of a distance's symbol.
#[derive(Clone, Copy, Default)]
struct DistanceWord {
    bits: u32,
    /// Its bits without the extra ones.
    own: u16,
    /// Its bits and the extra ones.
    count: u16,
}

/// The index of a word without bits, behind those of the literals.
const NOTHING: usize = 256;

/// What is written for what.
struct Words {
    literals: [Word; 257],
    /// Lengths less three, with their extra bits.
    lengths: [Word; 256],
    distances: [DistanceWord; DISTANCES],
    end: Word,
}

impl Words {
    fn new(literals: &Code<LITERALS_AND_LENGTHS>, distances: &Code<DISTANCES>) -> Self {
        let word = |symbol: usize| match (literals.bits.get(symbol), literals.lengths.get(symbol)) {
            (Some(bits), Some(count)) => Word { bits: u32::from(*bits), count: u32::from(*count) },
            _ => Word::default(),
        };
        let mut words = Self {
            literals: [Word::default(); 257],
            lengths: [Word::default(); 256],
            distances: [DistanceWord::default(); DISTANCES],
            end: word(END),
        };
        for (symbol, slot) in words.literals.iter_mut().enumerate().take(NOTHING) {
            *slot = word(symbol);
        }
        for (length, slot) in (0..).zip(&mut words.lengths) {
            let (symbol, extra) = length_symbol(length);
            let Word { bits, count } = word(symbol as usize);
            *slot = Word { bits: bits | (length & ((1 << extra) - 1)) << count, count: count + extra };
        }
        for (symbol, slot) in words.distances.iter_mut().enumerate() {
            if let (Some(bits), Some(own)) = (distances.bits.get(symbol), distances.lengths.get(symbol)) {
                let own = u16::from(*own);
                *slot = DistanceWord { bits: u32::from(*bits), own, count: own + distance_extra(symbol) as u16 };
            }
        }
        words
    }

    #[inline(always)]
    fn literal(&self, bits: &mut Bits, which: usize) {
        let word = self.literals.get(which).copied().unwrap_or_default();
        bits.put(word.bits.into(), word.count);
    }

    /// Writes the tokens, what remains of the bytes and the end. By value, so that what is held stays in registers.
    ///
    /// The literals of a token are read with what follows them, be it behind the block.
    #[inline(never)]
    fn write(&self, mut bits: Bits, left: &[u8], size: usize, tokens: &[Token]) -> Bits {
        let mut at = 0;
        for token in tokens {
            let mut literals = u32::from(token.literals);
            while literals > 4 {
                for byte in eight(left, at).to_le_bytes().iter().take(4) {
                    self.literal(&mut bits, usize::from(*byte));
                }
                bits.flush();
                at += 4;
                literals -= 4;
            }
            // Always four, of which the last ones may be nothing: no branch on how many, which nobody could foretell.
            for (number, byte) in (0..4).zip(eight(left, at).to_le_bytes()) {
                self.literal(&mut bits, if number < literals { byte.into() } else { NOTHING });
            }
            bits.flush();
            // At most 14 + 5 and 15 + 13 bits.
            let length = self.lengths.get(usize::from(token.length)).copied().unwrap_or_default();
            bits.put(length.bits.into(), length.count);
            let distance = self.distances.get(usize::from(token.distance) % DISTANCES).copied().unwrap_or_default();
            bits.put(u64::from(distance.bits) | u64::from(token.extra) << distance.own, distance.count.into());
            bits.flush();
            at += literals + u32::from(token.length) + 3;
        }
        for byte in left.get(at as usize..size).unwrap_or_default() {
            self.literal(&mut bits, usize::from(*byte));
            bits.flush();
        }
        bits.put(self.end.bits.into(), self.end.count);
        bits.flush();
        bits
    }
}
