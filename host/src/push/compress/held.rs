//! The memory in which compressed blocks wait for the network.

use std::io;

use bytes::Bytes;
use memmap2::MmapMut;

/// Bytes from which on a block has memory of its own from the system. Below, a map costs more than it saves.
const LARGE: usize = 64 << 10;

/// A copy of a compressed block, in memory that goes back to the system as soon as the block is sent.
///
/// Blocks are compressed on some threads and dropped on others, and no two have the same size. The system's allocator
/// keeps what is between them, 14 MiB of a push of 500 MB.
///
/// # Errors
/// Where the system has no memory.
pub(super) fn held(block: &[u8]) -> io::Result<Bytes> {
    if block.len() < LARGE {
        return Ok(Bytes::copy_from_slice(block));
    }
    let mut map = MmapMut::map_anon(block.len())?;
    map.copy_from_slice(block);
    Ok(Bytes::from_owner(map))
}
