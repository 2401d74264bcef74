//! The commands that look at images.

mod differences;
mod files;
mod images;
mod lists;
mod odd;
pub(crate) mod scripted;

use std::path::Path;

use crate::support::images::image::Image;
use crate::support::images::image_files;

/// Writes an OCI layout with one image at the tag `v1`, and gives its digest.
fn layout(directory: &Path, image: &Image) -> String {
    image_files::layout(directory, &[("v1", image)]).remove(0)
}
