//! As much of DER as key files need (ITU-T X.690): elements of a tag, a length and content.

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// The context's own element 0, such as the curve in an `ECPrivateKey` (RFC 5915).
pub(super) const CONTEXT_0: u8 = 0xA0;

/// Reads one element with this tag, and gives its content and what follows it.
pub(super) fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short if short < 0x80 => (usize::from(short), rest),
        // Keys are shorter than 64 KiB.
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length))?
}

/// Reads one element with this tag and nothing behind it.
pub(super) fn only(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    element(tag, bytes).filter(|(_, rest)| rest.is_empty()).map(|(content, _)| content)
}

/// Writes an element; `None` for content of 64 KiB or more.
pub(super) fn written(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(content.len() + 4);
    bytes.push(tag);
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    match (high, low) {
        (0, 0..0x80) => bytes.push(low),
        (0, _) => bytes.extend([0x81, low]),
        _ => bytes.extend([0x82, high, low]),
    }
    bytes.extend_from_slice(content);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_a_cut_element_is_none() {
        for length in [0, 1, 127, 128, 255, 256, 65_535] {
            let content = vec![7; length];
            let bytes = written(OCTET_STRING, &content).unwrap();
            assert_eq!(only(OCTET_STRING, &bytes), Some(content.as_slice()), "{length}");
            assert_eq!(only(SEQUENCE, &bytes), None);
            assert_eq!(element(OCTET_STRING, &bytes[..bytes.len() - 1]).filter(|_| length > 0), None);
            assert_eq!(only(OCTET_STRING, &[bytes.as_slice(), b"x"].concat()), None);
        }
        assert_eq!(written(SEQUENCE, &vec![0; 65_536]), None);
        assert_eq!(element(SEQUENCE, &[0x30, 0x84, 0, 0, 0, 0]), None);
    }
}
