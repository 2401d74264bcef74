//! Blobs of a layout whose bytes were verified before, so that a pull of what is there need not hash all of it again.
//!
//! A record holds a file's identity as the file system tells it: device, inode, size, and the times of the last change
//! of its content and of its inode. Every write through the system changes the last one, and no program can set it; so
//! a file that is still the one of the record has the bytes that were hashed. A disk that loses bits without saying so
//! is not seen that way. Blobs are written without waiting for the disk, so a record counts until the system starts
//! again: after a power cut everything is hashed. Records are the user's own, beside compiled code, and are lost
//! without harm.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use super::boot;
use super::partial::{SETTLED, digest_of};
use crate::files::unsynced;
use crate::image::Digest;

/// Bytes from which on a blob is worth a record: fewer are hashed within a millisecond.
const WORTHWHILE: u64 = 1 << 20;

/// Most records of one layout, and bytes of its file that are read: a record has less than 200.
const MOST: (usize, usize) = (10_000, 2 << 20);

/// Most layouts with records. When there are more, all are forgotten.
const MOST_LAYOUTS: usize = 200;

/// What tells a file from every other, and from itself after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity([i128; 5]);

/// The file with the records of one layout.
#[derive(Debug)]
struct RecordFile {
    path: PathBuf,
    /// The run of the system in which they count.
    boot: String,
}

/// Records of one layout.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// Where records are kept, if any are.
    file: Option<RecordFile>,
    known: Mutex<HashMap<Digest, Identity>>,
    new: Mutex<HashMap<Digest, Identity>>,
}

impl Verified {
    /// The records of the layout in a directory that exists. `directory` has those of all layouts.
    pub(super) fn of(layout: &Path, directory: Option<&Path>) -> Self {
        Self::in_boot(boot::current(), layout, directory)
    }

    /// The same in a run of the system, if that is known.
    fn in_boot(boot: Option<String>, layout: &Path, directory: Option<&Path>) -> Self {
        let file = directory.zip(boot).and_then(|(all, boot)| {
            let layout = fs::canonicalize(layout).ok()?;
            Some(RecordFile { path: all.join(Digest::of(layout.as_os_str().as_encoded_bytes()).hex()), boot })
        });
        let known = Mutex::new(file.as_ref().map(RecordFile::read).unwrap_or_default());
        Self { file, known, new: Mutex::default() }
    }

    /// Whether the file of a blob has the blob's digest: as it is known, or else as it is hashed now.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn verify(&self, path: &Path, digest: &Digest, size: u64) -> io::Result<bool> {
        if self.file.is_none() || size < WORTHWHILE {
            return Ok(digest_of(&mut File::open(path)?)? == *digest);
        }
        let mut file = File::open(path)?;
        let before = Identity::of(&file.metadata()?);
        if before.is_some() && self.known.lock().get(digest).copied() == before {
            return Ok(true);
        }
        if digest_of(&mut file)? != *digest {
            return Ok(false);
        }
        let after = file.metadata()?;
        if let Some(identity) = before.filter(|before| is_settled(&after) && Identity::of(&after) == Some(*before)) {
            self.new.lock().insert(digest.clone(), identity);
        }
        Ok(true)
    }

    /// Notes a blob that was hashed as it was written, and whose time was set back.
    pub(super) fn note(&self, path: &Path, digest: &Digest, size: u64) {
        if self.file.is_some()
            && size >= WORTHWHILE
            && let Some(identity) = fs::metadata(path).ok().filter(is_settled).and_then(|found| Identity::of(&found))
        {
            self.new.lock().insert(digest.clone(), identity);
        }
    }

    /// Keeps the records for later pulls. They are not waited for: a failure, or a power cut, costs time alone.
    pub(super) fn save(&self) {
        let new = std::mem::take(&mut *self.new.lock());
        let Some(file) = self.file.as_ref().filter(|_| !new.is_empty()) else { return };
        // Another pull may have added some meanwhile.
        let mut all = file.read();
        all.extend(new);
        if let Err(reason) = file.write(&all) {
            tracing::debug!("it is not kept which blobs were verified: {reason}");
        }
    }
}

/// Whether a later write to a file shows in its times.
fn is_settled(found: &fs::Metadata) -> bool {
    found.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= SETTLED))
}

impl Identity {
    /// A file's identity, where the system tells one.
    #[cfg(unix)]
    fn of(found: &fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let time = |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        found.is_file().then(|| {
            Self([
                found.dev().into(),
                found.ino().into(),
                found.len().into(),
                time(found.mtime(), found.mtime_nsec()),
                time(found.ctime(), found.ctime_nsec()),
            ])
        })
    }

    /// Elsewhere there is no time that programs can't set.
    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> Option<Self> {
        None
    }

    fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<i128> = text.split(' ').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        numbers.try_into().ok().map(Self)
    }
}

