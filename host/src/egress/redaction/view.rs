//! A stretch of an answer as it reads after decoding.

use std::ops::Range;

use zeroize::Zeroizing;

/// The bytes of the stretch that a decoded byte was read from, counted from the stretch's first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The first.
    pub(super) start: u32,
    /// The one after the last.
    pub(super) end: u32,
}

impl Span {
    /// The shortest span that holds both, in whatever order they stand.
    pub(super) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// What separates runs: no byte of a text in UTF-8.
pub(super) const END: u8 = 0xff;

/// Decoded bytes, each with its span.
#[derive(Default)]
pub(super) struct View {
    bytes: Zeroizing<Vec<u8>>,
    spans: Vec<Span>,
}

impl View {
    /// A stretch as it is.
    pub(super) fn of(stretch: &[u8]) -> Self {
        let spans = (0_u32..).zip(stretch).map(|(start, _)| Span { start, end: start + 1 }).collect();
        Self { bytes: Zeroizing::new(stretch.to_vec()), spans }
    }

    /// Adds a byte.
    pub(super) fn push(&mut self, byte: u8, span: Span) {
        self.bytes.push(byte);
        self.spans.push(span);
    }

    /// Adds bytes of another view.
    pub(super) fn copy(&mut self, from: &Self, range: Range<usize>) {
        if let (Some(bytes), Some(spans)) = (from.bytes.get(range.clone()), from.spans.get(range)) {
            self.bytes.extend_from_slice(bytes);
            self.spans.extend_from_slice(spans);
        }
    }

    /// Ends a run: what comes next is not its continuation.
    pub(super) fn end_run(&mut self) {
        if let Some(last) = self.spans.last().copied().filter(|_| self.bytes.last() != Some(&END)) {
            self.push(END, Span { start: last.end, end: last.end });
        }
    }

    /// Letters and numbers alone.
    pub(super) fn alphanumeric(&self) -> Self {
        let mut letters = Self { bytes: Zeroizing::new(Vec::with_capacity(self.bytes.len())), spans: Vec::new() };
        letters.spans.reserve_exact(self.spans.len());
        let symbols = self.symbols().filter(|(byte, _)| byte.is_ascii_alphanumeric());
        symbols.for_each(|(byte, span)| letters.push(byte, span));
        letters
    }

    /// The decoded bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes with their spans.
    pub(super) fn symbols(&self) -> impl Iterator<Item = (u8, Span)> {
        self.bytes.iter().copied().zip(self.spans.iter().copied())
    }

    /// The span of the byte at `index`.
    pub(super) fn span(&self, index: usize) -> Option<Span> {
        self.spans.get(index).copied()
    }
}
