//! The parts of a tar stream (POSIX.1-2001, and GNU's form of sizes above 8 GiB).

use bytes::Bytes;
use tar::{EntryType, Header};

/// Bytes of a header, and what every entry's length is filled up to.
const BLOCK: u64 = 512;

/// The header of a directory.
pub(super) fn directory(path: &str) -> Bytes {
    header(path, EntryType::Directory, 0o755, 0)
}

/// The header of a file, which its content and [`padding`] follow.
pub(super) fn file(path: &str, size: u64) -> Bytes {
    header(path, EntryType::Regular, 0o644, size)
}

/// The zeros behind the content of a file of `size` bytes.
pub(super) fn padding(size: u64) -> Bytes {
    zeros((BLOCK - size % BLOCK) % BLOCK)
}

/// The end of an archive: two empty blocks.
pub(super) fn end() -> Bytes {
    zeros(2 * BLOCK)
}

/// Paths here have fewer than the 100 bytes that a header holds. No user, group or time, so that equal contents are
/// equal archives.
fn header(path: &str, kind: EntryType, mode: u32, size: u64) -> Bytes {
    let mut header = Header::new_gnu();
    let _ = header.set_path(path);
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    Bytes::copy_from_slice(header.as_bytes())
}

fn zeros(length: u64) -> Bytes {
    vec![0; usize::try_from(length).unwrap_or_default()].into()
}
