//! One file of an image, as it is shown.

use std::io;

use serde::{Serialize, Serializer};
use tar::EntryType;

use crate::source::LayerFile;
use crate::text::Moment;

/// What an entry of a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another name of a file in the same layer or in one below.
    HardLink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// The removal of a file of the layers below; only where a single layer is listed.
    Whiteout,
    /// The removal of all that the layers below have in a directory; likewise.
    Opaque,
}

/// One file, or one removal of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// Its path, beginning with `/`. Bytes that are no UTF-8 are replaced.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// Its permissions, in octal digits.
    #[serde(serialize_with = "octal")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) mode: u32,
    /// The number of its owner.
    pub(crate) uid: u64,
    /// The number of its group.
    pub(crate) gid: u64,
    /// Bytes of its content; 0 for a hard link, whose content the other name has.
    pub(crate) size: u64,
    /// Its last change, as RFC 3339 has it.
    #[serde(serialize_with = "moment")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) modified: u64,
    /// The file that a link leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
    /// The number of the layer that it is from; 1 is the lowest.
    pub(crate) layer: usize,
}

fn octal<S: Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{mode:04o}"))
}

fn moment<S: Serializer>(time: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Moment(*time))
}

/// The beginning of the names by which layers remove files of those below (image specification, "Whiteouts").
const WHITEOUT: &[u8] = b".wh.";

/// The name by which a layer removes all that a directory has below.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// The beginning of the names of aufs's own records, at the root of a layer.
const AUFS: &[u8] = b".wh..wh.";

/// Longest path in bytes of the entries that are listed: Linux has 4 KiB (`PATH_MAX`).
const MAX_PATH: usize = 16 << 10;

/// What a layer's entry stands for.
pub(super) enum Meaning {
    /// A file with this path.
    File(Vec<u8>),
    /// The removal of the file with this path.
    Whiteout(Vec<u8>),
    /// The removal of all that is below this path.
    Opaque(Vec<u8>),
    /// A record of aufs, which is no file (`.wh..wh.aufs` and the like), or the root directory itself.
    Nothing,
}

/// The meaning of a path in a layer's archive.
///
/// # Errors
/// If it is longer than any path can be.
pub(super) fn meaning(path: &[u8]) -> io::Result<Meaning> {
    if path.len() > MAX_PATH {
        return Err(io::Error::other(format!("a path in it has more than {MAX_PATH} bytes")));
    }
    let path = normal(path);
    // Docker and containerd take nothing that lies in a record of aufs, either.
    if path.is_empty() || path.starts_with(AUFS) && path != OPAQUE {
        return Ok(Meaning::Nothing);
    }
    let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (directory, name) = path.split_at(start);
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    Ok(match name.strip_prefix(WHITEOUT) {
        None => Meaning::File(path),
        Some(_) if name == OPAQUE => Meaning::Opaque(directory.to_vec()),
        Some(removed) if removed.starts_with(WHITEOUT) || removed.is_empty() => Meaning::Nothing,
        Some(removed) if directory.is_empty() => Meaning::Whiteout(removed.to_vec()),
        Some(removed) => Meaning::Whiteout([directory, b"/", removed].concat()),
    })
}

/// A path without a leading or trailing slash, and without empty components and single dots: archives write the same
/// path as `etc`, `./etc` and `/etc/`. Two dots stay: such an entry is shown, and leads nowhere.
pub(super) fn normal(path: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !matches!(part, [] | [b'.'])).collect();
    parts.join(&b'/')
}

/// A path as users see it.
pub(super) fn shown(path: &[u8]) -> String {
    format!("/{}", String::from_utf8_lossy(path))
}

impl EntryKind {
    /// The kind of an entry; absent for a record that is no file.
    pub(super) fn of(kind: EntryType) -> Option<Self> {
        Some(match kind {
            EntryType::Regular | EntryType::Continuous => Self::File,
            EntryType::Directory => Self::Directory,
            EntryType::Symlink => Self::Symlink,
            EntryType::Link => Self::HardLink,
            EntryType::Char => Self::CharacterDevice,
            EntryType::Block => Self::BlockDevice,
            EntryType::Fifo => Self::Fifo,
            _ => return None,
        })
    }

