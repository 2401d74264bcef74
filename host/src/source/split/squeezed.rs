//! Headers in less memory: most of their bytes are zeros.

/// Bytes in which each row of zeros is one zero and the length of the row.
pub(super) struct Squeezed(Box<[u8]>);

impl Squeezed {
    /// Squeezes bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut squeezed = Vec::new();
        for row in bytes.chunk_by(|one, other| (*one == 0) == (*other == 0)) {
            match row.first() {
                Some(0) => {
                    for zeros in row.chunks(usize::from(u8::MAX)) {
                        squeezed.extend([0, u8::try_from(zeros.len()).unwrap_or(u8::MAX)]);
                    }
                }
                _ => squeezed.extend_from_slice(row),
            }
        }
        Self(squeezed.into())
    }

    /// The bytes as they were.
    pub(super) fn whole(&self) -> Vec<u8> {
        let (mut whole, mut bytes) = (Vec::new(), self.0.iter());
        while let Some(byte) = bytes.next() {
            let row = if *byte == 0 { bytes.next().copied().unwrap_or_default() } else { 1 };
            whole.extend(std::iter::repeat_n(*byte, row.into()));
        }
        whole
    }

    /// Bytes of memory.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn squeezed_bytes_come_out_as_they_were(rows in prop::collection::vec((0_u8..3, 0_usize..700), 0..20)) {
            let bytes: Vec<u8> = rows.iter().flat_map(|(byte, row)| std::iter::repeat_n(*byte, *row)).collect();
            prop_assert_eq!(Squeezed::of(&bytes).whole(), bytes);
        }
    }
}
