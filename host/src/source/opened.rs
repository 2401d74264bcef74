//! The result of opening a source.

use super::image::Image;

/// An image, and the means to read its layers.
pub(super) struct Opened<R> {
    /// The image's name, as the source writes it.
    pub(super) name: Option<String>,
    /// Its parts.
    pub(super) image: Image,
    /// Reads its layers.
    pub(super) reader: R,
}
