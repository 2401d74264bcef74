//! The bytes of an answer that are redacted.

/// Marks spans in constant time, however long they are and however often they overlap: spans of scattered characters
/// would make it quadratic otherwise.
pub(super) struct Mask {
    /// At each byte, the spans that begin there less those that end there; empty as long as nothing is marked.
    changes: Vec<i32>,
    length: usize,
}

impl Mask {
    /// A mask for so many bytes, with nothing marked.
    pub(super) fn new(length: usize) -> Self {
        Self { changes: Vec::new(), length }
    }

    /// Marks the bytes from `start` to before `end`.
    pub(super) fn mark(&mut self, start: usize, end: usize) {
        if self.changes.is_empty() {
            self.changes = vec![0; self.length + 1];
        }
        if let Some(change) = self.changes.get_mut(start) {
            *change = change.saturating_add(1);
        }
        if let Some(change) = self.changes.get_mut(end.min(self.length)) {
            *change = change.saturating_sub(1);
        }
    }

    /// Overwrites the marked bytes.
    pub(super) fn apply(&self, text: &mut [u8]) {
        let mut depth = 0_i32;
        for (byte, change) in text.iter_mut().zip(&self.changes) {
            depth = depth.saturating_add(*change);
            if depth > 0 {
                *byte = b'*';
            }
        }
    }
}
