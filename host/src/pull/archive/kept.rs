//! What an earlier pull left of the same archive: equal images are equal archives, so that it is known what has to be
//! there, and every byte of it is compared or hashed.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use bytes::Bytes;

use super::documents::path_of;
use super::tar;
use crate::image::{Descriptor, Hasher};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// The start of an archive that is there.
#[derive(Default)]
pub(in crate::pull) struct Kept {
    /// Its bytes; 0 for nothing.
    pub(in crate::pull) offset: u64,
    /// The number of its layers that are whole.
    pub(in crate::pull) layers: usize,
    /// The bytes of the layer behind these that are there, more than none, and what they hash to so far.
    pub(super) begun: Option<(u64, Hasher)>,
}

impl Kept {
    /// What a file has of the archive with this head and these layers. The file is left behind that, and cut there.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn of(file: &mut File, head: &[Bytes], layers: &[Descriptor]) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        let kept = Self::read(file, head, layers)?;
        file.set_len(kept.offset)?;
        file.seek(SeekFrom::Start(kept.offset))?;
        Ok(kept)
    }

    fn read(file: &mut File, head: &[Bytes], layers: &[Descriptor]) -> io::Result<Self> {
        let mut kept = Self::default();
        for part in head {
            if !has(file, part)? {
                return Ok(kept);
            }
        }
        kept.offset = head.iter().map(|part| part.len() as u64).sum();
        for layer in layers {
            let (header, padding) = (tar::file(&path_of(&layer.digest), layer.size), tar::padding(layer.size));
            if !has(file, &header)? {
                break;
            }
            let (bytes, hasher) = hash(file, layer.size)?;
            if bytes < layer.size {
                if bytes > 0 {
                    kept.offset += header.len() as u64 + bytes;
                    kept.begun = Some((bytes, hasher));
                }
                break;
            }
            if hasher.finish() != layer.digest || !has(file, &padding)? {
                break;
            }
            kept.offset += header.len() as u64 + layer.size + padding.len() as u64;
            kept.layers += 1;
        }
        Ok(kept)
    }
}

/// Whether these bytes come next.
fn has(file: &mut File, expected: &Bytes) -> io::Result<bool> {
    let mut found = vec![0; expected.len()];
    match file.read_exact(&mut found) {
        Ok(()) => Ok(found == *expected),
        Err(reason) if reason.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(reason) => Err(reason),
    }
}

/// Hashes the next bytes, at most `size`, and gives their number.
fn hash(file: &mut File, size: u64) -> io::Result<(u64, Hasher)> {
    let (mut hasher, mut bytes, mut block) = (Hasher::new(), 0, vec![0; READ_BYTES]);
    let mut file = file.take(size);
    loop {
        match file.read(&mut block)? {
            0 => return Ok((bytes, hasher)),
            length => {
                hasher.update(block.get(..length).unwrap_or_default());
                bytes += length as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::image::Digest;

    /// An archive of two layers, in its parts.
    fn archive() -> (Vec<Bytes>, Vec<Descriptor>, Vec<u8>) {
        let contents = [Bytes::from(vec![7_u8; 1_000]), Bytes::from(vec![8_u8; 2_000])];
        let head = vec![tar::directory("blobs/"), tar::file("x", 3), Bytes::from_static(b"abc"), tar::padding(3)];
        let layer = |content: &Bytes| Descriptor::new("x", Digest::of(content), content.len() as u64);
        let layers: Vec<Descriptor> = contents.iter().map(layer).collect();
        let mut whole = head.concat();
        for (layer, content) in layers.iter().zip(&contents) {
            whole.extend(
                [tar::file(&path_of(&layer.digest), layer.size), content.clone(), tar::padding(layer.size)].concat(),
            );
        }
        (head, layers, whole)
    }

    fn kept(bytes: &[u8]) -> (u64, usize, Option<u64>) {
        let (head, layers, _) = archive();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let kept = Kept::of(&mut file, &head, &layers).unwrap();
        assert_eq!(file.metadata().unwrap().len(), kept.offset);
        assert_eq!(file.stream_position().unwrap(), kept.offset);
        (kept.offset, kept.layers, kept.begun.map(|(bytes, _)| bytes))
    }

    #[test]
    fn what_is_whole_stays_wherever_the_file_ends() {
        let (head, layers, whole) = archive();
        let head: u64 = head.iter().map(|part| part.len() as u64).sum();
        let first = head + 512 + 1_024;
        assert_eq!(kept(&whole), (first + 512 + 2_048, 2, None));
        for end in 0..whole.len() as u64 {
            let found = kept(&whole[..end as usize]);
            let expected = match end {
                end if end < head => (0, 0, None),
                end if end <= head + 512 => (head, 0, None),
                end if end < head + 512 + layers[0].size => (end, 0, Some(end - head - 512)),
                end if end < first => (head, 0, None),
                end if end <= first + 512 => (first, 1, None),
                end if end < first + 512 + layers[1].size => (end, 1, Some(end - first - 512)),
                _ => (first, 1, None),
            };
            assert_eq!(found, expected, "{end}");
        }
    }

    #[test]
    fn what_is_damaged_or_of_another_image_is_dropped() {
        let (head, _, whole) = archive();
        let head = head.concat().len();
        for (at, offset, layers) in
            [(3, 0, 0), (head + 600, head, 0), (head + 512 + 1_010, head, 0), (head + 1_536 + 600, head + 1_536, 1)]
        {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(kept(&damaged), (offset as u64, layers, None), "{at}");
        }
        assert_eq!(kept(b"another file"), (0, 0, None));
    }
}
