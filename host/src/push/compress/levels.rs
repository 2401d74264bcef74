//! The levels of one layer's blocks: one for all of them, or with `--compression auto` those that the line leaves time
//! for.
//!
//! A layer is read again after a broken upload, and for a registry that fell behind, and must then become the same
//! bytes. So the level of a block is decided once, when it is first compressed, and all readings of the layer share
//! what was decided.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::method::Compression;
use super::pace::Limit;

/// The level of a layer on a fast line.
const FAST: Compression = Compression::Gzip(1);

/// The level on a line that is slower than it: a tenth fewer bytes than [`FAST`], for three times the processor time.
/// Higher levels of libdeflate save a hundredth more.
const SMALL: Compression = Compression::Gzip(6);

/// The levels of a layer, shared by all readings of it.
#[derive(Debug, Clone)]
pub(in crate::push) struct Levels(Arc<Mutex<Decided>>);

#[derive(Debug)]
struct Decided {
    compression: Compression,
    /// From which block on which level holds; the first one from block 0.
    changes: Vec<(u64, Compression)>,
    /// Blocks whose level is decided.
    blocks: u64,
}

impl Levels {
    /// Those of a layer that is not yet read.
    pub(in crate::push) fn new(compression: Compression) -> Self {
        let first = if compression == Compression::Auto { FAST } else { compression };
        Self(Arc::new(Mutex::new(Decided { compression, changes: vec![(0, first)], blocks: 0 })))
    }

    /// The compression of a block, by its number.
    pub(super) fn of_block(&self, number: u64) -> Compression {
        let mut decided = self.0.lock();
        decided.blocks = decided.blocks.max(number + 1);
        let level = decided.changes.iter().rev().find(|(from, _)| *from <= number);
        level.map_or(decided.compression, |(_, level)| *level)
    }

    /// Takes notice of what has held up the layer for a while: further blocks may have another level. A level that
    /// turned out to be too slow is not tried a second time.
    pub(super) fn adapt(&self, limit: Limit) {
        let mut decided = self.0.lock();
        let next = match (decided.compression, decided.changes.as_slice(), limit) {
            (Compression::Auto, [_], Limit::Line) => SMALL,
            (Compression::Auto, [_, (_, SMALL)], Limit::Compressor) => FAST,
            _ => return,
        };
        let from = decided.blocks;
        decided.changes.push((from, next));
    }

    /// The name under which the store remembers the blob that the layer became.
    pub(in crate::push) fn cache_key(&self) -> String {
        let decided = self.0.lock();
        match decided.used() {
            // The same bytes as without `auto`.
            [(_, only)] => only.cache_key(),
            _ => decided.compression.cache_key(),
        }
    }
}

impl Decided {
    /// The changes that some block has.
    fn used(&self) -> &[(u64, Compression)] {
        let unused = self.changes.iter().rev().take_while(|(from, _)| *from > 0 && *from >= self.blocks).count();
        self.changes.get(..self.changes.len() - unused).unwrap_or_default()
    }
}

/// For people and programs: `gzip:1`, or `gzip:1, gzip:6 from 24 MiB`.
impl fmt::Display for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A block has 1 MiB.
        for (from, level) in self.0.lock().used() {
            match from {
                0 => write!(f, "{level}")?,
                _ => write!(f, ", {level} from {from} MiB")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_level_stays() {
        let levels = Levels::new(Compression::Zstd(3));
        for number in 0..100 {
            assert_eq!(levels.of_block(number), Compression::Zstd(3));
            levels.adapt(Limit::Line);
            levels.adapt(Limit::Compressor);
        }
        assert_eq!(levels.to_string(), "zstd:3");
        assert_eq!(levels.cache_key(), Compression::Zstd(3).cache_key());
    }

    #[test]
    fn a_thin_line_gets_fewer_bytes_from_the_next_block_on() {
        let levels = Levels::new(Compression::Auto);
        for number in 0..10 {
            assert_eq!(levels.of_block(number), FAST);
        }
        assert_eq!(levels.cache_key(), FAST.cache_key());
        levels.adapt(Limit::Line);
        // The layer may have ended: nothing has the new level then.
        assert_eq!((levels.to_string(), levels.cache_key()), ("gzip:1".to_owned(), FAST.cache_key()));
        assert_eq!(levels.of_block(10), SMALL);
        assert_eq!(levels.to_string(), "gzip:1, gzip:6 from 10 MiB");
        assert_eq!(levels.cache_key(), Compression::Auto.cache_key());
    }

    #[test]
    fn a_level_that_is_too_slow_is_left_for_good() {
        let levels = Levels::new(Compression::Auto);
        levels.of_block(0);
        levels.adapt(Limit::Compressor);
        levels.adapt(Limit::Line);
        levels.of_block(1);
        levels.adapt(Limit::Line);
        levels.of_block(2);
        levels.adapt(Limit::Compressor);
        levels.of_block(3);
        levels.adapt(Limit::Line);
        levels.of_block(4);
        assert_eq!(levels.to_string(), "gzip:1, gzip:6 from 1 MiB, gzip:1 from 3 MiB");
    }

    #[test]
    fn another_reading_gets_the_same_levels() {
        let levels = Levels::new(Compression::Auto);
        let decided = [0, 1, 2].map(|number| levels.of_block(number));
        levels.adapt(Limit::Line);
        let again = levels.clone();
        assert_eq!([0, 1, 2].map(|number| again.of_block(number)), decided);
        // One that is further decides for both.
        assert_eq!((again.of_block(3), levels.of_block(3)), (SMALL, SMALL));
        levels.adapt(Limit::Compressor);
        assert_eq!((again.of_block(3), levels.of_block(4), again.of_block(4)), (SMALL, FAST, FAST));
    }
}