impl RecordFile {
    /// The records, none of another run of the system. A line that was cut off counts as absent.
    fn read(&self) -> HashMap<Digest, Identity> {
        let text = unsynced::read(&self.path, MOST.1);
        let text = String::from_utf8_lossy(&text);
        let record = |line: &str| {
            let (digest, identity) = line.strip_suffix(" .")?.split_once(' ')?;
            Some((digest.parse().ok()?, Identity::parse(identity)?))
        };
        match text.split_once('\n') {
            Some((boot, records)) if boot == self.boot => records.lines().filter_map(record).collect(),
            _ => HashMap::new(),
        }
    }

    fn write(&self, records: &HashMap<Digest, Identity>) -> io::Result<()> {
        if let Some(directory) = self.path.parent()
            && fs::read_dir(directory).is_ok_and(|files| files.count() > MOST_LAYOUTS)
        {
            fs::remove_dir_all(directory)?;
        }
        let lines = records.iter().take(MOST.0).map(|(digest, Identity(numbers))| {
            let numbers = numbers.map(|number| number.to_string()).join(" ");
            format!("{digest} {numbers} .\n")
        });
        let lines: String = std::iter::once(format!("{}\n", self.boot)).chain(lines).collect();
        unsynced::replace(&self.path, lines.as_bytes())
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::partial::backdate;
    use super::*;

    /// A layout's blob of which a record is kept, and the directory of records.
    fn recorded() -> (tempfile::TempDir, PathBuf, PathBuf, Digest, u64) {
        let place = tempfile::tempdir().unwrap();
        let (records, blob) = (place.path().join("records"), place.path().join("blob"));
        let bytes = vec![7; WORTHWHILE as usize];
        fs::write(&blob, &bytes).unwrap();
        backdate(&File::options().write(true).open(&blob).unwrap());
        let verified = Verified::of(place.path(), Some(&records));
        verified.note(&blob, &Digest::of(&bytes), WORTHWHILE);
        verified.save();
        (place, records, blob, Digest::of(&bytes), WORTHWHILE)
    }

    #[test]
    fn a_verified_blob_is_known_until_its_file_changes() {
        let (place, records, blob, digest, size) = recorded();
        let of_layout = || Verified::of(place.path(), Some(&records));
        assert_eq!(of_layout().known.lock().len(), 1);
        assert!(of_layout().verify(&blob, &digest, size).unwrap());
        // At once, with the same size.
        let mut file = File::options().write(true).open(&blob).unwrap();
        file.write_all(b"damaged").unwrap();
        assert!(!of_layout().verify(&blob, &digest, size).unwrap());
        // A program that sets the time of the content back can't set that of the inode.
        backdate(&file);
        assert!(!of_layout().verify(&blob, &digest, size).unwrap());
        fs::write(&blob, vec![7; size as usize]).unwrap();
        assert!(of_layout().verify(&blob, &digest, size).unwrap());
    }

    #[test]
    fn what_was_verified_before_the_system_started_again_is_hashed_again() {
        let (place, records, blob, digest, size) = recorded();
        let later = || Verified::in_boot(Some("a later run".to_owned()), place.path(), Some(&records));
        assert!(later().known.lock().is_empty());
        let verified = later();
        assert!(verified.verify(&blob, &digest, size).unwrap());
        verified.save();
        assert_eq!(later().known.lock().len(), 1);
        assert!(Verified::in_boot(None, place.path(), Some(&records)).known.lock().is_empty());
    }

    #[test]
    fn another_file_or_another_layout_is_not_taken_for_the_one_of_a_record() {
        let (place, records, blob, digest, size) = recorded();
        fs::rename(&blob, place.path().join("other")).unwrap();
        fs::write(&blob, vec![8; size as usize]).unwrap();
        assert!(!Verified::of(place.path(), Some(&records)).verify(&blob, &digest, size).unwrap());
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(Verified::of(elsewhere.path(), Some(&records)).known.lock().is_empty());
        assert!(Verified::of(place.path(), None).known.lock().is_empty());
    }

    #[test]
    fn a_blob_that_was_hashed_here_is_recorded_once_its_times_tell_a_later_write() {
        let (place, records, blob, digest, size) = recorded();
        fs::write(&blob, vec![7; size as usize]).unwrap();
        let verified = Verified::of(place.path(), Some(&records));
        assert!(verified.verify(&blob, &digest, size).unwrap());
        assert!(verified.new.lock().is_empty(), "it was written a moment ago");
        backdate(&File::options().write(true).open(&blob).unwrap());
        assert!(verified.verify(&blob, &digest, size).unwrap());
        assert_eq!(verified.new.lock().len(), 1);
    }

    #[test]
    fn records_that_were_cut_off_are_absent() {
        let (place, records, blob, digest, size) = recorded();
        let file = fs::read_dir(&records).unwrap().next().unwrap().unwrap().path();
        let whole = fs::read_to_string(&file).unwrap();
        for length in 0..whole.len() - 1 {
            fs::write(&file, &whole.as_bytes()[..length]).unwrap();
            assert!(Verified::of(place.path(), Some(&records)).known.lock().is_empty(), "{length}");
        }
        assert!(Verified::of(place.path(), Some(&records)).verify(&blob, &digest, size).unwrap());
    }
}
