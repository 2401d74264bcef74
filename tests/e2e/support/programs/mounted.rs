//! File systems that a test mounts, where it may.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::programs::process;

/// A small disk, or the same once more and read-only, which goes with the test.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// What `mount` is told; `None` where it may not.
    fn mount(at: &Path, arguments: &[&str]) -> Option<Self> {
        let mount = process::run(Command::new("mount").args(arguments).arg(at));
        (mount.code == Some(0)).then(|| Self(at.to_owned()))
    }

    /// A disk of so many KiB in memory.
    pub(crate) fn small(at: &Path, size: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        Self::mount(at, &["-t", "tmpfs", "-o", &format!("size={size}k,mode=0700"), "tmpfs"])
    }

    /// What is there, read-only from now on; files that are open stay as they are.
    pub(crate) fn read_only(at: &Path) -> Option<Self> {
        let mounted = Self::mount(at, &["--bind", at.to_str().unwrap()])?;
        process::run(Command::new("mount").args(["-o", "remount,bind,ro"]).arg(at)).ok();
        Some(mounted)
    }

    /// A file in the place of another one, as in a container.
    pub(crate) fn file(file: &Path, at: &Path) -> Option<Self> {
        Self::mount(at, &["--bind", file.to_str().unwrap()])
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Fills the disk, and gives the file that does.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.0.join("junk");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 1024]).is_ok() {}
        path
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // What still has files open there goes on; the name is free at once.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
