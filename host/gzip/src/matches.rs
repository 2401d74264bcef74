//! What occurred before: matches, found greedily.

use crate::symbols::{DISTANCES, LONGEST, SHORTEST, distance_symbol};

/// Literals, then a match.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    /// How many literals.
    pub(crate) literals: u16,
    /// The match's length, less three.
    pub(crate) length: u8,
    /// The symbol of its distance.
    pub(crate) distance: u8,
    /// The extra bits of its distance.
    pub(crate) extra: u16,
}

/// How often things occur in a block.
pub(crate) struct Counts {
    /// Bytes that no match covers.
    pub(crate) literals: [u32; 256],
    /// Lengths, less three.
    pub(crate) lengths: [u32; 256],
    /// Symbols of distances.
    pub(crate) distances: [u32; DISTANCES],
}

impl Default for Counts {
    fn default() -> Self {
        Self { literals: [0; 256], lengths: [0; 256], distances: [0; DISTANCES] }
    }
}

impl Counts {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        count(&mut self.literals, byte.into());
    }
}

#[inline(always)]
fn count<const N: usize>(counts: &mut [u32; N], which: usize) {
    if let Some(count) = counts.get_mut(which % N) {
        *count += 1;
    }
}

/// Matches of a block at most: enough to be worth a code of its own (half as many make a program's code smaller by a
/// 200th, and the encoder slower by a 50th), and no more than the second cache of a core holds.
pub(crate) const TOKENS: usize = 8192;

/// Places that are remembered, two for each: 32 KiB, the first cache of most cores.
const PLACES: u32 = 13;

/// How far a match may be away, less one (RFC 1951, section 2): so many low bits of a position are looked at.
const WINDOW: u32 = 0x7fff;

/// Bytes at the end that no match covers, so that whole words can be read everywhere before.
const TAIL: u32 = 8;

/// After so many literals without a match not every byte is looked up any more.
const PATIENCE: u32 = 256;

/// The 128th of the literals without a match is left out at once.
const HASTE: u32 = 7;

/// After so many literals without a match the block ends, for what comes is likely to be of another kind; and their
/// number fits into a token.
const DESERT: u32 = 0xf000;

/// Where five bytes occurred last, and before that.
pub(crate) struct Finder {
    places: Box<[[u16; 2]; 1 << PLACES]>,
}

impl Default for Finder {
    fn default() -> Self {
        Self { places: Box::new([[0; 2]; 1 << PLACES]) }
    }
}

impl Finder {
    /// Begins anew.
    pub(crate) fn forget(&mut self) {
        self.places.fill([0; 2]);
    }

    /// Where these five bytes occurred, as low bits of positions; remembers that they occur at `at`.
    #[inline(always)]
    fn look_up(&mut self, word: u64, at: u32) -> [u32; 2] {
        // The lowest five bytes, by a large odd number (2^64 / golden ratio). Matches of four bytes are found by chance
        // only; looking for them is slower by a tenth, for 1.5 % less.
        let hash = (word << 24).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - PLACES);
        match self.places.get_mut(hash as usize) {
            Some(place) => {
                let [last, older] = *place;
                *place = [at as u16, last];
                [last.into(), older.into()]
            }
            None => [0; 2],
        }
    }

    /// Finds the tokens of a block that begins at `start`; what remains after the last of them is literals. Returns
    /// where the block ends.
    #[inline(never)]
    pub(crate) fn find(&mut self, data: &[u8], start: u32, tokens: &mut Vec<Token>, counts: &mut Counts) -> u32 {
        let size = data.len() as u32;
        let limit = size.saturating_sub(2 * TAIL);
        // The first literal without a match.
        let mut literal = start;
        let mut at = start;
        if let (0, Some(byte)) = (start, data.first()) {
            // Nothing is before it.
            counts.literal(*byte);
            at = 1;
        }
        let mut pause = limit.min(literal + PATIENCE);
        loop {
            if at >= pause {
                if at >= limit {
                    break;
                }
                let run = at - literal;
                if run >= DESERT {
                    return at;
                }
                let next = limit.min(at + (run >> HASTE));
                count_literals(data, at, next, counts);
                at = next;
                pause = limit.min(at + 1);
                continue;
            }
            let word = eight(data, at);
            // Of what was remembered, the nearest place before `at` that fits those bits: right, or else, as
            // everything, a candidate that does not match. At the start, where nothing is remembered yet, it is the
            // first byte.
            let before = at - 1;
            let [last, older] = self.look_up(word, at);
            // Not `map`: calls of it stay calls in some builds, and cost a third of the whole encoder's time then.
            let [last, older] = [before.wrapping_sub(last) & WINDOW, before.wrapping_sub(older) & WINDOW];
            if four(data, before - last) != word as u32 && four(data, before - older) != word as u32 {
                counts.literal(word as u8);
                at += 1;
                continue;
            }
            let (differ, differ_older) = (word ^ eight(data, before - last), word ^ eight(data, before - older));
            // All bits up to the first one that differs: more of them is a longer match.
            let [one, two] = [differ ^ differ.wrapping_sub(1), differ_older ^ differ_older.wrapping_sub(1)];
            let (distance, differ) = if two > one { (older, differ_older) } else { (last, differ) };
            let length = if differ != 0 {
                differ.trailing_zeros() / 8
            } else {
                extend(data, at, distance, LONGEST.min(size - TAIL - at))
            };
            let end = at + length;
            // The first bytes and the last ones are remembered: nearly as good as all.
            self.look_up(word >> 8, at + 1);
            self.look_up(word >> 16, at + 2);
            let word = eight(data, end - 2);
            self.look_up(word, end - 2);
            self.look_up(word >> 8, end - 1);
            let (symbol, extra) = distance_symbol(distance);
            count(&mut counts.lengths, (length - SHORTEST) as usize);
            count(&mut counts.distances, symbol as usize);
            tokens.push(Token {
                literals: (at - literal) as u16,
                length: (length - SHORTEST) as u8,
                distance: symbol as u8,
                extra: (distance & ((1 << extra) - 1)) as u16,
            });
            at = end;
            literal = end;
            pause = limit.min(literal + PATIENCE);
            if tokens.len() >= TOKENS {
                return at;
            }
        }
        count_literals(data, at, size, counts);
        size
    }
}

/// How long the match is, of which eight bytes are known, and `most` are allowed; the distance is less one.
#[inline(always)]
fn extend(data: &[u8], at: u32, distance: u32, most: u32) -> u32 {
    let mut length = 8;
    while length < most {
        let differ = eight(data, at + length) ^ eight(data, at + length - 1 - distance);
        if differ != 0 {
            length += differ.trailing_zeros() / 8;
            break;
        }
        length += 8;
    }
    length.min(most)
}

fn count_literals(data: &[u8], from: u32, to: u32, counts: &mut Counts) {
    for byte in data.get(from as usize..to as usize).unwrap_or_default() {
        counts.literal(*byte);
    }
}

/// Eight bytes, the first one lowest; zero where there are not as many, which no caller asks for.
#[inline(always)]
pub(crate) fn eight(data: &[u8], at: u32) -> u64 {
    let at = at as usize;
    data.get(at..at + 8).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Four bytes, likewise.
#[inline(always)]
fn four(data: &[u8], at: u32) -> u32 {
    let at = at as usize;
    data.get(at..at + 4).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
