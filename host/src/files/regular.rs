//! Files that a user names and that may change: read whole, and never waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::bounded::{self, ReadError};

/// The bytes of a regular file, at most `limit`. A pipe or a device is an error: to open or read it could wait without
/// end, and it has no content that could be read again.
///
/// # Errors
/// The operating system's, and when it is no regular file or a larger one.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    bounded::read(file, limit).map_err(|error| match error {
        ReadError::Failed(reason) => reason,
        error @ ReadError::TooLarge { .. } => io::Error::other(error.to_string()),
    })
}

/// Without waiting for the writer of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or_default()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_or_a_device_is_no_file_and_is_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero"), directory.path()] {
            assert_eq!(read(path, 10).unwrap_err().to_string(), "it is no regular file");
        }
        let file = directory.path().join("file");
        std::fs::write(&file, "0123456789").unwrap();
        assert_eq!(read(&file, 10).unwrap(), b"0123456789");
        assert!(read(&file, 9).unwrap_err().to_string().contains("larger than 9 bytes"));
    }
}
