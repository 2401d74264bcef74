//! Connections that break, registries that fail, and processes that are killed: a push ends with the whole image in the
//! registry, or with one line that says why not and without a tag; so does a pull, where it goes.

mod answers;
mod copies;
mod deaths;
mod lines;
mod pulls;
mod resumption;

use std::process::Command;
use std::sync::Mutex;
use std::thread;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// A registry, and a home with an image of several layers: as a layout, whose blobs are sent as they are, and as
/// archives, whose layers are compressed on the way.
struct Scene {
    registry: Registry,
    home: Home,
    image: Image,
}

/// The image in each of its forms: read at random as it is, read at random and compressed, and read once from end to
/// end.
const SOURCES: [&str; 3] = ["oci:layout:v1", "docker-archive:train.tar", "docker-archive:train.tar.gz"];

impl Scene {
    fn new() -> Self {
        let (registry, home, image) = (Registry::open(), Home::new(), Image::of_noise(here!()));
        image_files::layout(&home.path("layout"), &[("v1", &image)]);
        image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
        image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
        Self { registry, home, image }
    }

    /// Registers what answers at a host, and gives the name.
    #[track_caller]
    fn register(&self, host: &str) -> String {
        let name = host.replace(':', "-");
        let registered = self.home.run(&["registry", "register", &name, "--flavor=default", "--uri", host]);
        // An earlier push may have registered it.
        assert!(matches!(registered.code, Some(0 | 5)), "{registered}");
        name
    }

    /// The push of a source through what answers at a host.
    #[track_caller]
    fn command(&self, source: &str, host: &str, repository: &str) -> Command {
        let name = self.register(host);
        self.home.command(&["push", source, "--to", &name, "--as", &format!("{repository}:v1")])
    }

    #[track_caller]
    fn push(&self, source: &str, host: &str, repository: &str) -> Finished {
        process::run(&mut self.command(source, host, repository))
    }

    /// Expects that a push ended well: it says the digest that the registry has, and the whole image can be pulled.
    #[track_caller]
    fn assert_arrived(&self, pushed: &Finished, repository: &str) {
        assert_eq!(pushed.code, Some(0), "{pushed}");
        let name = format!("{}/{repository}:v1", self.registry.host());
        let digest = skopeo::digest(self.registry.access(), &name);
        assert!(pushed.stdout.ends_with(&format!("/{repository}@{digest}\n")), "expected {digest}{pushed}");
        skopeo::assert_same(self.registry.access(), &name, &self.image);
    }

    /// Whether the registry has the tag.
    #[track_caller]
    fn is_tagged(&self, repository: &str) -> bool {
        skopeo::has(self.registry.access(), &format!("{}/{repository}:v1", self.registry.host()))
    }

    /// Expects that the whole image can be pulled if the registry has the tag.
    #[track_caller]
    fn assert_whole_if_tagged(&self, repository: &str) {
        if self.is_tagged(repository) {
            let name = format!("{}/{repository}:v1", self.registry.host());
            skopeo::assert_same(self.registry.access(), &name, &self.image);
        }
    }
}

/// The first of two numbers, or with `CRHOST_TEST_FAULTS=all` the second: 50 cuts and 20 kills of each command, which
/// take some minutes.
fn few_or_all<T: Copy>([few, all]: [T; 2]) -> T {
    match std::env::var("CRHOST_TEST_FAULTS") {
        Ok(wanted) => {
            assert_eq!(wanted, "all", "`CRHOST_TEST_FAULTS` is `all`, or not set");
            all
        }
        Err(_) => few,
    }
}

/// Does the same for each of several, four at a time: they wait more than they compute.
#[track_caller]
fn a_few_at_a_time<T: Send>(of: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    let rest = Mutex::new(of.into_iter().collect::<Vec<T>>());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    // A failure of another one ends this one as well.
                    let Some(next) = rest.lock().unwrap().pop() else { return };
                    work(next);
                }
            });
        }
    });
}
