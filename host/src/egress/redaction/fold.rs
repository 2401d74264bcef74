//! Characters as they are compared, eight in one number.

/// Characters that give a secret away. What services issue is longer; of fewer characters the text around a gap would
/// give away the gap, and every word would be taken for a secret.
pub(super) const WINDOW: usize = 8;

/// Fewest characters of a secret that is redacted as a whole word.
pub(super) const SHORTEST: usize = 4;

/// Characters of a token, from which on its beginning is not secret by itself.
pub(super) const LONG: usize = 256;

/// Characters at the beginning of a long token that the next token of the same issuer may begin with as well: a
/// version, a region, a key's name.
pub(super) const PREFIX: usize = 64;

/// Whether a character may stand in a token (RFC 6750, section 2.1).
pub(super) fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// Each character as it is compared: without regard to case, to the two alphabets of Base64, and to the kind of blank,
/// where `+` is the blank of forms.
const FOLDED: [u8; 256] = folded();

#[expect(clippy::indexing_slicing, reason = "a constant: an index out of range does not compile")]
const fn folded() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'+' | b'-' | b'\t' | b'\n' | b'\r' => b' ',
            b'_' => b'/',
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
}

/// The window that ends in a further character.
#[inline]
pub(super) fn shifted(window: u64, byte: u8) -> u64 {
    window << 8 | u64::from(FOLDED.get(usize::from(byte)).copied().unwrap_or(byte))
}

/// The last `length` characters of a window as one number, distinct from those of other lengths.
pub(super) fn short(window: u64, length: usize) -> u64 {
    let bits = length * 8;
    window & ((1 << bits) - 1) | 1 << bits
}
