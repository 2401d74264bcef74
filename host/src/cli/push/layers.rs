//! Options of a push about the layers: those that a registry has already, and those that are too large for it.

use clap::Args;

use crate::environment::EnvVars;

/// Smallest `--split-layers` in bytes. Less would make layers by the thousand, of which engines take 127.
const SMALLEST: u64 = 1 << 20;

#[derive(Debug, Clone, Args)]
pub(super) struct LayerArguments {
    /// Split layers of more than SIZE bytes between their files, e.g. `2G` or `500M`, for a registry that takes no larger
    /// ones. The image has the same files and another digest
    #[arg(long, value_name = "SIZE", value_parser = size, env = EnvVars::CRHOST_SPLIT_LAYERS, hide_env_values = true)]
    pub(super) split_layers: Option<u64>,
}

/// A number of bytes, in powers of 1024: `2147483648`, `2G`, `2GiB`.
fn size(text: &str) -> Result<u64, String> {
    let units = [("K", 10), ("M", 20), ("G", 30), ("T", 40)];
    let short = text.strip_suffix("iB").or_else(|| text.strip_suffix('B')).unwrap_or(text);
    let unit = units.into_iter().find_map(|(unit, shift)| {
        let last = short.get(short.len().saturating_sub(1)..)?;
        last.eq_ignore_ascii_case(unit).then(|| (short.get(..short.len() - 1).unwrap_or_default(), shift))
    });
    let (number, shift) = unit.unwrap_or((text, 0));
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse::<u64>().ok()).flatten();
    let bytes = number.and_then(|number| number.checked_mul(1 << shift)).filter(|bytes| *bytes >= SMALLEST);
    bytes.ok_or_else(|| "expected a number of bytes of at least 1M, such as `500M` or `2G`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_of_bytes_or_of_a_unit() {
        for (text, bytes) in [
            ("1048576", 1 << 20),
            ("500M", 500 << 20),
            ("2g", 2 << 30),
            ("2GiB", 2 << 30),
            ("4096K", 4 << 20),
            ("1TB", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for bad in ["", "G", "-1", "+1M", "1", "1K", "1.5G", "2 G", "2X", "iB", "99999999T"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
