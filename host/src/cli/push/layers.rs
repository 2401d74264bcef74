//! Options of a push about the layers: those that a registry has already, and those that are too large for it.

use clap::Args;

use crate::cli::boolean;
use crate::environment::EnvVars;
use crate::push::{CacheFrom, RemoteLayers};
use crate::registry::RemoteName;

/// Smallest `--split-layers` in bytes. Less would make layers by the thousand, of which engines take 127.
const SMALLEST: u64 = 1 << 20;

#[derive(Debug, Clone, Args)]
pub(super) struct LayerArguments {
    /// An image in a registry, such as that of the last release, some of whose layers this image may have: what the
    /// target's registry has of them, or can mount, is neither compressed nor sent once it is proved to be the same.
    /// The tags that the push moves are always asked; may be given several times
    #[arg(long, value_name = "REF", value_delimiter = ',', env = EnvVars::CRHOST_CACHE_FROM, hide_env_values = true)]
    cache_from: Vec<RemoteName>,

    /// Believe what the target's tags and the images of `--cache-from` say of their layers, without the download that
    /// proves it. Only for repositories that no one else writes to: whoever does can put other files into the image
    #[arg(long, env = EnvVars::CRHOST_TRUST_REMOTE_LAYERS, hide_env_values = true, value_parser = boolean::parse)]
    trust_remote_layers: bool,

    /// Ask no registry for layers: compress and send all that this machine has not pushed before
    #[arg(long, env = EnvVars::CRHOST_NO_REMOTE_LAYERS, hide_env_values = true, value_parser = boolean::parse)]
    no_remote_layers: bool,

    /// Split layers of more than SIZE bytes between their files, e.g. `2G` or `500M`, for a registry that takes no
    /// larger ones. The image has the same files and another digest
    #[arg(long, value_name = "SIZE", value_parser = size, env = EnvVars::CRHOST_SPLIT_LAYERS, hide_env_values = true)]
    pub(super) split_layers: Option<u64>,
}

impl LayerArguments {
    /// Where layers may be that need not be sent.
    pub(super) fn cache_from(self) -> CacheFrom {
        let layers = match (self.no_remote_layers, self.trust_remote_layers) {
            (true, _) => RemoteLayers::Off,
            (false, true) => RemoteLayers::Trusted,
            (false, false) => RemoteLayers::Proved,
        };
        CacheFrom { images: self.cache_from, layers }
    }
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
