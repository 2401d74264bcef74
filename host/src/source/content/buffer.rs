//! Buffers of blocks that are used again. Blocks are read on one thread and dropped on another, a thousand for each GB:
//! the system's allocator keeps parts of its areas for each thread then, and holds half as much again as is in use.

use std::io::{self, Read};

use bytes::Bytes;
use parking_lot::Mutex;

/// Most buffers that are kept while no block has them: as many as a push to a machine with many cores has in flight.
const MOST: usize = 32;

/// Those that are free.
static FREE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// A buffer in use; kept for the next block when it is dropped.
struct Buffer(Vec<u8>);

/// A block of so many bytes, or the rest.
///
/// # Errors
/// The reader's.
pub(super) fn read_block(reader: &mut dyn Read, size: usize) -> io::Result<Bytes> {
    let mut buffer = Buffer(FREE.lock().pop().unwrap_or_default());
    if buffer.0.len() < size {
        // Zeros of the system's own, that are no memory before a reader has bytes for it.
        buffer.0 = vec![0; size];
    }
    let mut filled = 0;
    while let Some(rest) = buffer.0.get_mut(filled..size).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(Bytes::from_owner(buffer).slice(..filled))
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = FREE.lock();
        if free.len() < MOST {
            free.push(std::mem::take(&mut self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_keeps_its_bytes_while_buffers_are_used_again() {
        let block = |byte: u8| read_block(&mut io::repeat(byte), 100).unwrap();
        let kept = block(1).slice(10..20);
        for byte in 2..100 {
            assert_eq!(block(byte), vec![byte; 100]);
        }
        assert_eq!(kept, vec![1; 10]);
    }
}
