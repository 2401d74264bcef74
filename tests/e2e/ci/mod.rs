//! In CI systems: what each is told in its own way, the action and the component that push there, and jobs that have
//! next to nothing.

mod action;
mod bare_jobs;
mod component;
mod github;
mod others;
mod workflow;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

/// A home with an image, and a registry named `local`.
fn home(registry: &Registry) -> Home {
    let home = Home::new();
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &Image::new(here!()))]);
    home
}
