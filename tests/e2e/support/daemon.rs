//! Images in the real Docker daemon.

use std::process::Command;
use std::sync::Once;

use tempfile::TempDir;

use super::image::Image;
use super::{image_files, process};

/// An image that the daemon has under a name, which it loses when this goes.
pub(crate) struct Loaded {
    name: String,
}

impl Loaded {
    /// Loads an image under a name.
    #[track_caller]
    pub(crate) fn new(name: &str, image: &Image) -> Self {
        ensure_daemon();
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("image.tar");
        image_files::archive(&file, &[(name, image)]);
        process::run(Command::new("docker").args(["load", "--input"]).arg(&file)).ok();
        Self { name: name.to_owned() }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        // Only the name: others may have the same image.
        let _ = Command::new("docker").args(["rmi", "--no-prune", &self.name]).output();
    }
}

/// Fails the test where no daemon answers.
#[track_caller]
pub(crate) fn ensure_daemon() {
    static ASKED: Once = Once::new();
    ASKED.call_once(|| {
        let answer = process::tool("docker", ["version"]);
        assert_eq!(answer.code, Some(0), "no Docker daemon answers: run `cargo xtask setup`{answer}");
    });
}
