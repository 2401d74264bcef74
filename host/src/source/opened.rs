//! The result of opening a source.

use super::image::Image;

/// An image, and the means to read its layers.
pub(super) struct Opened<R> {
    /// The image's name as the user typed it, if the user did.
    pub(super) name: Option<String>,
    /// The names that the file has for the image. Whoever made the file chose them, so that they decide nothing.
    pub(super) suggestions: Vec<String>,
    /// Its parts.
    pub(super) image: Image,
    /// Reads its layers.
    pub(super) reader: R,
}

impl<R> Opened<R> {
    /// The same with another reader.
    pub(super) fn map<S>(self, change: impl FnOnce(R) -> S) -> Opened<S> {
        let Self { name, suggestions, image, reader } = self;
        Opened { name, suggestions, image, reader: change(reader) }
    }
}
