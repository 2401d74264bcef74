//! A release of the program under test, as `cargo xtask dist` makes it, and its image in the Docker daemon.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use crate::support::programs::crhost::{Home, program};
use crate::support::programs::daemon;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// The time of the release, in seconds since 1970.
pub(crate) const TIME: &str = "1796000000";

/// Makes a release in a directory, of the program without its symbols.
#[track_caller]
pub(crate) fn make(directory: &Path, stripped: &Path) -> Finished {
    let xtask = program().with_file_name(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    assert!(xtask.is_file(), "{} is missing: run `cargo build --workspace`", xtask.display());
    let mut dist = Command::new(xtask);
    dist.arg("dist").arg(directory).arg("--binary").arg(stripped).args(["--source", "https://example.com/crhost"]);
    process::run(dist.env("SOURCE_DATE_EPOCH", TIME).current_dir("/")).ok()
}

/// The program without its symbols, as those of releases are.
pub(crate) fn stripped() -> PathBuf {
    place().join("crhost")
}

/// What is built for these tests stays beside the program, as that does.
fn place() -> PathBuf {
    program().with_file_name("dist-of-tests")
}

/// The directory with a release of the program, which is made once for it.
#[track_caller]
pub(crate) fn made() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let (place, directory) = (place(), place().join("made"));
        fs::create_dir_all(&place).unwrap();
        let lock = File::create(place.join("lock")).unwrap();
        lock.lock().unwrap();
        let of = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
        let is_new = of(&directory.join("SHA256SUMS")).is_some_and(|made| {
            [program().to_owned(), program().with_file_name("xtask")].iter().all(|path| of(path).unwrap() < made)
        });
        if !is_new {
            process::run(Command::new("strip").arg("-o").arg(stripped()).arg(program())).ok();
            make(&directory, &stripped());
        }
        directory
    })
}

/// The image in the daemon, which loses it when this goes.
pub(crate) struct OwnImage {
    pub(crate) name: String,
}

impl OwnImage {
    /// Has crhost push it to a registry, and pull it into the daemon.
    #[track_caller]
    pub(crate) fn loaded() -> Arc<Self> {
        static LOADED: Mutex<Weak<OwnImage>> = Mutex::new(Weak::new());
        let mut loaded = LOADED.lock();
        if let Some(image) = loaded.upgrade() {
            return image;
        }
        daemon::ensure_daemon();
        let (registry, home) = (Registry::open(), Home::new());
        let name = format!("{}/tools/crhost:1", registry.host());
        home.ok(&["push", &format!("oci:{}", made().join("image").display()), "--to", registry.host(), "--as", &name]);
        home.ok(&["pull", &name]);
        let image = Arc::new(Self { name });
        *loaded = Arc::downgrade(&image);
        image
    }

    /// A container of it without rights: options of `docker run`, and the words of crhost.
    pub(crate) fn command<O: AsRef<str>, W: AsRef<str>>(&self, options: &[O], words: &[W]) -> Command {
        let mut docker = Command::new("docker");
        // The registries and databases of tests are at loopback addresses.
        docker.args(["run", "--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]);
        docker.args(["--network=host", "--user=65532:65532"]);
        docker.args(options.iter().map(AsRef::as_ref)).arg(&self.name).args(words.iter().map(AsRef::as_ref));
        docker
    }

    /// Runs one to its end.
    #[track_caller]
    pub(crate) fn run<O: AsRef<str>>(&self, options: &[O], words: &[&str]) -> Finished {
        process::run(&mut self.command(options, words))
    }
}

impl Drop for OwnImage {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", "--force", &self.name]).output();
    }
}
