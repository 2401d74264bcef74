//! Images in the real Docker daemon.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::image::Image;
use super::{digest, image_files, process};

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

/// How often the daemon exports an image while something is done.
#[track_caller]
pub(crate) fn exports_of(image: &Image, work: impl FnOnce()) -> usize {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let since = now();
    work();
    let time = |time: Duration| format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    let window = ["--since".to_owned(), time(since), "--until".to_owned(), time(now())];
    let events = process::run(Command::new("docker").args(["events", "--filter", "event=save"]).args(window)).ok();
    events.stdout.matches(&format!("save {}", image.config_digest())).count()
}

/// The daemon's socket; none where it is reached in another way.
pub(crate) fn socket() -> Option<PathBuf> {
    match env::var("DOCKER_HOST") {
        Ok(host) => host.strip_prefix("unix://").map(PathBuf::from),
        Err(_) => Some("/var/run/docker.sock".into()),
    }
}

/// Where the daemon keeps its layers.
pub(crate) struct LayerStore {
    root: PathBuf,
}

impl LayerStore {
    /// That of a daemon on this machine, with the storage driver overlay2, where it can be read.
    #[track_caller]
    pub(crate) fn of_this_machine() -> Option<Self> {
        ensure_daemon();
        let info = process::tool("docker", ["info", "--format", "{{.Driver}} {{.DockerRootDir}}"]).ok();
        let root = info.stdout.trim().strip_prefix("overlay2 ").map(PathBuf::from);
        let found = root.filter(|root| socket().is_some() && fs::read_dir(root.join("image/overlay2")).is_ok());
        if found.is_none() {
            eprintln!("skipped: the daemon's layers can't be read here");
        }
        found.map(|root| Self { root })
    }

    /// The folder of what the daemon knows of the layer of this number: that of its chain id (Docker image specification 1.2).
    pub(crate) fn known(&self, image: &Image, number: usize) -> PathBuf {
        let chain = |below: String, diff_id: &String| match below.as_str() {
            "" => diff_id.clone(),
            _ => digest::of(format!("{below} {diff_id}").as_bytes()),
        };
        let id = image.diff_ids()[..=number].iter().fold(String::new(), chain);
        self.root.join("image/overlay2/layerdb/sha256").join(digest::hex(&id))
    }

    /// The folder of the files of an image's layer of this number.
    pub(crate) fn files(&self, image: &Image, number: usize) -> PathBuf {
        let cache = fs::read_to_string(self.known(image, number).join("cache-id")).unwrap();
        self.root.join("overlay2").join(cache).join("diff")
    }
}
