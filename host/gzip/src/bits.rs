//! Bits in a row, the first one lowest in its byte (RFC 1951, section 3.1.1).

/// Room that is added when there is no more.
const ROOM: usize = 64 << 10;

/// Output that grows bit by bit.
pub(crate) struct Bits {
    /// What is written, and room behind it, whose content means nothing.
    output: Vec<u8>,
    /// Whole bytes that are written.
    length: usize,
    /// Bits that are not written yet.
    held: u64,
    /// How many these are: at most 7 after `flush`.
    count: u32,
}

impl Bits {
    /// Overwrites the bytes of `room`.
    pub(crate) fn new(room: Vec<u8>) -> Self {
        Self { output: room, length: 0, held: 0, count: 0 }
    }

    /// Appends the `count` lowest bits; the others must be zero. At most 56 between two flushes.
    #[inline(always)]
    pub(crate) fn put(&mut self, bits: u64, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
    }

    /// Writes the whole bytes among the bits that are held.
    #[inline(always)]
    pub(crate) fn flush(&mut self) {
        // Always eight bytes, of which the next flush overwrites those that are not whole: no branch on how many.
        match self.output.get_mut(self.length..).and_then(|room| room.first_chunk_mut()) {
            Some(room) => *room = self.held.to_le_bytes(),
            None => self.flush_into_new_room(),
        }
        self.length += self.count as usize / 8;
        self.held >>= self.count & 56;
        self.count &= 7;
    }

    #[cold]
    #[inline(never)]
    fn flush_into_new_room(&mut self) {
        self.output.truncate(self.length);
        self.output.extend_from_slice(&self.held.to_le_bytes());
        self.output.resize(self.output.len() + ROOM, 0);
    }

    /// Fills the last byte up.
    pub(crate) fn align(&mut self) {
        self.count = self.count.next_multiple_of(8);
        self.flush();
    }

    /// Appends bytes, after `align`.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if self.output.len() < end {
            self.output.resize(end + ROOM, 0);
        }
        if let Some(room) = self.output.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
        }
        self.length = end;
    }

    /// The room, and how much of it is written. Bits of a byte that is not whole are lost.
    pub(crate) fn finish(self) -> (Vec<u8>, usize) {
        (self.output, self.length)
    }
}
