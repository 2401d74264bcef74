//! Directories that paths can't escape, and files that are nothing but files.
//!
//! A layout and the unpacked layers of a daemon's store are content of images, which anyone may have made: names and
//! links in them may point to files of the machine, and what looks like a file may be a pipe, which never ends, or a
//! device, for which opening alone can be an act. So a path is resolved inside the directory, no symbolic link in it is
//! followed, and what is found is examined before it is opened for reading.

#[cfg(target_os = "linux")]
mod in_turn;
#[cfg(not(unix))]
mod portable;
mod refused;
#[cfg(unix)]
mod unix;

use super::document::read_bounded;
#[cfg(target_os = "linux")]
pub(super) use in_turn::FilesInTurn;
#[cfg(not(unix))]
pub(super) use portable::{ConfinedDir, open_regular};
pub(super) use refused::is_link;
#[cfg(unix)]
pub(super) use unix::{ConfinedDir, open_regular};

impl ConfinedDir {
    /// The content of a file below this directory, of at most `max` bytes; an error names the path.
    pub(super) fn read(&self, path: &str, max: usize) -> Result<Vec<u8>, String> {
        let bytes = self.file(path.as_bytes()).and_then(|file| read_bounded(file, max));
        bytes.map_err(|reason| format!("`{path}`: {reason}"))
    }
}
