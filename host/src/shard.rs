//! Parts of work, for several machines: each repository, or each tag, is in exactly one.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::image::Digest;
use crate::text::{Escaped, Printable};

/// One of several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// The part, from 1 on.
    number: NonZeroU32,
    /// How many parts there are.
    all: NonZeroU32,
}

/// A text that is no shard.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("`{0}` is no shard: expected `I/N`, the first of three is `1/3`")]
pub(crate) struct ShardError(Escaped);

impl Shard {
    /// The part with this number, counted from 0, of so many; `None` if there is no such part.
    pub(crate) fn of_index(index: u32, all: NonZeroU32) -> Option<Self> {
        let number = NonZeroU32::MIN.checked_add(index).filter(|number| *number <= all)?;
        Some(Self { number, all })
    }

    /// Whether a repository or a tag is in this part. That depends on its name and the number of parts alone, so that
    /// it is the same on each machine and in each version.
    pub(crate) fn has(self, name: &str) -> bool {
        let digest = Digest::of(name.as_bytes());
        // Half of the digest's first bytes: hexadecimal digits, which are a number.
        let start = digest.hex().get(..16).and_then(|start| u64::from_str_radix(start, 16).ok());
        start.unwrap_or_default() % u64::from(self.all.get()) == u64::from(self.number.get() - 1)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parts = text.split_once('/').and_then(|(number, all)| Some((number.parse().ok()?, all.parse().ok()?)));
        match parts {
            Some((number, all)) if number <= all => Ok(Self { number, all }),
            _ => Err(ShardError(text.into())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_repository_is_in_exactly_one_part(names in prop::collection::vec("[a-z0-9/]{1,30}", 0..50), all in 1_u32..20) {
            let shards: Vec<Shard> = (1..=all).map(|number| format!("{number}/{all}").parse().unwrap()).collect();
            for name in names {
                prop_assert_eq!(shards.iter().filter(|shard| shard.has(&name)).count(), 1);
            }
        }
    }

    #[test]
    fn the_parts_are_the_same_in_each_version() {
        let shard: Shard = "2/3".parse().unwrap();
        let names = ["docker.io/library/alpine", "docker.io/library/redis", "ghcr.io/acme/train", "quay.io/acme/train"];
        assert_eq!(names.map(|name| shard.has(name)), [true, false, false, true]);
    }

    #[test]
    fn an_index_counts_from_0() {
        let all = NonZeroU32::new(3).unwrap();
        let shown = |index| Shard::of_index(index, all).map(|shard| shard.to_string());
        assert_eq!([0, 2, 3, u32::MAX].map(shown), [Some("1/3".to_owned()), Some("3/3".to_owned()), None, None]);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/3/5"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
