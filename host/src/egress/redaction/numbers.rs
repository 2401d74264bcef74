//! A set of numbers.

use zeroize::Zeroizing;

/// A set of numbers, in open addressing. Wiped when it is dropped: a number is eight characters of a secret.
pub(super) struct Numbers {
    /// A bit for each of sixteen times as many hashes as there are numbers: few absent numbers need more than a look.
    filter: Zeroizing<Vec<u64>>,
    slots: Zeroizing<Vec<u64>>,
    count: usize,
    /// Bits of a hash that number a slot.
    bits: u32,
}

impl Default for Numbers {
    fn default() -> Self {
        Self::sized(6)
    }
}

impl Numbers {
    fn sized(bits: u32) -> Self {
        let (filter, slots) = (vec![0; 1 << (bits + 3 - 6)], vec![0; 1 << bits]);
        Self { filter: Zeroizing::new(filter), slots: Zeroizing::new(slots), count: 0, bits }
    }

    /// Adds a number. Zero, which marks a free slot, is in no set.
    pub(super) fn insert(&mut self, number: u64) {
        if number == 0 {
            return;
        }
        if (self.count + 1) * 2 > self.slots.len() {
            let mut larger = Self::sized(self.bits + 2);
            self.slots.iter().for_each(|number| larger.insert(*number));
            *self = larger;
        }
        let at = self.slot(number);
        if let Some(slot) = self.slots.get_mut(at).filter(|slot| **slot == 0) {
            *slot = number;
            self.count += 1;
        }
        let (word, bit) = self.filter_bit(number);
        if let Some(word) = self.filter.get_mut(word) {
            *word |= bit;
        }
    }

    #[inline]
    fn hash(number: u64) -> u64 {
        // Fibonacci hashing: 2^64 divided by the golden ratio.
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// The word of the filter with the bit of a number, and that bit.
    #[inline]
    fn filter_bit(&self, number: u64) -> (usize, u64) {
        let hash = Self::hash(number) >> (64 - (self.bits + 3));
        (usize::try_from(hash >> 6).unwrap_or_default(), 1 << (hash & 63))
    }

    /// Where the number is, or would be.
    fn slot(&self, number: u64) -> usize {
        let mut at = usize::try_from(Self::hash(number) >> (64 - self.bits)).unwrap_or_default();
        while self.slots.get(at).is_some_and(|slot| *slot != 0 && *slot != number) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    /// Whether the number is in the set.
    #[inline]
    pub(super) fn contains(&self, number: u64) -> bool {
        let (word, bit) = self.filter_bit(number);
        self.filter.get(word).is_some_and(|word| word & bit != 0)
            && number != 0
            && self.slots.get(self.slot(number)) == Some(&number)
    }

    /// Whether the set has no numbers.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}
