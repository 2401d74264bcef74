//! Systems on which Podman keeps its storage in a virtual machine.

use std::collections::HashSet;
use std::convert::Infallible;

use super::configuration::Store;
use super::error::StorageError;
use super::location::StorageLocation;
use crate::image::Platform;
use crate::source::error::SourceError;
use crate::source::feed::FeedSender;
use crate::source::image::LayerKey;
use crate::source::named::ImageName;
use crate::source::opened::Opened;

/// An image that there is none of.
#[derive(Clone)]
pub(in crate::source) struct StoredImage(Infallible);

impl StoredImage {
    pub(in crate::source) fn feed(self, _: &HashSet<LayerKey>, _: FeedSender) {
        match self.0 {}
    }
}

/// Refuses the location.
pub(in crate::source) fn open(
    _: &StorageLocation,
    _: Vec<Store>,
    _: Option<&Platform>,
) -> Result<Opened<StoredImage>, SourceError> {
    Err(StorageError::Elsewhere.into())
}

/// Refuses the repository.
pub(in crate::source) fn names(_: &str, _: &[Store]) -> Result<Vec<ImageName>, SourceError> {
    Err(StorageError::Elsewhere.into())
}

/// Whether an image is there.
pub(in crate::source) fn has(_: &[Store], _: &str) -> bool {
    false
}
