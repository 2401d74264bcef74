//! Registries whose answers are odd, or legal and rare: pushed to by the whole program.

mod checks;
mod fake;
mod requests;
mod words;

use std::path::Path;

use fake::Fake;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;

/// A home with a small image in a layout and in an archive, and the registry under the name `local`.
fn home(host: &str) -> Home {
    let home = Home::new();
    home.register("local", host);
    files(&home.path(""));
    home
}

fn files(directory: &Path) {
    let image = Image::small(here!(), architecture());
    image_files::layout(&directory.join("layout"), &[("v1", &image)]);
    image_files::archive(&directory.join("train.tar"), &[("train:v1", &image)]);
}

/// Pushes from a layout, whose blobs are known before, and from an archive, whose blobs are not.
fn push_both(fake: &Fake) -> [Finished; 2] {
    let home = home(&fake.host());
    ["oci:layout:v1", "docker-archive:train.tar"]
        .map(|source| home.run(&["push", source, "--to", "local", "--as", "train:v1"]))
}
