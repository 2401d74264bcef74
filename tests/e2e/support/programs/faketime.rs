//! Clocks of programs that are set apart from the machine's, by libfaketime, as Debian's package has it.

use std::fs;
use std::path::PathBuf;

use crate::support::programs::crhost::Home;
use crate::support::skip::{Capability, skip};

/// Sets the clock of a home's programs so many seconds ahead. `false` where libfaketime is missing, which is said.
pub(crate) fn set(home: &mut Home, seconds: i64) -> bool {
    let Some(library) = library() else {
        skip(Capability::Faketime, "there is no libfaketime, which `cargo xtask setup` installs");
        return false;
    };
    home.set("LD_PRELOAD", library);
    home.set("FAKETIME", format!("{seconds:+}s"));
    // Waits are measured by this clock, in the system as well.
    home.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    true
}

/// The library, below the directory of this machine's architecture.
fn library() -> Option<PathBuf> {
    let directories = fs::read_dir("/usr/lib").ok()?.map(|entry| entry.unwrap().path());
    directories.map(|directory| directory.join("faketime/libfaketime.so.1")).find(|library| library.is_file())
}
