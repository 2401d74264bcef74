//! The rate to which a user limits all connections together (`--limit-rate`).

use std::fmt;
use std::str::FromStr;

use crate::text::Printable;

/// Bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimit(u64);

/// A text that is no rate.
#[derive(Debug, thiserror::Error, Printable)]
#[error("expected bytes per second, at least 1K, such as `500K`, `20M` or `1.5G`, in powers of 1024")]
pub(crate) struct RateError;

/// The lowest rate: at a lower one, servers take a connection for dead.
const LEAST: u64 = 1 << 10;

impl RateLimit {
    /// Bytes per second.
    #[must_use]
    pub(crate) fn bytes_per_second(self) -> u64 {
        self.0
    }
}

impl FromStr for RateLimit {
    type Err = RateError;

    /// A number, perhaps with a fraction, and a unit as those of curl's `--limit-rate`: `K`, `M`, `G` or `T`, also in
    /// lower case, and also written `KiB` and so on. `KB`, which is 1000 for some and 1024 for others, is none.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let parsed = || {
            let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
            let (number, unit) = text.split_at_checked(end)?;
            let shift = match unit.to_ascii_lowercase().as_str() {
                "" => 0,
                "k" | "kib" => 10,
                "m" | "mib" => 20,
                "g" | "gib" => 30,
                "t" | "tib" => 40,
                _ => return None,
            };
            let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
            let unit = 1_u64 << shift;
            let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
            // Three digits tell rates apart that differ.
            let digits = fraction.get(..3).unwrap_or(fraction);
            let scale = 10_u64.checked_pow(u32::try_from(digits.len()).ok()?)?;
            let part = u128::from(digits.parse::<u64>().ok()?) * u128::from(unit) / u128::from(scale);
            whole.checked_add(u64::try_from(part).ok()?).filter(|rate| *rate >= LEAST)
        };
        parsed().map(Self).ok_or(RateError)
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024_as_curls() {
        for (text, bytes) in [
            ("1024", 1 << 10),
            ("500k", 500 << 10),
            ("20M", 20 << 20),
            ("20MiB", 20 << 20),
            ("1.5G", 3 << 29),
            ("2t", 2 << 40),
        ] {
            assert_eq!(text.parse::<RateLimit>().unwrap().bytes_per_second(), bytes, "{text}");
        }
        for text in ["", "0", "1023", "M", "-1M", "20MB", "20 M", "1.M", ".5M", "1.2.3M", "20X", "99999999T", "20M/s"] {
            let error = text.parse::<RateLimit>().unwrap_err().to_string();
            assert!(error.contains("expected bytes per second"), "{text}: {error}");
        }
    }
}
