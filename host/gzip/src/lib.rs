//! A gzip encoder (RFC 1952, RFC 1951) for blocks that are in memory: faster than the fastest level of libdeflate, for
//! a few per cent more bytes.
//!
//! First matches are found, greedily, with a table that always fits into the first cache of a core; then the tokens are
//! written with Huffman codes of their own for every few thousand. The bytes depend on the block only: not on what the
//! encoder has encoded before, nor on the machine.
//!
//! A crate of its own so that a development build optimises it (see `profile.dev` in the workspace).

mod bits;
mod block;
mod header;
mod huffman;
mod matches;
mod symbols;

use libdeflater::Crc;

use bits::Bits;
use matches::{Counts, Finder, Token};

/// Bytes that are deflated together at most: positions fit into 32 bits with room. Blocks of layers are far smaller.
const MOST: usize = 1 << 24;

/// What one thread needs to encode; made once, used for many blocks.
pub struct Encoder {
    /// Finds what repeats.
    finder: Finder,
    /// The literals and matches of the block at hand.
    tokens: Vec<Token>,
    /// Finished bytes, kept for their allocation.
    output: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { finder: Finder::default(), tokens: Vec::with_capacity(matches::TOKENS), output: Vec::new() }
    }
}

impl Encoder {
    /// A gzip member that holds these bytes, until the next one is encoded.
    pub fn member(&mut self, bytes: &[u8]) -> &[u8] {
        let mut bits = Bits::new(std::mem::take(&mut self.output));
        // Deflate, no flags, no time, the fastest algorithm, an unknown system (RFC 1952, section 2.3.1).
        bits.bytes(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
        if bytes.is_empty() {
            bits = block::write(bits, &[], 0, &[], &Counts::default(), true);
        }
        let mut pieces = bytes.chunks(MOST).peekable();
        while let Some(piece) = pieces.next() {
            bits = self.deflate(bits, piece, pieces.peek().is_none());
        }
        bits.align();
        let mut sum = Crc::new();
        sum.update(bytes);
        bits.bytes(&sum.sum().to_le_bytes());
        // Modulo 2^32, says the format.
        bits.bytes(&(bytes.len() as u32).to_le_bytes());
        let (output, length) = bits.finish();
        self.output = output;
        self.output.get(..length).unwrap_or_default()
    }

    /// Encodes a piece as DEFLATE blocks (RFC 1951); `last` marks the final one.
    fn deflate(&mut self, mut bits: Bits, piece: &[u8], last: bool) -> Bits {
        self.finder.forget();
        let mut start = 0;
        while start < piece.len() {
            self.tokens.clear();
            let mut counts = Counts::default();
            let end = self.finder.find(piece, start as u32, &mut self.tokens, &mut counts) as usize;
            let left = piece.get(start..).unwrap_or_default();
            bits = block::write(bits, left, end - start, &self.tokens, &counts, last && end == piece.len());
            start = end;
        }
        bits
    }
}

#[cfg(test)]
mod tests;
