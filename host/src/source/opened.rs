//! The result of opening a source.

use super::image::Image;

/// An image, and the means to read its layers.
pub(super) struct Opened<R> {
    /// The image's name as the user typed it, if the user did.
    pub(super) name: Option<String>,
    /// A name that the file has for the image. Whoever made the file chose it, so that it decides nothing.
    pub(super) suggestion: Option<String>,
    /// Its parts.
    pub(super) image: Image,
    /// Reads its layers.
    pub(super) reader: R,
}
