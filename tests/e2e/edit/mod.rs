//! The commands that change what a registry has.

mod annotations;
mod by_flavor;
mod deletions;
mod indexes;
mod tags;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::programs::serve::Serve;

/// A registry that is registered as `dev`, with an image at `train:v1`.
fn with_image(seed: u64) -> Serve {
    let serve = Serve::start();
    serve.home.register("dev", &serve.host);
    push(&serve, "train:v1", &Image::small(seed, architecture()));
    serve
}

/// Pushes an image under a name.
fn push(serve: &Serve, name: &str, image: &Image) {
    let directory = serve.home.path(&format!("layout-{}", name.replace([':', '/'], "-")));
    image_files::layout(&directory, &[("v1", image)]);
    let source = format!("oci:{}:v1", directory.display());
    serve.home.ok(&["push", &source, "--to", "dev", "--as", name]);
}

/// The digest that a name has in the registry.
fn digest(serve: &Serve, name: &str) -> String {
    serve.home.ok(&["digest", &format!("dev/{name}")]).stdout.trim().to_owned()
}
