//! Limits of lists.

/// Most parts of a list that a flavor gives: with 1,000 entries in each, ten million.
pub(super) const MAX_PARTS: usize = 10_000;
