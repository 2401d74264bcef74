//! The values of `--jobs`.

/// Reads a number of layers that are sent or received at once.
pub(super) fn parse(text: &str) -> Result<u8, &'static str> {
    text.parse().ok().filter(|jobs| (1..=64).contains(jobs)).ok_or("expected a number from 1 to 64")
}
