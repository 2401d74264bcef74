//! Images in the real Docker daemon.

use std::env;
use std::fs::{self, File};
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::support::fakes::listener::Listener;
use crate::support::images::image::Image;
use crate::support::images::{digest, image_files};
use crate::support::programs::process;
use crate::support::skip::{Capability, skip};

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
        Self::from_file(name, &file)
    }

    /// Loads the image of an OCI layout, which has to have this name there. Only a daemon with containerd's store can.
    #[track_caller]
    pub(crate) fn from_layout(name: &str, layout: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("image.tar");
        let mut archive = tar::Builder::new(File::create(&file).unwrap());
        archive.append_dir_all("", layout).unwrap();
        archive.finish().unwrap();
        Self::from_file(name, &file)
    }

    #[track_caller]
    fn from_file(name: &str, file: &Path) -> Self {
        process::run(Command::new("docker").args(["load", "--input"]).arg(file)).ok();
        Self { name: name.to_owned() }
    }

    /// The daemon's id of the image.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        process::tool("docker", ["inspect", "--format", "{{.Id}}", &self.name]).ok().stdout.trim().to_owned()
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

/// How many exports it takes to read one layer: a daemon before Docker 25 names the layers only at the end of an
/// export.
#[track_caller]
pub(crate) fn exports_for_one_layer() -> usize {
    let version = process::tool("docker", ["version", "--format", "{{.Server.Version}}"]).ok().stdout;
    let major: u32 = version.split('.').next().unwrap().trim().parse().unwrap();
    if major < 25 { 2 } else { 1 }
}

/// How often the daemon exports an image of this id while something is done.
#[track_caller]
pub(crate) fn exports_of(id: &str, work: impl FnOnce()) -> usize {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let since = now();
    work();
    let time = |time: Duration| format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    let window = ["--since".to_owned(), time(since), "--until".to_owned(), time(now())];
    let events = process::run(Command::new("docker").args(["events", "--filter", "event=save"]).args(window)).ok();
    events.stdout.matches(&format!("save {id}")).count()
}

/// The daemon's socket; absent where the daemon is reached in another way.
pub(crate) fn socket() -> Option<PathBuf> {
    match env::var("DOCKER_HOST") {
        Ok(host) => host.strip_prefix("unix://").map(PathBuf::from),
        Err(_) => Some("/var/run/docker.sock".into()),
    }
}

/// The daemon's socket as if it were elsewhere.
pub(crate) fn forwarded(socket: PathBuf) -> Listener {
    Listener::start(move |client, _| {
        let daemon = UnixStream::connect(&socket)?;
        let (mut from_client, mut to_daemon) = (client.try_clone()?, daemon.try_clone()?);
        let upwards = thread::spawn(move || io::copy(&mut from_client, &mut to_daemon));
        let (mut from_daemon, mut to_client) = (daemon, client);
        io::copy(&mut from_daemon, &mut to_client)?;
        to_client.shutdown(Shutdown::Both)?;
        upwards.join().map(drop).map_err(|_| io::Error::other("the thread panicked"))
    })
}

/// Whether the daemon, on this machine, keeps its images in containerd's store, where it can be read.
#[track_caller]
pub(crate) fn has_content_store() -> bool {
    ensure_daemon();
    let info = process::tool("docker", ["info", "--format", "{{.DriverStatus}} {{.DockerRootDir}}"]).ok();
    let root = info.stdout.trim().rsplit_once(' ').filter(|(status, _)| status.contains("io.containerd.snapshotter"));
    let stores = root.map(|(_, root)| [PathBuf::from(root).join("containerd/daemon"), "/var/lib/containerd".into()]);
    let readable = |root: &PathBuf| fs::read_dir(root.join("io.containerd.content.v1.content/blobs/sha256")).is_ok();
    let found = socket().is_some() && stores.is_some_and(|stores| stores.iter().any(readable));
    if !found {
        skip(Capability::ContainerdStore, "the daemon has no containerd store that can be read here");
    }
    found
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
            skip(Capability::Overlay2Store, "the daemon's layers can't be read here");
        }
        found.map(|root| Self { root })
    }

    /// The daemon's metadata of a layer, by its number: the directory of its chain id (Docker image specification 1.2).
    pub(crate) fn known(&self, image: &Image, number: usize) -> PathBuf {
        let chain = |below: String, diff_id: &String| match below.as_str() {
            "" => diff_id.clone(),
            _ => digest::of(format!("{below} {diff_id}").as_bytes()),
        };
        let id = image.diff_ids()[..=number].iter().fold(String::new(), chain);
        self.root.join("image/overlay2/layerdb/sha256").join(digest::hex(&id))
    }

    /// The directory with the files of a layer, by its number.
    pub(crate) fn files(&self, image: &Image, number: usize) -> PathBuf {
        let cache = fs::read_to_string(self.known(image, number).join("cache-id")).unwrap();
        self.root.join("overlay2").join(cache).join("diff")
    }
}
