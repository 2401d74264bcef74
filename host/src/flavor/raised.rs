//! The limits of a component's size and of its compilation, which the user may raise for this process.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::limits;

/// Most by which they are raised: 128 MiB of component, and 8 GiB to compile it.
const MOST: u32 = 4;

/// The factor of this process. The command line sets it before it starts a runtime.
static FACTOR: AtomicU32 = AtomicU32::new(1);

/// A factor for the limits of components, from 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LimitFactor(u32);

impl LimitFactor {
    /// Raises the limits of this process.
    pub(crate) fn apply(self) {
        FACTOR.store(self.0, Ordering::Relaxed);
    }
}

impl FromStr for LimitFactor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let factor = text.parse().ok().filter(|factor| (1..=MOST).contains(factor));
        factor.map(Self).ok_or("expected a whole number from 1 to 4")
    }
}

fn factor() -> u32 {
    FACTOR.load(Ordering::Relaxed)
}

/// [`limits::COMPONENT_BYTES`], raised.
pub(crate) fn component_bytes() -> u64 {
    limits::COMPONENT_BYTES * u64::from(factor())
}

/// The same, as far as it can be raised: for the child process, whose parent has checked the size.
pub(super) fn most_component_bytes() -> u64 {
    limits::COMPONENT_BYTES * u64::from(MOST)
}

/// [`limits::LOAD_MEMORY`] as far as it can be raised, likewise.
pub(super) fn most_code_bytes() -> u64 {
    limits::LOAD_MEMORY * u64::from(MOST)
}

/// [`limits::COMPILE_TIME`], raised.
pub(super) fn compile_time() -> Duration {
    limits::COMPILE_TIME * factor()
}

/// [`limits::COMPILE_WALL_TIME`], raised.
pub(super) fn compile_wall_time() -> Duration {
    limits::COMPILE_WALL_TIME * factor()
}

/// [`limits::COMPILE_MEMORY`], raised.
pub(super) fn compile_memory() -> u64 {
    limits::COMPILE_MEMORY * u64::from(factor())
}

/// [`limits::LOAD_MEMORY`], raised.
pub(super) fn load_memory() -> u64 {
    limits::LOAD_MEMORY * u64::from(factor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_raised_by_a_whole_number_up_to_four() {
        for (text, factor) in [("1", Some(1)), ("4", Some(4))] {
            assert_eq!(text.parse::<LimitFactor>().ok().map(|parsed| parsed.0), factor);
        }
        for text in ["", "0", "5", "-1", "1.5", "64MiB", "99999999999999999999"] {
            assert_eq!(text.parse::<LimitFactor>(), Err("expected a whole number from 1 to 4"), "{text}");
        }
    }
}
