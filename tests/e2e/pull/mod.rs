//! Pulls: skopeo and Docker find what the registry has, wherever it goes.

mod archives;
mod daemon;
mod layouts;
mod options;

use std::path::Path;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A registry that has an image as `train:v1`, and a home that knows it as `dev`.
struct Scene {
    registry: Registry,
    home: Home,
    image: Image,
    digest: String,
}

impl Scene {
    /// With an image of four layers.
    fn new(seed: u64) -> Self {
        Self::of(Image::new(seed))
    }

    fn of(image: Image) -> Self {
        let (registry, home) = (Registry::open(), Home::new());
        home.register("dev", registry.host());
        let digest = push(&home, &image, "train", "v1");
        Self { registry, home, image, digest }
    }

    /// A path below the home, as text.
    fn path(&self, name: &str) -> String {
        text(&self.home.path(name))
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Pushes an image, and gives its manifest's digest.
fn push(home: &Home, image: &Image, repository: &str, tag: &str) -> String {
    let layout = tempfile::TempDir::new_in(home.path("")).unwrap();
    image_files::layout(layout.path(), &[(tag, image)]);
    let source = format!("oci:{}", text(layout.path()));
    let pushed = home.ok(&["push", &source, "--to", "dev", "--as", &format!("{repository}:{tag}")]);
    pushed.stdout.trim().rsplit_once('@').unwrap().1.to_owned()
}