    /// The letter in front of permissions, as `ls -l` and `tar -tv` show it.
    #[must_use]
    pub(crate) fn letter(self) -> char {
        match self {
            Self::File => '-',
            Self::Directory => 'd',
            Self::Symlink => 'l',
            Self::HardLink => 'h',
            Self::CharacterDevice => 'c',
            Self::BlockDevice => 'b',
            Self::Fifo => 'p',
            Self::Whiteout | Self::Opaque => 'w',
        }
    }
}

impl Entry {
    /// The file of a layer's entry.
    pub(super) fn new(path: &[u8], kind: EntryKind, file: &LayerFile<'_>, layer: usize) -> Self {
        let target = file.target.as_deref().filter(|_| matches!(kind, EntryKind::Symlink | EntryKind::HardLink));
        let target = target.map(|target| match kind {
            // A name in the archive, like that of the entry itself.
            EntryKind::HardLink => shown(&normal(target)),
            _ => String::from_utf8_lossy(target).into_owned(),
        });
        let size = if kind == EntryKind::File { file.size } else { 0 };
        let LayerFile { mode, uid, gid, modified, .. } = *file;
        Self { name: shown(path), kind, mode, uid, gid, size, modified, target, layer }
    }

    /// The line of `ls -l`, with numbers for the owner and the group, and the time in UTC.
    #[must_use]
    pub(crate) fn line(&self) -> String {
        let Self { kind, uid, gid, size, .. } = self;
        let (letter, bits, time) = (kind.letter(), permissions(self.mode), Moment(self.modified).to_string());
        let arrow = match (kind, &self.target) {
            (EntryKind::HardLink, Some(target)) => format!(" link to {target}"),
            (_, Some(target)) => format!(" -> {target}"),
            (_, None) => String::new(),
        };
        let suffix = if *kind == EntryKind::Opaque { " (all of it)" } else { "" };
        let owner = format!("{uid}:{gid}");
        format!("{letter}{bits} {owner:>11} {size:>11} {time} {}{arrow}{suffix}", self.name)
    }
}

/// Permissions as `rwxr-xr-x`, with `s` and `t` for set-user-id, set-group-id and sticky.
fn permissions(mode: u32) -> String {
    let bit = |bit: u32, letter: char| if mode & bit == 0 { '-' } else { letter };
    let run = |bit: u32, special: u32, both: char, alone: char| match (mode & bit != 0, mode & special != 0) {
        (true, true) => both,
        (false, true) => alone,
        (true, false) => 'x',
        (false, false) => '-',
    };
    [
        bit(0o400, 'r'),
        bit(0o200, 'w'),
        run(0o100, 0o4000, 's', 'S'),
        bit(0o40, 'r'),
        bit(0o20, 'w'),
        run(0o10, 0o2000, 's', 'S'),
        bit(0o4, 'r'),
        bit(0o2, 'w'),
        run(0o1, 0o1000, 't', 'T'),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_shown_as_ls_shows_them() {
        for (mode, expected) in [
            (0o755, "rwxr-xr-x"),
            (0o4755, "rwsr-xr-x"),
            (0o2745, "rwxr-Sr-x"),
            (0o1777, "rwxrwxrwt"),
            (0o1776, "rwxrwxrwT"),
            (0, "---------"),
        ] {
            assert_eq!(permissions(mode), expected);
        }
    }

    #[test]
    fn a_path_is_a_file_or_the_removal_of_one() {
        let told = |path: &str| match meaning(path.as_bytes()).unwrap() {
            Meaning::File(path) => format!("file {}", String::from_utf8(path).unwrap()),
            Meaning::Whiteout(path) => format!("whiteout {}", String::from_utf8(path).unwrap()),
            Meaning::Opaque(path) => format!("opaque {}", String::from_utf8(path).unwrap()),
            Meaning::Nothing => "nothing".to_owned(),
        };
        for (path, expected) in [
            ("./etc//passwd", "file etc/passwd"),
            ("/etc/", "file etc"),
            ("./", "nothing"),
            ("etc/.wh.passwd", "whiteout etc/passwd"),
            (".wh.etc", "whiteout etc"),
            ("etc/.wh..wh..opq", "opaque etc"),
            (".wh..wh..opq", "opaque "),
            (".wh..wh.aufs", "nothing"),
            (".wh..wh.orph/x", "nothing"),
            ("etc/.wh.", "nothing"),
            ("../../x", "file ../../x"),
        ] {
            assert_eq!(told(path), expected, "{path}");
        }
        assert!(meaning(&vec![b'a'; MAX_PATH + 1]).is_err());
    }
}
