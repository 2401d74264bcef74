//! The files in a layer's archive, for those who look into an image.

use std::io::{self, Read};
use std::ops::ControlFlow;

use tar::{EntryType, Header};

use super::inflate;
use super::tar_walk;

/// Entries of one layer: several times the files of the largest images, and few enough that a list of them is held.
const MAX_ENTRIES: usize = 10_000_000;

/// The names of extended attributes in an archive (GNU tar and Go, `SCHILY.xattr.`).
const XATTR: &[u8] = b"SCHILY.xattr.";

/// The name of a time that the header has no room for, or not whole (pax, "mtime").
const MTIME: &[u8] = b"mtime";

/// One entry of a layer, as its header has it.
pub(crate) struct LayerFile<'a> {
    /// Its path, byte for byte.
    pub(crate) path: Vec<u8>,
    /// What it is.
    pub(crate) kind: EntryType,
    /// The file that a link leads to.
    pub(crate) target: Option<Vec<u8>>,
    /// Permissions, with the bits for set-user-id, set-group-id and sticky.
    pub(crate) mode: u32,
    /// The owner's number.
    pub(crate) uid: u64,
    /// The group's number.
    pub(crate) gid: u64,
    /// Bytes of its content.
    pub(crate) size: u64,
    /// Seconds since 1970 of its last change; one before 1970 is 1970.
    pub(crate) modified: u64,
    /// Numbers of a device.
    pub(crate) device: Option<(u32, u32)>,
    /// Extended attributes with their prefixes, as they stand there.
    pub(crate) attributes: Vec<(Vec<u8>, Vec<u8>)>,
    /// Its content.
    pub(crate) content: &'a mut dyn Read,
}

/// Visits the files of a layer, compressed in any of the ways in which one may be, until the visitor breaks off.
///
/// # Errors
/// If the layer can't be read, is no archive, or breaks a limit.
pub(crate) fn layer_files(
    stored: impl Read,
    mut visit: impl FnMut(LayerFile<'_>) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let archive = inflate::uncompressed(stored)?;
    tar_walk::stream_up_to(MAX_ENTRIES, archive, |entry| {
        let (mut attributes, mut precise) = (Vec::new(), None);
        for attribute in entry.pax_extensions()?.into_iter().flatten().filter_map(Result::ok) {
            match attribute.key_bytes() {
                MTIME => precise = seconds(attribute.value_bytes()),
                key if key.starts_with(XATTR) => attributes.push((key.to_vec(), attribute.value_bytes().to_vec())),
                _ => {}
            }
        }
        let (path, target) = (entry.path_bytes().into_owned(), entry.link_name_bytes().map(|name| name.into_owned()));
        let (header, size) = (entry.header(), entry.size());
        // Fields that programs leave blank, of files that need none.
        let device = header.device_major().ok().flatten().zip(header.device_minor().ok().flatten());
        let kind = header.entry_type();
        let mode = header.mode().unwrap_or_default() & 0o7777;
        let modified = precise.or_else(|| of_header(header)).unwrap_or_default();
        let (uid, gid) = (header.uid().unwrap_or_default(), header.gid().unwrap_or_default());
        visit(LayerFile { path, kind, target, mode, uid, gid, size, modified, device, attributes, content: entry })
    })
}

/// The seconds of a decimal number with an optional sign and fraction; absent for anything else.
fn seconds(value: &[u8]) -> Option<u64> {
    let text = str::from_utf8(value).ok()?;
    let whole = text.split('.').next().unwrap_or_default();
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What is more than any number has room for is later than any time that is shown.
    Some(if whole.starts_with('-') { 0 } else { digits.parse().unwrap_or(u64::MAX) })
}

/// The time of a header; absent where the field is blank or malformed.
fn of_header(header: &Header) -> Option<u64> {
    // GNU's binary form of a negative number.
    let is_negative = header.as_old().mtime.first() == Some(&0xff);
    if is_negative { Some(0) } else { header.mtime().ok() }
}

#[cfg(test)]
mod tests {
    use tar::Builder;

    use super::*;

    #[test]
    fn files_are_told_as_their_headers_have_them() {
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_size(3);
        header.set_mode(0o104_755);
        header.set_uid(7);
        header.set_gid(8);
        header.set_mtime(9);
        archive.append_pax_extensions([("SCHILY.xattr.user.a", &b"b"[..]), ("comment", b"c")]).unwrap();
        archive.append_data(&mut header, "bin/x", &b"abc"[..]).unwrap();
        let mut link = Header::new_gnu();
        link.set_entry_type(EntryType::Symlink);
        link.set_size(0);
        archive.append_link(&mut link, "bin/y", "x").unwrap();
        let archive = archive.into_inner().unwrap();
        let mut seen = Vec::new();
        let ended = layer_files(&archive[..], |file| {
            let mut content = String::new();
            file.content.read_to_string(&mut content)?;
            seen.push((file.path, file.mode, file.uid, file.gid, file.modified, content, file.target, file.attributes));
            Ok(ControlFlow::Continue(()))
        });
        assert!(ended.unwrap().is_continue());
        let attributes = vec![(b"SCHILY.xattr.user.a".to_vec(), b"b".to_vec())];
        assert_eq!(seen[0], (b"bin/x".to_vec(), 0o4755, 7, 8, 9, "abc".to_owned(), None, attributes));
        assert_eq!((&seen[1].0[..], seen[1].6.as_deref()), (&b"bin/y"[..], Some(&b"x"[..])));
    }

    #[test]
    fn a_time_that_a_header_has_no_room_for_is_that_of_its_attribute() {
        let modified = |attribute: Option<&[u8]>, change: fn(&mut Header)| {
            let mut archive = Builder::new(Vec::new());
            archive.append_pax_extensions(attribute.map(|value| ("mtime", value))).unwrap();
            let mut header = Header::new_gnu();
            header.set_size(0);
            header.set_mtime(9);
            change(&mut header);
            archive.append_data(&mut header, "x", &b""[..]).unwrap();
            let (archive, mut seen) = (archive.into_inner().unwrap(), Vec::new());
            let _ = layer_files(&archive[..], |file| {
                seen.push(file.modified);
                Ok(ControlFlow::Continue(()))
            });
            seen
        };
        let same = |_: &mut Header| {};
        assert_eq!(modified(None, same), [9]);
        for (attribute, expected) in [
            (&b"9000000000.25"[..], 9_000_000_000),
            (b"-5.5", 0),
            (b"99999999999999999999999", u64::MAX),
            (b"soon", 9),
            (b"", 9),
        ] {
            assert_eq!(modified(Some(attribute), same), [expected]);
        }
        assert_eq!(modified(None, |header| header.as_old_mut().mtime = [0xff; 12]), [0]);
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let noise: Vec<u8> = (0..2048_u32).map(|number| (number * 7 % 251) as u8).collect();
        assert!(layer_files(&noise[..], |_| Ok(ControlFlow::Continue(()))).is_err());
    }
}
