//! What a user sees of a push: on terminals of every width, in logs, and as events.

mod events;
mod screens;
mod tables;
mod waits;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::programs::crhost::Home;

/// A home with a layout, and a registry at this host.
fn home(host: &str, image: &Image) -> Home {
    let home = Home::new();
    home.register("local", host);
    image_files::layout(&home.path("layout"), &[("v1", image)]);
    home
}

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];
