//! How many layers are sent at once. Of small layers, a registry's answers take more time than their bytes, and many can wait
//! at once; large ones fill the line and the cores, and more of them at once would only hold more memory.

/// A layer up to this size is small: one block, so that many of them need no more memory than a few large ones.
const SMALL: u64 = 1 << 20;

/// Layers of any size at once. With a round trip of 50 ms, 60 tiny layers take 3.0 s four at once, 1.1 s sixteen at once, and
/// hardly less with more.
const ALL: usize = 16;

/// Large layers at once: registries on one machine are fastest at four, and more help where there are cores to compress on.
const LARGE: std::ops::RangeInclusive<usize> = 4..=8;

/// The free places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes {
    all: usize,
    large: usize,
}

impl Lanes {
    /// As many as the user says, or what is good for this machine.
    pub(super) fn of(jobs: Option<usize>) -> Self {
        match jobs {
            Some(jobs) => Self { all: jobs, large: jobs },
            None => {
                let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
                Self { all: ALL, large: cores.clamp(*LARGE.start(), *LARGE.end()) }
            }
        }
    }

    /// Takes a place for a layer; `false` if there is none.
    pub(super) fn enter(&mut self, size: u64) -> bool {
        let large = usize::from(size > SMALL);
        let free = self.all > 0 && self.large >= large;
        if free {
            self.all -= 1;
            self.large -= large;
        }
        free
    }

    /// Gives the place of a layer of this size back.
    pub(super) fn leave(&mut self, size: u64) {
        self.all += 1;
        self.large += usize::from(size > SMALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_layers_have_room_where_large_ones_have_none() {
        let mut lanes = Lanes::of(None);
        let large = (0..100).filter(|_| lanes.enter(100 << 20)).count();
        assert!(LARGE.contains(&large));
        assert_eq!((0..100).filter(|_| lanes.enter(1000)).count(), ALL - large);
        lanes.leave(100 << 20);
        assert!(lanes.enter(100 << 20) && !lanes.enter(1));
    }

    #[test]
    fn jobs_rule_over_both() {
        for jobs in [1, 64] {
            let mut lanes = Lanes::of(Some(jobs));
            assert_eq!((0..100).filter(|_| lanes.enter(100 << 20)).count(), jobs);
            assert!(!lanes.enter(1));
        }
    }
}
