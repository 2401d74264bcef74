//! Files whose bytes go to the disk while more of them come, so that the wait for the disk at their end is short.

use std::fs::File;

/// Bytes after which the system is told to write them to the disk: few, so that little is left to wait for at the end,
/// and enough for the disk to write them as one.
const BYTES: u64 = 8 << 20;

/// How far the system was told to write a file that grows.
pub(crate) struct WriteBehind {
    told: u64,
}

impl WriteBehind {
    /// For a file that is written from this offset on.
    pub(crate) fn from(offset: u64) -> Self {
        Self { told: offset }
    }

    /// The file is written up to this offset, which may be less than before.
    pub(crate) fn reached(&mut self, file: &File, offset: u64) {
        let new = offset.saturating_sub(self.told);
        if new >= BYTES {
            start(file, self.told, new);
            self.told = offset;
        }
        self.told = self.told.min(offset);
    }
}

/// Has the system start to write bytes of a file. Linux does that for pages that are said not to be needed any more
/// (`posix_fadvise(2)`); those that are not on the disk yet stay in memory. What can't be told so, such as a pipe, is
/// written when the system likes.
#[cfg(target_os = "linux")]
fn start(file: &File, offset: u64, length: u64) {
    let _ = rustix::fs::fadvise(file, offset, std::num::NonZeroU64::new(length), rustix::fs::Advice::DontNeed);
}

/// Elsewhere the system writes when it likes.
#[cfg(not(target_os = "linux"))]
fn start(_: &File, _: u64, _: u64) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_to_be_written_in_pieces_and_again_from_where_it_was_cut() {
        let file = tempfile::tempfile().unwrap();
        let mut behind = WriteBehind::from(0);
        for (offset, told) in [
            (BYTES - 1, 0),
            (BYTES, BYTES),
            (2 * BYTES - 1, BYTES),
            (3 * BYTES, 3 * BYTES),
            (5, 5),
            (BYTES, 5),
            (BYTES + 5, BYTES + 5),
        ] {
            behind.reached(&file, offset);
            assert_eq!(behind.told, told, "{offset}");
        }
    }
}
